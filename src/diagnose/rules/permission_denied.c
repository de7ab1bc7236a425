// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"

static bool denied(const struct context *q, const struct failure *f)
{
	if ((f->error != EACCES && f->error != EPERM) || failure_is_copy(q, f))
		return false;
	if (!f->event)
		return true;
	if (f->event->kind == EVENT_NETWORK_ERROR)
		return f->event->family == AF_UNIX;
	return f->event->kind == EVENT_FILE_ERROR;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, denied);
}

/* Only words tell of it, and they name no path. */
static bool is_unnamed(const struct failure *f)
{
	return !f->event && !*f->path && f->line;
}

/* proc_sys_fs(5): the kernel lets only a file's owner, or who may read and write it, make a hard link to it. */
static void explain_hard_link(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice other = {
		.text = "Make a symbolic link (`ln -s`) or a copy of {path}, or give the file to "
			"uid {uid}: the node's fs.protected_hardlinks, which is on by default, "
			"lets only its owner, or who may read and write it, make a hard link to "
			"it.",
	};
	static const struct advice group = {
		.text = "Or set fsGroup for the pod: the files of the {kind} then belong to group "
			"{gid}, which may write them.",
		"securityContext:\n  fsGroup: {gid}\n",
	};
	const struct event *e = f->event;
	const struct mount *m = mount_of(q, f);

	report_title(r, "%s may not make a hard link to %s, a file of uid %u", phrase_name(f).text,
		e->path, e->facts->file.uid);
	report_sentence(r, "%s tried to make %s a hard link to %s in %s, and was refused.",
		phrase_who(f).text, f->path, e->path, phrase_place(q, f).text);
	report_sentence(
		r, "%s; the process ran as uid %u, gid %u.", phrase_owner(f).text, e->uid, e->gid);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, &other, &(struct blanks){ .path = e->path, .uid = e->uid });
	if (m->kind == MOUNT_PVC)
		recommend(r, &group,
			&(struct blanks){
				.kind = mount_title(m->kind), .gid = e->gid ? e->gid : e->uid });
	advise_visible_errors(r, f);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	if (link_is_protected(f)) {
		explain_hard_link(q, f, r);
		return;
	}
	struct phrase owner = phrase_owner(f);
	const struct path_facts *facts = f->event && f->event->facts ? f->event->facts : NULL;

	if (is_unnamed(f)) {
		report_title(r, "%s: %s", phrase_name(f).text,
			phrase_message(f->line, f->process->comm).text);
		report_sentence(r, "%s was refused something, and does not say of which file.",
			phrase_who(f).text);
	} else {
		report_title(r, "%s may not %s: %s", phrase_name(f).text, phrase_attempt(f).text,
			phrase_refusal(f).text);
		report_sentence(r, "%s tried to %s in %s, and was refused.", phrase_who(f).text,
			phrase_attempt(f).text, phrase_place(q, f).text);
	}
	/* The files of a ConfigMap or Secret are links that the kubelet makes: nobody has to know. */
	if (facts && *facts->real_path && !mount_holds_keys(mount_of(q, f)))
		report_sentence(r, "%s leads to %s.", f->path, facts->real_path);
	if (place_of(f->path) == PLACE_STREAM && f->event && q->container->described &&
		f->event->uid != q->container->uid)
		report_sentence(r, "It changed its user after the start, and the pipe to the "
				   "container's log still "
				   "belongs to the first one.");
	else if (*owner.text)
		report_sentence(r, "%s; the process ran as uid %u, gid %u.", owner.text,
			f->event->uid, f->event->gid);
	if (node_denies(q, f))
		report_doubt(r, f);
	report_consequence(r, f);
	report_failure(r, f);
	advise_access(r, f);
	advise_visible_errors(r, f);
}

const struct rule rule_permission_denied = {
	.match = match,
	.explain = explain,
};
