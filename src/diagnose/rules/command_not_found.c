// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

static bool exists(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	return facts && facts->known && facts->file.type != FILE_MISSING &&
	       facts->file.type != FILE_UNKNOWN;
}

/* `env bash` in a first line: then it is the script's interpreter that is missing. */
static bool for_a_script(const struct event *exec)
{
	return exec && *exec->interpreter && !strcmp(path_name(exec->interpreter), "env");
}

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* The first line of a script, taken for a command by a shell: behind a byte order mark it is no comment. */
static bool is_first_line(const char *command)
{
	size_t mark = sizeof(BYTE_ORDER_MARK) - 1;

	command += strncmp(command, BYTE_ORDER_MARK, mark) ? 0 : mark;
	return !strncmp(command, "#!", 2);
}

/* The runtime looks along PATH with stat before it runs anything. */
static bool runtime_looked(const struct context *q, const struct failure *f)
{
	const char *command = q->container->n_args ? path_name(q->container->args[0]) : NULL;
	const struct event *seen = program_at_end(q);

	if (seen && seen->facts->file.type != FILE_MISSING)
		return false; /* it was there: another rule says what forbids it */
	if (q->started || f->exec || !call_probes(f) || f->error != ENOENT)
		return false;
	/* Runtimes look for devices and mount points too: where the command is not known, only a search tells. */
	return command ? !strcmp(path_name(f->path), command) : directories_tried(q, f) > 1;
}

/* Another directory of the same search has it: what is not found is what it asks for. */
static bool search_met_it(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *other = &q->failures[i];
		if (other->process == f->process && exists(other) && other->error == ENOENT &&
			other->event->kind == EVENT_EXEC_FAILED &&
			!strcmp(path_name(other->path), path_name(f->path)))
			return true;
	}
	return false;
}

static bool is_missing_program(const struct context *q, const struct failure *f)
{
	return f->event->kind == EVENT_EXEC_FAILED && f->error == ENOENT && !search_met_it(q, f) &&
	       !for_a_script(f->exec) && !is_first_line(f->event->requested);
}

static bool not_found(const struct context *q, const struct failure *f)
{
	if (runtime_looked(q, f) || ((!program_is_shell(f->exec) || f->entry == q->wait.entry) &&
					    f->event && not_found_in_path(q, f)))
		return true;
	if (f->event && (shell_ended_for(q, f) || (!call_opens(f) && script_went_without(q, f))))
		return true;
	const char *line;
	if (f->event && f->error == ENOENT && supervisor_gave_up(q, f, &line))
		return true;
	return f->event && is_missing_program(q, f);
}

static bool is_shell_message(const char *line)
{
	static const char *const others[] = { "error while loading", "symbol not found",
		"version `", "GLIBC", "Error relocating", "Page not found", "key not found" };

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strstr(line, others[i]))
			return false;
	return strstr(line, ": not found") || strstr(line, "ommand not found") ||
	       strstr(line, "executable file not found");
}

/* Where the name ends that stands before one of the forms; NULL where none is there. */
static const char *end_of_name(const char *line)
{
	static const char *const forms[] = { ": command not found", ": executable file not found" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const char *end = strstr(line, forms[i]);
		if (end)
			return end;
	}
	/* "problem with CA certificate: not found": a shell says before the name who asks, or nothing. */
	const char *end = strstr(line, ": not found"), *start = end;
	while (start && start > line && start[-1] != ' ')
		start--;
	bool in_sentence = start && start - line > 1 && isalnum((unsigned char)start[-2]);
	return in_sentence ? NULL : end;
}

/* "sh: 1: curl: not found", "bash: line 3: curl: command not found", `exec: "curl": executable file not...` */
static bool name_in(const char *line, char *out, size_t size)
{
	const char *end = end_of_name(line), *start = end;

	if (line_after(line, "ommand not found: ", " \r", out, size)) /* zsh, Bundler, Poetry */
		return true;
	if (!end)
		return false;
	while (start > line && start[-1] != ' ')
		start--;
	while (start < end && (*start == '"' || *start == '\''))
		start++;
	while (end > start && (end[-1] == '"' || end[-1] == '\''))
		end--;
	return snprintf(out, size, "%.*s", (int)(end - start), start) > 0;
}

/* The search for it, so that what should have installed it can be the cause. */
static const struct failure *search_for(const struct context *q, const char *name)
{
	const struct failure *found = NULL;

	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *f = &q->failures[i];
		if (f->error == ENOENT && f->event && !call_creates(f) &&
			!strcmp(path_name(f->path), path_name(name)))
			found = f;
	}
	return found;
}

static bool was_to_be_made(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; f && i < q->n_failures; i++)
		if (q->failures[i].led_to && !strcmp(q->failures[i].led_to->path, f->path))
			return true;
	return false;
}

static bool match_log_line(const struct context *q, struct verdict *v)
{
	if (!rule_log_line(q, v, is_shell_message) || !name_in(v->line, v->name, sizeof(v->name)) ||
		is_first_line(v->name))
		return false;
	/* What runs here itself is not found at the other end (rsync over ssh). */
	const struct event *exec = v->candidate->process->exec;
	if (exec && !strcmp(v->name, program_name(exec)))
		return false;
	/* Said in passing, unless somebody ended with the shells' own status for it. */
	const struct process *p = v->candidate->process;
	if (status_exit_code(p->status) != EXIT_NOT_FOUND && q->exit_code != EXIT_NOT_FOUND)
		clues_add(&v->clues, CLUE_said_without_status);
	v->failure = search_for(q, v->name);
	if (v->failure && search_met_it(q, v->failure))
		return false;
	if (was_to_be_made(q, v->failure))
		v->clues = v->failure->clues;
	return true;
}

static bool match(const struct context *q, struct verdict *v)
{
	struct verdict logged = { 0 }, seen = { 0 };
	bool named = match_log_line(q, &logged), saw = rule_failure(q, &seen, not_found);

	if (saw && !q->started)
		clues_only(&seen.clues, CLUE_runtime_named_program);
	if (named && (!saw || logged.clues.total >= seen.clues.total))
		*v = logged;
	else
		*v = seen;
	/* As a supervisor was asked for it, not where it looked along PATH. */
	if (v->line && !*v->name)
		line_after(v->line, "find command '", "'", v->name, sizeof(v->name));
	return named || saw;
}

/* The same name was tried in several directories: it was asked for without one. */
static bool was_searched(const struct context *q, const struct failure *f)
{
	int tried = 0;

	for (size_t i = 0; f && i < q->n_failures; i++) {
		const struct failure *other = &q->failures[i];
		if (other->event && other->event->kind == EVENT_EXEC_FAILED &&
			other->process == f->process &&
			!strcmp(path_name(other->path), path_name(f->path)))
			tried++;
	}
	return tried > 1;
}

/*
 * A shell looked for a name in one directory that the container's PATH does not have: the script, or a file that it
 * reads, set another PATH.
 */
static bool path_was_changed(const struct context *q, const struct failure *f)
{
	const struct event *e = f ? f->event : NULL;

	return e && e->kind == EVENT_EXEC_FAILED && q->started && program_is_shell(f->exec) &&
	       e->argc && !strchr(e->args[0], '/') && !strcmp(e->args[0], path_name(f->path)) &&
	       *q->container->path_env && !is_in_path(q, f->path);
}

/* As it was asked for: with its directory, or as a name that was looked for along PATH. */
static const char *asked_for(const struct context *q, const struct verdict *v)
{
	const struct failure *f = v->failure;

	if (!q->started && q->container->n_args)
		return q->container->args[0];
	if (*v->name)
		return v->name;
	if (!q->started || was_searched(q, f) || not_found_in_path(q, f) || path_was_changed(q, f))
		return path_name(f->path);
	return f->event && *f->event->requested ? f->event->requested : f->path;
}

/* The same error is that of a script whose interpreter is missing. */
static bool nobody_looked(const struct failure *f, const char *name)
{
	return f && strchr(name, '/') && rule_program_not_looked_at(f);
}

/* The directories that the name was looked for in. */
static void report_where(
	const struct context *q, const struct failure *f, const char *name, struct report *r)
{
	if (path_was_changed(q, f))
		report_sentence(r,
			"It was looked for in %s, which is not in the container's PATH (%s): the "
			"script, or a file that it reads, sets another one.",
			directory_of_path(f->path).text, q->container->path_env);
	else if (!strchr(name, '/') && *q->container->path_env)
		report_sentence(
			r, "These directories were searched (PATH): %s.", q->container->path_env);
}

static void advise_kept_path(const struct failure *f, struct report *r)
{
	static const struct advice keep_path = {
		.text = "Keep the container's directories where the script, or a file that it "
			"reads, sets PATH[: `PATH={directory}:$PATH`]. A file that is no script "
			"(`env_file`, a ConfigMap of variables) cannot name $PATH: leave PATH out "
			"of it.",
	};

	recommend(r, &keep_path, &(struct blanks){ .directory = directory_of_path(f->path).text });
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	static const struct advice first_line = {
		.text = "If {path} is in the image (nobody looked in time), the program of its "
			"first line is not: correct that line, or its Windows line end "
			"(`dos2unix`).",
	};
	const struct failure *f = v->failure;
	const struct process *named = v->candidate ? v->candidate->process : NULL;
	const char *name = asked_for(q, v);
	bool changed = path_was_changed(q, f);

	report_title(r, "Command not found: %s", name);
	if (!q->started)
		report_sentence(
			r, "The container's command `%s` does not exist in the image.", name);
	else
		report_sentence(r,
			nobody_looked(f, name) || changed
				? "%s tried to run `%s`, which was not found."
				: "%s tried to run `%s`, which does not exist in the image.",
			f ? phrase_who(f).text : phrase_process(named).text, name);
	report_where(q, f, name, r);
	if (f) {
		report_consequence(r, f);
		report_failure(r, f);
	}
	if (named && (!f || !f->line))
		report_quote(r, named, v->line);
	report_culprit(r, named ? named->exit : NULL);
	const struct event *seen = program_at_end(q);
	const struct path_facts *facts = f && f->event ? f->event->facts : NULL;
	if (!facts && seen)
		facts = seen->facts;
	if (facts && *facts->link)
		advise_dangling_link(r, facts->link, facts->target);
	else if (changed)
		advise_kept_path(f, r);
	else
		advise_not_found(r, name[0] == '.' && f && *f->path == '/' ? f->path : name);
	if (q->started && nobody_looked(f, name))
		recommend(r, &first_line, &(struct blanks){ .path = name });
}

const struct rule rule_command_not_found = {
	.match = match,
	.explain = explain,
};
