// SPDX-License-Identifier: MIT
#include "agent/outputs.h"

#include <errno.h>

void outputs_free(struct outputs *all)
{
	for (size_t i = 0; i < all->n; i++)
		all->items[i].output->ops->free(all->items[i].output);
	all->n = 0;
	record_forms_free(&all->forms);
	record_forms_free(&all->lean);
}

int outputs_add(struct outputs *all, struct output *o, enum level level)
{
	if (all->n == OUTPUTS_MAX) {
		o->ops->free(o);
		return -ENOSPC;
	}
	all->items[all->n].output = o;
	all->items[all->n].failing = all->items[all->n].bounded = false;
	all->items[all->n++].level = level;
	return 0;
}

void outputs_set_level(struct outputs *all, const struct output *o, enum level level)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].output == o)
			all->items[i].level = level;
}

void outputs_set_bounded(struct outputs *all, const struct output *o)
{
	for (size_t i = 0; i < all->n; i++)
		all->items[i].bounded |= all->items[i].output == o;
}

bool outputs_have(const struct outputs *all, enum level level)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].level == level)
			return true;
	return false;
}

static size_t largest(const struct record_forms *forms)
{
	size_t most = 0;

	for (size_t i = 0; i < FORMS; i++)
		most = forms->bytes[i].len > most ? forms->bytes[i].len : most;
	return most;
}

static bool wants(enum level level, const struct record *r)
{
	bool held_back = r->type == RECORD_EVENT && r->event->is_held_back;

	return level_takes(level, r) && !(level == LEVEL_ERRORS && held_back);
}

bool outputs_want(const struct outputs *all, const struct record *r)
{
	for (size_t i = 0; i < all->n; i++)
		if (wants(all->items[i].level, r))
			return true;
	return false;
}

bool outputs_bound(const struct outputs *all, const struct record *r)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].bounded && wants(all->items[i].level, r))
			return true;
	return false;
}

size_t outputs_write(struct outputs *all, struct record *r)
{
	r->forms = &all->forms;
	record_forms_reset(&all->forms);
	record_forms_reset(&all->lean);
	struct record lean = *r;
	lean.forms = r->n_context ? &all->lean : r->forms;
	lean.n_context = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct output *o = all->items[i].output;
		bool errors = all->items[i].level == LEVEL_ERRORS;

		if (!wants(all->items[i].level, r) || (all->items[i].bounded && r->is_over_budget))
			continue;
		/* An output counts what it cannot take (`lost`): nobody upstream could do better. */
		o->ops->write(o, errors ? r : &lean);
	}
	return largest(&all->forms);
}

void outputs_flush(struct outputs *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct output *o = all->items[i].output;

		all->items[i].failing = o->ops->flush(o) < 0;
	}
}

bool outputs_flushed(const struct outputs *all, const struct output *o)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].output == o)
			return !all->items[i].failing;
	return false;
}

void outputs_reopen(struct outputs *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].output->ops->reopen)
			all->items[i].output->ops->reopen(all->items[i].output);
}

uint64_t outputs_lost(const struct outputs *all)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < all->n; i++)
		lost += all->items[i].output->lost;
	return lost;
}
