// SPDX-License-Identifier: MIT
#define HASH_NONFATAL_OOM 1
#include "publish/event_table.h"

#include <stdlib.h>

#include "publish/kubernetes_event.h"

static void entry_free(struct event_entry *e)
{
	free(e->path);
	free(e->name);
	free(e->head);
	free(e);
}

static void entry_remove(struct event_table *t, struct event_entry *e)
{
	HASH_DEL(t->entries, e);
	entry_free(e);
}

void event_table_free(struct event_table *t)
{
	struct event_entry *e, *next;

	HASH_ITER(hh, t->entries, e, next)
	{
		entry_remove(t, e);
	}
}

struct event_entry *event_table_find(const struct event_table *t, uint64_t key)
{
	struct event_entry *found;

	HASH_FIND(hh, t->entries, &key, sizeof(key), found);
	return found;
}

/* False: everything in it is still to be told. */
static bool make_room(struct event_table *t, const struct event_entry *busy)
{
	struct event_entry *oldest = NULL;

	if (HASH_COUNT(t->entries) < t->most)
		return true;
	for (struct event_entry *e = t->entries; e; e = e->hh.next)
		if (e != busy && e->told == e->count && (!oldest || e->last < oldest->last))
			oldest = e;
	if (oldest)
		entry_remove(t, oldest);
	return oldest != NULL;
}

static struct event_entry *entry_new(const struct diagnosis *d, const char *node, uint64_t time)
{
	struct strbuf path = STRBUF_INIT, name = STRBUF_INIT, head = STRBUF_INIT;
	struct event_entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	strbuf_printf(
		&path, "/apis/events.k8s.io/v1/namespaces/%s/events", d->container->k8s_namespace);
	kubernetes_event_name(&name, d);
	kubernetes_event_head(&head, d, node, time);
	*e = (struct event_entry){
		.key = kubernetes_event_key(d),
		.path = strbuf_take(&path),
		.name = strbuf_take(&name),
		.head = strbuf_take(&head),
		.first = time,
	};
	if (e->path && e->name && e->head)
		return e;
	entry_free(e);
	return NULL;
}

struct event_entry *event_table_add(struct event_table *t, const struct diagnosis *d,
	const char *node, uint64_t time, const struct event_entry *busy)
{
	struct event_entry *e = make_room(t, busy) ? entry_new(d, node, time) : NULL;

	if (!e)
		return NULL;
	HASH_ADD(hh, t->entries, key, sizeof(e->key), e);
	if (e->hh.tbl)
		return e;
	entry_free(e); /* uthash had no memory */
	return NULL;
}

struct event_entry *event_table_next(const struct event_table *t)
{
	struct event_entry *next = NULL;

	for (struct event_entry *e = t->entries; e; e = e->hh.next)
		if (e->told < e->count && (!next || e->due < next->due))
			next = e;
	return next;
}

uint64_t event_table_waiting(const struct event_table *t)
{
	uint64_t waiting = 0;

	for (const struct event_entry *e = t->entries; e; e = e->hh.next)
		waiting += e->count - e->told;
	return waiting;
}
