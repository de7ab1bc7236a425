// SPDX-License-Identifier: MIT
#include "agent/reported.h"

#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool same_wait(const struct diagnosis *a, const struct diagnosis *b)
{
	const struct waiting *x = &a->waiting, *y = &b->waiting;

	return !strcmp(a->root_cause, b->root_cause) && same(x->kind, y->kind) &&
	       same(x->name, y->name) && same(x->address, y->address) && x->port == y->port &&
	       same(x->path, y->path);
}

static bool add_wait(
	struct reported *all, const struct diagnosis *latest, const struct diagnosis *d)
{
	if (latest && latest->waiting.kind && same_wait(latest, d))
		return false;
	return all->n_waits++ < REPORTED_WAITS_MAX;
}

bool reported_add(struct reported *all, const struct diagnosis *latest, const struct diagnosis *d)
{
	const char *path = d->path ? d->path : "";

	if (d->waiting.kind)
		return add_wait(all, latest, d);
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->items[i].root_cause, d->root_cause) &&
			!strcmp(all->items[i].path, path))
			return false;
	char *copy = all->n < REPORTED_MAX ? strdup(path) : NULL;
	if (!copy)
		return false;
	all->items[all->n].root_cause = d->root_cause;
	all->items[all->n++].path = copy;
	return true;
}

bool reported_is_over(const struct diagnosis *latest, const struct diagnosis *d)
{
	return latest && !latest->has_exit_code && latest->waiting.kind && !(d && d->waiting.kind);
}

void reported_clear(struct reported *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->items[i].path);
	all->n = 0;
}

bool reported_end(const struct diagnosis *before, const struct diagnosis *d)
{
	return before && before->has_exit_code && before->root_cause == d->root_cause &&
	       !strcmp(before->title, d->title);
}
