// SPDX-License-Identifier: MIT
/*
 * A capability that is missing. Where the same is had without it, that comes first, with what the call asked for
 * filled in; else the capability itself. What a pod spec adds reaches root only (knowledge/capabilities.h).
 */
#include <ctype.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/advice_access.h"
#include "diagnose/text/plain_words.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define UNCHANGED UINT32_MAX /* chown(2): -1 leaves the id as it is */

/* The entrypoints of most images leave their chown out by themselves when they are not started as root. */
static bool advise_chown(struct report *r, const struct failure *f)
{
	static const struct advice volume = {
		.text = "Leave the chown out: run the container as uid {uid} from the start, and "
			"let fsGroup give the {kind} to group {gid}, which every container of the "
			"pod is in.",
		"securityContext:\n  runAsUser: {uid}\n  fsGroup: {gid}\n",
	};
	static const struct advice image = {
		.text = "Leave the chown out of the start, and do it when the image is built[: "
			"`RUN chown {uid}:{gid} {path}`].",
	};
	const struct mount *m = mount_of(r->q, f);
	size_t at = !strcmp(f->event->syscall, "fchownat") ? 2 : 1;
	struct blanks b = { .path = f->path,
		.kind = mount_title(m->kind),
		.uid = (uint32_t)f->event->call_args[at],
		.gid = (uint32_t)f->event->call_args[at + 1] };

	if (!b.uid || b.uid == UNCHANGED)
		return false;
	if (!b.gid || b.gid == UNCHANGED)
		b.gid = b.uid;
	if (m->kind == MOUNT_PVC || m->kind == MOUNT_EMPTYDIR)
		return recommend(r, &volume, &b);
	return mount_is_image(m) && recommend(r, &image, &b);
}

/* Root without DAC_OVERRIDE may use of other users' files what anybody may. */
static bool advise_owner(struct report *r, const struct failure *f)
{
	static const struct advice as_owner = {
		.text = "Run the container as uid {owner}, to which {path} belongs: root without "
			"DAC_OVERRIDE may do no more there than any other user.",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: {owner}\n",
	};
	const struct path_facts *facts = known_facts(f);

	if (!facts)
		return false;
	bool there = is_there(facts);
	const struct file_facts *refused = *facts->closed_path ? &facts->closed
					   : there             ? &facts->file
							       : &facts->directory;
	struct blanks b = { .owner = refused->uid,
		.path = *facts->closed_path ? facts->closed_path
			: there             ? f->path
					    : facts->directory_path };

	return b.owner && recommend(r, &as_owner, &b);
}

static bool mounts_tmpfs(const struct event *exec)
{
	for (uint32_t i = 0; exec && i + 1 < exec->argc; i++)
		if (!strcmp(exec->args[i], "-t") && !strcmp(exec->args[i + 1], "tmpfs"))
			return true;
	return false;
}

static bool advise_tmpfs(struct report *r, const struct failure *f)
{
	static const struct advice memory = {
		.text = "Leave the mount out, and let Kubernetes mount an emptyDir with medium "
			"Memory at {path}: that is a tmpfs.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: memory\n"
		"        mountPath: {path}\nvolumes:\n  - name: memory\n    emptyDir:\n"
		"      medium: Memory\n",
	};

	return mounts_tmpfs(f->exec) && recommend(r, &memory, &(struct blanks){ .path = f->path });
}

/* By what the call asked for; false where only the words of the table help. */
static bool advise_without(
	struct report *r, const struct capability_need *need, const struct failure *f)
{
	static const struct {
		int capability;
		bool (*advise)(struct report *r, const struct failure *f);
	} ways[] = {
		{ CAP_CHOWN, advise_chown },
		{ CAP_DAC_OVERRIDE, advise_owner },
		{ CAP_SYS_ADMIN, advise_tmpfs },
	};

	for (size_t i = 0; f && f->event && i < ARRAY_SIZE(ways); i++)
		if (ways[i].capability == need->capability)
			return ways[i].advise(r, f);
	return false;
}

static void advise_instead(struct report *r, const struct capability_need *need)
{
	static const struct advice instead = { .text = "{value}." };
	struct phrase p;

	if (needs_cluster(r->q, need->instead))
		return;
	snprintf(p.text, sizeof(p.text), "%s", need->instead);
	p.text[0] = (char)toupper((unsigned char)p.text[0]);
	recommend(r, &instead, &(struct blanks){ .value = p.text });
}

/* capabilities(7): a user that is not root gets what its file has, within the bounding set. */
static void grant_to_user(struct report *r, const struct capability_need *need, struct blanks *b)
{
	static const struct advice as_root = {
		.text = "Give the container {name} and let it run as root: what a pod spec adds "
			"reaches uid 0 only, and it runs as uid {uid}.",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: 0\n"
		"      capabilities:\n        add: [{yaml}]\n",
	};
	static const struct advice on_the_file = {
		.text = "Or set it on the program's file when the image is built (`setcap "
			"cap_{value}+ep FILE`), add it to the pod as well, and do not set "
			"allowPrivilegeEscalation to false.",
	};
	char lower[32];
	size_t i = 0;

	for (; need->name[i] && i < sizeof(lower) - 1; i++)
		lower[i] = (char)tolower((unsigned char)need->name[i]);
	lower[i] = '\0';
	b->value = lower;
	recommend(r, &as_root, b);
	recommend(r, &on_the_file, b);
	b->value = NULL;
}

static void grant(struct report *r, const struct capability_need *need, const struct event *e)
{
	static const struct advice no_namespace = {
		.text = "Do not give the pod a user namespace of its own: there {name} counts for "
			"what the namespace owns only.",
		"hostUsers: true\n",
	};
	static const struct advice privileged = {
		.text = "Give the container {name} and a security profile that allows it "
			"(AppArmor's default one does not): privileged gives both.",
		"{list}:\n  - name: {container}\n    securityContext:\n      privileged: true\n",
	};
	static const struct advice to_root = {
		.text = "Give the container the {kind} {name}.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n"
		"        add: [{yaml}]\n",
	};
	char names[64], list[64];

	snprintf(names, sizeof(names), "%s%s%s", need->name, need->also ? " and " : "",
		need->also ?: "");
	snprintf(
		list, sizeof(list), "%s%s%s", need->name, need->also ? ", " : "", need->also ?: "");
	struct blanks b = { .name = names,
		.yaml = list,
		.kind = need->also ? "capabilities" : "capability",
		.uid = e ? e->uid : 0 };

	if (e && e->process.known && e->process.user_namespace)
		recommend(r, &no_namespace, &b);
	else if (b.uid)
		grant_to_user(r, need, &b);
	else
		recommend(r, need->privileged ? &privileged : &to_root, &b);
}

/* Under `ktrace run`. */
static void grant_to_command(
	struct report *r, const struct capability_need *need, const struct event *e)
{
	static const struct advice as_root = {
		.text = "Run it as root (`sudo`): uid {uid} has no {name}.",
	};
	static const struct advice elsewhere = {
		.text = "Run it where root has {name}: it runs as root already, and what started "
			"it has taken that away.",
	};
	struct blanks b = { .name = need->name, .uid = e ? e->uid : 0 };

	recommend(r, b.uid ? &as_root : &elsewhere, &b);
}

void advise_capability(
	struct report *r, const struct capability_need *need, const struct failure *f)
{
	const struct event *e = f ? f->event : NULL;
	bool plain = is_plain_command(r->q), told = !plain && advise_without(r, need, f);

	if (!told && need->avoid)
		advise_instead(r, need);
	if (plain)
		grant_to_command(r, need, e);
	else
		grant(r, need, e);
	if (!told && !need->avoid)
		advise_instead(r, need);
}
