// SPDX-License-Identifier: MIT
#include "agent/history.h"

#include <string.h>

#include "util/cleanup.h"

/* An allocation that fails leaves an entry out of the map; the caller looks for that. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define MAX_ENTRIES 8192

struct entry {
	struct runs runs;
	UT_hash_handle hh;
	char key[];
};

struct history {
	struct entry *entries; /* in order of their latest change */
};

struct history *history_new(void)
{
	return calloc(1, sizeof(struct history));
}

void history_free(struct history *h)
{
	struct entry *e, *next;

	if (!h)
		return;
	HASH_ITER(hh, h->entries, e, next)
	{
		HASH_DEL(h->entries, e);
		free(e);
	}
	free(h);
}

bool history_key(const struct container *c, char key[HISTORY_KEY_MAX])
{
	const char *name = *c->k8s_container ? c->k8s_container : c->name;
	const char *pod = *c->pod_uid ? c->pod_uid : c->pod;
	const char *const parts[] = { c->k8s_namespace, pod, name };
	size_t at = 0;

	/* By hand, as each event asks for its container's budget by it. */
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t len = strlen(parts[i]);
		if (len >= HISTORY_KEY_MAX - at - 1)
			return false;
		memcpy(key + at, parts[i], len);
		at += len;
		key[at++] = '/';
	}
	key[at - 1] = '\0';
	return *name;
}

static struct entry *find(const struct history *h, const char *key)
{
	struct entry *e;

	HASH_FIND_STR(h->entries, key, e);
	return e;
}

struct runs history_runs(const struct history *h, const struct container *c)
{
	char key[HISTORY_KEY_MAX];
	const struct entry *e = history_key(c, key) ? find(h, key) : NULL;

	return e ? e->runs : (struct runs){ 0 };
}

static struct entry *insert(struct history *h, struct entry *e)
{
	HASH_ADD_STR(h->entries, key, e);
	if (!e->hh.tbl) {
		free(e);
		return NULL;
	}
	if (HASH_COUNT(h->entries) > MAX_ENTRIES) {
		struct entry *oldest = h->entries;

		HASH_DEL(h->entries, oldest);
		free(oldest);
	}
	return e;
}

void history_add(struct history *h, const struct container *c, int status)
{
	char key[HISTORY_KEY_MAX];

	if (!history_key(c, key))
		return;
	struct entry *e = find(h, key);
	if (e) {
		HASH_DEL(h->entries, e);
	} else {
		e = calloc(1, sizeof(*e) + strlen(key) + 1);
		if (!e)
			return;
		strcpy(e->key, key);
	}
	e->runs.alike = e->runs.ended && e->runs.status == status ? e->runs.alike + 1 : 1;
	e->runs.ended++;
	e->runs.status = status;
	insert(h, e);
}
