// SPDX-License-Identifier: MIT
#include "cli/container_records.h"

#include <errno.h>
#include <string.h>

#include "record/filter.h"
#include "record/reader.h"
#include "util/cleanup.h"

#define MAX_EVENTS 20000 /* of one container */

/* Room for one more item in a list. */
static int grow(void **items, size_t n, size_t *capacity, size_t size)
{
	if (n < *capacity)
		return 0;
	size_t wanted = *capacity ? *capacity * 2 : 16;
	void *grown = reallocarray(*items, wanted, size);
	if (!grown)
		return -ENOMEM;
	*items = grown;
	*capacity = wanted;
	return 0;
}

static struct container_records *find(struct container_records_list *d, const char *id)
{
	/* The latest is the likeliest: a log tells of few containers at a time. */
	for (size_t i = d->n; i-- > 0;)
		if (!strcmp(d->items[i].container->id, id))
			return &d->items[i];
	return NULL;
}

static struct container_records *open_container_records(
	struct container_records_list *d, struct container *c, const char *node)
{
	struct container_records *found = find(d, c->id);

	if (found)
		return found;
	if (grow((void **)&d->items, d->n, &d->capacity, sizeof(*d->items)) < 0)
		return NULL;
	struct container_records *added = &d->items[d->n++];
	*added = (struct container_records){ .container = container_ref(c) };
	snprintf(added->node, sizeof(added->node), "%s", node ? node : "");
	return added;
}

static int add_event(struct container_records *records, struct event *e)
{
	if (records->n_events >= MAX_EVENTS && e->error) {
		records->left_out++;
		return 0;
	}
	if (grow((void **)&records->events, records->n_events, &records->capacity,
		    sizeof(*records->events)) < 0)
		return -ENOMEM;
	records->events[records->n_events++] = event_ref(e);
	if (e->kind == EVENT_CONTAINER_CREATED && e->container != records->container) {
		container_unref(records->container);
		records->container = container_ref(e->container);
	}
	return 0;
}

int container_records_add(struct container_records_list *d, const char *target,
	struct record_reader *reader, const struct record *r)
{
	struct container *c = r->type == RECORD_EVENT       ? r->event->container
			      : r->type == RECORD_DIAGNOSIS ? r->diagnosis->container
							    : NULL;

	if (!c || (target && !target_matches(target, c)))
		return 0;
	struct container_records *records = open_container_records(d, c, r->node);
	if (!records)
		return -ENOMEM;
	if (r->type == RECORD_EVENT)
		return add_event(records, record_reader_event(reader));
	diagnosis_free(records->diagnosis);
	records->diagnosis = record_reader_take_diagnosis(reader);
	return 0;
}

void container_records_free(struct container_records_list *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct container_records *records = &d->items[i];

		for (size_t e = 0; e < records->n_events; e++)
			event_unref(records->events[e]);
		free(records->events);
		diagnosis_free(records->diagnosis);
		container_unref(records->container);
	}
	free(d->items);
	*d = (struct container_records_list){ 0 };
}
