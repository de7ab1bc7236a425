// SPDX-License-Identifier: MIT
#include "cli/dossier.h"

#include <errno.h>
#include <string.h>

#include "cli/filter.h"
#include "recording/reader.h"
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

static struct dossier *find(struct dossiers *d, const char *id)
{
	/* The latest is the likeliest: a log tells of few containers at a time. */
	for (size_t i = d->n; i-- > 0;)
		if (!strcmp(d->items[i].container->id, id))
			return &d->items[i];
	return NULL;
}

static struct dossier *open_dossier(struct dossiers *d, struct container *c, const char *node)
{
	struct dossier *found = find(d, c->id);

	if (found)
		return found;
	if (grow((void **)&d->items, d->n, &d->capacity, sizeof(*d->items)) < 0)
		return NULL;
	struct dossier *added = &d->items[d->n++];
	*added = (struct dossier){ .container = container_ref(c) };
	snprintf(added->node, sizeof(added->node), "%s", node ? node : "");
	return added;
}

static int add_event(struct dossier *dossier, struct event *e)
{
	if (dossier->n_events >= MAX_EVENTS && e->error) {
		dossier->left_out++;
		return 0;
	}
	if (grow((void **)&dossier->events, dossier->n_events, &dossier->capacity,
		    sizeof(*dossier->events)) < 0)
		return -ENOMEM;
	dossier->events[dossier->n_events++] = event_ref(e);
	if (e->kind == EVENT_CONTAINER_CREATED && e->container != dossier->container) {
		container_unref(dossier->container);
		dossier->container = container_ref(e->container);
	}
	return 0;
}

int dossiers_add(struct dossiers *d, const char *target, struct record_reader *reader,
	const struct record *r)
{
	struct container *c = r->type == RECORD_EVENT       ? r->event->container
			      : r->type == RECORD_DIAGNOSIS ? r->diagnosis->container
							    : NULL;

	if (!c || (target && !target_matches(target, c)))
		return 0;
	struct dossier *dossier = open_dossier(d, c, r->node);
	if (!dossier)
		return -ENOMEM;
	if (r->type == RECORD_EVENT)
		return add_event(dossier, record_reader_event(reader));
	diagnosis_free(dossier->diagnosis);
	dossier->diagnosis = record_reader_take_diagnosis(reader);
	return 0;
}

void dossiers_free(struct dossiers *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct dossier *dossier = &d->items[i];

		for (size_t e = 0; e < dossier->n_events; e++)
			event_unref(dossier->events[e]);
		free(dossier->events);
		diagnosis_free(dossier->diagnosis);
		container_unref(dossier->container);
	}
	free(d->items);
	*d = (struct dossiers){ 0 };
}
