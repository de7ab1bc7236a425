// SPDX-License-Identifier: MIT
#include "story/time_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/packed.h"
#include "util/hash.h"

#define FOLD_WINDOW 16    /* entries back in which an equal failure is looked for */
#define REORDER_WINDOW 64 /* entries that a late event may be put in front of */
#define TAIL 16           /* bytes of a path that tell it from others */

static void entry_drop(struct time_line *t, struct story_entry *entry)
{
	t->bytes -= entry->packed ? packed_event_size(entry->packed) : event_size(entry->event);
	t->n_packed -= entry->packed != NULL;
	packed_event_free(entry->packed);
	event_unref(entry->event);
	event_unref(entry->exec);
}

/* Unpacks it where it is packed. NULL when out of memory. */
static struct event *event_of(struct time_line *t, struct story_entry *entry)
{
	if (!entry->packed)
		return entry->event;
	size_t packed = packed_event_size(entry->packed);
	entry->event = event_unpack(entry->packed);
	if (!entry->event)
		return NULL;
	entry->packed = NULL;
	t->n_packed--;
	t->bytes += event_size(entry->event) - packed;
	return entry->event;
}

void time_line_pack(struct time_line *t)
{
	t->is_short = true;
	for (struct story_entry *entry = t->entries; entry < t->entries + t->n; entry++) {
		if (entry->packed || entry->worth == WORTH_MOST)
			continue;
		size_t size = event_size(entry->event);
		entry->packed = event_pack(entry->event);
		if (!entry->packed)
			continue;
		entry->event = NULL;
		t->n_packed++;
		t->bytes -= size - packed_event_size(entry->packed);
	}
}

size_t time_line_unpack(struct time_line *t)
{
	size_t n = 0, before = t->n;

	if (!t->n_packed)
		return 0;
	for (size_t i = 0; i < before; i++) {
		if (event_of(t, &t->entries[i]))
			t->entries[n++] = t->entries[i];
		else
			entry_drop(t, &t->entries[i]);
	}
	t->n = n;
	return before - n;
}

void time_line_clear(struct time_line *t)
{
	for (size_t i = 0; i < t->n; i++)
		entry_drop(t, &t->entries[i]);
	free(t->entries);
	*t = (struct time_line){ 0 };
}

static unsigned char worth_of(const struct event *e)
{
	switch (e->kind) {
	case EVENT_FILE_ERROR:
		if (e->error != ENOENT)
			return WORTH_FAILURE;
		if (!strncmp(e->syscall, "open", 4)) /* most are */
			return WORTH_LOOKUP;
		return strstr(e->syscall, "stat") || strstr(e->syscall, "access") ||
				       strstr(e->syscall, "readlink")
			       ? WORTH_LEAST
			       : WORTH_LOOKUP;
	case EVENT_NETWORK_ERROR:
	case EVENT_PROCESS_ERROR:
	case EVENT_EXEC_FAILED:
		return WORTH_FAILURE;
	case EVENT_DNS_QUERY:
	case EVENT_DNS_ANSWER:
	case EVENT_PORT_REFUSED:
		return WORTH_LOOKUP;
	default:
		return WORTH_MOST;
	}
}

void time_line_forget_doomed(struct time_line *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->entries[i].process && t->entries[i].process->doomed)
			entry_drop(t, &t->entries[i]);
		else
			t->entries[n++] = t->entries[i];
	}
	t->n = n;
}

void time_line_forget(struct time_line *t, enum worth worthiest, size_t most, size_t bytes)
{
	for (int rank = WORTH_LEAST; rank <= (int)worthiest; rank++) {
		size_t n = 0, left = t->n;
		for (size_t i = 0; i < t->n; i++) {
			bool has_space = left <= most && t->bytes <= bytes;
			if (!has_space && t->entries[i].worth <= rank) {
				entry_drop(t, &t->entries[i]);
				left--;
			} else {
				t->entries[n++] = t->entries[i];
			}
		}
		t->n = n;
		if (n <= most && t->bytes <= bytes)
			return;
	}
}

static bool may_be_folded(const struct event *e)
{
	return e->kind == EVENT_FILE_ERROR || e->kind == EVENT_NETWORK_ERROR ||
	       e->kind == EVENT_PROCESS_ERROR || e->kind == EVENT_EXEC_FAILED ||
	       e->kind == EVENT_PORT_REFUSED || *e->dns_name;
}

/*
 * The same failure, question to a name server or answer again, from a loop, or a connection's failure that came as the call's and as the
 * socket's own: the call of a late one is "connect" too.
 */
static bool same_failure(const struct event *a, const struct event *b)
{
	return a->kind == b->kind && a->pid == b->pid && a->error == b->error &&
	       a->port == b->port && !strcmp(a->path, b->path) && !strcmp(a->syscall, b->syscall) &&
	       !strcmp(a->address, b->address) && !strcmp(a->executable, b->executable) &&
	       !strcmp(a->dns_name, b->dns_name) && !strcmp(a->dns_type, b->dns_type) &&
	       !strcmp(a->dns_rcode, b->dns_rcode) && !a->dns_answers == !b->dns_answers;
}

/* Of two with different numbers same_failure() is not true: one number says so sooner than all that it compares. */
static uint32_t alike_of(const struct event *e)
{
	size_t len = strlen(e->path), tail = len < TAIL ? len : TAIL;
	uint64_t hash = hash_bytes(HASH_START, e->path + len - tail, tail);

	return (uint32_t)hash_number(hash, (uint64_t)e->pid << 32 | (uint32_t)e->error);
}

/* A failure that was read from a log may stand for others that came later. */
static uint64_t last_of(const struct event *e)
{
	return event_failed(e) ? e->time + e->lasted_ns : e->time;
}

static bool fold(struct time_line *t, struct event *e, uint32_t alike)
{
	for (size_t i = t->n, last = i > FOLD_WINDOW ? i - FOLD_WINDOW : 0; i-- > last;) {
		struct story_entry *entry = &t->entries[i];
		if (entry->alike != alike)
			continue;
		const struct event *earlier = event_of(t, entry);
		if (!earlier || !same_failure(earlier, e))
			continue;
		entry->times += e->repeats ? e->repeats : 1;
		if (last_of(e) > entry->last)
			entry->last = last_of(e);
		return true;
	}
	return false;
}

/* Not all of it happened before that. */
static bool is_later(struct time_line *t, struct story_entry *entry, const struct event *e)
{
	const struct event *other = entry->last > e->time ? event_of(t, entry) : NULL;

	return other && other->time > e->time;
}

static int insert(struct time_line *t, struct event *e, struct process *p, uint32_t alike)
{
	if (t->n == t->capacity) {
		size_t capacity = t->capacity ? t->capacity * 2 : 8;
		struct story_entry *entries = reallocarray(t->entries, capacity, sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		t->entries = entries;
		t->capacity = capacity;
	}
	size_t at = t->n;
	while (at > 0 && t->n - at < REORDER_WINDOW && is_later(t, &t->entries[at - 1], e))
		at--;
	memmove(&t->entries[at + 1], &t->entries[at], (t->n - at) * sizeof(*t->entries));
	t->entries[at] = (struct story_entry){
		.event = event_ref(e),
		.process = p,
		.exec = p && p->exec ? event_ref(p->exec) : NULL,
		.last = last_of(e),
		.times = e->repeats ? e->repeats : 1,
		.worth = worth_of(e),
		.alike = alike,
	};
	t->n++;
	t->bytes += event_size(e);
	return 0;
}

int time_line_add(struct time_line *t, struct event *e, struct process *p)
{
	bool foldable = may_be_folded(e);
	uint32_t alike = foldable ? alike_of(e) : 0;

	return foldable && fold(t, e, alike) ? 0 : insert(t, e, p, alike);
}

void time_line_trim(struct time_line *t)
{
	size_t capacity = t->n + t->n / 4 + 1;
	struct story_entry *entries = capacity < t->capacity
					      ? reallocarray(t->entries, capacity, sizeof(*entries))
					      : NULL;

	if (!entries)
		return;
	t->entries = entries;
	t->capacity = capacity;
}

size_t time_line_bytes(const struct time_line *t)
{
	return t->capacity * sizeof(*t->entries) + t->bytes;
}
