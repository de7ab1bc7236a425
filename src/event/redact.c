// SPDX-License-Identifier: MIT
#include "event/redact.h"

#include <string.h>

#include "event/redact_parts.h"
#include "ktrace/container.h"
#include "ktrace/event.h"
#include "util/cleanup.h"

/* Between the first and the last bytes of a long write (decode.c). */
#define GAP "\n...\n"

static void redact_string(const char *text, enum redact_source source)
{
	enum redact_open open = REDACT_NOTHING;

	/* The strings are this event's own: const keeps others from writing to them. */
	if (text && *text)
		redact_part((char *)text, strlen(text), source, &open);
}

static void mask_all(char *text, size_t from)
{
	size_t len = strlen(text + from);

	if (is_secret(text + from, len))
		text[from + write_mask(text + from, len)] = '\0';
}

static bool is_program(const char *programs, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strlen(name);

	for (const char *at = programs; len && (at = strstr(at, name)); at++)
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

static bool has_login(const char *const *args, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!strcmp(args[i], "login"))
			return true;
	return false;
}

/* USER:SECRET: the user stays. */
static void mask_value(const char *arg, size_t from, unsigned flags)
{
	const char *colon = flags & OPTION_USER ? strchr(arg + from, ':') : NULL;

	if (!(flags & OPTION_USER))
		mask_all((char *)arg, from);
	else if (colon)
		mask_all((char *)arg, (size_t)(colon + 1 - arg));
}

/* Does the option stand before the argument, or at its beginning? Then the secret begins at *from. */
static bool is_given(
	const struct secret_option *o, const char *before, const char *arg, size_t *from)
{
	/* Nearly none is, by its first letter. */
	if (o->option[1] != before[*before != '\0'] && o->option[1] != arg[*arg != '\0'])
		return false;
	size_t len = strlen(o->option);
	bool is_next = o->flags & OPTION_NEXT && !strcmp(before, o->option);
	bool is_glued = o->flags & OPTION_GLUED && !strncmp(arg, o->option, len) && arg[len];
	*from = is_next ? 0 : len;
	return is_next || is_glued;
}

/* `-p SECRET`, `-pSECRET` and the like of a program that is known; true: args[i] was masked. */
static bool mask_known_option(const char *const *args, size_t n, size_t i)
{
	const char *before = i > 1 ? args[i - 1] : "";
	size_t from;

	if (*before != '-' && *args[i] != '-')
		return false;
	for (const struct secret_option *o = secret_options; o->programs; o++) {
		/* The option first: whose it is takes far longer to find out. */
		if (!is_given(o, before, args[i], &from) || !is_program(o->programs, args[0]) ||
			(o->flags & OPTION_LOGIN && !has_login(args, n)))
			continue;
		mask_value(args[i], from, o->flags);
		return true;
	}
	return false;
}

/* sh -c SCRIPT, bash -ec SCRIPT */
static bool is_script_option(const char *arg)
{
	size_t len = strlen(arg);

	return len >= 2 && len <= 4 && arg[0] == '-' && arg[1] != '-' && arg[len - 1] == 'c';
}

/* NAME=VALUE as one argument: all of it is the value, blanks and quotes too. */
static bool mask_assignment(const char *arg)
{
	size_t key = strcspn(arg, "= \t\n\"'/:");

	if (arg[key] != '=' || !secret_name_of(arg, key))
		return false;
	mask_all((char *)arg, key + 1);
	return true;
}

void redact_args(const char *const *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *before = i ? args[i - 1] : "";
		bool script = is_script_option(before);

		if (i && *before == '-' && *args[i] != '-' &&
			secret_name_of(before, strcspn(before, "="))) {
			if (!strchr(before, '='))
				mask_all((char *)args[i], 0);
		} else if (i && mask_known_option(args, n, i)) {
			continue;
		} else if (!script && mask_assignment(args[i])) {
			continue;
		}
		redact_string(args[i], FROM_COMMAND);
	}
}

static struct redact_writer *writer_of(struct redact *r, const struct event *e)
{
	struct redact_writer *w = &r->writers[(e->pid + e->fd) % REDACT_WRITERS];

	if (w->pid != e->pid || w->fd != e->fd)
		*w = (struct redact_writer){ e->pid, e->fd, REDACT_NOTHING };
	return w;
}

static void redact_output(struct redact *r, const struct event *e)
{
	struct redact_writer *w = writer_of(r, e);
	char *text = (char *)e->text, *gap = e->cut ? strstr(text, GAP) : NULL;
	size_t head = gap ? (size_t)(gap - text) : strlen(text);
	size_t len = redact_part(text, head, FROM_OUTPUT, &w->open);

	if (!gap)
		return;
	memmove(text + len, GAP, strlen(GAP));
	size_t tail = strlen(gap + strlen(GAP));
	len += strlen(GAP);
	memmove(text + len, gap + strlen(GAP), tail + 1);
	redact_part(text + len, tail, FROM_OUTPUT, &w->open);
}

void redact_event(struct redact *r, struct event *e)
{
	struct container *c = e->kind == EVENT_CONTAINER_CREATED ? e->container : NULL;

	if (r->no_args) {
		e->argc = e->argc ? 1 : 0;
		for (; c && c->n_args > 1; c->n_args--)
			free(c->args[c->n_args - 1]);
	}
	if (r->off)
		return;
	redact_args(e->args, e->argc);
	if (c)
		redact_args((const char *const *)c->args, c->n_args);
	if (*e->text)
		redact_output(r, e);
	redact_string(e->path, FROM_COMMAND);
	redact_string(e->path2, FROM_COMMAND);
	/* Both are mostly the path itself (event_new()). */
	if (e->executable != e->path)
		redact_string(e->executable, FROM_COMMAND);
	if (e->requested != e->path)
		redact_string(e->requested, FROM_COMMAND);
}
