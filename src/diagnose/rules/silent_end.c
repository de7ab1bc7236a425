// SPDX-License-Identifier: MIT
/* Of application_error: an end that nobody explained in words. The script's own text or the program's manual may. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

/* The text that a shell was given to run, or NULL. */
static const char *script_of(const struct event *exec)
{
	if (!program_is_shell(exec))
		return NULL;
	for (uint32_t i = 1; i + 1 < exec->argc; i++) {
		const char *arg = exec->args[i];
		if (arg[0] == '-' && arg[1] != '-' && strchr(arg, 'c'))
			return exec->args[i + 1];
	}
	return NULL;
}

#define EXIT_BYTES 24 /* "exit " and a number */

/* "exit 64" as two words, and nothing behind but the command's end. */
static const char *find_exit(const char *script, int code)
{
	char words[EXIT_BYTES];
	size_t len = (size_t)snprintf(words, sizeof(words), "exit %d", code);

	for (const char *at = script; (at = strstr(at, words)); at += len) {
		bool begins = at == script || strchr(" \t\n;&|{(", at[-1]);
		if (begins && !isalnum((unsigned char)at[len]))
			return at;
	}
	return NULL;
}

bool silent_exit_statement(const struct process *p, int code, char *out, size_t size)
{
	const char *script = script_of(p->exec), *at = script ? find_exit(script, code) : NULL;

	if (!at || find_exit(at + 1, code))
		return false;
	const char *start = at, *end = at + strcspn(at, ";\n}");
	while (start > script && !strchr(";\n{", start[-1]))
		start--;
	start += strspn(start, " \t");
	while (end > at && isspace((unsigned char)end[-1]))
		end--;
	return (size_t)snprintf(out, size, "%.*s", (int)(end - start), start) < size;
}

static bool follows(const char *script, const char *at, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(at - script) >= len && !strncmp(at - len, word, len);
}

/* NAME=..., read NAME, for NAME: the script gives it a value itself, so the environment does not decide it. */
static bool script_sets(const char *script, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = script; (at = strstr(at, name)); at += len) {
		bool whole =
			at == script || !(isalnum((unsigned char)at[-1]) || strchr("_${", at[-1]));
		bool given = follows(script, at, "read ") || follows(script, at, "for ");
		if (whole && (at[len] == '=' || given))
			return true;
	}
	return false;
}

/* The variable of `[ -n "$NAME" ] || exit 64`, or of -z. */
static bool tested_variable(const char *statement, char *out, size_t size)
{
	static const char *const tests[] = { "-n ", "-z " };
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		const char *at = strstr(statement, tests[i]);
		at = at ? at + strlen(tests[i]) : "";
		at += *at == '"';
		at += *at == '$';
		at += *at == '{';
		size_t len = at[-(*at != '\0')] == '$' || at[-(*at != '\0')] == '{'
				     ? strspn(at, letters)
				     : 0;
		if (len && len < size) {
			snprintf(out, size, "%.*s", (int)len, at);
			return true;
		}
	}
	return false;
}

/* `read NAME` as a statement of its own: from a file, a pipe or a loop it is none. It ends with 1 where there is no line. */
static bool reads_input(const char *script)
{
	static const char word[] = "read ";

	for (const char *at = script; at && (at = strstr(at, word)); at++) {
		const char *before = at;
		while (before > script && strchr(" \t", before[-1]))
			before--;
		bool begins = before == script || strchr(";\n&{", before[-1]);
		size_t len = strcspn(at, ";\n");
		if (begins && !memchr(at, '<', len))
			return true;
	}
	return false;
}

void silent_advise(const struct process *p, int code, struct report *r)
{
	static const struct advice input = {
		"Give the script what it asks for (`read`) by an environment variable or a file: "
		"the standard input of a container is empty, unless the pod has `stdin: true` and "
		"somebody attaches.",
		NULL
	};
	static const struct advice variable = {
		"Set the environment variable {name}, which the script tests there; where it is "
		"secret, from a Secret.",
		"{list}:\n  - name: {container}\n    env:\n      - name: {name}\n        value: "
		"\"...\"\n"
	};
	static const struct advice trace = {
		"Let the script say where it ends: `set -x` as its first line writes each command "
		"into the log before it is run.",
		NULL
	};
	const struct exit_meaning *m = exit_meaning_of(program_name(p->exec), code);
	char statement[256], name[64];

	if (silent_exit_statement(p, code, statement, sizeof(statement)) &&
		tested_variable(statement, name, sizeof(name)) &&
		!script_sets(script_of(p->exec), name))
		recommend(r, &variable, &(struct blanks){ .name = name });
	else if (m && m->fix)
		report_recommend(r, "%s", m->fix);
	else if (code == EXIT_FAILURE && reads_input(script_of(p->exec)))
		recommend(r, &input, &(struct blanks){ .name = NULL });
	else if (program_is_shell(p->exec))
		recommend(r, &trace, &(struct blanks){ .name = NULL });
}
