// SPDX-License-Identifier: MIT
#include "agent/diagnosis_entries.h"

#include <stdlib.h>
#include <string.h>

#include "agent/diagnosis_store.h"

#define ENTRY_BYTES 1024 /* what an entry takes beside its record, about */

void diagnosis_key(struct strbuf *out, const struct container *c)
{
	if (*c->pod)
		strbuf_printf(out, "%s/%s/%s", c->k8s_namespace, c->pod, c->k8s_container);
	else
		strbuf_puts(out, *c->name ? c->name : c->id);
}

static size_t entry_bytes(const struct diagnosis_entry *e)
{
	return ENTRY_BYTES + e->len;
}

static void entry_free(struct diagnosis_entry *e)
{
	if (!e)
		return;
	container_unref(e->container);
	free(e->root_cause);
	free(e->json);
	free(e);
}

void diagnosis_entries_drop(struct diagnosis_entries *all, struct diagnosis_entry *e)
{
	if (all->next == e)
		all->next = e->hh.next;
	HASH_DEL(all->oldest, e);
	all->bytes -= entry_bytes(e);
	entry_free(e);
}

/* A container holds mounts and arguments too: far more than is asked for here. */
static struct container *slim_copy(const struct container *c)
{
	struct container *copy = container_new();

	if (!copy)
		return NULL;
	copy->type = c->type;
	copy->workload_kind = c->workload_kind;
	copy->workload_sure = c->workload_sure;
	if (container_set(&copy->id, c->id) < 0 || container_set(&copy->name, c->name) < 0 ||
		container_set(&copy->k8s_namespace, c->k8s_namespace) < 0 ||
		container_set(&copy->pod, c->pod) < 0 ||
		container_set(&copy->workload, c->workload) < 0 ||
		container_set(&copy->job, c->job) < 0 ||
		container_set(&copy->k8s_container, c->k8s_container) < 0) {
		container_unref(copy);
		return NULL;
	}
	return copy;
}

/* Takes over json, also on failure. */
static struct diagnosis_entry *entry_new(
	const char *key, const struct diagnosis *d, char *json, size_t len)
{
	struct diagnosis_entry *e = calloc(1, sizeof(*e) + strlen(key) + 1);

	if (!e) {
		free(json);
		return NULL;
	}
	strcpy(e->key, key);
	e->json = json;
	e->len = len;
	e->time = e->first = d->time;
	e->times = 1;
	e->running = !d->has_exit_code;
	e->container = slim_copy(d->container);
	e->root_cause = strdup(d->root_cause);
	if (!e->container || !e->root_cause) {
		entry_free(e);
		return NULL;
	}
	return e;
}

/* One diagnosis for each failure: that of a container's end takes the place of an earlier one of its life. */
static void count_on(struct diagnosis_entry *e, const struct diagnosis_entry *before)
{
	if (strcmp(e->root_cause, before->root_cause))
		return;
	e->first = before->first;
	e->times = before->times;
	if (strcmp(e->container->id, before->container->id) && e->times < UINT32_MAX)
		e->times++;
}

struct diagnosis_entry *diagnosis_entries_find(const struct diagnosis_entries *all, const char *key)
{
	struct diagnosis_entry *e;

	HASH_FIND_STR(all->oldest, key, e);
	return e;
}

struct diagnosis_entry *diagnosis_entries_insert(struct diagnosis_entries *all, const char *key,
	const struct diagnosis *d, char *json, size_t len)
{
	struct diagnosis_entry *e = entry_new(key, d, json, len);
	struct diagnosis_entry *before = diagnosis_entries_find(all, key);

	if (!e)
		return NULL;
	if (before) {
		count_on(e, before);
		diagnosis_entries_drop(all, before);
	}
	HASH_ADD_STR(all->oldest, key, e);
	if (!e->hh.tbl) {
		entry_free(e);
		return NULL;
	}
	all->bytes += entry_bytes(e);
	return e;
}
