// SPDX-License-Identifier: MIT
/* When a container is diagnosed, with what, and what of it is told: once, anew when it is something else, and withdrawn. */
#include "agent/healthy_start.h"
#include "agent/pipeline_private.h"
#include "diagnose/excerpt.h"
#include "util/cleanup.h"

static struct losses losses_of(struct pipeline *p, struct container_case *c)
{
	struct losses losses = { 0 };

	pipeline_losses(p, c->container, &losses);
	losses.lost += c->lost;
	losses.left_out += story_forgotten(c->story) + c->unlogged;
	p->incomplete += losses.lost && !c->incomplete;
	c->incomplete |= losses.lost != 0;
	return losses;
}

static int restarts_alike(const struct pipeline *p, const struct container_case *c)
{
	struct runs runs = history_runs(p->history, c->container);

	return !c->ended || runs.status == c->status ? runs.alike : 0;
}

/* What the container was stuck on it got over: whoever was told so is told that, and the story has it. */
static void withdraw(struct pipeline *p, struct container_case *c, uint64_t now)
{
	const struct diagnosis *d = c->diagnosis;
	struct event *e = event_new(&(struct event){
		.kind = EVENT_RECOVERED,
		.time = now,
		.cgroup = c->container->cgroup,
		.container = c->container,
		.root_cause = d->root_cause,
		.text = d->title,
		.lasted_ns = now > d->waiting.since ? now - d->waiting.since : 0,
	});
	struct record r = { .type = RECORD_EVENT, .time = now, .event = e };

	if (!e)
		return; /* at the next look */
	pipeline_record(p, &r);
	e->run = r.run;
	e->sequence = r.sequence;
	p->unrecorded += !case_add(c, e);
	event_unref(e);
	diagnosis_free(c->diagnosis);
	c->diagnosis = NULL;
}

void pipeline_look(struct pipeline *p, struct container_case *c, uint64_t now)
{
	struct losses losses = losses_of(p, c);
	struct diagnose_input context = {
		.now = now,
		.restarts = c->restarts,
		.restarts_same_cause = restarts_alike(p, c),
		.missing_probes = p->missing,
		.lost = losses.lost,
		.left_out = losses.left_out,
		.pod = cases_stopped_with(p->cases, c),
		.machine = p->options.machine,
		.why = p->options.why,
	};
	struct diagnosis *d = NULL;

	c->changed = c->urgent = false;
	if (diagnose(c->story, &context, &d) < 0) {
		p->unrecorded++; /* for want of memory; while it runs it is looked at again */
		c->changed = true;
		return;
	}
	if (!c->ended && reported_is_over(c->diagnosis, d))
		withdraw(p, c, now);
	if (!d || (c->ended ? reported_end(c->diagnosis, d)
			    : !reported_add(&c->reported, c->diagnosis, d))) {
		diagnosis_free(d);
		return;
	}
	diagnosis_free(c->diagnosis);
	c->diagnosis = d;
	p->diagnoses++;
	d->held_back = c->held_back;
	_cleanup_(excerpt_clear) struct excerpt excerpt = { 0 };
	if (outputs_have(&p->outputs, LEVEL_ERRORS))
		excerpt_make(c->story, &context, d, &excerpt); /* or without, for want of memory */
	struct record r = { .type = RECORD_DIAGNOSIS,
		.time = d->time,
		.diagnosis = d,
		.context = excerpt.events,
		.n_context = excerpt.n };
	pipeline_record(p, &r);
	d->run = r.run;
	d->sequence = r.sequence;
}

void pipeline_look_when_due(struct pipeline *p, struct container_case *c, uint64_t now)
{
	if (!case_is_due(c, now))
		return;
	/* What happened has its old times; how long nothing happened since is by the old clock too. */
	uint64_t then = now - (uint64_t)c->stepped;
	pipeline_look(p, c, c->stepped && then > c->latest ? then : now);
}

void pipeline_keep_healthy(struct pipeline *p, struct container_case *c, uint64_t now)
{
	if (!c->kept)
		c->kept = start_keep(p->options.memory, c->story, c->diagnosis, now);
}
