// SPDX-License-Identifier: MIT
/* One allocation for an event and its strings: [struct block][argument pointers][strings]. */
#include "ktrace/event.h"

#include <stdlib.h>
#include <string.h>

#include "event/event_private.h"
#include "ktrace/container.h"
#include "ktrace/wire.h"
#include "util/cleanup.h"
#include "util/utf8.h"

/* Longest string that an event keeps, after sanitising: so that copying a copy changes nothing. */
#define STRING_MAX WIRE_PATH_MAX

#define OFFSET(member) offsetof(struct event, member),
static const size_t strings[] = { STRINGS(OFFSET) };
#undef OFFSET

#define NUMBER(member) STRING_##member,
enum { STRINGS(NUMBER) };
#undef NUMBER

static const char **string_at(struct event *e, size_t i)
{
	return (const char **)((char *)e + strings[i]);
}

/* A string as it will be kept. */
struct kept {
	size_t len;  /* of the draft's, as far as it is taken */
	size_t size; /* sanitised, without the NUL */
};

/* Stops counting where put() will stop writing. */
static struct kept measure(const char *s)
{
	size_t len = strnlen(s, STRING_MAX), i = utf8_ascii_run(s, len), out = i;

	if (i == len)
		return (struct kept){ len, len };
	/* strnlen() may have stopped inside of a sequence; the decoder must see its end to judge it. */
	size_t visible = len + (len == STRING_MAX ? strnlen(s + len, 3) : 0);
	while (i < len) {
		uint32_t cp;
		size_t n = utf8_decode(s + i, visible - i, &cp);
		size_t written = n ? n : 3;
		if (out + written > STRING_MAX)
			break;
		out += written;
		i += n ? n : 1;
	}
	return (struct kept){ i, out };
}

static char *put(char *out, const char *s, struct kept kept, const char **where)
{
	*where = out;
	if (kept.len == kept.size)
		memcpy(out, s, kept.len); /* nothing of it grew: it is what it was */
	else
		utf8_sanitise(out, s, kept.len);
	out[kept.size] = '\0';
	return out + kept.size + 1;
}

/* Mostly the path, once more: it is kept once. */
static bool is_the_path(const struct event *draft, size_t i, const char *s)
{
	bool may_be = i == STRING_requested || i == STRING_executable;

	return may_be && draft->path && (s == draft->path || !strcmp(s, draft->path));
}

/* What an event will hold of its draft. */
struct plan {
	struct kept strings[ARRAY_SIZE(strings)], args[WIRE_ARGS_MAX];
	uint32_t own, paths; /* a bit for each string: has a text of its own, is the path */
	uint32_t argc;
	size_t size; /* bytes of all */
	bool cut;
};
_Static_assert(ARRAY_SIZE(strings) <= 32, "a bit for each string");

static struct kept plan_text(struct plan *plan, const char *s)
{
	struct kept kept = measure(s);

	plan->size += kept.size + 1;
	plan->cut |= s[kept.len] != '\0';
	return kept;
}

static void plan_string(struct plan *plan, const struct event *draft, size_t i, const char *s)
{
	if (is_the_path(draft, i, s)) {
		plan->paths |= 1u << i;
		return;
	}
	plan->own |= 1u << i;
	plan->strings[i] = plan_text(plan, s);
}

static void make_plan(struct plan *plan, const struct event *draft)
{
	plan->own = plan->paths = 0;
	plan->argc = draft->args ? draft->argc : 0;
	plan->cut = draft->cut || plan->argc > WIRE_ARGS_MAX;
	if (plan->argc > WIRE_ARGS_MAX)
		plan->argc = WIRE_ARGS_MAX;
	plan->size = sizeof(struct block) + plan->argc * sizeof(char *);
#define PLAN(member) \
	if (draft->member && *draft->member) \
		plan_string(plan, draft, STRING_##member, draft->member);
	STRINGS(PLAN)
#undef PLAN
	for (uint32_t i = 0; i < plan->argc; i++)
		plan->args[i] = plan_text(plan, draft->args[i] ?: "");
}

/* The strings of the draft, behind the block. */
static void put_all(struct block *block, const struct plan *plan, const struct event *draft)
{
	struct event *e = &block->event;
	const char **args = (const char **)(block + 1);
	char *p = (char *)(args + plan->argc);

#define EMPTY(member) e->member = "";
	STRINGS(EMPTY)
#undef EMPTY
	for (uint32_t own = plan->own; own; own &= own - 1) {
		size_t i = (size_t)__builtin_ctz(own);
		p = put(p, *string_at((struct event *)draft, i), plan->strings[i], string_at(e, i));
	}
	for (uint32_t paths = plan->paths; paths; paths &= paths - 1)
		*string_at(e, (size_t)__builtin_ctz(paths)) = e->path;
	for (uint32_t i = 0; i < plan->argc; i++)
		p = put(p, draft->args[i] ?: "", plan->args[i], &args[i]);
	e->args = args;
}

struct event *event_new(const struct event *draft)
{
	struct plan plan;

	make_plan(&plan, draft);
	struct block *block = malloc(plan.size);
	if (!block)
		return NULL;
	block->size = plan.size;
	struct event *e = &block->event;
	*e = *draft;
	e->refs = 1;
	e->cut = plan.cut;
	e->argc = plan.argc;
	put_all(block, &plan, draft);
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
