// SPDX-License-Identifier: MIT
/*
 * Somewhere to write (EROFS). A volume over a directory hides what the image has there, so an empty one is only
 * proposed where nothing is lost by that; else its files are copied into the volume first.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define VOLUME_AT(at) \
	"    volumeMounts:\n      - name: writable\n        mountPath: " at "\nvolumes:\n" \
	"  - name: writable\n    emptyDir: {}\n"

static const struct advice writable_root = {
	.text = "Or let the container write to its own root file system.",
	"{list}:\n  - name: {container}\n    securityContext:\n      readOnlyRootFilesystem: "
	"false\n",
};

struct phrase directory_changed(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	struct phrase p;

	if (!facts || !*facts->directory_path)
		return directory_of_path(f->path);
	snprintf(p.text, sizeof(p.text), "%s", facts->directory_path);
	return p;
}

/* A script or archive that an interpreter is told to run. */
static bool is_program(const char *argument)
{
	static const char *const ends[] = { ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl",
		".php", ".sh", ".jar", ".lua" };
	size_t len = strlen(argument);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (len > strlen(ends[i]) && !strcmp(argument + len - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

bool directory_holds_program(const struct context *q, const char *directory)
{
	if (strlen(q->container->cwd) > 1 && path_under(q->container->cwd, directory))
		return true;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct event *exec = q->processes[i]->exec;
		if (exec && path_under(exec->executable, directory))
			return true;
		for (uint32_t k = 0; exec && k < exec->argc; k++)
			if (exec->args[k][0] == '/' && path_under(exec->args[k], directory) &&
				(is_program(exec->args[k]) || !k))
				return true;
	}
	return false;
}

/* What images leave empty, a volume may be mounted over; all else may hold what the program needs. */
static bool may_hold_files(const struct context *q, const char *directory)
{
	static const enum place left_empty[] = { PLACE_TEMPORARY, PLACE_RUN, PLACE_LOG, PLACE_CACHE,
		PLACE_SHM };
	enum place place = place_of(directory);

	for (size_t i = 0; i < ARRAY_SIZE(left_empty); i++)
		if (place == left_empty[i])
			return directory_holds_program(q, directory);
	return true;
}

void advise_empty_dir(struct report *r, const char *directory, bool exists)
{
	static const struct advice empty = {
		.text = "Mount an emptyDir at {directory}.",
		"{list}:\n  - name: {container}\n" VOLUME_AT("{directory}"),
	};
	static const struct advice copied = {
		.text = "Mount an emptyDir at {directory}, and let an init container copy there "
			"what the image has in it.",
		"initContainers:\n  - name: copy-files\n    image: {image}\n"
		"    command: [sh, -c, \"cp -R {directory}/. /writable/\"]\n"
		"    volumeMounts:\n      - name: writable\n        mountPath: /writable\n"
		"containers:\n  - name: {container}\n" VOLUME_AT("{directory}"),
	};

	recommend(r, exists && may_hold_files(r->q, directory) ? &copied : &empty,
		&(struct blanks){ .directory = directory });
}

/* Where a volume would be mounted: /tmp as a whole, else the nearest directory that is there. */
static struct phrase place_for_volume(const struct failure *f)
{
	struct phrase directory = directory_changed(f);

	if (path_under(f->path, "/tmp"))
		snprintf(directory.text, sizeof(directory.text), "/tmp");
	else if (path_under(f->path, "/var/tmp"))
		snprintf(directory.text, sizeof(directory.text), "/var/tmp");
	else if (call_is(f, "mkdir") && place_is_shared(directory.text))
		snprintf(directory.text, sizeof(directory.text), "%.600s", f->path);
	return directory;
}

/* Who looks for a place for temporary files tries /tmp first and the working directory last: /tmp is what it wants. */
static bool wanted_tmp_before(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; f->event && strstr(f->event->flags, "O_EXCL") && i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (q->entries[i].process == f->process && e != f->event && e->error == EROFS &&
			path_under(e->path, "/tmp") && strstr(e->flags, "O_EXCL"))
			return true;
	}
	return false;
}

static void advise_read_only_root(struct report *r, const struct failure *f)
{
	static const struct advice writable_first = {
		.text = "Let the container write to its own root file system: a volume over "
			"{directory} would "
			"hide what the image has there.",
		"{list}:\n  - name: {container}\n    securityContext:\n"
		"      readOnlyRootFilesystem: false\n",
	};
	static const struct advice elsewhere = {
		.text = "Or keep it read-only, configure the program to write to a directory of "
			"its own, and "
			"mount an emptyDir there.",
		"{list}:\n  - name: {container}\n" VOLUME_AT("/data"),
	};
	static const struct advice broken = {
		.text = "Look for disk errors on the node (`dmesg`): the pod does not ask for a "
			"read-only "
			"root file system, so the kernel may have made it read-only after an "
			"error.",
	};
	struct phrase directory = place_for_volume(f);
	struct blanks b = { .directory = directory.text, .path = f->path };
	bool run = !strcmp(directory.text, "/run") || !strcmp(directory.text, "/var/run");

	if (r->q->container->described && !r->q->container->root.read_only) {
		recommend(r, &broken, &b);
	} else if (wanted_tmp_before(r->q, f)) {
		advise_empty_dir(r, "/tmp", false);
	} else if (place_is_shared(directory.text) && !run) {
		recommend(r, &writable_first, &b);
		recommend(r, &elsewhere, &b);
	} else {
		advise_empty_dir(r, directory.text, strcmp(directory.text, f->path) != 0);
		recommend(r, &writable_root, &b);
	}
}

bool removes_source(const struct failure *f)
{
	const struct event *exec = f->exec;
	const char *target = exec && exec->argc > 2 ? exec->args[exec->argc - 1] : "";

	return (call_is(f, "unlink") || call_is(f, "rmdir")) && strcmp(target, f->path) != 0 &&
	       !(*target == '/' && path_under(f->path, target));
}

/* The mode that chmod, fchmod or fchmodat was called with. */
static unsigned mode_wanted(const struct event *e)
{
	return (unsigned)e->call_args[strcmp(e->syscall, "fchmodat") ? 1 : 2] & 0777;
}

static void advise_keys_owner(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice mode = {
		.text = "Leave out the chmod: set the mode of the {kind}'s files in the volume.",
		"volumes:\n  - name: {volume}\n    {field}:\n      defaultMode: {yaml}\n",
	};
	static const struct advice owner = {
		.text = "Leave out the chown: the files of a {kind} volume cannot change their "
			"owner. Set "
			"fsGroup, and their group is {gid}.",
		"securityContext:\n  fsGroup: {gid}\n",
	};
	char octal[8];

	if (call_is(f, "chmod") || call_is(f, "fchmod")) {
		snprintf(octal, sizeof(octal), "%04o", mode_wanted(f->event));
		b->yaml = octal;
		recommend(r, &mode, b);
		b->yaml = NULL;
		return;
	}
	b->gid = f->event->gid ? f->event->gid : 1000;
	recommend(r, &owner, b);
}

static void advise_keys(struct report *r, const struct failure *f, const struct mount *m)
{
	static const struct advice keep = {
		.text = "Copy instead of moving (`cp`, not `mv`), and leave the original where it "
			"is: that volume is always read-only.",
	};
	static const struct advice copy = {
		.text = "Copy the {kind} into an emptyDir in an init container, and mount the "
			"emptyDir at "
			"{mount} in its place: that volume is always read-only.",
		"initContainers:\n  - name: copy-files\n    image: busybox\n"
		"    command: [sh, -c, \"cp -rL /source/. /writable/\"]\n"
		"    volumeMounts:\n      - name: {volume}\n        mountPath: /source\n"
		"      - name: writable\n        mountPath: /writable\n"
		"containers:\n  - name: {container}\n" VOLUME_AT("{mount}"),
	};
	static const struct advice copy_file = {
		.text = "Mount the {kind} at another path, copy the file into an emptyDir in an "
			"init container, and let the program use that copy: that volume is always "
			"read-only.",
	};
	struct blanks b = { .kind = mount_title(m->kind),
		.mount = m->destination,
		.volume = m->name,
		.field = mount_field(m) };
	bool owns = call_is(f, "chmod") || call_is(f, "fchmod") || call_is(f, "chown") ||
		    call_is(f, "fchown") || call_is(f, "lchown");

	if (removes_source(f))
		recommend(r, &keep, &b);
	else if (owns)
		advise_keys_owner(r, f, &b);
	else
		recommend(r, m->subpath && !m->directory ? &copy_file : &copy, &b);
}

void advise_writable(struct report *r, const struct failure *f)
{
	static const struct advice not_read_only = {
		.text = "Mount the volume[ {volume}] at {mount} without readOnly.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: {volume}\n"
		"        mountPath: {mount}\n        readOnly: false\n",
	};
	static const struct advice storage = {
		.text = "Look at the storage behind the volume[ {volume}] and at the node's kernel "
			"log (`dmesg`): the pod does not mount it read-only, so the storage or an "
			"error of its file system made it so.",
	};
	const struct mount *m = mount_of(r->q, f);
	struct blanks b = { .mount = m->destination, .volume = m->name };

	if (mount_holds_keys(m))
		advise_keys(r, f, m);
	else if (!mount_is_volume(m) && advise_place(r, f, NEED_WRITE))
		return;
	else if (mount_is_image(m))
		advise_read_only_root(r, f);
	else
		recommend(r, m->read_only ? &not_read_only : &storage, &b);
}
