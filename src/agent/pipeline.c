// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "agent/healthy_start.h"
#include "agent/heap.h"
#include "agent/pipeline_private.h"

#define SECOND 1000000000ULL
#define KEEP_DEAD (60 * SECOND) /* for `ktrace explain` */
#define CATCH_UP_MAX (600 * SECOND)
#define MAX_CASES 4096
#define MAX_BYTES_EACH 256       /* events this is looked after, beside each second */
#define MAX_DEAD_BYTES (2 << 20) /* of their stories, which nobody may ever ask for */
#define REST_SECONDS 10
#define STORIES_LEAST 4 /* the part of their bytes that stories have whatever else there is */
#define LATE_MAX 16     /* late events for which a container that has ended is looked at again */

int pipeline_new(const struct pipeline_options *options, struct pipeline **out)
{
	struct pipeline *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->options = *options;
	if (!p->options.story_bytes)
		p->options.story_bytes = PIPELINE_STORY_BYTES;
	p->story_most = p->options.story_bytes;
	p->history = history_new();
	p->budgets = log_budgets_new(&options->log_budget);
	p->missing = strdup("");
	if (!p->history || !p->budgets || !p->missing) {
		pipeline_free(p);
		return -ENOMEM;
	}
	*out = p;
	return 0;
}

static void case_remove(struct pipeline *p, struct container_case *c)
{
	HASH_DEL(p->cases, c);
	p->dead_bytes -= c->dead_bytes;
	case_free(c);
}

/* Counts a case among the dead, and lets go of the oldest of them when they are too many. */
static void forget_gone_cases(struct pipeline *p, struct container_case *c)
{
	struct container_case *old, *next;

	p->dead_bytes -= c->dead_bytes;
	c->dead_bytes = story_bytes(c->story);
	p->dead_bytes += c->dead_bytes;
	HASH_ITER(hh, p->cases, old, next)
	{
		if (p->dead_bytes <= MAX_DEAD_BYTES)
			return;
		if (old->dead_bytes && old != c)
			case_remove(p, old);
	}
}

void pipeline_free(struct pipeline *p)
{
	struct container_case *c, *next;

	if (!p)
		return;
	HASH_ITER(hh, p->cases, c, next)
	{
		case_remove(p, c);
	}
	outputs_free(&p->outputs);
	history_free(p->history);
	log_budgets_free(p->budgets);
	free(p->missing);
	free(p);
}

int pipeline_add_output(struct pipeline *p, struct output *o, enum level level)
{
	return outputs_add(&p->outputs, o, level);
}

void pipeline_set_level(struct pipeline *p, const struct output *o, enum level level)
{
	outputs_set_level(&p->outputs, o, level);
}

void pipeline_bound(struct pipeline *p, const struct output *o)
{
	outputs_set_bounded(&p->outputs, o);
}

int pipeline_set_missing(struct pipeline *p, const char *missing_probes)
{
	char *copy = strdup(missing_probes);

	if (!copy)
		return -ENOMEM;
	free(p->missing);
	p->missing = copy;
	return 0;
}

void pipeline_watch_losses(struct pipeline *p,
	void (*losses)(void *ctx, const struct container *c, struct losses *out), void *ctx)
{
	p->losses = losses;
	p->losses_ctx = ctx;
}

bool pipeline_losses(const struct pipeline *p, const struct container *c, struct losses *out)
{
	if (p->losses)
		p->losses(p->losses_ctx, c, out);
	return p->losses != NULL;
}

const char *pipeline_missing(const struct pipeline *p)
{
	return p->missing;
}

const struct pipeline_options *pipeline_about(const struct pipeline *p)
{
	return &p->options;
}

uint64_t pipeline_number(struct pipeline *p)
{
	return ++p->sequence;
}

void pipeline_record(struct pipeline *p, struct record *r)
{
	r->node = p->options.node;
	r->run = p->options.run;
	r->sequence = pipeline_number(p);
	if (!outputs_want(&p->outputs, r))
		return;
	bool bound = outputs_bound(&p->outputs, r);
	r->is_over_budget = bound && !log_budgets_take(p->budgets, r);
	size_t bytes = outputs_write(&p->outputs, r);
	if (bound && !r->is_over_budget)
		log_budgets_spend(p->budgets, r, bytes);
}

static struct container_case *find(const struct pipeline *p, struct container *container)
{
	struct container_case *c;

	HASH_FIND_PTR(p->cases, &container, c);
	return c;
}

static void make_space(struct pipeline *p)
{
	struct container_case *c = cases_least_useful(p->cases);

	p->evicted += c->gone ? 0 : c->events;
	case_remove(p, c);
}

static struct container_case *open_case(struct pipeline *p, struct container *container)
{
	struct container_case *c = find(p, container);

	if (c)
		return c;
	if (HASH_COUNT(p->cases) >= MAX_CASES)
		make_space(p);
	c = case_new(container, history_runs(p->history, container).ended);
	if (c)
		HASH_ADD_PTR(p->cases, container, c);
	if (!c || !c->hh.tbl) {
		case_free(c);
		return NULL;
	}
	return c;
}

/*
 * What diagnoses, healthy starts and containers take beyond their usual, stories go without, but for a part. What is there
 * for seconds only, as an answer that somebody reads, takes nothing of theirs.
 */
static void share_heap(struct pipeline *p)
{
	size_t used = p->options.heap_bytes ? heap_used() : 0, stories = cases_bytes(p->cases);
	size_t rest = used > stories ? used - stories : 0, most = p->options.story_bytes;
	size_t least = most / STORIES_LEAST;

	if (rest < p->rest_least || p->rest_seconds == 0)
		p->rest_least = rest;
	if (++p->rest_seconds < REST_SECONDS && rest >= p->rest)
		return;
	p->rest_seconds = 0;
	p->rest = p->rest_least;
	if (used && p->rest + most > p->options.heap_bytes)
		most = p->rest + least < p->options.heap_bytes ? p->options.heap_bytes - p->rest
							       : least;
	p->story_most = most;
}

static void tick(struct pipeline *p)
{
	struct container_case *c, *next;

	share_heap(p);
	cases_shrink(p->cases, p->story_most);
	HASH_ITER(hh, p->cases, c, next)
	{
		if (!c->gone) {
			pipeline_look_when_due(p, c, p->now);
			pipeline_keep_healthy(p, c, p->now);
			story_rest(c->story);
		} else if (p->now >= c->gone + KEEP_DEAD)
			case_remove(p, c);
	}
}

void pipeline_tick(struct pipeline *p, uint64_t now)
{
	uint64_t second = now - now % SECOND;

	/* The machine slept, or its clock was set: there is nothing to catch up with. */
	if (second > p->now + CATCH_UP_MAX || second + CATCH_UP_MAX < p->now)
		p->now = second;
	while (p->now < second) {
		p->now += SECOND;
		tick(p);
	}
}

void pipeline_clock_step(struct pipeline *p, int64_t by)
{
	struct container_case *c, *next;

	p->now += (uint64_t)by;
	p->now -= p->now % SECOND;
	HASH_ITER(hh, p->cases, c, next)
	{
		case_clock_step(c, by);
	}
}

/*
 * An OOM kill is reported after the SIGKILL, a connection that a program waited for to its end when its files are closed:
 * the container may have ended by then. And of two processors one may report late what happened before the end.
 */
static bool is_late(struct pipeline *p, struct container_case *c, const struct event *e)
{
	if (e->kind == EVENT_OOM_KILL || e->gave_up_ns)
		return true;
	if (e->time > c->ended)
		return false;
	p->late += c->late >= LATE_MAX;
	return c->late++ < LATE_MAX;
}

/* Which failures are held back matters to who is told failures alone; it takes longest to find out. */
static void hold_back(const struct pipeline *p, struct container_case *c, struct event *e)
{
	if (outputs_have(&p->outputs, LEVEL_ERRORS) || e->kind == EVENT_CONTAINER_EXITED)
		case_hold_back(c, e);
}

static void take_event(struct pipeline *p, struct event *e)
{
	struct record r = { .type = RECORD_EVENT, .time = e->time, .event = e };
	struct container_case *c = NULL;

	pipeline_tick(p, e->time);
	if (++p->events % MAX_BYTES_EACH == 0)
		cases_shrink(p->cases, p->story_most);
	if (e->container && e->kind != EVENT_CONTAINER_REMOVED) {
		c = open_case(p, e->container);
		p->unrecorded += !c;
	} else if (e->container) {
		c = find(p, e->container);
	}
	if (c)
		hold_back(p, c, e);
	if (e->kind == EVENT_CONTAINER_EXITED)
		e->left_out += log_budgets_settle(p->budgets, e->container);
	start_recall(p->options.memory, e);
	pipeline_record(p, &r);
	e->run = r.run;
	e->sequence = r.sequence;
	if (c) {
		bool ended = c->ended != 0;

		p->unrecorded += !case_add(c, e);
		c->changed = true;
		case_note(c, e);
		bool late = ended && is_late(p, c, e);
		if (c->ended && (!ended || late)) {
			pipeline_look(p, c, e->time);
			pipeline_keep_healthy(p, c, e->time);
			story_rest(c->story);
		}
		if (c->ended && !ended)
			history_add(p->history, c->container, c->status);
		if (c->gone)
			forget_gone_cases(p, c);
	}
	event_unref(e);
}

void pipeline_event(struct pipeline *p, struct event *e)
{
	/* Made here: one from a log is another pipeline's, and holds for the diagnoses of that. */
	if (e->kind == EVENT_RECOVERED)
		event_unref(e);
	else
		take_event(p, e);
}

void pipeline_flush(struct pipeline *p)
{
	outputs_flush(&p->outputs);
	memory_flush(p->options.memory);
}

bool pipeline_flushed(const struct pipeline *p, const struct output *o)
{
	return outputs_flushed(&p->outputs, o);
}

void pipeline_reopen(struct pipeline *p)
{
	outputs_reopen(&p->outputs);
}

void pipeline_each(
	const struct pipeline *p, void (*each)(void *ctx, const struct case_view *c), void *ctx)
{
	struct container_case *c, *next;

	HASH_ITER(hh, p->cases, c, next)
	{
		struct case_view view = case_view_of(c);

		each(ctx, &view);
	}
}

void pipeline_stats(const struct pipeline *p, struct pipeline_stats *out)
{
	*out = (struct pipeline_stats){
		.events = p->events,
		.diagnoses = p->diagnoses,
		.unrecorded = p->unrecorded,
		.evicted = p->evicted,
		.late = p->late,
		.incomplete = p->incomplete,
	};
	for (const struct container_case *c = p->cases; c; c = c->hh.next) {
		out->cases++;
		out->running += !c->gone;
	}
	out->lost = outputs_lost(&p->outputs);
	log_budgets_stats(p->budgets, &out->over);
}
