// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool ended_well(const struct context *q)
{
	return q->ended && !q->status;
}

/*
 * The kernel's own word for it may be late or lost. A SIGKILL that no process sent, to the first process of a
 * container that has a memory limit, is hardly anything else.
 */
static const struct event *killing_of(const struct context *q, const struct process *p)
{
	const struct event *signal = p == q->first ? p->signal : NULL;

	if (p->oom || !signal || !q->failed || !q->container->memory_limit)
		return p->oom;
	bool by_kernel = signal->signo == SIGKILL && !signal->sender_pid && !signal->from_outside;
	return by_kernel && q->signo == SIGKILL ? signal : NULL;
}

static enum clue what_it_ended(
	const struct context *q, const struct candidate *s, const struct event *killing)
{
	bool counts = s->process == q->first ||
		      (s->responsible && s->clues.total > THRESHOLD_speaks_for_itself);

	if (killing != s->process->oom)
		return CLUE_killed_by_kernel;
	/* A victim that nobody ended for still is the hardest fact that there is. */
	if (!q->ended)
		return CLUE_oom_running;
	if (!q->failed)
		return CLUE_oom_stopped;
	return counts ? CLUE_oom_ended_it : CLUE_oom_other;
}

static bool match(const struct context *q, struct verdict *v)
{
	if (ended_well(q))
		return false;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		const struct event *killing = killing_of(q, p);
		if (!killing || p->from_outside)
			continue;
		struct clues clues;
		clues_only(&clues, what_it_ended(q, &q->candidates[i], killing));
		if (v->event && clues.total <= v->clues.total)
			continue;
		v->clues = clues;
		v->candidate = &q->candidates[i];
		v->event = killing;
	}
	return v->event != NULL;
}

static const char *scope_of(const struct context *q, const struct event *e)
{
	if (e->kind != EVENT_OOM_KILL && q->container->memory_limit)
		return "in all likelihood at its memory limit";
	if (!e->oom_limit)
		return "the node ran out of memory";
	return e->oom_levels ? "the limit of its pod was reached"
			     : "the container reached its memory limit";
}

/* Twice as much, as a first try. */
static void suggest_limit(struct report *r, uint64_t limit)
{
	char lines[96];
	uint64_t mib = (limit + (1 << 20) - 1) >> 20;

	snprintf(lines, sizeof(lines),
		"    resources:\n      limits:\n        memory: %" PRIu64 "Mi\n", mib * 2);
	manifest_container(r, lines);
}

static void add_what_followed(const struct context *q, const struct process *p, struct report *r)
{
	if (!q->ended)
		report_sentence(r, "The container runs on without it.");
	else if (p == q->first)
		return;
	else if (q->stop)
		report_sentence(r, "The container ran on without it until it was stopped.");
	else
		report_sentence(r,
			"Its parent gave up after that, and the container ended with exit code "
			"%d%s.",
			q->exit_code,
			q->exit_code == 128 + SIGKILL ? ""
						      : ", so Kubernetes may not say OOMKilled");
}

/* How programs of this kind are told to use less. */
static const char *memory_advice_of(const struct process *p)
{
	const char *program = program_name(p->exec);

	if (!strcmp(program, "java"))
		return "-XX:MaxRAMPercentage=75 bounds the JVM's heap";
	if (!strcmp(program, "node") || !strncmp(program, "npm", 3))
		return "--max-old-space-size bounds Node's heap";
	return "fewer workers, smaller caches and batches";
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct event *e = v->event;
	const struct process *p = v->candidate->process;
	uint64_t used = e->oom_anon + e->oom_file + e->oom_shmem;
	uint64_t limit = e->oom_limit ? e->oom_limit : q->container->memory_limit;
	bool elsewhere = e->oom_limit && used < e->oom_limit / 2;

	report_title(
		r, "Out of memory: %s was killed, %s", phrase_process_name(p).text, scope_of(q, e));
	if (e->kind != EVENT_OOM_KILL)
		report_sentence(r,
			"The kernel itself killed %s with SIGKILL, as it does when a memory limit "
			"is reached; the container's is %s.",
			phrase_process(p).text, phrase_bytes(limit).text);
	else if (e->oom_limit)
		report_sentence(r,
			"The kernel killed %s, because %s of %s; that process alone used %s.",
			phrase_process(p).text, scope_of(q, e), phrase_bytes(e->oom_limit).text,
			phrase_bytes(used).text);
	else
		report_sentence(r, "The kernel killed %s, because %s; it used %s.",
			phrase_process(p).text, scope_of(q, e), phrase_bytes(used).text);
	if (e->oom_shmem > used / 2)
		report_sentence(r,
			"Most of that was shared memory: files in memory-backed volumes and "
			"/dev/shm count too.");
	else if (elsewhere)
		report_sentence(r, "The rest belongs to other processes, or to files in memory "
				   "(/dev/shm, an emptyDir with medium Memory), which count too.");
	add_what_followed(q, p, r);
	report_culprit(r, e);
	report_event(r, e, "the kernel killed %s to free memory", phrase_process(p).text);
	if ((e->oom_limit || e->kind != EVENT_OOM_KILL) && !e->oom_levels) {
		report_recommend(r, "Raise the memory limit.");
		suggest_limit(r, limit);
	} else {
		report_recommend(r, e->oom_limit
					    ? "Raise the memory limit of the pod."
					    : "Give the pod a memory request, so that it lands on "
					      "a node with room.");
	}
	if (elsewhere || e->oom_shmem > used / 2)
		report_recommend(
			r, "Or write less to /dev/shm and to emptyDir volumes with medium Memory.");
	report_recommend(r, "Or make the program use less: %s.", memory_advice_of(p));
}

const struct rule rule_oom_killed = {
	.match = match,
	.explain = explain,
};
