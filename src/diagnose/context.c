// SPDX-License-Identifier: MIT
#include "diagnose/context.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/stuck/stuck.h"

#define STOP_PATIENCE SECONDS(120) /* who outlives a signal by this did not end because of it */

/* The signal by which somebody outside told the first process to end. */
static const struct event *find_stop(const struct context *q)
{
	uint64_t end = q->ended ? story_ended_at(q->story) : q->input->now;

	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		bool stops = e->signo == SIGTERM || e->signo == SIGKILL || e->signo == SIGINT ||
			     e->signo == SIGQUIT;
		if (e->kind == EVENT_SIGNAL && e->from_outside && stops &&
			q->entries[i].process == q->first && e->time + STOP_PATIENCE > end)
			return e;
	}
	return NULL;
}

/* With its whole pod it ends by a rollout, a drain, a deletion or an eviction, and has not failed. */
static bool ended_alike_before(const struct context *q)
{
	const struct pod_stop *pod = &q->input->pod;
	bool whole_pod = q->stop && pod->others && pod->stopped == pod->others;

	return q->input->restarts_same_cause >= 1 && !whole_pod;
}

static bool may_have_missed(const struct context *q)
{
	const struct diagnose_input *i = q->input;

	return i->lost || i->left_out || q->container->blind_until ||
	       (i->missing_probes && *i->missing_probes);
}

static void read_end(struct context *q)
{
	q->ended = story_ended(q->story);
	q->blind = q->input->missing_probes && line_names(q->input->missing_probes, "exec");
	q->started = story_started(q->story) || q->blind;
	q->missed = may_have_missed(q);
	q->began = story_started_at(q->story);
	if (!q->began && q->first)
		q->began = q->first->since;
	q->status = story_status(q->story);
	q->exit_code = q->ended ? status_exit_code(q->status) : 0;
	q->signo = q->ended ? status_signal(q->status) : 0;
	/* A runtime kills what it failed to start. */
	bool by_its_own_limit = q->first && q->first->oom;
	q->stop = q->started && !by_its_own_limit ? find_stop(q) : NULL;
	q->failed = q->ended && q->status && !q->stop;
	q->again = ended_alike_before(q);
}

int context_open(struct context *q, const struct story *s, const struct diagnose_input *input)
{
	*q = (struct context){ .story = s,
		.input = input,
		.container = story_container(s),
		.first = story_first_process(s) };
	q->n_entries = story_entries(s, &q->entries);
	q->n_processes = story_processes(s, &q->processes);
	q->candidates = calloc(q->n_processes + 1, sizeof(*q->candidates));
	if (!q->candidates)
		return -ENOMEM;
	for (size_t i = 0; i < q->n_processes; i++)
		q->candidates[i] = (struct candidate){ .process = q->processes[i],
			.mentions_copy = script_mentions_copy(q->processes[i]->exec) };
	read_end(q);
	int err = index_lookups(q);
	if (err)
		return err;
	q->ended ? find_given_up(q) : find_wait(q);
	assign_responsibility(q);
	err = weigh(q);
	if (err)
		return err;
	trace_causes(q);
	return 0;
}

void context_close(struct context *q)
{
	for (size_t i = 0; q->candidates && i < q->n_processes; i++)
		log_lines_free(&q->candidates[i].log_lines);
	for (size_t i = 0; i < q->n_failures; i++)
		free(q->failures[i].path_from_log);
	free(q->candidates);
	free(q->failures);
	free(q->lookups);
	*q = (struct context){ 0 };
}
