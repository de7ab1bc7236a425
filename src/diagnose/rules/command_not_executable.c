// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

#define EXIT_NOT_EXECUTABLE 126

static bool is_directory(const struct failure *f)
{
	return f->event->facts && f->event->facts->file.type == FILE_DIRECTORY;
}

static bool not_executable(const struct context *q, const struct failure *f)
{
	if (!f->event || (f->error != EACCES && f->error != EPERM) || is_directory(f))
		return false;
	bool runtime = !q->started && !f->exec && (call_probes(f) || call_is(f, "exec"));
	return runtime || f->event->kind == EVENT_EXEC_FAILED || failure_maps_code(f);
}

static bool matches_line(const char *line)
{
	return strcasestr(line, "permission denied") &&
	       (strstr(line, "sh: ") || strstr(line, "exec"));
}

/*
 * Some runtimes look at the mode themselves, so that no call fails: a first process that gave up before
 * any program ran, without having missed the one that it was to run, found it and refused it.
 */
static bool refused_in_silence(const struct context *q)
{
	const struct container *c = q->container;

	if (q->started || !q->ended || q->signo || !q->exit_code || !c->n_args ||
		c->args[0][0] != '/')
		return false;
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		bool other = e->error && e->error != ENOENT;
		if (other || (e->error && !strcmp(e->path, c->args[0])) ||
			e->kind == EVENT_EXEC_FAILED)
			return false;
	}
	return true;
}

/* Which file was to be mapped only the loader's words tell; all else is named by the call. */
static bool names_a_library(const struct failure *f)
{
	char path[256];

	return !failure_maps_code(f) || (f->line && line_path(f->line, path, sizeof(path)));
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_failure(q, v, 0.1, not_executable) && names_a_library(v->failure)) {
		if (!q->started)
			v->score = 0.95;
		return true;
	}
	if (refused_in_silence(q)) {
		v->score = 0.55;
		v->event = q->first ? q->first->exit : NULL;
		return true;
	}
	/* busybox and dash ask with stat first and then need no call that fails */
	return rule_log_line(q, v, 0.9, matches_line) &&
	       status_exit_code(v->candidate->process->status) == EXIT_NOT_EXECUTABLE;
}

static void manifest_script(struct report *r, const char *path)
{
	char lines[700];

	snprintf(lines, sizeof(lines), "    command: [sh, %s]\n", phrase_yaml(path).text);
	manifest_container(r, lines);
}

static void explain_refused(const char *path, const struct verdict *v, struct report *r)
{
	report_title(r, "Not executable: %s", path);
	report_sentence(r,
		"The container runtime found the command %s and refused to run it, so the "
		"container never started.",
		path);
	report_sentence(r, "It has no execute bit, or it is a folder.");
	report_culprit(r, v->event);
	report_path(r, path);
	report_event(r, v->event, "the container runtime gave up after it had found %s", path);
	report_recommend(r,
		"Set the execute bit in the image (`RUN chmod +x %s`), or name the file in it if "
		"it "
		"is a folder.",
		path);
	report_recommend(r, "Or, for a script, run it through its interpreter.");
	manifest_script(r, path);
}

static void explain_library(const struct context *q, const struct failure *f, struct report *r)
{
	char path[256] = "";

	if (!line_path(f->line, path, sizeof(path)))
		return;
	const struct mount *m = container_mount_of(q->container, path);
	report_title(r, "Not executable: the library %s", path);
	report_sentence(r,
		"%s could not load the library %s: the kernel refuses to run code from the file "
		"system that holds it (%s), as it is mounted noexec.",
		phrase_who(f).text, path, m->destination);
	report_path(r, path);
	report_consequence(r, f);
	report_failure(r, f);
	report_recommend(r,
		"Unpack libraries to a place that allows running: a TMPDIR or cache folder "
		"in an emptyDir, or the image.");
	report_recommend(r, "Or drop noexec from the volume's mount options.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	if (f && failure_maps_code(f)) {
		explain_library(q, f, r);
		return;
	}
	if (!f && !v->line) {
		explain_refused(q->container->args[0], v, r);
		return;
	}
	char logged[256] = "";
	const char *path = f && *f->path ? f->path : f ? f->event->executable : logged;
	const struct path_facts *facts =
		f && f->event->facts && f->event->facts->known ? f->event->facts : NULL;

	if (!f && !line_path(v->line, logged, sizeof(logged)))
		path = "the command";
	report_title(r, "Not executable: %s", path);
	if (facts && facts->noexec)
		report_sentence(r,
			"%s could not be run: the file system that holds it is mounted noexec.",
			path);
	else if (facts && facts->file.type == FILE_REGULAR && !(facts->file.mode & 0111))
		report_sentence(r,
			"%s exists, but may not be run: its mode is %04o, without an execute bit.",
			path, facts->file.mode);
	else if (facts && facts->file.type == FILE_REGULAR)
		report_sentence(r,
			"%s exists, but uid %u may not run it: its mode is %04o, and it belongs to "
			"uid %u, gid %u.",
			path, f->event->uid, facts->file.mode, facts->file.uid, facts->file.gid);
	else
		report_sentence(r,
			"%s may not be run: it has no execute bit for this user, or lies in a "
			"folder that this user may not enter.",
			path);
	if (f) {
		report_consequence(r, f);
		report_failure(r, f);
	} else {
		report_quote(r, v->candidate->process, v->line);
		report_path(r, *logged ? logged : NULL);
	}
	if (facts && facts->noexec) {
		report_recommend(r,
			"Copy the program to a place that allows running (an emptyDir, the "
			"image), or drop noexec "
			"from the volume's mount options.");
		return;
	}
	const struct mount *m = f ? mount_of(q, f) : &q->container->root;
	if (m->kind == MOUNT_CONFIGMAP && *m->name) {
		report_recommend(r, "Give the ConfigMap's files the execute bit.");
		report_manifest(r,
			"volumes:\n  - name: %s\n    configMap:\n      defaultMode: 0755\n",
			m->name);
	} else {
		report_recommend(r, "Set the execute bit in the image: `RUN chmod +x %s`.", path);
	}
	report_recommend(r, "Or, for a script, run it through its interpreter.");
	if (path[0] == '/')
		manifest_script(r, path);
}

const struct rule rule_command_not_executable = {
	.match = match,
	.explain = explain,
};
