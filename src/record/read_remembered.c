// SPDX-License-Identifier: MIT
/* What a container came with from the memory of the agent that wrote the log. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/read.h"
#include "util/cleanup.h"

static void change_free(struct change *c)
{
	free(c->name);
	free(c->before);
	free(c->after);
	free(c->where);
	free(c->since);
}

#define _cleanup_change_ __attribute__((cleanup(change_free)))

static int read_change(const struct json_value *item, struct changes *out, struct read_error *why)
{
	_cleanup_change_ struct change c = { 0 };
	const char *kind = "";
	int err;

	if ((err = read_text(item, "kind", &kind, why)) ||
		(err = read_fields(item, &change_fields, &c, why)))
		return err;
	c.kind = fact_kind_from_name(kind);
	/* A later version's: nothing is known of it. */
	if (c.kind == FACT_KINDS)
		return 0;
	if (!c.name || !c.before || !c.after || !c.where || !c.since)
		return read_fail(why, "a change of ktrace.container.remembered lacks a member");
	err = changes_add(out, &c);
	return err == -ENOSPC ? 0 : err;
}

static void cleanup_remembered(struct remembered **r)
{
	remembered_free(*r);
}

int read_remembered(
	const struct json_value *object, struct remembered **out, struct read_error *why)
{
	_cleanup_(cleanup_remembered) struct remembered *r = NULL;
	const struct json_value *changes = NULL, *harmless = NULL, *item;
	int err;

	if (!object)
		return 0;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	if ((err = read_fields(object, &remembered_fields, r, why)) ||
		(err = read_list(object, "changes", &changes, why)) ||
		(err = read_list(object, "harmless", &harmless, why)))
		return err;
	JSON_EACH(item, changes)
	{
		err = read_change(item, &r->changes, why);
		if (err)
			return err;
	}
	JSON_EACH(item, harmless)
	if (json_is(item, JSON_STRING) && r->n_harmless < HARMLESS_MAX)
		r->harmless[r->n_harmless++] = strtoull(item->text, NULL, 16);
	*out = take(r);
	return 0;
}
