// SPDX-License-Identifier: MIT
#include "agent/reported.h"

#include <stdlib.h>
#include <string.h>

bool reported_add(struct reported *all, const struct diagnosis *d)
{
	const char *path = d->path ? d->path : "";

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
