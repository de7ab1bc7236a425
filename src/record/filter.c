// SPDX-License-Identifier: MIT
#include "record/filter.h"

#include <string.h>

#include "diagnose/diagnose.h"
#include "util/cleanup.h"

static bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

const char *record_action(const struct record *r)
{
	static const char *const actions[] = {
		[RECORD_DIAGNOSIS] = "diagnosis",
		[RECORD_AGENT_STARTED] = "agent_started",
		[RECORD_AGENT_STATS] = "agent_stats",
		[RECORD_AGENT_BLIND] = "blind",
		[RECORD_AGENT_STOPPED] = "agent_stopped",
	};

	return r->type == RECORD_EVENT ? event_action(r->event->kind) : actions[r->type];
}

const struct container *record_container(const struct record *r)
{
	switch (r->type) {
	case RECORD_EVENT:
		return r->event->container;
	case RECORD_DIAGNOSIS:
		return r->diagnosis->container;
	default:
		return NULL;
	}
}

static int error_of(const struct record *r)
{
	const struct event *e = r->type == RECORD_DIAGNOSIS ? r->diagnosis->culprit : r->event;

	return e ? e->error : 0;
}

static bool takes_container(const struct filter *f, const struct container *c)
{
	if (!f->target && !f->container && !f->pod && !f->k8s_namespace)
		return true;
	if (!c)
		return false;
	if (f->target && !target_matches(f->target, c))
		return false;
	if (f->container && strcmp(c->k8s_container, f->container) &&
		strcmp(c->name, f->container) && !starts_with(c->id, f->container))
		return false;
	if (f->pod && strcmp(c->pod, f->pod))
		return false;
	return !f->k8s_namespace || !strcmp(c->k8s_namespace, f->k8s_namespace);
}

bool filter_takes(const struct filter *f, const struct record *r)
{
	if (!level_takes(f->level, r) || !takes_container(f, record_container(r)))
		return false;
	if (f->action && strcmp(record_action(r), f->action))
		return false;
	return !f->error || error_of(r) == f->error;
}

bool filter_spares(const struct filter *f, const struct record *r)
{
	return f->spare_harmless && r->type == RECORD_EVENT && diagnose_harmless(r->event);
}
