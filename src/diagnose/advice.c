// SPDX-License-Identifier: MIT
#include "diagnose/advice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

static const char *container_name(const struct report *r)
{
	const struct container *c = r->q->container;

	return *c->k8s_container ? c->k8s_container : *c->name ? c->name : "app";
}

void manifest_container(struct report *r, const char *lines)
{
	report_manifest(r, "containers:\n  - name: %s\n%s", container_name(r), lines);
}

/* A path as a YAML string: a container may choose any bytes for it. */
struct phrase phrase_yaml(const char *text)
{
	struct phrase p = { "\"" };
	size_t n = 1;

	for (const char *s = text; *s && n < sizeof(p.text) - 8; s++) {
		if (*s == '"' || *s == '\\')
			p.text[n++] = '\\';
		p.text[n++] = (unsigned char)*s < ' ' ? '?' : *s;
	}
	p.text[n++] = '"';
	return p;
}

void manifest_empty_dir(struct report *r, const char *directory)
{
	report_manifest(r,
		"containers:\n  - name: %s\n    volumeMounts:\n      - name: writable\n        "
		"mountPath: %s\n"
		"volumes:\n  - name: writable\n    emptyDir: {}\n",
		container_name(r), phrase_yaml(directory).text);
}

struct phrase directory_of_path(const char *path)
{
	struct phrase p;

	snprintf(p.text, sizeof(p.text), "%s", path);
	char *slash = strrchr(p.text, '/');
	if (slash)
		slash[slash == p.text] = '\0';
	return p;
}

/* A program of the container was run from there, or it works there. */
static bool holds_the_program(const struct context *q, const char *directory)
{
	if (strlen(q->container->cwd) > 1 && path_under(q->container->cwd, directory))
		return true;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct event *exec = q->processes[i]->exec;
		if (exec && path_under(exec->executable, directory))
			return true;
		for (uint32_t k = 0; exec && k < exec->argc; k++)
			if (exec->args[k][0] == '/' && path_under(exec->args[k], directory))
				return true;
	}
	return false;
}

/* An empty volume over it, or another owner, would harm more than it mends. */
static bool is_needed(const struct context *q, const char *directory)
{
	static const char *const trees[] = { "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64",
		"/dev", "/proc", "/sys", "/boot" };
	static const char *const tops[] = { "/", "/var", "/var/lib", "/opt", "/root", "/home",
		"/srv", "/mnt" };

	for (size_t i = 0; i < ARRAY_SIZE(trees); i++)
		if (path_under(directory, trees[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(tops); i++)
		if (!strcmp(directory, tops[i]))
			return true;
	return holds_the_program(q, directory);
}

/* The directory that the call would have changed: the nearest that exists. */
static struct phrase directory_changed(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	struct phrase p;

	if (!facts || !*facts->directory_path)
		return directory_of_path(f->path);
	snprintf(p.text, sizeof(p.text), "%s", facts->directory_path);
	return p;
}

#define PLACE_OF_ITS_OWN "/data"

static void advise_elsewhere(struct report *r, const struct failure *f, const char *directory)
{
	if (call_is(f, "mkdir")) {
		report_recommend(r, "Mount an emptyDir at %s.", f->path);
		manifest_empty_dir(r, f->path);
		return;
	}
	report_recommend(r,
		"Let the program write to a folder of its own, " PLACE_OF_ITS_OWN
		" say: an emptyDir over %s would hide what the image has there.",
		directory);
	manifest_empty_dir(r, PLACE_OF_ITS_OWN);
}

void advise_writable(struct report *r, const struct failure *f)
{
	const struct mount *m = mount_of(r->q, f);
	struct phrase directory = directory_changed(f);
	const char *kind = mount_title(m->kind);

	if (mount_holds_keys(m) && (call_is(f, "unlink") || call_is(f, "rmdir"))) {
		report_recommend(r,
			"Use `cp`, and leave the original where it is: a %s volume can never be "
			"written.",
			kind);
		return;
	}
	if (mount_holds_keys(m) &&
		(call_is(f, "chmod") || call_is(f, "fchmod") || call_is(f, "chown") ||
			call_is(f, "fchown") || call_is(f, "lchown"))) {
		report_recommend(r,
			"Leave the %s out of it: fsGroup and defaultMode say who may read its "
			"files.",
			kind);
		return;
	}
	if (mount_holds_keys(m)) {
		report_recommend(r,
			"Mount the %s at another place (say %s), put an emptyDir at %s, and copy "
			"into that one: a %s volume can never be written.",
			kind, path_under("/config", m->destination) ? "/config-source" : "/config",
			m->destination, kind);
		manifest_empty_dir(r, m->destination);
		return;
	}
	if (m->kind == MOUNT_ROOTFS || !strcmp(m->destination, "/")) {
		if (is_needed(r->q, directory.text)) {
			advise_elsewhere(r, f, directory.text);
		} else {
			report_recommend(r,
				"Mount an emptyDir over %s, so that the rest of the image can stay "
				"read-only.",
				directory.text);
			manifest_empty_dir(r, directory.text);
		}
		report_recommend(r, "Or let the container write to its own root file system.");
		manifest_container(
			r, "    securityContext:\n      readOnlyRootFilesystem: false\n");
		return;
	}
	report_recommend(r, "Mount the volume at %s without readOnly, or write somewhere else.",
		m->destination);
	if (*m->name)
		report_manifest(r,
			"containers:\n  - name: %s\n    volumeMounts:\n      - name: %s\n        "
			"mountPath: %s\n        readOnly: false\n",
			container_name(r), m->name, phrase_yaml(m->destination).text);
}

static void advise_fs_group(struct report *r, const struct failure *f, const struct mount *m)
{
	uint32_t gid = f->event && f->event->gid ? f->event->gid : 1000;

	report_recommend(r,
		"Set fsGroup for the pod: the %s then belongs to group %u, which every container "
		"is in%s.",
		mount_title(m->kind), gid,
		m->subpath ? " (a subPath folder that the kubelet made itself stays root's: leave "
			     "subPath out)"
			   : "");
	report_manifest(r, "securityContext:\n  fsGroup: %u\n", gid);
}

static void advise_mode(struct report *r, const struct mount *m)
{
	static const char *const fields[MOUNT_KINDS] = {
		[MOUNT_CONFIGMAP] = "configMap",
		[MOUNT_SECRET] = "secret",
		[MOUNT_PROJECTED] = "projected",
	};

	report_recommend(r,
		"Or let every user of the container read it: defaultMode 0444 for the %s.",
		mount_title(m->kind));
	if (*m->name)
		report_manifest(r, "volumes:\n  - name: %s\n    %s:\n      defaultMode: 0444\n",
			m->name, fields[m->kind]);
}

static void advise_host_path(struct report *r, const struct mount *m, uint32_t uid)
{
	const char *name = *m->name ? m->name : "host";

	report_recommend(r,
		"hostPath volumes ignore fsGroup: change owner or mode of the folder on the "
		"node, or in an init container that runs as root.");
	report_manifest(r,
		"initContainers:\n  - name: own\n    image: busybox\n"
		"    command: [chown, \"%u\", %s]\n    securityContext:\n      runAsUser: 0\n"
		"    volumeMounts:\n      - name: %s\n        mountPath: %s\n",
		uid, phrase_yaml(m->destination).text, name, phrase_yaml(m->destination).text);
}

/* In the image: the directory to make something in it, else what was to be used. */
static void advise_owner(struct report *r, const struct failure *f, uint32_t uid)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	struct phrase directory = directory_changed(f);
	bool there = facts && facts->known && facts->file.type != FILE_MISSING &&
		     facts->file.type != FILE_UNKNOWN;
	bool changes_directory = (call_creates(f) || call_is(f, "bind")) && !there;

	if (!*f->path)
		return;
	if (there && facts->directory.type == FILE_DIRECTORY && uid &&
		!(facts->directory.mode & 0011)) {
		report_recommend(r, "Let uid %u enter %s (in the image: `RUN chmod a+x %s`).", uid,
			directory.text, directory.text);
		return;
	}
	if (!changes_directory) {
		report_recommend(
			r, "Give it to uid %u in the image: `RUN chown %u %s`.", uid, uid, f->path);
		return;
	}
	if (is_needed(r->q, directory.text)) {
		advise_elsewhere(r, f, directory.text);
		return;
	}
	report_recommend(r, "Give %s to uid %u in the image: `RUN chown %u %s`.", directory.text,
		uid, uid, directory.text);
	report_recommend(r, "Or mount an emptyDir there: every user of the pod may write to it.");
	manifest_empty_dir(r, directory.text);
}

void advise_access(struct report *r, const struct failure *f)
{
	const struct mount *m = mount_of(r->q, f);
	uint32_t uid = f->event ? f->event->uid : 0;

	switch (m->kind) {
	case MOUNT_SECRET:
	case MOUNT_CONFIGMAP:
	case MOUNT_PROJECTED:
		advise_fs_group(r, f, m);
		advise_mode(r, m);
		return;
	case MOUNT_PVC:
	case MOUNT_EMPTYDIR:
	case MOUNT_TMPFS:
	case MOUNT_OTHER:
		advise_fs_group(r, f, m);
		report_recommend(r,
			"Or give it to uid %u in an init container that runs as root (chown %u "
			"%s).",
			uid, uid, m->destination);
		return;
	case MOUNT_HOSTPATH:
		advise_host_path(r, m, uid);
		return;
	default:
		advise_owner(r, f, uid);
	}
}

/* A shell stood above it, or somebody else went on after it. */
static bool is_scripted(const struct failure *f)
{
	if (program_is_shell(f->exec) || (f->led_to && f->led_to->process != f->process))
		return true;
	for (const struct process *p = f->process ? f->process->parent : NULL; p; p = p->parent)
		if (program_is_shell(p->exec))
			return true;
	return false;
}

void advise_visible_errors(struct report *r, const struct failure *f)
{
	bool ignored = f->led_to || !r->q->ended || r->q->stop;

	if (ignored && is_scripted(f))
		report_recommend(r,
			"Let the script stop at the first failure (`set -e`), and do not "
			"send its errors to /dev/null.");
}

void advise_shm(struct report *r)
{
	report_recommend(r,
		"Give /dev/shm more room: it has 64 MiB, unless a memory-backed emptyDir is "
		"mounted there (which counts as memory of the container).");
	manifest_container(r, "    volumeMounts:\n      - name: shm\n        mountPath: /dev/shm\n"
			      "volumes:\n  - name: shm\n    emptyDir:\n      medium: Memory\n");
}
