// SPDX-License-Identifier: MIT
#include "agent/case.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000ULL
#define LOOK_AGAIN_MAX (60 * SECOND)
#define PACE 10 /* a container is looked at anew when it is so much of its age older... */
#define PACE_MAX (10 * SECOND) /* ...or by then: something happens to most all the time */

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

static bool ends_containers(int signo)
{
	return signo == SIGTERM || signo == SIGKILL || signo == SIGINT || signo == SIGQUIT;
}

void case_note(struct container_case *c, const struct event *e)
{
	c->latest = e->time;
	c->stepped = 0;
	switch (e->kind) {
	case EVENT_CONTAINER_CREATED:
		c->created = e->time;
		break;
	case EVENT_SIGNAL:
		c->urgent = true;
		if (e->from_outside && ends_containers(e->signo) && !c->told)
			c->told = e->time;
		break;
	case EVENT_OOM_KILL:
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

static uint64_t clamp(uint64_t n, uint64_t least, uint64_t most)
{
	return n < least ? least : n > most ? most : n;
}

/* Nothing happening is a symptom too, but one that needs a look ever more rarely. */
bool case_is_due(struct container_case *c, uint64_t now)
{
	uint64_t age = c->created && now > c->created ? now - c->created : 0;
	/* Further ahead it is of before the clock was set back. */
	bool paced = now < c->paced_until && c->paced_until <= now + PACE_MAX;

	if (!c->urgent && (!c->changed || paced) && now < c->look_at)
		return false;
	if (c->changed || now < c->changed_at)
		c->changed_at = now;
	c->paced_until = now + clamp(age / PACE, SECOND, PACE_MAX);
	c->look_at = now + clamp(now - c->changed_at, SECOND, LOOK_AGAIN_MAX);
	return true;
}

void case_clock_step(struct container_case *c, int64_t by)
{
	c->gone += c->gone ? (uint64_t)by : 0;
	c->told += c->told ? (uint64_t)by : 0;
	c->changed_at += (uint64_t)by;
	c->look_at += (uint64_t)by;
	c->paced_until += (uint64_t)by;
	c->stepped += by;
}

/* The kubelet tells all containers of a pod at once, and waits for each by itself. */
#define AT_ONCE (2 * SECOND)

static bool is_at_once(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= AT_ONCE;
}

struct pod_stop cases_stopped_with(struct container_case *cases, const struct container_case *c)
{
	const char *pod = c->container->pod_uid;
	struct pod_stop stop = { 0 };

	for (const struct container_case *o = c->told && *pod ? cases : NULL; o; o = o->hh.next) {
		if (o == c || o->container->type == CONTAINER_SANDBOX ||
			strcmp(o->container->pod_uid, pod) != 0 || o->created > c->told ||
			(o->gone && o->gone < c->told))
			continue;
		stop.others++;
		stop.stopped += o->told && is_at_once(o->told, c->told);
	}
	return stop;
}

/* An exit that was read from a log may know of more than that log holds. Ours knows nothing yet. */
void case_hold_back(struct container_case *c, struct event *e)
{
	e->is_held_back = event_failed(e) && !failure_budget_takes(&c->budget, e);
	if (e->is_held_back)
		c->held_back += e->repeats ? e->repeats : 1;
	if (e->kind != EVENT_CONTAINER_EXITED)
		return;
	c->held_back = c->held_back > e->held_back ? c->held_back : e->held_back;
	e->held_back = c->held_back;
	c->unlogged = e->left_out;
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
