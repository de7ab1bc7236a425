// SPDX-License-Identifier: MIT
/*
 * A step that failed before the program which ended the container, and that the start passed over: where that program
 * finds a file empty, or says nothing in particular, it most likely misses what the step should have written.
 */
#include "diagnose/log/match.h"
#include "diagnose/report.h"
#include "diagnose/text/recommend.h"

/* `step >FILE 2>/dev/null; exec program`, or the two one after the other. */
static bool came_before(const struct process *step, const struct process *ended)
{
	if (step->parent == ended)
		return ended->exec && step->ended_at < ended->exec->time;
	return step->parent && step->parent == ended->parent &&
	       program_is_shell(step->parent->exec) && step->ended_at <= ended->since;
}

#define ANSWERS_NO 1 /* a filter's status, as grep's: it found nothing */

/* A program of its own, whose bad end is no answer, as that of `test`, `pg_isready` and `grep` is. */
static bool is_step(const struct process *p, const struct process *ended)
{
	bool answers =
		program_is(p->exec, ROLE_FILTER) && status_exit_code(p->status) == ANSWERS_NO;

	return p != ended && p->ended_at && p->status && !p->from_outside && p->exec &&
	       p->exec->pid == p->pid && p->exec != ended->exec && !answers &&
	       !program_probes(p->exec) &&
	       !program_is(p->exec, ROLE_ASKER | ROLE_SHELL | ROLE_SERVICE_ASKER);
}

static const struct process *failed_step(const struct context *q, const struct process *ended)
{
	const struct process *last = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (is_step(p, ended) && came_before(p, ended) &&
			(!last || p->ended_at >= last->ended_at))
			last = p;
	}
	return last;
}

bool report_failed_step(struct report *r, const struct process *ended)
{
	static const struct advice look = {
		.text = "Mend the step that failed ({value}): run it by hand to see its message, "
			"which goes nowhere here, and let the script stop at a failure (`set "
			"-e`). What it should have written is most likely what {program} then "
			"read.",
	};
	const struct process *step = failed_step(r->q, ended);

	if (!step)
		return false;
	report_sentence(r,
		"Before that `%.200s` ended with exit code %d, and the start went on without it.",
		phrase_command(step).text, status_exit_code(step->status));
	if (step->exit)
		report_event(r, step->exit, "`%.120s` ended with exit code %d",
			phrase_command(step).text, status_exit_code(step->status));
	return recommend(r, &look,
		&(struct blanks){ .value = phrase_command(step).text,
			.program = phrase_process_name(ended).text });
}
