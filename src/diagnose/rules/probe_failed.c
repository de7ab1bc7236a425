// SPDX-License-Identifier: MIT
/*
 * The kubelet has the runtime run a command in the container: an exec probe, again and again, or a postStart hook,
 * once. It comes in from outside, beside the container's own processes. When it fails the container is stopped,
 * and nothing in the container itself has failed: what matters is the command.
 */
#include <stdio.h>
#include <string.h>

#include "diagnose/rules/probe_command.h"
#include "diagnose/stuck/stuck.h"

#define TIMES_STOPPED 2 /* one failure more is what made the kubelet stop it, or its last try */
#define TIMES_RUNNING 3 /* a probe that is never run is no question of patience */
#define STOPPED_AFTER SECONDS(60) /* periodSeconds is seldom longer */
#define READY_AFTER SECONDS(60)   /* a program that listens nowhere may take so long to start */
#define HOOK_STARTS SECONDS(3)
#define HOOK_STOPS SECONDS(3)

bool probe_is_command(const struct context *q, const struct process *p)
{
	return p->from_outside && (!p->parent || !p->parent->from_outside) && p->ended_at &&
	       q->began && p->since > q->began;
}

/* What the runtime looked for along PATH, or could not run, when it ran nothing. */
const struct story_entry *probe_refused(const struct context *q, const struct process *p)
{
	const struct story_entry *last = NULL;

	for (size_t i = 0; !p->exec && i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		bool looks = e->kind == EVENT_FILE_ERROR && *e->path &&
			     (strstr(e->syscall, "stat") || strstr(e->syscall, "access"));
		if (q->entries[i].process == p && (looks || e->kind == EVENT_EXEC_FAILED))
			last = &q->entries[i];
	}
	return last;
}

struct phrase probe_command(const struct context *q, const struct process *p)
{
	const struct story_entry *refused = probe_refused(q, p);
	struct phrase command = { "" };

	if (p->exec)
		return phrase_command(p);
	if (refused)
		snprintf(command.text, sizeof(command.text), "%.200s",
			path_name(*refused->event->path ? refused->event->path
							: refused->event->executable));
	return command;
}

static bool failed(const struct process *p)
{
	return p->status != 0;
}

/* The command that came in last, if it failed. */
const struct process *probe_last_failed(
	const struct context *q, uint64_t until, struct probe_failures *row)
{
	const struct process *last = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (probe_is_command(q, p) && p->ended_at <= until && *probe_command(q, p).text &&
			(!last || p->ended_at > last->ended_at))
			last = p;
	}
	*row = (struct probe_failures){ 0 };
	if (!last || !failed(last))
		return NULL;
	struct phrase command = probe_command(q, last);
	for (size_t i = q->n_processes; i-- > 0;) {
		const struct process *p = q->processes[i];
		if (!probe_is_command(q, p) || p->ended_at > until)
			continue;
		if (strcmp(probe_command(q, p).text, command.text))
			continue;
		if (!failed(p))
			break;
		row->times++;
		row->since = p->ended_at;
	}
	return last;
}

bool probe_is_hook(
	const struct context *q, const struct process *p, const struct probe_failures *row)
{
	return row->times == 1 && q->ended && q->stop && p->since < q->began + HOOK_STARTS &&
	       q->stop->time < p->ended_at + HOOK_STOPS;
}

const struct process *probe_last_hook(const struct context *q, uint64_t stop)
{
	const struct process *last = NULL;
	unsigned commands = 0;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (!p->from_outside || (p->parent && p->parent->from_outside) || !q->began ||
			p->since <= q->began || p->since > stop)
			continue;
		commands++;
		last = p;
	}
	if (commands != 1 || !*probe_command(q, last).text)
		return NULL;
	/* The runtime sends the signal when the hook is done, or its time is up. */
	return !last->ended_at || last->ended_at + HOOK_STOPS > stop ? last : NULL;
}

/* A program that starts is not ready yet, which is what its probe asks. */
static bool had_time_to_start(const struct context *q, const struct process *p)
{
	uint64_t listening = story_listening_at(q->story);

	return p->ended_at > (listening ? listening + STUCK_AFTER : q->began + READY_AFTER);
}

static bool goes_on(const struct context *q, const struct process *p,
	const struct probe_failures *row, uint64_t until)
{
	return row->times >= TIMES_RUNNING && time_between(row->since, p->ended_at) > STUCK_AFTER &&
	       time_between(p->ended_at, until) < STOPPED_AFTER && had_time_to_start(q, p);
}

/* What speaks for it; CLUES: nothing does. */
static enum clue reason_of(const struct context *q, const struct process *p,
	const struct probe_failures *row, uint64_t until)
{
	if (probe_is_hook(q, p, row))
		return CLUE_hook_failed;
	if (q->ended)
		return row->times >= TIMES_STOPPED && until < p->ended_at + STOPPED_AFTER
			       ? CLUE_probe_failed_again
			       : CLUES;
	if (row->times >= TIMES_RUNNING && probe_refused(q, p))
		return CLUE_probe_never_ran;
	return goes_on(q, p, row, until) ? CLUE_probe_fails_on : CLUES;
}

static bool match_command(const struct context *q, struct verdict *v)
{
	struct probe_failures row;

	/* Who was told to end runs until then, and what was told of it holds. */
	if (!q->started || q->blind || (q->ended && !q->stop) || (q->first && q->first->oom))
		return false;
	uint64_t until = q->stop ? q->stop->time : q->input->now;
	const struct process *p = probe_last_failed(q, until, &row);
	enum clue why = p ? reason_of(q, p, &row, until) : CLUES;
	if (why == CLUES)
		return false;
	clues_only(&v->clues, why);
	v->candidate = candidate_of(q, p);
	v->event = q->ended ? q->stop : NULL;
	return true;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_probe_port(q, v) || match_command(q, v);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	if (v->event && v->event->kind == EVENT_PORT_REFUSED)
		rule_probe_port_explain(q, v, r);
	else
		probe_command_explain(q, v, r);
}

const struct rule rule_probe_failed = {
	.match = match,
	.explain = explain,
};
