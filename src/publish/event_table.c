// SPDX-License-Identifier: MIT
#define HASH_NONFATAL_OOM 1
#include "publish/event_table.h"

#include <stdio.h>
#include <stdlib.h>

#include "publish/kubernetes_event.h"

uint64_t request_budget_free_at(const struct request_budget *b, const struct request_rate *rate)
{
	uint64_t ahead = (rate->burst - 1) * rate->each_ns;

	return b->spent_until > ahead ? b->spent_until - ahead : 0;
}

void request_budget_spend(struct request_budget *b, const struct request_rate *rate, uint64_t now)
{
	b->spent_until = (b->spent_until > now ? b->spent_until : now) + rate->each_ns;
}

static struct event_object *object_of(struct event_table *t, const char *uid)
{
	struct event_object *o;

	HASH_FIND_STR(t->objects, uid, o);
	if (o || !(o = calloc(1, sizeof(*o))))
		return o;
	snprintf(o->uid, sizeof(o->uid), "%s", uid);
	HASH_ADD_STR(t->objects, uid, o);
	if (o->hh.tbl)
		return o;
	free(o); /* uthash had no memory */
	return NULL;
}

static void object_put(struct event_table *t, struct event_object *o)
{
	if (!o || --o->entries)
		return;
	HASH_DEL(t->objects, o);
	free(o);
}

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
	object_put(t, e->object);
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
	e->object = object_of(t, d->container->pod_uid);
	if (e->object) {
		e->object->entries++;
		HASH_ADD(hh, t->entries, key, sizeof(e->key), e);
		if (e->hh.tbl)
			return e;
	}
	object_put(t, e->object);
	entry_free(e);
	return NULL;
}

uint64_t event_table_due(const struct event_table *t, const struct event_entry *e)
{
	uint64_t free_at = request_budget_free_at(&e->object->budget, &t->object_rate);

	return e->due > free_at ? e->due : free_at;
}

struct event_entry *event_table_next(const struct event_table *t)
{
	struct event_entry *next = NULL;

	for (struct event_entry *e = t->entries; e; e = e->hh.next)
		if (e->told < e->count &&
			(!next || event_table_due(t, e) < event_table_due(t, next)))
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
