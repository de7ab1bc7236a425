// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

static bool runs_a_directory(const struct failure *f)
{
	return f->event && f->event->kind == EVENT_EXEC_FAILED && f->event->facts &&
	       f->event->facts->file.type == FILE_DIRECTORY;
}

/* The path itself, not a part of it. */
static bool is_file(const struct failure *f)
{
	return f->event && f->event->facts && f->event->facts->file.type == FILE_REGULAR;
}

static bool wrong_type(const struct context *q, const struct failure *f)
{
	(void)q;
	if (f->event && f->event->kind == EVENT_NETWORK_ERROR && !*f->path)
		return false;
	return f->error == EISDIR || f->error == ENOTDIR || runs_a_directory(f);
}

/* The runtime makes the working directory, and fails where a file is in the way. */
static bool is_working_directory(const struct context *q, const struct failure *f)
{
	return !q->started && f->error == ENOTDIR && strlen(q->container->cwd) > 1 &&
	       path_under(q->container->cwd, f->path);
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_failure(q, v, wrong_type)) {
		if (is_working_directory(q, v->failure))
			clues_only(&v->clues, CLUE_runtime_named_program);
		return true;
	}
	v->event = working_directory_at_end(q);
	if (!v->event)
		return false;
	clues_add(&v->clues, CLUE_runtime_named_program);
	return true;
}

static void advise_working_directory(const struct context *q, struct report *r)
{
	static const struct advice correct = {
		.text = "Correct workingDir: {path} is no directory, and the runtime cannot make "
			"one where a file is in the way.",
	};

	recommend(r, &correct, &(struct blanks){ .path = q->container->cwd });
}

static void explain_working_directory(
	const struct context *q, const struct event *end, struct report *r)
{
	report_title(r, "The working directory %s is a file", end->path);
	report_sentence(r,
		"The container's working directory (workingDir, or WORKDIR of the image) is %s, "
		"which is a file, so the container never started.",
		end->path);
	report_culprit(r, end);
	report_path(r, end->path);
	report_event(r, end, "the container runtime gave up; %s is a file", end->path);
	advise_working_directory(q, r);
}

/* A key or file that is mounted by itself, and the path goes on below it. */
static bool lies_below_a_file(const struct context *q, const struct mount *m, const char *path)
{
	return q->started && m->subpath && strcmp(m->destination, "/") &&
	       strcmp(m->destination, path) && path_under(path, m->destination) &&
	       !strcmp(path_name(m->source), path_name(path));
}

/* What is mounted there by itself has the wrong type, or the path does. */
static void advise(
	const struct context *q, const struct failure *f, bool directory, struct report *r)
{
	static const struct advice sub_path = {
		.text = "Correct subPath of the mount at {path}, so that it names a key or file "
			"that exists: "
			"for one that does not, the kubelet makes an empty directory.",
	};
	static const struct advice host_path = {
		.text = "Correct the hostPath of the volume[ `{volume}`], or create the file on "
			"the node "
			"first: what does not exist there is created as a directory. With `type: "
			"File` the "
			"pod waits for it instead.",
	};
	static const struct advice over_file = {
		.text = "Mount a single file at {path} by subPath, or the volume at another path: "
			"the image "
			"has a file there, and a directory cannot be mounted over it.",
	};
	static const struct advice name_file = {
		.text = "Let the setting or argument that names {path} name a file: that is a "
			"directory.",
	};
	static const struct advice name_directory = {
		.text = "Let the setting or argument that names {path} name another directory, or "
			"move the file that is in the way.",
	};
	static const struct advice mount_below = {
		.text = "Mount it at {path}: with subPath the mount is a single file, and at "
			"{mount} "
			"it stands where the directory should be. Or leave subPath out, which "
			"mounts the whole volume there as a directory.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: {volume}\n"
		"        mountPath: {path}\n        subPath: {name}\n",
	};
	const struct mount *m = mount_of(q, f);
	struct blanks b = { .path = *f->path ? f->path : NULL,
		.volume = m->name,
		.mount = m->destination,
		.name = path_name(f->path) };
	bool mounted = *f->path && !strcmp(m->destination, f->path);

	if (mounted && directory && m->kind == MOUNT_HOSTPATH && !m->subpath)
		recommend(r, &host_path, &b);
	else if (mounted && !directory && !q->started)
		recommend(r, &over_file, &b);
	else if (mounted && directory)
		recommend(r, &sub_path, &b);
	else if (!directory && lies_below_a_file(q, m, f->path))
		recommend(r, &mount_below, &b);
	else
		recommend(r, directory ? &name_file : &name_directory, &b);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	if (!f) {
		explain_working_directory(q, v->event, r);
		return;
	}
	const struct mount *m = mount_of(q, f);
	const char *path = *f->path ? f->path : "a path";
	bool directory = f->error != ENOTDIR;

	if (directory)
		report_title(r, "%s is a directory where a file should be", path);
	else
		report_title(r,
			is_file(f) ? "%s is a file where a directory should be"
				   : "%s: a part of the path is a file, not a directory",
			path);
	report_sentence(r, "%s tried to %s in %s, but %s.", phrase_who(f).text,
		phrase_attempt(f).text, phrase_place(q, f).text,
		directory    ? "it is a directory"
		: is_file(f) ? "it is a file"
			     : "something on the way there is a file, not a directory");
	if (directory && !strcmp(m->destination, path))
		report_sentence(r,
			"It is mounted by itself: where subPath names a key or file that "
			"does not exist, the kubelet makes a directory in its place.");
	report_consequence(r, f);
	report_failure(r, f);
	if (is_working_directory(q, f))
		advise_working_directory(q, r);
	else
		advise(q, f, directory, r);
}

const struct rule rule_wrong_file_type = {
	.match = match,
	.explain = explain,
};
