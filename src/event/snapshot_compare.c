// SPDX-License-Identifier: MIT
/*
 * Two starts of one workload are compared by what they were given. Some of it is new with each pod though nobody
 * changed anything, and is no change: the generation of a volume counts within one pod only, keys of a volume that is
 * gone as a whole go with it, and of a kind that did not fit nothing is known to be gone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktrace/snapshot.h"
#include "util/cleanup.h"

#define KIND_MAX 16
#define GENERATION_FORMAT "..%4u_%2u_%2u_%2u_%2u_%2u"

/* The mount that holds a key, by the longest destination; NULL when there is none. */
static const struct fact *mount_of(const struct snapshot *s, const char *path)
{
	const struct fact *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct fact *f = &s->facts[i];
		size_t len = strlen(f->name);

		if (f->kind != FACT_MOUNT || len < best_len || strncmp(path, f->name, len) ||
			(path[len] && path[len] != '/'))
			continue;
		best = f;
		best_len = len;
	}
	return best;
}

/* "..2026_11_30_10_02_33.123456789" is in UTC, as the kubelet names it. */
static void time_of_generation(const char *generation, char out[static 32])
{
	unsigned year, month, day, hour, minute, second;

	*out = '\0';
	if (sscanf(generation, GENERATION_FORMAT, &year, &month, &day, &hour, &minute, &second) ==
		6)
		snprintf(out, 32, "%04u-%02u-%02u %02u:%02u UTC", year, month, day, hour, minute);
}

struct comparison {
	const struct snapshot *before, *after;
	bool same_pod;
	struct changes *out;
};

/* Whether what one side lacks is a change; `other` is the side that lacks it. */
static bool is_told(const struct comparison *c, const struct fact *f, const struct snapshot *other)
{
	if (other->cut & (1u << f->kind))
		return false;
	/* A volume that came or went is told as one thing. */
	if (f->kind == FACT_KEY || f->kind == FACT_GENERATION) {
		const struct snapshot *own = other == c->before ? c->after : c->before;
		const struct fact *mount = mount_of(own, f->name);

		return f->kind == FACT_KEY && mount &&
		       snapshot_find(other, FACT_MOUNT, mount->name);
	}
	return f->kind != FACT_NODE_LIMIT;
}

static void cut_hash(struct change *c)
{
	char *const texts[] = { c->before, c->after };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*(strrchr(texts[i], '\n') ?: strchr(texts[i], '\0')) = '\0';
}

/* When the volume at this mount was written, where it was within this pod's life. */
static void time_of_volume(
	const struct comparison *c, const struct fact *mount, char out[static 32])
{
	const struct fact *generation =
		mount && c->same_pod ? snapshot_find(c->after, FACT_GENERATION, mount->name) : NULL;

	*out = '\0';
	if (generation)
		time_of_generation(generation->value, out);
}

static void hide_values(struct change *c, bool was_there, bool is_there)
{
	c->before = was_there ? "set" : "";
	c->after = !is_there ? "" : was_there ? "another value" : "set";
}

/* A hundred new keys must not leave the limit untold. */
static size_t told_of(const struct comparison *c, enum fact_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < c->out->n; i++)
		n += c->out->all[i].kind == kind;
	return n;
}

static int tell(struct comparison *c, const struct fact *before, const struct fact *after)
{
	const struct fact *f = after ?: before;
	if (told_of(c, f->kind) >= KIND_MAX)
		return 0;
	const struct fact *mount = f->kind == FACT_KEY ? mount_of(c->after, f->name) : NULL;
	_cleanup_free_ char *where = strdup(mount ? mount->value : "");
	char since[32];

	if (!where)
		return -ENOMEM;
	where[strcspn(where, ",")] = '\0'; /* not how it is mounted */
	time_of_volume(c, mount, since);
	struct change change = {
		.kind = f->kind,
		.name = f->name,
		.before = before ? before->value : "",
		.after = after ? after->value : "",
		.where = where,
		.since = since,
	};
	if (f->kind == FACT_VARIABLE)
		hide_values(&change, before, after);
	int err = changes_add(c->out, &change);
	if (!err && f->kind == FACT_COMMAND)
		cut_hash(&c->out->all[c->out->n - 1]);
	return err == -ENOSPC ? 0 : err;
}

/* The volume was written again within this pod, and no key shows it. */
static bool is_silent_update(const struct comparison *c, const struct fact *f)
{
	size_t len = strlen(f->name);

	if (!c->same_pod)
		return false;
	for (size_t i = 0; i < c->out->n; i++) {
		const struct change *other = &c->out->all[i];
		if (other->kind == FACT_KEY && !strncmp(other->name, f->name, len) &&
			other->name[len] == '/')
			return false;
	}
	return true;
}

/* Of a command the hash counts: which arguments may be told depends on the values of variables. */
static bool are_alike(const struct fact *before, const struct fact *after)
{
	const char *a = strrchr(before->value, '\n'), *b = strrchr(after->value, '\n');

	if (before->kind == FACT_COMMAND && a && b)
		return !strcmp(a, b);
	return !strcmp(before->value, after->value);
}

static int compare_one(struct comparison *c, const struct fact *before, const struct fact *after)
{
	if (!before)
		return is_told(c, after, c->before) ? tell(c, NULL, after) : 0;
	if (!after)
		return is_told(c, before, c->after) ? tell(c, before, NULL) : 0;
	if (are_alike(before, after))
		return 0;
	if (after->kind == FACT_GENERATION && !is_silent_update(c, after))
		return 0;
	return tell(c, before, after);
}

int snapshot_compare(
	const struct snapshot *before, const struct snapshot *after, struct changes *out)
{
	struct comparison c = {
		.before = before,
		.after = after,
		.same_pod = *after->pod_uid && !strcmp(before->pod_uid, after->pod_uid),
		.out = out,
	};
	size_t i = 0, j = 0;
	int err = 0;

	*out = (struct changes){ 0 };
	while (!err && (i < before->n || j < after->n)) {
		const struct fact *b = i < before->n ? &before->facts[i] : NULL;
		const struct fact *a = j < after->n ? &after->facts[j] : NULL;
		int order = !b ? 1 : !a ? -1 : facts_order(b, a);

		i += order <= 0;
		j += order >= 0;
		err = compare_one(&c, order <= 0 ? b : NULL, order >= 0 ? a : NULL);
	}
	return err;
}
