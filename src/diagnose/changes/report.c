// SPDX-License-Identifier: MIT
/* Changes in a diagnosis: in which order, and what is said and advised where one of them is the cause. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/changes/changes.h"
#include "diagnose/rules.h"
#include "util/cleanup.h"

/* Root gets what the container may have, another user nothing: its capabilities follow from its uid. */
static bool follows_from_another(const struct changes *all, const struct change *c)
{
	if (c->kind != FACT_CAPABILITIES)
		return false;
	for (size_t i = 0; i < all->n; i++)
		if (all->all[i].kind == FACT_UID &&
			(!strcmp(all->all[i].before, "0") || !strcmp(all->all[i].after, "0")))
			return true;
	return false;
}

static char *all_that_is_said(const struct report *r)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_printf(&b, "%s\n%s\n", r->title.data ?: "", r->summary.data ?: "");
	for (size_t i = 0; i < r->d->n_evidence; i++)
		strbuf_printf(
			&b, "%s\n%s\n", r->d->evidence[i].text ?: "", r->d->evidence[i].path ?: "");
	return strbuf_take(&b);
}

static void tell_all(struct report *r, const struct changes *all, const enum bearing *bearings)
{
	for (int bearing = BEARS; bearing >= BEARS_NOT; bearing--)
		for (size_t i = 0; i < all->n && r->d->n_changes < TOLD_CHANGES_MAX; i++) {
			struct told_change *told = &r->d->changes[r->d->n_changes];
			if ((int)bearings[i] != bearing || follows_from_another(all, &all->all[i]))
				continue;
			if (change_tell(&all->all[i], told) < 0)
				r->failed = true;
			else
				r->d->n_changes++;
		}
}

static void say_first(struct report *r, const struct told_change *told)
{
	_cleanup_strbuf_ struct strbuf rest = r->summary;

	r->summary = (struct strbuf)STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	told_change_text(&text, told);
	report_sentence(r, "What changed since this last started well: %s.", text.data ?: "");
	strbuf_printf(&r->summary, " %s", rest.data ?: "");
}

/* The third recommendation goes. */
static void advise_first(struct report *r, const struct change *c)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, manifest = STRBUF_INIT;
	struct recommendation *all = r->d->recommendations;
	size_t most = ARRAY_SIZE(r->d->recommendations);

	change_undo(r->q, c, &text, &manifest);
	if (!text.len)
		return;
	if (r->d->n_recommendations == most) {
		free(all[most - 1].text);
		free(all[most - 1].manifest);
		r->d->n_recommendations--;
	}
	memmove(all + 1, all, r->d->n_recommendations * sizeof(*all));
	r->d->n_recommendations++;
	all[0] = (struct recommendation){ strbuf_take(&text),
		manifest.len ? strbuf_take(&manifest) : NULL };
	r->failed |= !all[0].text;
}

int changes_tell(const struct remembered *m, struct diagnosis *d)
{
	d->healthy_at = m->healthy_at;
	d->healthy_starts = m->starts;
	for (size_t i = 0; i < m->changes.n && d->n_changes < TOLD_CHANGES_MAX; i++) {
		const struct change *c = &m->changes.all[i];

		if (follows_from_another(&m->changes, c))
			continue;
		int err = change_tell(c, &d->changes[d->n_changes]);
		if (err < 0)
			return err;
		d->n_changes++;
	}
	return 0;
}

void changes_report(struct report *r, const struct verdict *v)
{
	const struct remembered *m = r->q->container->remembered;
	enum bearing bearings[CHANGES_MAX] = { BEARS_NOT };
	const struct change *cause = NULL;

	if (!m)
		return;
	r->d->healthy_at = m->healthy_at;
	r->d->healthy_starts = m->starts;
	_cleanup_free_ char *said = all_that_is_said(r);
	if (!said) {
		r->failed = true;
		return;
	}
	const struct suspect s = { .q = r->q, .d = r->d, .verdict = v, .said = said };
	for (size_t i = 0; i < m->changes.n && i < CHANGES_MAX; i++) {
		bearings[i] = change_bears(&s, &m->changes.all[i]);
		if (bearings[i] == BEARS && !cause &&
			!follows_from_another(&m->changes, &m->changes.all[i]))
			cause = &m->changes.all[i];
	}
	tell_all(r, &m->changes, bearings);
	if (!cause || !r->d->n_changes)
		return;
	say_first(r, &r->d->changes[0]);
	advise_first(r, cause);
}
