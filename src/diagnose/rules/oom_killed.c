// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool ended_well(const struct inquiry *q)
{
	return q->ended && !q->status;
}

static bool match(const struct inquiry *q, struct verdict *v)
{
	if (ended_well(q))
		return false;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (!p->oom || p->visitor)
			continue;
		double blame = p == q->first ? 1 : q->suspects[i].blame;
		/* A victim that nobody ended for still is the hardest fact that there is. */
		double score = !q->ended ? 0.7 : q->failed ? (blame > 0.7 ? 0.99 : 0.75) : 0.5;
		if (score <= v->score)
			continue;
		v->score = score;
		v->suspect = &q->suspects[i];
		v->event = p->oom;
	}
	return v->event != NULL;
}

static const char *scope_of(const struct event *e)
{
	if (!e->oom_limit)
		return "the node ran out of memory";
	return e->oom_levels ? "the limit of its pod was reached"
			     : "the container reached its memory limit";
}

/* Twice as much, as a first try. */
static void suggest_limit(struct report *r, uint64_t limit)
{
	char lines[96];

	snprintf(lines, sizeof(lines),
		"    resources:\n      limits:\n        memory: %" PRIu64 "Mi\n",
		limit / (1 << 20) * 2);
	manifest_container(r, lines);
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	const struct event *e = v->event;
	const struct process *p = v->suspect->process;
	uint64_t used = e->oom_anon + e->oom_file + e->oom_shmem;
	uint64_t limit = e->oom_limit ? e->oom_limit : q->container->memory_limit;

	report_title(r, "Out of memory: %s was killed, %s", p->comm, scope_of(e));
	if (e->oom_limit)
		report_say(r, "The kernel killed %s, because %s of %s; that process alone used %s.",
			phrase_process(p).text, scope_of(e), phrase_bytes(e->oom_limit).text,
			phrase_bytes(used).text);
	else
		report_say(r, "The kernel killed %s, because %s; it used %s.",
			phrase_process(p).text, scope_of(e), phrase_bytes(used).text);
	if (e->oom_shmem > used / 2)
		report_say(r, "Most of that was shared memory: files in memory-backed volumes and "
			      "/dev/shm count too.");
	if (q->ended && p != q->first)
		report_say(r,
			"Its parent gave up after that: the container ended with exit code %d, so "
			"Kubernetes may "
			"not say OOMKilled.",
			q->exit_code);
	else if (!q->ended)
		report_say(r, "The container runs on without it.");
	report_culprit(r, e);
	report_event(r, e, "the kernel killed %s to free memory", phrase_process(p).text);
	if (e->oom_limit && !e->oom_levels) {
		report_mend(r, "Raise the memory limit.");
		suggest_limit(r, limit);
	} else {
		report_mend(r, e->oom_limit ? "Raise the memory limit of the pod."
					    : "Give the pod a memory request, so that it lands on "
					      "a node with room.");
	}
	report_mend(r, "Or make the program use less: for a JVM -XX:MaxRAMPercentage=75, for Node "
		       "--max-old-space-size, "
		       "fewer workers elsewhere.");
}

const struct rule rule_oom_killed = {
	.match = match,
	.tell = tell,
};
