// SPDX-License-Identifier: MIT
#include "diagnose/inquiry.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define STOP_PATIENCE SECONDS(120) /* who outlives a signal by this did not end because of it */

/* The signal by which somebody outside told the first process to end. */
static const struct event *find_stop(const struct inquiry *q)
{
	uint64_t end = q->ended ? story_ended_at(q->story) : q->ctx->now;

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

static void read_end(struct inquiry *q)
{
	q->ended = story_ended(q->story);
	q->blind = q->ctx->missing_probes && words_name(q->ctx->missing_probes, "exec");
	q->started = story_started(q->story) || q->blind;
	q->status = story_status(q->story);
	q->exit_code = q->ended ? status_exit_code(q->status) : 0;
	q->signo = q->ended ? status_signal(q->status) : 0;
	/* A runtime kills what it failed to start. */
	bool by_its_own_limit = q->first && q->first->oom;
	q->stop = q->started && !by_its_own_limit ? find_stop(q) : NULL;
	q->failed = q->ended && q->status && !q->stop;
	q->again = q->ctx->restarts_same_cause >= 1;
}

int inquiry_open(struct inquiry *q, const struct story *s, const struct diagnose_context *ctx)
{
	*q = (struct inquiry){ .story = s,
		.ctx = ctx,
		.container = story_container(s),
		.first = story_first_process(s) };
	q->n_entries = story_entries(s, &q->entries);
	q->n_processes = story_processes(s, &q->processes);
	q->suspects = calloc(q->n_processes + 1, sizeof(*q->suspects));
	if (!q->suspects)
		return -ENOMEM;
	for (size_t i = 0; i < q->n_processes; i++)
		q->suspects[i] = (struct suspect){ .process = q->processes[i],
			.tells_of_a_copy = script_tells_of_a_copy(q->processes[i]->exec) };
	read_end(q);
	blame(q);
	int err = index_lookups(q);
	if (!err)
		err = weigh(q);
	if (err)
		return err;
	trace_causes(q);
	return 0;
}

void inquiry_close(struct inquiry *q)
{
	for (size_t i = 0; q->suspects && i < q->n_processes; i++)
		words_free(&q->suspects[i].words);
	for (size_t i = 0; i < q->n_failures; i++)
		free(q->failures[i].told_path);
	free(q->suspects);
	free(q->failures);
	free(q->lookups);
	*q = (struct inquiry){ 0 };
}
