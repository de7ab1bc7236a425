// SPDX-License-Identifier: MIT
/*
 * Whose end explains the container's? Shells and supervisors end because a child did: with its status,
 * or right after it. What they did not end for is less likely, not impossible: a script that
 * passes over a failure fails later because of it.
 */
#include <signal.h>
#include <string.h>

#include "diagnose/context.h"
#include "util/cleanup.h"

#define DEPTH_MAX 64
#define PIPELINE_MADE \
	SECONDS(1) /* a shell makes the processes of a pipeline in a few milliseconds */
#define CLOSE_TOGETHER SECONDS(0.002) /* two processors may report two ends in either order */
/* By a supervisor: once or twice, or for a moment, may be a service that is not there yet. */
#define RESTARTS_IN_VAIN 3
#define IN_VAIN_FOR SECONDS(5)

struct candidate *candidate_of(const struct context *q, const struct process *p)
{
	return p ? &q->candidates[p->place] : NULL;
}

/* `$(...)` that came out empty leaves an empty argument behind, or an option without its value. */
static bool lacks_an_argument(const struct event *exec)
{
	for (uint32_t i = 1; i < exec->argc; i++) {
		size_t len = strlen(exec->args[i]);
		if (!len || exec->args[i][len - 1] == '=')
			return true;
	}
	return false;
}

/* What a script did before it handed over to the program that ended: seldom the reason. */
static enum clue link_before_exec(const struct process *parent, const struct process *child)
{
	bool at_once = time_between(parent->exec->time, parent->ended_at) < SECONDS(2);
	bool unknown = status_exit_code(child->status) == EXIT_NOT_FOUND;

	if (!at_once || parent->exec->time - child->ended_at > SECONDS(1))
		return CLUE_link_before_exec;
	if (lacks_an_argument(parent->exec))
		return CLUE_link_empty_argument;
	return unknown ? CLUE_link_before_exec_unknown : CLUE_link_before_exec;
}

/* Before its parent, or as good as: but who is killed by the kernel with the container ended because of that. */
static bool ended_before(const struct process *child, const struct process *parent)
{
	if (child->ended_at <= parent->ended_at)
		return true;
	return child->ended_at <= parent->ended_at + CLOSE_TOGETHER &&
	       status_signal(child->status) != SIGKILL;
}

/* What a child's failure has to do with its parent's. */
static enum clue link_of(const struct process *parent, const struct process *child, bool last)
{
	int code = status_exit_code(child->status), signo = status_signal(child->status);
	bool same = code == status_exit_code(parent->status);
	bool soon = time_between(child->ended_at, parent->ended_at) < SECONDS(2);

	if (signo == SIGPIPE)
		return CLUE_link_sigpipe;
	if (parent->exec && parent->exec->pid == parent->pid &&
		parent->exec->time > child->ended_at)
		return link_before_exec(parent, child);
	if (child->oom)
		return CLUE_link_oom;
	if (program_is(child->exec, ROLE_CLEANER) && !same)
		return CLUE_link_cleans_up;
	if (signo && child->signal && child->signal->sender_pid == parent->pid)
		return CLUE_link_stopped_by_parent;
	if (program_is(parent->exec, ROLE_SHELL | ROLE_LAUNCHER)) {
		if (same && last)
			return CLUE_link_status_handed_on;
		if (last)
			return soon ? CLUE_link_last_at_once : CLUE_link_last;
		return same && soon ? CLUE_link_same_status : CLUE_link_earlier;
	}
	if (signo && soon)
		return CLUE_link_killed;
	if (same && last && soon)
		return CLUE_link_program_same;
	return last && soon ? CLUE_link_program_last : CLUE_link_program_earlier;
}

/* What the parent did itself counts less then. */
static bool explains_the_parent(enum clue link)
{
	return link == CLUE_link_oom || link == CLUE_link_status_handed_on ||
	       link == CLUE_link_last_at_once || link == CLUE_link_stopped_waiting ||
	       link == CLUE_link_killed || link == CLUE_link_program_same;
}

static const struct process *last_child(const struct context *q, const struct process *parent)
{
	const struct process *last = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (p->parent == parent && p->ended_at && ended_before(p, parent) &&
			(!last || p->ended_at >= last->ended_at))
			last = p;
	}
	return last;
}

/*
 * `curl ... | grep ...`: it wrote what the other one was to read. The processes of a pipeline are made one after the
 * other at once; a reader that had nothing to read fails, or not, because of that.
 */
static bool feeds(const struct process *p, const struct process *reader)
{
	uint64_t apart =
		p->since > reader->since ? p->since - reader->since : reader->since - p->since;

	return reader != p && reader->parent == p->parent && p->ended_at && reader->ended_at &&
	       program_is(reader->exec, ROLE_FILTER) && apart < PIPELINE_MADE &&
	       p->ended_at >= reader->since && reader->ended_at >= p->since &&
	       ended_before(p, reader);
}

/* What it was to read was not written: its writer failed, and not because nobody read any more. */
static bool read_nothing(const struct context *q, const struct process *reader)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (p->status && !p->from_outside && status_signal(p->status) != SIGPIPE &&
			feeds(p, reader))
			return true;
	}
	return false;
}

static bool descends_from(const struct process *p, const struct process *ancestor)
{
	for (int i = 0; p && i < DEPTH_MAX; i++, p = p->parent)
		if (p == ancestor)
			return true;
	return false;
}

/*
 * It, or what it had started, was waiting for a connection when it was stopped: `timeout` and its like stop what
 * takes too long, and why it does is the peer that does not answer.
 */
static bool stopped_waiting(const struct context *q, const struct process *p)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct story_entry *entry = &q->entries[i];
		if (entry->event->gave_up_ns && entry_over_at(entry) + SECONDS(1) > p->ended_at &&
			descends_from(entry->process, p))
			return true;
	}
	return false;
}

/* What `NAME=$(...)` was to give: nothing came of it, and the program that ended it complains of an empty text. */
static bool left_a_text_empty(
	const struct context *q, const struct process *ended, const struct process *p)
{
	struct candidate *s = candidate_of(q, ended);

	if (p == ended || p->out.len || !s || read_log(s))
		return false;
	const char *line = log_lines_decisive(&s->log_lines);
	return line && line_names_empty_value(line);
}

/* What it wrote to was a program of its own, as with popen(3), and that one failed first. */
static bool was_failed_reader(const struct process *p, const struct process *writer)
{
	return p && status_signal(writer->status) == SIGPIPE && p->status && !p->from_outside &&
	       p->exec != writer->exec && time_between(p->ended_at, writer->ended_at) < SECONDS(2);
}

static enum clue link_between(const struct context *q, const struct process *parent,
	const struct process *child, const struct process *last)
{
	bool ends_line = child == last || (last && feeds(child, last));
	enum clue link = link_of(parent, child, ends_line);

	if (link == CLUE_link_sigpipe && was_failed_reader(last_child(q, child), child))
		return CLUE_link_killed;
	if (was_failed_reader(child, parent))
		return CLUE_link_last_at_once;
	if (link == CLUE_link_status_handed_on && read_nothing(q, child))
		return CLUE_link_read_nothing;
	if (link == CLUE_link_stopped_by_parent && stopped_waiting(q, child))
		return CLUE_link_stopped_waiting;
	bool script = program_is_shell(parent->exec);
	if (link == CLUE_link_before_exec && left_a_text_empty(q, parent, child))
		return CLUE_link_empty_value;
	if (link == CLUE_link_earlier && script && left_a_text_empty(q, last, child))
		return CLUE_link_empty_value;
	return link;
}

static void follow(struct context *q, struct candidate *parent, int depth)
{
	const struct process *last = last_child(q, parent->process);
	bool explained = false;

	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; i < q->n_processes; i++) {
		struct candidate *s = &q->candidates[i];
		const struct process *p = s->process;
		if (p->parent != parent->process || p == q->first || !p->ended_at ||
			p->from_outside || (!p->status && !p->oom) ||
			!ended_before(p, parent->process))
			continue;
		enum clue link = link_between(q, parent->process, p, last);
		explained |= explains_the_parent(link);
		struct clues clues = parent->clues;
		clues_add(&clues, link);
		if (!s->responsible || s->clues.total < clues.total)
			s->clues = clues;
		s->responsible = true;
		follow(q, s, depth + 1);
	}
	if (explained)
		clues_add(&parent->clues, CLUE_its_child_ended_it);
}

/* Of nearly equal ones the one deepest down, which comes later in the list. */
static const struct candidate *likeliest(const struct context *q)
{
	const struct candidate *most = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct candidate *s = &q->candidates[i];
		if (s->responsible && s->clues.total > THRESHOLD_culprit &&
			(!most || s->clues.total > most->clues.total - THRESHOLD_nearly_equal))
			most = s;
	}
	return most;
}

static bool same_command(const struct process *a, const struct process *b)
{
	const struct event *x = a->exec, *y = b->exec;

	if (!x || !y || x == y || a->parent != b->parent || x->argc != y->argc)
		return false;
	for (uint32_t i = 0; i < x->argc; i++)
		if (strcmp(x->args[i], y->args[i]))
			return false;
	return true;
}

/* A program of its own, and no tool by which scripts ask whether something is there yet. */
static bool is_a_step(const struct process *p)
{
	/* What busybox's shell does itself has no arguments that could be compared. */
	if (!p->exec || p->exec->pid != p->pid || program_probes(p->exec) ||
		!strcmp(p->exec->executable, "busybox"))
		return false;
	return !program_is(p->exec, ROLE_ASKER);
}

/* A worker of the first process itself, which wrote why it ended: the 0 that followed says nothing of it. */
static bool is_worker_that_complained(const struct context *q, const struct process *p)
{
	return p->parent == q->first && p->exec && p->exec == q->first->exec &&
	       !program_is_shell(p->exec) && p->err.len &&
	       time_between(p->ended_at, q->first->ended_at) < SECONDS(10);
}

static bool asks_the_network(const struct context *q, const struct process *p)
{
	for (size_t i = 0; i < q->n_entries; i++)
		if (q->entries[i].process == p &&
			(q->entries[i].event->kind == EVENT_NETWORK_ERROR ||
				q->entries[i].event->kind == EVENT_DNS_QUERY))
			return true;
	return false;
}

/* Started again and again with the same bad end each time and no other: how often; 0 when one did better. */
static int failed_each_time(const struct context *q, const struct process *p)
{
	int times = 1;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *other = q->processes[i];
		if (other == p || !same_command(p, other))
			continue;
		if (!other->ended_at || other->status != p->status)
			return 0;
		times++;
	}
	return times;
}

/* For how long it has been failing, from its first bad end to this one. */
static uint64_t failing_for(const struct context *q, const struct process *p)
{
	uint64_t first = p->ended_at;

	for (size_t i = 0; i < q->n_processes; i++)
		if (same_command(p, q->processes[i]) && q->processes[i]->ended_at < first)
			first = q->processes[i]->ended_at;
	return p->ended_at - first;
}

/*
 * A supervisor's program: what it starts is meant to stay. While the container runs, one that is restarted at once
 * may only wait for another one to get ready.
 */
static bool fails_supervised(const struct context *q, const struct process *p)
{
	return p->parent && program_is(p->parent->exec, ROLE_SUPERVISOR) &&
	       failed_each_time(q, p) >= RESTARTS_IN_VAIN &&
	       (q->ended || failing_for(q, p) >= IN_VAIN_FOR);
}

/*
 * A container can fail without ending badly: a loop or a supervisor starts its program again and again, or a
 * script turns its failure into a 0. Waiting for another service looks the same: that counts only once the
 * container was stopped for it before.
 */
static struct candidate *find_relapse(const struct context *q)
{
	bool in_vain = q->stop && !story_listening_at(q->story);
	bool hidden = q->ended && !q->status && !q->stop && q->input->restarts_same_cause >= 2;
	bool runs = !q->ended;
	int looked = 0;

	for (size_t i = q->n_processes; (in_vain || hidden || runs) && i-- > 0 && looked < 8;) {
		const struct process *p = q->processes[i];
		if (!p->ended_at || !p->status || p->from_outside || p == q->first ||
			!(is_a_step(p) || (hidden && is_worker_that_complained(q, p))) ||
			(q->ended &&
				p->ended_at > (q->stop ? q->stop->time : story_ended_at(q->story))))
			continue;
		looked++;
		if (fails_supervised(q, p))
			return candidate_of(q, p);
		if (runs)
			continue;
		bool soon = hidden && (story_ended_at(q->story) - p->ended_at < SECONDS(1) ||
					      is_worker_that_complained(q, p));
		if ((soon || failed_each_time(q, p) > 1) && (q->again || !asks_the_network(q, p)))
			return candidate_of(q, p);
	}
	return NULL;
}

/* Whose words tell what a container that runs is stuck on, where no failed call does. */
static struct candidate *find_stuck(const struct context *q)
{
	const struct wait *w = &q->wait;

	if (q->ended || w->kind == WAIT_NONE || w->kind == WAIT_BLOCKED ||
		(w->entry && event_failed(w->entry->event)))
		return NULL;
	return candidate_of(q, w->step);
}

/* It is what the container is stuck on, until one that the supervisor starts does better. */
static struct wait supervised_in_vain(const struct context *q, const struct process *p)
{
	return (struct wait){ .kind = WAIT_COMMAND,
		.step = p,
		.waiter = p->parent,
		.since = p->ended_at - failing_for(q, p),
		.last = p->ended_at,
		.attempts = (uint64_t)failed_each_time(q, p) };
}

void assign_responsibility(struct context *q)
{
	struct candidate *first = candidate_of(q, q->first);
	struct candidate *stuck = find_stuck(q);
	struct candidate *relapse = q->failed ? NULL : stuck ? stuck : find_relapse(q);

	if (relapse) {
		relapse->responsible = true;
		clues_add(&relapse->clues, stuck ? CLUE_stuck_command : CLUE_fails_each_time);
		follow(q, relapse, 0);
		q->culprit = relapse;
		if (!stuck && !q->ended)
			q->wait = supervised_in_vain(q, relapse->process);
	}
	if (!first || !q->failed)
		return;
	first->responsible = true;
	if (first->process->ended_at)
		follow(q, first, 0);
	q->culprit = likeliest(q);
}
