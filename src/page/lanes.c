// SPDX-License-Identifier: MIT
/*
 * A container may have had a thousand processes, and a picture has room for a dozen. Those that the evidence
 * names come first, with their ancestors, so that the causal chain always has its ends; then the first process, then
 * those that failed at something, listened or were killed. The others are counted.
 */
#include "page/lanes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "util/cleanup.h"

#define LATE 1000000000ULL /* a second: an end may be told after what followed from it */

struct chooser {
	struct lanes *l;
	const struct page_container *c;
	struct process *const *processes;
	size_t n_processes;
	bool *chosen; /* of each process */
	size_t room;
};

static int add_events(struct lanes *l, const struct page_container *c)
{
	int err = 0;

	/* The story's container is shared, and no story changes it. */
	l->story = story_new((struct container *)c->container);
	if (!l->story)
		return -ENOMEM;
	for (size_t i = 0; err == 0 && i < c->n_events; i++)
		err = story_add(l->story, c->events[i]);
	return err;
}

/* The whole time that the picture shows. */
static void find_span(struct lanes *l, const struct page_container *c)
{
	const struct diagnosis *d = c->diagnosis;

	l->from = UINT64_MAX;
	for (size_t i = 0; i < c->n_events; i++) {
		if (c->events[i]->kind == EVENT_CONTAINER_REMOVED)
			continue;
		l->from = c->events[i]->time < l->from ? c->events[i]->time : l->from;
		l->to = c->events[i]->time > l->to ? c->events[i]->time : l->to;
	}
	for (size_t i = 0; d && i < d->n_evidence; i++) {
		l->from = d->evidence[i].time < l->from ? d->evidence[i].time : l->from;
		l->to = d->evidence[i].time > l->to ? d->evidence[i].time : l->to;
	}
	if (l->from == UINT64_MAX)
		l->from = l->to = d ? d->time : 0;
}

/* The process that had a pid at a time: the latest that began by then. */
static size_t process_at(const struct chooser *x, uint32_t pid, uint64_t time)
{
	size_t found = x->n_processes;

	for (size_t i = 0; i < x->n_processes; i++) {
		const struct process *p = x->processes[i];

		if (p->pid == pid && (found == x->n_processes || p->since <= time + LATE / 1000))
			found = i;
	}
	return found;
}

static void choose(struct chooser *x, size_t i)
{
	if (i >= x->n_processes || x->chosen[i] || !x->room)
		return;
	x->chosen[i] = true;
	x->room--;
}

static void choose_by_evidence(struct chooser *x)
{
	const struct diagnosis *d = x->c->diagnosis;

	for (size_t i = 0; d && i < d->n_evidence; i++)
		if (d->evidence[i].pid)
			choose(x, process_at(x, d->evidence[i].pid, d->evidence[i].time));
	for (size_t i = 0; i < x->n_processes; i++) {
		if (!x->chosen[i])
			continue;
		for (const struct process *p = x->processes[i]->parent; p; p = p->parent)
			choose(x, p->place);
	}
}

static bool is_notable(const struct story_entry *e)
{
	switch (e->event->kind) {
	case EVENT_OOM_KILL:
	case EVENT_LISTEN:
	case EVENT_CONTAINER_LISTENING:
	case EVENT_SIGNAL:
		return true;
	default:
		return event_failed(e->event) && !diagnose_harmless(e->event);
	}
}

/* The runtime's helpers, and what `kubectl exec` and probes start: not the container's own doing. */
static bool is_own(const struct process *p)
{
	return !p->from_outside && !story_runtime_comm(p->comm);
}

static void choose_others(struct chooser *x)
{
	const struct process *first = story_first_process(x->l->story);
	const struct story_entry *entries;
	size_t n = story_entries(x->l->story, &entries);

	if (first)
		choose(x, first->place);
	for (size_t i = 0; i < n; i++)
		if (entries[i].process && is_own(entries[i].process) && is_notable(&entries[i]))
			choose(x, entries[i].process->place);
	for (size_t i = 0; i < x->n_processes; i++)
		if (is_own(x->processes[i]))
			choose(x, i);
	for (size_t i = 0; i < x->n_processes; i++)
		x->l->processes_left_out += is_own(x->processes[i]) && !x->chosen[i];
}

/* A process, and behind it its children that were chosen. */
static void add_lane(struct chooser *x, size_t i, int depth)
{
	const struct process *p = x->processes[i];

	x->chosen[i] = false;
	x->l->lanes[x->l->n++] = (struct lane){ .process = p,
		.name = p->comm,
		.pid = p->pid,
		.vpid = p->vpid,
		.depth = depth,
		.from = p->since,
		.to = p->ended_at,
		.status = p->status };
	for (size_t k = 0; k < x->n_processes; k++)
		if (x->chosen[k] && x->processes[k]->parent == p)
			add_lane(x, k, depth + 1);
}

static bool has_chosen_parent(const struct chooser *x, size_t i)
{
	const struct process *parent = x->processes[i]->parent;

	return parent && x->chosen[parent->place];
}

/* The container's life; its end is the diagnosis' where the events do not have it. */
static void add_container_lane(struct lanes *l, const struct page_container *c)
{
	const struct diagnosis *d = c->diagnosis;
	struct lane lane = { .from = l->from };

	if (story_ended(l->story)) {
		lane.to = story_ended_at(l->story);
		lane.status = story_status(l->story);
	} else if (d && d->has_exit_code) {
		lane.to = d->time;
		lane.status = d->exit_code << 8;
	}
	if (lane.to > l->to)
		l->to = lane.to;
	l->lanes[l->n++] = lane;
}

static void add_lanes(struct chooser *x)
{
	for (size_t i = 0; i < x->n_processes; i++)
		if (x->chosen[i] && !has_chosen_parent(x, i))
			add_lane(x, i, 1);
}

/* The lane of what a process did; 0, the container's, where it has none. */
static size_t lane_of(const struct lanes *l, const struct process *p)
{
	for (size_t i = 1; p && i < l->n; i++)
		if (l->lanes[i].process == p)
			return i;
	return 0;
}

/* A process that only the evidence knows gets a lane, as far as there is room. */
static size_t lane_of_evidence(struct chooser *x, const struct evidence *e)
{
	struct lanes *l = x->l;
	size_t i = process_at(x, e->pid, e->time);

	if (!e->pid)
		return 0;
	if (i < x->n_processes)
		return lane_of(l, x->processes[i]);
	for (i = 1; i < l->n; i++)
		if (!l->lanes[i].process && l->lanes[i].pid == e->pid)
			return i;
	if (l->n == LANES_MAX)
		return 0;
	l->lanes[l->n] = (struct lane){
		.name = e->process ? e->process : "", .pid = e->pid, .depth = 1, .from = e->time
	};
	return l->n++;
}

static enum mark_kind kind_of(enum event_kind kind)
{
	static const enum mark_kind kinds[EVENT_KINDS] = {
		[EVENT_EXEC] = MARK_EXEC,
		[EVENT_EXEC_FAILED] = MARK_FAILURE,
		[EVENT_FILE_ERROR] = MARK_FAILURE,
		[EVENT_NETWORK_ERROR] = MARK_FAILURE,
		[EVENT_PROCESS_ERROR] = MARK_FAILURE,
		[EVENT_OOM_KILL] = MARK_OOM,
		[EVENT_SIGNAL] = MARK_SIGNAL,
		[EVENT_OUTPUT] = MARK_OUTPUT,
		[EVENT_LISTEN] = MARK_LISTEN,
		[EVENT_CONTAINER_LISTENING] = MARK_LISTEN,
	};

	return kind < EVENT_KINDS ? kinds[kind] : MARK_STEP;
}

static void add_steps(struct chooser *x)
{
	const struct diagnosis *d = x->c->diagnosis;
	struct lanes *l = x->l;

	for (size_t i = 0; d && i < d->n_evidence; i++) {
		const struct evidence *e = &d->evidence[i];
		enum event_kind kind = e->action ? event_kind_from_action(e->action) : EVENT_NONE;

		l->marks[l->n_marks++] = (struct mark){ .kind = MARK_STEP,
			.shape = kind_of(kind),
			.lane = lane_of_evidence(x, e),
			.time = e->time,
			.step = i + 1,
			.evidence = e };
	}
}

/* What is a step already. */
static bool is_told(const struct lanes *l, size_t lane, const struct event *e)
{
	for (size_t i = 0; i < l->n_marks && l->marks[i].step; i++)
		if (l->marks[i].time == e->time && l->marks[i].lane == lane)
			return true;
	return false;
}

static void add_others(struct lanes *l)
{
	const struct story_entry *entries;
	size_t n = story_entries(l->story, &entries);

	for (size_t i = 0; i < n; i++) {
		const struct event *e = entries[i].event;
		enum mark_kind kind = kind_of(e->kind);
		size_t lane = lane_of(l, entries[i].process);

		if (kind == MARK_STEP || (entries[i].process && !lane) || is_told(l, lane, e))
			continue;
		if (kind == MARK_FAILURE && diagnose_harmless(e)) {
			l->harmless_left_out++;
			continue;
		}
		l->marks[l->n_marks++] =
			(struct mark){ .kind = kind, .shape = kind, .lane = lane, .time = e->time };
	}
}

static int by_time(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time)
		       ?: (int)x->kind - (int)y->kind
		       ?: (x->step > y->step) - (x->step < y->step)
		       ?: (x->lane > y->lane) - (x->lane < y->lane);
}

int lanes_make(struct lanes *l, const struct page_container *c)
{
	struct chooser x = { .l = l, .c = c, .room = LANES_MAX - 1 };
	const struct story_entry *entries;

	if (add_events(l, c) < 0)
		return -ENOMEM;
	find_span(l, c);
	x.n_processes = story_processes(l->story, &x.processes);
	_cleanup_free_ bool *chosen = calloc(x.n_processes + 1, sizeof(*chosen));
	size_t n_steps = c->diagnosis ? c->diagnosis->n_evidence : 0;
	l->marks = calloc(story_entries(l->story, &entries) + n_steps + 1, sizeof(*l->marks));
	if (!chosen || !l->marks)
		return -ENOMEM;
	x.chosen = chosen;
	choose_by_evidence(&x);
	choose_others(&x);
	add_container_lane(l, c);
	add_lanes(&x);
	add_steps(&x);
	add_others(l);
	qsort(l->marks, l->n_marks, sizeof(*l->marks), by_time);
	return 0;
}

void lanes_free(struct lanes *l)
{
	free(l->marks);
	story_free(l->story);
	*l = (struct lanes){ 0 };
}
