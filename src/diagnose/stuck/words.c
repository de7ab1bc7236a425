// SPDX-License-Identifier: MIT
/*
 * Is it waited for? A program that looks for a file each second may need it, or do without. That it waits can be
 * read in the script that the container was given, in what was written meanwhile, and in what the container is
 * called.
 */
#include <string.h>

#include "diagnose/knowledge/name_messages.h"
#include "diagnose/rules.h"
#include "diagnose/stuck/stuck.h"
#include "util/cleanup.h"
#include "util/find.h"

#define CONDITION_MAX 200
#define THEN_MAX 80

static bool any_of(const char *text, const char *const words[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (find_folded(text, words[i]))
			return true;
	return false;
}

/* Within `len` bytes from `from`. */
static bool within(const char *from, size_t len, const char *word)
{
	const char *at = strstr(from, word);

	return at && (size_t)(at - from) + strlen(word) <= len;
}

/* The condition of a loop: up to its body, in the shell or in Python. */
static size_t condition_length(const char *from)
{
	size_t len = strnlen(from, CONDITION_MAX);

	for (size_t i = 0; i < len; i++)
		if (from[i] == '\n' || !strncmp(from + i, "; do", 4) ||
			!strncmp(from + i, ":\n", 2) || !strncmp(from + i, ": ", 2))
			return i;
	return len;
}

/* "until [ -f /x ]", "while ! test -f $F", "while not exists('/x'):" */
static bool loops_until(const char *script, const char *name, bool variables)
{
	static const char *const heads[] = { "until ", "while " };

	for (size_t h = 0; h < ARRAY_SIZE(heads); h++)
		for (const char *at = strstr(script, heads[h]); at; at = strstr(at + 1, heads[h])) {
			const char *from = at + strlen(heads[h]);
			size_t len = condition_length(from);
			bool negated =
				h == 0 || within(from, len, "!") || within(from, len, "not ");
			if (negated &&
				(within(from, len, name) || (variables && memchr(from, '$', len))))
				return true;
		}
	return false;
}

/* "[ -f /x ] && break": the loop ends when it is there. */
static bool breaks_for(const char *script, const char *name)
{
	if (!strstr(script, "while") && !strstr(script, "for "))
		return false;
	for (const char *at = strstr(script, name); at; at = strstr(at + 1, name))
		if (within(at, THEN_MAX, "break") || within(at, THEN_MAX, "exec "))
			return true;
	return false;
}

/* variables: the condition may name it by a variable. */
static bool script_waits(const struct event *exec, const char *name, bool variables)
{
	for (uint32_t i = 1; exec && i < exec->argc; i++)
		if (loops_until(exec->args[i], name, variables) || breaks_for(exec->args[i], name))
			return true;
	return false;
}

/* One line of output: it says that something is waited for or missed, and not that nothing depends on it. */
static bool line_waits(const char *line, const char *name)
{
	static const char *const waits[] = { "waiting", "wait for", "awaiting", "not ready",
		"retrying", "try again", "not yet" };
	static const char *const misses[] = { "not found", "missing", "no such file", "not exist",
		"cannot", "can't", "could not", "unable", "failed", "not there" };
	static const char *const optional[] = { "optional", "default", "skip", "ignor", "disabled",
		"using", "no job", "no work", "for work", "for job", "for task", "for event",
		"for message", "for request", "for connection" };

	if (any_of(line, optional, ARRAY_SIZE(optional)))
		return false;
	if (any_of(line, waits, ARRAY_SIZE(waits)))
		return true;
	return strlen(name) > 3 && strstr(line, name) && any_of(line, misses, ARRAY_SIZE(misses));
}

/* A command of its own: behind it is the end of the line or a semicolon, before it nothing, or what opens a body. */
static bool stands_alone(const char *script, const char *at)
{
	static const char *const opens[] = { "do", "then", "else", "{", ";" };
	size_t before = (size_t)(at - script);

	while (before && strchr(" \t", script[before - 1]))
		before--;
	if (!before || script[before - 1] == '\n')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(opens); i++) {
		size_t len = strlen(opens[i]);
		if (before >= len && !memcmp(script + before - len, opens[i], len))
			return true;
	}
	return false;
}

static bool runs_openly(const char *script, const struct event *command)
{
	const char *name = program_name(command);
	const char *last = command->argc > 1 ? command->args[command->argc - 1] : name;

	for (const char *at = strstr(script, name); *name && at; at = strstr(at + 1, name)) {
		size_t len = strcspn(at, ";\n");
		bool hides = memchr(at, '|', len) || memchr(at, '&', len) || memchr(at, '>', len);
		if (!hides && within(at, len, last) && stands_alone(script, at))
			return true;
	}
	return false;
}

bool is_run_openly(const struct process *waiter, const struct process *step)
{
	for (uint32_t i = 1; waiter->exec && step->exec && i < waiter->exec->argc; i++)
		if (runs_openly(waiter->exec->args[i], step->exec))
			return true;
	return false;
}

typedef bool (*line_test)(const char *line, const char *name);

static bool any_line(const struct process *p, line_test test, const char *name)
{
	const struct strbuf *streams[] = { &p->err, &p->out };
	char line[256];

	for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
		const char *at = streams[i]->len ? streams[i]->data : "";
		while (*at) {
			size_t len = strcspn(at, "\n");
			size_t kept = len < sizeof(line) ? len : sizeof(line) - 1;
			memcpy(line, at, kept);
			line[kept] = '\0';
			if (test(line, name))
				return true;
			at += len + (at[len] == '\n');
		}
	}
	return false;
}

/* What it said, or what it started said. */
static bool any_word(
	const struct context *q, const struct process *waiter, line_test test, const char *name)
{
	if (any_line(waiter, test, name))
		return true;
	for (size_t i = q->n_processes, looked = 0; i-- > 0 && looked < 32;) {
		const struct process *p = q->processes[i];
		/* Who asks says each time that it found nothing, and may be sent to /dev/null for it. */
		if (p->parent != waiter || p->from_outside ||
			program_is(p->exec, ROLE_ASKER | ROLE_PROBER | ROLE_CLEANER))
			continue;
		looked++;
		if (any_line(p, test, name))
			return true;
	}
	return false;
}

/* An init container must come to an end: what it looks for again and again it waits for. */
bool looks_like_init(const struct container *c)
{
	return c->type == CONTAINER_INIT || strstr(c->k8s_container, "init") ||
	       strstr(c->k8s_container, "wait");
}

bool is_awaited(const struct context *q, const struct process *waiter, const char *name)
{
	return looks_like_init(q->container) || script_waits(waiter->exec, name, true) ||
	       any_word(q, waiter, line_waits, name);
}

static bool line_waits_for_it(const char *line, const char *name)
{
	return strstr(line, name) && line_waits(line, name);
}

bool is_named_awaited(const struct context *q, const struct process *waiter, const char *name)
{
	return script_waits(waiter->exec, name, false) ||
	       any_word(q, waiter, line_waits_for_it, name);
}

static bool line_elects(const char *line, const char *name)
{
	static const char *const signs[] = { "leader", "standby", "stand by", "elect", "follower",
		"passive", "secondary" };

	(void)name;
	return any_of(line, signs, ARRAY_SIZE(signs));
}

bool is_standby(const struct context *q, const struct process *waiter)
{
	return any_word(q, waiter, line_elects, "");
}

static bool line_complains_of(const char *line, const char *name)
{
	(void)name;
	return line_complains(line);
}

bool complains_in_words(const struct process *p)
{
	return any_line(p, line_complains_of, "");
}

static bool line_tells_of_names(const char *line, const char *name)
{
	(void)name;
	return line_speaks_of_names(line);
}

bool says_names_fail(const struct context *q, const struct process *p)
{
	return any_word(q, p, line_tells_of_names, "");
}
