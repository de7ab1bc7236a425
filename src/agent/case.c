// SPDX-License-Identifier: MIT
#include "agent/case.h"

#include <stdlib.h>

struct container_case *case_new(struct container *container, int restarts)
{
	struct container_case *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->container = container;
	c->restarts = restarts;
	c->story = story_new(container);
	if (!c->story) {
		case_free(c);
		return NULL;
	}
	return c;
}

void case_free(struct container_case *c)
{
	if (!c)
		return;
	reported_clear(&c->reported);
	diagnosis_free(c->diagnosis);
	story_free(c->story);
	free(c);
}

bool case_add(struct container_case *c, struct event *e)
{
	if (story_add(c->story, e) < 0) {
		c->lost++;
		return false;
	}
	c->events++;
	return true;
}

void case_note(struct container_case *c, const struct event *e)
{
	c->latest = e->time;
	c->stepped = 0;
	switch (e->kind) {
	case EVENT_CONTAINER_CREATED:
		c->created = e->time;
		break;
	case EVENT_OOM_KILL:
	case EVENT_SIGNAL:
	case EVENT_LISTEN:
	case EVENT_CONTAINER_LISTENING:
	case EVENT_BLOCKED:
	case EVENT_UNBLOCKED:
		c->urgent = true;
		break;
	case EVENT_CONTAINER_EXITED:
		c->ended = c->gone = e->time;
		c->status = e->status;
		break;
	case EVENT_CONTAINER_REMOVED:
		c->gone = c->gone ? c->gone : e->time;
		break;
	default:
		break;
	}
}

/* An exit that was read from a log may know of more than that log holds. */
void case_hold_back(struct container_case *c, struct event *e)
{
	e->is_held_back = event_failed(e) && !failure_budget_takes(&c->budget, e);
	if (e->is_held_back)
		c->held_back += e->repeats ? e->repeats : 1;
	if (e->kind != EVENT_CONTAINER_EXITED)
		return;
	c->held_back = c->held_back > e->held_back ? c->held_back : e->held_back;
	e->held_back = c->held_back;
}

struct case_view case_view_of(const struct container_case *c)
{
	return (struct case_view){
		.story = c->story,
		.container = c->container,
		.diagnosis = c->diagnosis,
		.restarts = c->restarts,
		.created = c->created,
		.started = story_started_at(c->story),
		.listening = story_listening_at(c->story),
		.ended = c->ended,
		.status = c->status,
	};
}
