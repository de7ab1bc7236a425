// SPDX-License-Identifier: MIT
/*
 * Of bad_configuration, what messages alone do not tell: a status by which programs refuse their settings, a variable
 * that a script demands, one that nobody expanded, a path that is too long for a socket, and one that is empty.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/path_pattern.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"
#include "util/find.h"

static const struct settings_status *status_of(const struct process *p)
{
	return exit_blames_settings(p->exec, end_code(p));
}

bool rule_settings_status(const struct context *q, struct verdict *v)
{
	if (story_listening_at(q->story) || !status_of(q->culprit->process))
		return false;
	rule_process(v, q->culprit, CLUE_status_of_settings);
	return true;
}

static void explain_status(const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const struct settings_status *s = status_of(p);

	report_title(r, "%s ended with exit code %d: its settings or arguments, most likely",
		phrase_process_name(p).text, s->code);
	report_sentence(r, "`%.200s` ended with exit code %d, and no word of why was seen.",
		phrase_command(p).text, s->code);
	report_sentence(r, "That is %s.", s->means);
	report_culprit(r, p->exit);
	report_recommend(
		r, "%s, and run it by hand in the same image to read its message.", s->look);
}

/* What stands behind the colon at `at`; NULL: there is none. */
static const char *behind_colon(const char *at)
{
	return !strncmp(at, ": ", strlen(": ")) ? at + strlen(": ") : NULL;
}

bool rule_demanded_variable(const struct process *p, const char *line, char *out, size_t size)
{
	static const char *const shells_own[] = { "not found", "Permission denied",
		"No such file or directory", "Is a directory", "readonly", "read only",
		"cannot execute", "bad ", "ambiguous redirect" };
	const char *script_ends = strstr(line, ": ");

	if (!program_is_shell(p->exec) || !script_ends)
		return false;
	const char *number = script_ends + strlen(": ");
	number += strncmp(number, "line ", strlen("line ")) ? 0 : strlen("line ");
	const char *name = behind_colon(number + strspn(number, "0123456789"));
	if (!name || !isdigit((unsigned char)*number) || isdigit((unsigned char)*name))
		return false;
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	const char *text = behind_colon(name + len);
	if (!text || !len || len >= size)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(shells_own); i++)
		if (find_folded(text, shells_own[i]))
			return false;
	snprintf(out, size, "%.*s", (int)len, name);
	return true;
}

/* "$PORT" or "${PORT}" at the start of a text: how long it is, or 0. */
static size_t variable_at(const char *text)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	size_t brace = text[1] == '{';

	if (*text != '$' || !text[1 + brace] || !strchr(first, text[1 + brace]))
		return 0;
	size_t len = 1 + brace + strspn(text + 1 + brace, all);
	return !brace ? len : text[len] == '}' ? len + 1 : 0;
}

/* unix(7): sun_path. */
#define SOCKET_PATH_MOST 107

bool failure_is_long_socket(const struct failure *f)
{
	return f->event && call_probes(f) && pattern_matches_text("*.sock$", f->path) &&
	       strlen(f->path) > SOCKET_PATH_MOST;
}

bool rule_long_socket(const struct context *q, const char *line, char *path, size_t size)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		struct failure f;
		failure_of_entry(q, &q->entries[i], &f);
		if (!failure_is_long_socket(&f) || !strstr(line, f.path) || strlen(f.path) >= size)
			continue;
		snprintf(path, size, "%s", f.path);
		return true;
	}
	return false;
}

/* "mkdir : no such file or directory", "[Errno 2] ...: ''": where the path should stand there is none. */
static bool quotes_nothing(const char *line)
{
	static const char *const signs[] = { " : no such file", ": ''", " ''", ": \"\"", " \"\"" };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (find_folded(line, signs[i]))
			return true;
	return false;
}

static bool asked_for_nothing(const struct event *e)
{
	return e->kind == EVENT_FILE_ERROR && e->error == ENOENT && !*e->requested && !*e->path;
}

bool rule_nameless_call(
	const struct context *q, const struct process *p, const char *line, char *call, size_t size)
{
	if (line_errno(line) != ENOENT || !quotes_nothing(line))
		return false;
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct story_entry *entry = &q->entries[i];
		if (entry->process != p || !asked_for_nothing(entry->event))
			continue;
		snprintf(call, size, "%s", entry->event->syscall);
		return true;
	}
	return false;
}

bool rule_literal_variable(const struct context *q, const char *line, char *name, size_t size)
{
	const struct event *exec = q->first ? q->first->exec : NULL;

	if (!exec || program_is(exec, ROLE_SHELL))
		return false;
	for (uint32_t i = 1; i < exec->argc; i++)
		for (const char *at = exec->args[i]; (at = strchr(at, '$')); at++) {
			size_t len = variable_at(at);
			if (!len || len >= size)
				continue;
			snprintf(name, size, "%.*s", (int)len, at);
			if (strstr(line, name))
				return true;
		}
	*name = '\0';
	return false;
}

static void explain_literal(const struct verdict *v, struct report *r)
{
	static const struct advice expand = {
		.text = "Write $({name}) in the container's command or args: Kubernetes puts the "
			"value of the container's own variable there.",
	};
	static const struct advice by_shell = {
		.text = "Or let a shell expand it: command [sh, -c, \"exec PROGRAM ... ${name}\"].",
	};
	const struct process *p = v->candidate->process;
	char name[256];

	snprintf(name, sizeof(name), "%s", v->name + 1 + (v->name[1] == '{'));
	name[strcspn(name, "}")] = '\0';
	report_title(
		r, "%s was given %s, which nobody expanded", phrase_process_name(p).text, v->name);
	report_sentence(r,
		"`%.200s` ended with exit code %d: its arguments hold the text %s itself, as no "
		"shell reads a command that is given as a list.",
		phrase_command(p).text, status_exit_code(p->status), v->name);
	report_culprit(r, p->exit);
	report_quote_block(r, v->candidate, v->line);
	recommend(r, &expand, &(struct blanks){ .name = name });
	recommend(r, &by_shell, &(struct blanks){ .name = name });
}

static void explain_long_socket(const struct verdict *v, struct report *r)
{
	static const struct advice shorten = {
		.text = "Give {program} a shorter path for its socket, such as "
			"/run/{name}, in a volume that both sides mount.",
	};
	const struct process *p = v->candidate->process;
	struct phrase name = phrase_process_name(p);

	report_title(r, "%s: the path of its socket is too long", name.text);
	report_sentence(r,
		"`%.200s` was to use the socket %s. A socket's path holds at most %d bytes, and "
		"this one has %zu.",
		phrase_command(p).text, v->name, SOCKET_PATH_MOST, strlen(v->name));
	report_culprit(r, p->exit);
	report_quote_block(r, v->candidate, v->line);
	report_path(r, v->name);
	recommend(
		r, &shorten, &(struct blanks){ .program = name.text, .name = path_name(v->name) });
}

static void explain_nameless(const struct verdict *v, struct report *r)
{
	static const struct advice set = {
		.text = "Set the path that {program} takes from its settings or a variable here: "
			"it is empty. What it says beside the error tells which part of it asked.",
	};
	const struct process *p = v->candidate->process;
	struct phrase name = phrase_process_name(p);

	report_title(r, "%s was given an empty path: %s", name.text,
		phrase_decisive(v->candidate, v->line).text);
	report_sentence(r,
		"`%.200s` ended with exit code %d: it called %s with an empty path, so a setting "
		"that should hold one is empty or not set.",
		phrase_command(p).text, status_exit_code(p->status), v->name);
	report_decisive_lines(r, v->candidate, v->line);
	report_culprit(r, p->exit);
	report_quote_block(r, v->candidate, v->line);
	recommend(r, &set, &(struct blanks){ .program = name.text });
}

/*
 * execve(2): what stands behind the interpreter in a script's first line is one argument, a CR at its end included.
 * Perl takes that, the others say which option they do not know.
 */
bool rule_first_line_return(const struct process *p, const char *line)
{
	const struct event *exec = p->exec;
	size_t len = exec && exec->argc > 2 ? strlen(exec->args[1]) : 0;

	return len && find_folded(line, "option") && exec->args[1][0] == '-' &&
	       exec->args[1][len - 1] == '\r' && !strcmp(exec->args[2], exec->executable);
}

static void explain_first_line(const struct verdict *v, struct report *r)
{
	static const struct advice unix_ends = {
		.text = "Save {path} with Unix line ends when the image is built (`dos2unix`, or "
			"`*.sh text eol=lf` in .gitattributes).",
	};
	const struct process *p = v->candidate->process;
	const char *script = p->exec->executable;

	report_title(r, "The first line of %s has a Windows line end", script);
	report_sentence(r,
		"The first line of %s ends with a carriage return (CR), as Windows editors save "
		"it, "
		"so %s was given an option with that at its end, and does not know it.",
		script, path_name(p->exec->args[0]));
	report_culprit(r, p->exit);
	report_quote_block(r, v->candidate, v->line);
	report_path(r, script);
	recommend(r, &unix_ends, &(struct blanks){ .path = script });
}

bool rule_settings_explained(const struct verdict *v, struct report *r)
{
	if (v->line && rule_first_line_return(v->candidate->process, v->line))
		explain_first_line(v, r);
	else if (!v->line)
		explain_status(v, r);
	else if (v->name[0] == '/')
		explain_long_socket(v, r);
	else if (*v->name == '$')
		explain_literal(v, r);
	else if (*v->name)
		explain_nameless(v, r);
	else
		return false;
	return true;
}
