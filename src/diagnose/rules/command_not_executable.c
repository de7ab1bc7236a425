// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/find.h"

#define EXIT_NOT_EXECUTABLE 126

static bool is_directory(const struct failure *f)
{
	return f->event->facts && f->event->facts->file.type == FILE_DIRECTORY;
}

/* EPERM is no matter of execute bits: file capabilities, or a filter. */
static bool may_not_run(const struct failure *f)
{
	return f->error == EACCES || f->error == ETXTBSY ||
	       (f->error == EPERM && failure_maps_code(f));
}

static bool not_executable(const struct context *q, const struct failure *f)
{
	if (!f->event || !may_not_run(f) || is_directory(f))
		return false;
	bool runtime = !q->started && !f->exec && (call_probes(f) || call_is(f, "exec"));
	/* `[ -x FILE ]`: a script left it out, and what it would have made was missed. */
	bool left_out = f->led_to && failure_refuses_program(f);
	return runtime || left_out || f->event->kind == EVENT_EXEC_FAILED || failure_maps_code(f);
}

static bool matches_line(const char *line)
{
	return find_folded(line, "permission denied") &&
	       (strstr(line, "sh: ") || strstr(line, "exec"));
}

/* What forbids to run it, as its facts show it: a directory, no execute bit, a file system with noexec. */
static bool facts_forbid(const struct path_facts *facts)
{
	const struct file_facts *file = &facts->file;

	return file->type == FILE_DIRECTORY ||
	       (file->type == FILE_REGULAR && (facts->noexec || !(file->mode & 0111)));
}

/*
 * Some runtimes look at the mode themselves, so that no call fails: a first process that gave up before
 * any program ran, without having missed the one that it was to run, found it and refused it.
 */
/* A failed call that tells why the runtime gave up, so that nothing has to be concluded from silence. */
static bool tells_why(const struct event *e, const char *path)
{
	if (e->kind == EVENT_EXEC_FAILED)
		return true;
	return e->error && (e->error != ENOENT || !strcmp(e->path, path));
}

static bool refused_in_silence(const struct context *q)
{
	const struct container *c = q->container;
	const struct event *seen = program_at_end(q);
	const char *path = seen ? seen->path : c->n_args ? c->args[0] : "";

	if (q->started || !q->ended || q->signo || !q->exit_code || *path != '/' ||
		(seen && !facts_forbid(seen->facts)))
		return false;
	for (size_t i = 0; i < q->n_entries; i++)
		if (tells_why(q->entries[i].event, path))
			return false;
	return true;
}

/* The volume that forbids to run code, where there is one and no other; or NULL. */
static const struct mount *noexec_volume(const struct context *q)
{
	const struct mount *only = NULL;

	for (size_t i = 0; i < q->container->n_mounts; i++) {
		const struct mount *m = &q->container->mounts[i];
		if (!m->noexec || !mount_is_volume(m))
			continue;
		if (only)
			return NULL;
		only = m;
	}
	return only;
}

/* Which file was to be mapped only the loader's words tell, or the only place it can lie in; all else is named by the call. */
static bool names_a_library(const struct context *q, const struct failure *f)
{
	char path[256];

	return !failure_maps_code(f) || (f->line && line_path(f->line, path, sizeof(path))) ||
	       noexec_volume(q);
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_failure(q, v, not_executable) && names_a_library(q, v->failure)) {
		if (!q->started)
			clues_only(&v->clues, CLUE_runtime_named_program);
		return true;
	}
	if (refused_in_silence(q)) {
		const struct event *seen = program_at_end(q);
		clues_add(&v->clues, seen ? CLUE_runtime_named_program : CLUE_runtime_silent);
		v->event = seen ?: q->first ? q->first->exit : NULL;
		return true;
	}
	/* busybox and dash ask with stat first and then need no call that fails */
	return rule_log_line(q, v, matches_line) &&
	       status_exit_code(v->candidate->process->status) == EXIT_NOT_EXECUTABLE;
}

/* Nobody saw a call fail: some runtimes look at the mode themselves. */
static void explain_refused(const struct context *q, const struct verdict *v, struct report *r)
{
	const char *path = q->container->args[0];
	const struct mount *m = container_mount_of(q->container, path);
	static const struct advice fix = {
		.text = "Look at {path}: where it is a file, it needs the execute bit[ "
			"(`defaultMode` of the {kind} of volume `{volume}`)]; where it is a "
			"directory, name the program in it.",
	};

	report_title(r, "The container runtime may not run %s", path);
	report_sentence(r,
		"The container runtime found %s and did not run it, so the container never "
		"started.",
		path);
	report_sentence(r, "Most likely it has no execute bit, or it is a directory.");
	report_culprit(r, v->event);
	report_path(r, path);
	report_event(r, v->event, "the container runtime gave up after it had found %s", path);
	recommend(r, &fix,
		&(struct blanks){ .path = path,
			.kind = mount_holds_keys(m) ? mount_title(m->kind) : NULL,
			.volume = m->name });
}

/* The same, where the file was looked at when the runtime had given up. */
static void explain_seen(const struct event *seen, struct report *r)
{
	const struct path_facts *facts = seen->facts;
	const struct file_facts *file = &facts->file;
	const struct failure f = { .event = seen, .path = seen->path, .error = EACCES };
	bool directory = file->type == FILE_DIRECTORY;

	report_title(r, "%s cannot be run: %s", seen->path,
		directory       ? "it is a directory"
		: facts->noexec ? "its file system is mounted noexec"
				: "it has no execute bit");
	if (directory)
		report_sentence(r,
			"The container's command is %s, which is a directory, so the container "
			"never started.",
			seen->path);
	else if (facts->noexec)
		report_sentence(r,
			"The container's command is %s: the file system that holds it is mounted "
			"with noexec, so no program may run from there, and the container never "
			"started.",
			seen->path);
	else
		report_sentence(r,
			"The container's command is %s, which has mode %04o (no execute bit) and "
			"belongs to uid %u, gid %u, so the container never started.",
			seen->path, file->mode, file->uid, file->gid);
	report_culprit(r, seen);
	report_path(r, seen->path);
	report_event(r, seen, "the container runtime gave up after it had found %s", seen->path);
	advise_not_executable(r, &f, seen->path);
}

static void explain_library(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice elsewhere = {
		.text = "Let the program unpack its libraries where running is allowed: an "
			"emptyDir, or a "
			"directory of the image (TMPDIR, or the program's own setting).",
	};
	static const struct advice option = {
		.text = "Or remove noexec from the mount options of the volume[ {volume}] at "
			"{mount}.",
	};
	char path[256] = "";
	bool named = f->line && line_path(f->line, path, sizeof(path));
	/* "lib/x.so": from where the program works by now, which is not known. */
	const struct mount *m =
		*path == '/' ? container_mount_of(q->container, path) : noexec_volume(q);

	if (!named)
		snprintf(path, sizeof(path), "%s", m->destination);
	report_title(r,
		named ? "%s is on a file system that forbids running code (noexec)"
		      : "A library in %s may not be loaded: no code may run from there (noexec)",
		path);
	if (named)
		report_sentence(r,
			"%s could not load the library %s: the file system that holds it%s%s%s is "
			"mounted with noexec, so no code may run from there.",
			phrase_who(f).text, path, m ? " (" : "", m ? m->destination : "",
			m ? ")" : "");
	else
		report_sentence(r,
			"%s could not map the code of a file: %s, the only volume that it can lie "
			"in, is mounted with noexec, so no code may run from there.",
			phrase_who(f).text, path);
	report_path(r, path);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, &elsewhere, &(struct blanks){ .path = path });
	if (m)
		recommend(
			r, &option, &(struct blanks){ .volume = m->name, .mount = m->destination });
}

/* What only a shell said: which file it was, and no more. */
static void explain_line(const struct verdict *v, struct report *r)
{
	static const struct advice fix = {
		.text = "Look at {path} in the image[ (`ls -ld {path}`)]: if it has no execute bit "
			"for this "
			"user, set it when the image is built; if it is a directory, name the "
			"program in it.",
	};
	char path[256] = "";
	bool named = line_path(v->line, path, sizeof(path));

	report_title(r, "%s may not be run", named ? path : "A command");
	report_sentence(r,
		"%s was refused to run %s: it has no execute bit for this user, or is in a "
		"directory that this user may not enter.",
		phrase_process(v->candidate->process).text, named ? path : "a command");
	report_quote(r, v->candidate->process, v->line);
	report_path(r, named ? path : NULL);
	recommend(r, &fix, &(struct blanks){ .path = path });
}

/* The reason, in the few words of a title. */
static const char *reason_of(const struct failure *f, const struct path_facts *facts)
{
	if (f->error == ETXTBSY)
		return "it is still open for writing";
	if (directory_is_closed(f))
		return "a directory on the way does not let this user in";
	if (!facts || facts->file.type != FILE_REGULAR)
		return "permission denied";
	if (facts->noexec)
		return "its file system is mounted noexec";
	if (!(facts->file.mode & 0111))
		return "it has no execute bit";
	if (!way_is_known(f))
		return "permission denied";
	return (facts->file.mode & 0001) ? "a security module (SELinux, AppArmor) refuses it"
					 : "its mode excludes this user";
}

static void explain_failure(const struct failure *f, struct report *r)
{
	const char *path = *f->path ? f->path : f->event->executable;
	const struct path_facts *facts =
		f->event->facts && f->event->facts->known ? f->event->facts : NULL;

	report_title(r, "%s cannot be run: %s", path, reason_of(f, facts));
	if (f->error == ETXTBSY)
		report_sentence(r,
			"%s could not run %s, because a process still has it open for writing.",
			phrase_who(f).text, path);
	else if (facts && facts->noexec)
		report_sentence(r,
			"%s could not run %s: the file system that holds it is mounted with "
			"noexec, so no program may run from there.",
			phrase_who(f).text, path);
	else if (facts && facts->file.type == FILE_REGULAR)
		report_sentence(r,
			"%s could not run %s, which has mode %04o and belongs to uid %u, gid %u.",
			phrase_who(f).text, path, facts->file.mode, facts->file.uid,
			facts->file.gid);
	else
		report_sentence(r,
			"%s could not run %s: it has no execute bit for this user, or is in a "
			"directory that this user may not enter.",
			phrase_who(f).text, path);
	report_consequence(r, f);
	report_failure(r, f);
	advise_not_executable(r, f, path);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct event *seen = f || v->line ? NULL : program_at_end(q);

	if (f && failure_maps_code(f))
		explain_library(q, f, r);
	else if (f)
		explain_failure(f, r);
	else if (v->line)
		explain_line(v, r);
	else if (seen)
		explain_seen(seen, r);
	else
		explain_refused(q, v, r);
}

const struct rule rule_command_not_executable = {
	.match = match,
	.explain = explain,
};
