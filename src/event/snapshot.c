// SPDX-License-Identifier: MIT
#include "ktrace/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/utf8.h"

#define FACTS_MAX 600
#define BYTES_MAX (24 << 10)
#define TEXT_MAX 512 /* bytes of one name or value */

static const char *const kinds[FACT_KINDS] = {
	[FACT_KEY] = "key",
	[FACT_MOUNT] = "mount",
	[FACT_VARIABLE] = "variable",
	[FACT_COMMAND] = "command",
	[FACT_DIRECTORY] = "working_directory",
	[FACT_IMAGE] = "image",
	[FACT_DIGEST] = "image_digest",
	[FACT_UID] = "uid",
	[FACT_GID] = "gid",
	[FACT_GROUPS] = "groups",
	[FACT_CAPABILITIES] = "capabilities",
	[FACT_PRIVILEGES] = "no_new_privileges",
	[FACT_READ_ONLY] = "read_only_root",
	[FACT_HOST_NETWORK] = "host_network",
	[FACT_HOST_PID] = "host_pid",
	[FACT_SECCOMP] = "seccomp",
	[FACT_LABEL] = "label",
	[FACT_LIMIT] = "limit",
	[FACT_GENERATION] = "generation",
	[FACT_RUNTIME] = "runtime",
	[FACT_KERNEL] = "kernel",
	[FACT_NODE_LIMIT] = "node_limit",
};

const char *fact_kind_name(enum fact_kind kind)
{
	return (size_t)kind < FACT_KINDS ? kinds[kind] : "";
}

enum fact_kind fact_kind_from_name(const char *name)
{
	for (size_t i = 0; i < FACT_KINDS; i++)
		if (!strcmp(kinds[i], name))
			return (enum fact_kind)i;
	return FACT_KINDS;
}

static char *copy_text(const char *text)
{
	return utf8_sanitised(text, strnlen(text, TEXT_MAX));
}

struct snapshot *snapshot_new(const uint8_t salt[SALT_SIZE])
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (!s || !(s->pod_uid = strdup(""))) {
		free(s);
		return NULL;
	}
	s->refs = 1;
	memcpy(s->salt, salt, SALT_SIZE);
	return s;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	s->refs++;
	return s;
}

void snapshot_unref(struct snapshot *s)
{
	if (!s || --s->refs)
		return;
	for (size_t i = 0; i < s->n; i++) {
		free(s->facts[i].name);
		free(s->facts[i].value);
	}
	free(s->facts);
	free(s->pod_uid);
	free(s);
}

static int make_room(struct snapshot *s)
{
	size_t capacity = s->capacity ? 2 * s->capacity : 32;
	struct fact *bigger;

	if (s->n < s->capacity)
		return 0;
	bigger = realloc(s->facts, capacity * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	s->facts = bigger;
	s->capacity = capacity;
	return 0;
}

int snapshot_add(struct snapshot *s, enum fact_kind kind, const char *name, const char *value)
{
	_cleanup_free_ char *own_name = copy_text(name), *own_value = copy_text(value);

	if (!own_name || !own_value || make_room(s))
		return -ENOMEM;
	size_t bytes = strlen(own_name) + strlen(own_value);
	if (s->n >= FACTS_MAX || s->bytes + bytes > BYTES_MAX) {
		s->cut |= 1u << kind;
		return 0;
	}
	s->bytes += bytes;
	s->facts[s->n++] = (struct fact){ kind, take(own_name), take(own_value) };
	return 0;
}

int facts_order(const struct fact *a, const struct fact *b)
{
	return a->kind == b->kind ? strcmp(a->name, b->name) : a->kind < b->kind ? -1 : 1;
}

static int compare_facts(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	return facts_order(x, y) ?: strcmp(x->value, y->value);
}

void snapshot_sort(struct snapshot *s)
{
	size_t kept = 0;

	if (s->n)
		qsort(s->facts, s->n, sizeof(*s->facts), compare_facts);
	/* Of two mounts on one place, or two equal names, one is enough to compare by. */
	for (size_t i = 0; i < s->n; i++) {
		struct fact *f = &s->facts[i];

		if (kept && !facts_order(&s->facts[kept - 1], f)) {
			free(f->name);
			free(f->value);
			continue;
		}
		s->facts[kept++] = *f;
	}
	s->n = kept;
}

bool snapshots_equal(const struct snapshot *a, const struct snapshot *b)
{
	if (a->n != b->n || a->cut != b->cut)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (compare_facts(&a->facts[i], &b->facts[i]))
			return false;
	return true;
}

const struct fact *snapshot_find(const struct snapshot *s, enum fact_kind kind, const char *name)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct fact *f = &s->facts[middle];
		int order = f->kind == kind ? strcmp(f->name, name) : f->kind < kind ? -1 : 1;

		if (!order)
			return f;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void change_clear(struct change *c)
{
	free(c->name);
	free(c->before);
	free(c->after);
	free(c->where);
	free(c->since);
}

void changes_clear(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		change_clear(&c->all[i]);
	free(c->all);
	*c = (struct changes){ 0 };
}

void remembered_free(struct remembered *r)
{
	if (r)
		changes_clear(&r->changes);
	free(r);
}

int changes_add(struct changes *c, const struct change *copied)
{
	struct change own = {
		.kind = copied->kind,
		.name = copy_text(copied->name),
		.before = copy_text(copied->before),
		.after = copy_text(copied->after),
		.where = copy_text(copied->where),
		.since = copy_text(copied->since),
	};
	bool whole = own.name && own.before && own.after && own.where && own.since;
	int err = !whole ? -ENOMEM : c->n >= CHANGES_MAX ? -ENOSPC : 0;

	if (!err && !c->all && !(c->all = calloc(CHANGES_MAX, sizeof(*c->all))))
		err = -ENOMEM;
	if (err)
		change_clear(&own);
	else
		c->all[c->n++] = own;
	return err;
}
