// SPDX-License-Identifier: MIT
/* One allocation for an event and its strings: [struct block][argument pointers][strings]. */
#include "ktrace/event.h"

#include <stdlib.h>
#include <string.h>

#include "ktrace/container.h"
#include "ktrace/wire.h"
#include "util/cleanup.h"
#include "util/utf8.h"

/* Longest string that an event keeps, after sanitising: so that copying a copy changes nothing. */
#define STRING_MAX WIRE_PATH_MAX

struct block {
	struct event event; /* first: an event's address is its block's */
	size_t size;
};

static const size_t strings[] = {
	offsetof(struct event, comm),
	offsetof(struct event, parent_comm),
	offsetof(struct event, executable),
	offsetof(struct event, interpreter),
	offsetof(struct event, cwd),
	offsetof(struct event, syscall),
	offsetof(struct event, flags),
	offsetof(struct event, path),
	offsetof(struct event, requested),
	offsetof(struct event, path2),
	offsetof(struct event, address),
	offsetof(struct event, dns_name),
	offsetof(struct event, dns_type),
	offsetof(struct event, dns_rcode),
	offsetof(struct event, dns_search),
	offsetof(struct event, holder_comm),
	offsetof(struct event, sender_comm),
	offsetof(struct event, text),
	offsetof(struct event, label),
	offsetof(struct event, limit_name),
	offsetof(struct event, root_cause),
};

static const char **string_at(struct event *e, size_t i)
{
	return (const char **)((char *)e + strings[i]);
}

/* Bytes that sanitised text takes, with its NUL; stops counting where put() will stop writing. */
static size_t measure(const char *s, size_t *len)
{
	size_t out, i;

	*len = 0;
	if (!s || !*s)
		return 1;
	*len = strnlen(s, STRING_MAX);
	i = out = utf8_ascii_run(s, *len);
	if (i == *len)
		return out + 1;
	/* strnlen() may have stopped inside of a sequence; the decoder must see its end to judge it. */
	size_t visible = *len + (*len == STRING_MAX ? strnlen(s + *len, 3) : 0);
	while (i < *len) {
		uint32_t cp;
		size_t n = utf8_decode(s + i, visible - i, &cp);
		size_t written = n ? n : 3;
		if (out + written > STRING_MAX)
			break;
		out += written;
		i += n ? n : 1;
	}
	*len = i;
	return out + 1;
}

static char *put(char *out, const char *s, size_t len, const char **where)
{
	*where = out;
	*out = '\0';
	return out + (len ? utf8_sanitise(out, s, len) : 0) + 1;
}

struct event *event_new(const struct event *draft)
{
	size_t lens[ARRAY_SIZE(strings)], arg_lens[WIRE_ARGS_MAX];
	uint32_t argc = draft->args ? draft->argc : 0;
	size_t size = sizeof(struct block);
	bool cut = draft->cut || argc > WIRE_ARGS_MAX;

	if (argc > WIRE_ARGS_MAX)
		argc = WIRE_ARGS_MAX;
	size += argc * sizeof(char *);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		const char *s = *string_at((struct event *)draft, i);
		size += measure(s, &lens[i]);
		cut |= s && s[lens[i]];
	}
	for (uint32_t i = 0; i < argc; i++) {
		size += measure(draft->args[i], &arg_lens[i]);
		cut |= draft->args[i] && draft->args[i][arg_lens[i]];
	}

	struct block *block = malloc(size);
	if (!block)
		return NULL;
	block->size = size;
	struct event *e = &block->event;
	*e = *draft;
	e->refs = 1;
	e->cut = cut;
	e->argc = argc;
	const char **args = (const char **)(block + 1);
	char *p = (char *)(args + argc);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		p = put(p, *string_at((struct event *)draft, i), lens[i], string_at(e, i));
	for (uint32_t i = 0; i < argc; i++)
		p = put(p, draft->args[i], arg_lens[i], &args[i]);
	e->args = args;
	if (e->container)
		container_ref(e->container);
	return e;
}

struct event *event_ref(struct event *e)
{
	e->refs++;
	return e;
}

void event_unref(struct event *e)
{
	if (!e || --e->refs)
		return;
	if (e->container)
		container_unref(e->container);
	free(e->facts);
	free(e);
}

size_t event_size(const struct event *e)
{
	const struct block *block = (const struct block *)e;

	return block->size + (e->facts ? sizeof(*e->facts) : 0);
}
