// SPDX-License-Identifier: MIT
#include "cli/container_records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/filter.h"
#include "record/reader.h"
#include "story/story.h"
#include "util/cleanup.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

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

/* Which item has an id: items move when there are more of them. */
struct records_key {
	size_t item;
	UT_hash_handle hh;
	char id[];
};

static struct container_records *find(struct container_records_list *d, const char *id)
{
	struct records_key *key;

	HASH_FIND_STR(d->keys, id, key);
	return key ? &d->items[key->item] : NULL;
}

static int add_key(struct container_records_list *d, const char *id)
{
	struct records_key *key = malloc(sizeof(*key) + strlen(id) + 1);

	if (!key)
		return -ENOMEM;
	key->item = d->n;
	strcpy(key->id, id);
	HASH_ADD_STR(d->keys, id, key);
	if (key->hh.tbl)
		return 0;
	free(key);
	return -ENOMEM;
}

static struct container_records *open_container_records(
	struct container_records_list *d, struct container *c, const char *node)
{
	struct container_records *found = find(d, c->id);

	if (found)
		return found;
	if (grow((void **)&d->items, d->n, &d->capacity, sizeof(*d->items)) < 0 ||
		add_key(d, c->id) < 0)
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
	/* A diagnosis' context comes after what followed it. */
	size_t at = records->n_events++;
	for (; at > 0 && records->events[at - 1]->time > e->time; at--)
		records->events[at] = records->events[at - 1];
	records->events[at] = event_ref(e);
	if (e->kind == EVENT_CONTAINER_CREATED && e->container != records->container) {
		container_unref(records->container);
		records->container = container_ref(e->container);
	}
	return 0;
}

/* Of an earlier diagnosis of the container, or of its log: then the later one holds as much. */
static bool replaces(const struct event *later, const struct event *earlier)
{
	if (later->kind == EVENT_OUTPUT && earlier->kind == EVENT_OUTPUT)
		return later->pid == earlier->pid && later->fd == earlier->fd;
	return later->sequence && later->sequence == earlier->sequence &&
	       later->run == earlier->run && later->kind == earlier->kind;
}

static int add_context(struct container_records *records, struct event *e)
{
	size_t n = 0;

	for (size_t i = 0; i < records->n_events; i++) {
		if (replaces(e, records->events[i]))
			event_unref(records->events[i]);
		else
			records->events[n++] = records->events[i];
	}
	records->n_events = n;
	return add_event(records, e);
}

/* The container runs on, and what it was stuck on is got over. */
static void withdraw(struct container_records *records, const struct event *recovered)
{
	const struct diagnosis *d = records->diagnosis;

	if (!d || d->has_exit_code || d->time > recovered->time)
		return;
	diagnosis_free(records->diagnosis);
	records->diagnosis = NULL;
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
	for (size_t i = 0; i < r->n_context; i++)
		if (add_context(records, r->context[i]) < 0)
			return -ENOMEM;
	if (r->type == RECORD_EVENT) {
		if (r->event->kind == EVENT_RECOVERED)
			withdraw(records, r->event);
		return add_event(records, record_reader_event(reader));
	}
	diagnosis_free(records->diagnosis);
	records->diagnosis = record_reader_take_diagnosis(reader);
	return 0;
}

static int compare_names(const struct container *a, const struct container *b)
{
	return strcmp(a->k8s_namespace, b->k8s_namespace)
		       ?: strcmp(a->pod, b->pod)
		       ?: strcmp(a->k8s_container, b->k8s_container) ?: strcmp(a->name, b->name);
}

void container_records_count(
	struct container_records_list *d, const char *id, uint32_t times, uint64_t first)
{
	struct container_records *r = find(d, id);

	if (!r)
		return;
	r->times = times;
	r->first = first;
}

uint64_t container_records_time(const struct container_records *r)
{
	return r->diagnosis ? r->diagnosis->time : r->n_events ? r->events[0]->time : 0;
}

/* Best last: the diagnosed ones behind the others, the later behind the earlier. */
static int by_names_and_worth(const void *a, const void *b)
{
	const struct container_records *x = *(struct container_records *const *)a;
	const struct container_records *y = *(struct container_records *const *)b;
	uint64_t x_time = container_records_time(x), y_time = container_records_time(y);

	return compare_names(x->container, y->container)
		       ?: !!x->diagnosis - !!y->diagnosis
		       ?: (x_time > y_time) - (x_time < y_time) ?: (x > y) - (x < y);
}

/* All attempts of one container: the last of them stands for all. */
static void rank_attempts(struct container_records **attempts, size_t n)
{
	struct container_records *best = attempts[n - 1];
	uint32_t alike = 0;
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct container_records *r = attempts[i];
		uint64_t time = container_records_time(r);

		attempts[i]->superseded = i + 1 < n;
		if (best->diagnosis && !r->diagnosis && time > best->diagnosis->time &&
			(!best->next || time > container_records_time(best->next)))
			best->next = r;
		if (!best->diagnosis || !r->diagnosis ||
			strcmp(r->diagnosis->root_cause, best->diagnosis->root_cause))
			continue;
		alike++;
		first = time < first ? time : first;
	}
	if (alike <= best->times)
		return;
	best->times = alike;
	best->first = first;
}

static bool same_pod(const struct container *a, const struct container *b)
{
	return *a->pod && !strcmp(a->pod, b->pod) && !strcmp(a->k8s_namespace, b->k8s_namespace);
}

/* All containers of one pod: its sandbox is of interest where it is what failed. */
static void rank_sandboxes(struct container_records **pod, size_t n)
{
	bool others = false, failed = false;

	for (size_t i = 0; i < n; i++) {
		bool sandbox = pod[i]->container->type == CONTAINER_SANDBOX;

		others |= !sandbox;
		failed |= !sandbox && pod[i]->diagnosis;
	}
	for (size_t i = 0; i < n; i++)
		if (pod[i]->container->type == CONTAINER_SANDBOX)
			pod[i]->superseded |= failed || (others && !pod[i]->diagnosis);
}

int container_records_rank(struct container_records_list *d)
{
	_cleanup_free_ struct container_records **sorted = calloc(d->n + 1, sizeof(*sorted));
	size_t attempts = 0, pod = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < d->n; i++)
		sorted[i] = &d->items[i];
	qsort(sorted, d->n, sizeof(struct container_records *), by_names_and_worth);
	for (size_t i = 0; i < d->n; i++) {
		const struct container *c = sorted[i]->container;
		const struct container *next = i + 1 < d->n ? sorted[i + 1]->container : NULL;

		if (!next || compare_names(c, next)) {
			rank_attempts(sorted + attempts, i + 1 - attempts);
			attempts = i + 1;
		}
		if (!next || !same_pod(c, next)) {
			rank_sandboxes(sorted + pod, i + 1 - pod);
			pod = i + 1;
		}
	}
	return 0;
}

static bool is_evidence(const struct container_records *d, const struct event *e)
{
	for (size_t i = 0; d->diagnosis && i < d->diagnosis->n_evidence; i++)
		if (d->diagnosis->evidence[i].time == e->time)
			return true;
	return false;
}

bool container_records_shows(const struct container_records *d, const struct event *e, bool all)
{
	switch (e->kind) {
	case EVENT_PROCESS_EXITED:
		/* The runtime's helpers; and the first process, whose end is the container's own line. */
		return all || !(story_runtime_comm(e->comm) || e->vpid == 1);
	case EVENT_EXEC_FAILED: /* one for each directory of PATH */
	case EVENT_FILE_ERROR:
	case EVENT_NETWORK_ERROR:
	case EVENT_PROCESS_ERROR:
	case EVENT_OUTPUT:
	case EVENT_DNS_QUERY:
	case EVENT_DNS_ANSWER:
		return all || is_evidence(d, e);
	default:
		return true;
	}
}

void container_records_free(struct container_records_list *d)
{
	struct records_key *key, *next;

	HASH_ITER(hh, d->keys, key, next)
	{
		HASH_DEL(d->keys, key);
		free(key);
	}
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
