// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define MADE_UP_WITHIN SECONDS(2)

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

/* Its parent did something else afterwards that went well: another try with less, or what it has for that case. */
static bool was_made_up_for(const struct context *q, const struct process *victim)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (p != victim && p->parent == victim->parent && p->since >= victim->ended_at &&
			p->exec && p->ended_at && !p->status && !program_is(p->exec, ROLE_CLEANER))
			return true;
	}
	return false;
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
		return q->stop ? CLUE_oom_stopped : CLUE_oom_ended_well;
	return counts ? CLUE_oom_ended_it : CLUE_oom_other;
}

/*
 * runc's own first process needs some MiB in the container's cgroup before the program runs in its place: CRI-O
 * refuses limits below 12 MiB for that. Whom the kernel killed for it is not seen: it may be outside of the container.
 */
#define RUNTIME_NEEDS (12ull << 20)
#define MEMORY_FIRST_TRY 64 /* MiB */

static bool cannot_be_set_up(const struct context *q, struct verdict *v)
{
	uint64_t limit = q->container->memory_limit;
	enum clue clue = setup_given_up(q);

	if (clue == CLUES || !limit || limit >= RUNTIME_NEEDS)
		return false;
	v->candidate = candidate_of(q, q->first);
	clues_add(&v->clues, clue);
	clues_add(&v->clues, CLUE_limit_below_runtime);
	return true;
}

/* While the container runs, a script may make up for it in the next moment: with a smaller buffer, by another program. */
static bool may_be_made_up_for(const struct context *q, const struct event *killing)
{
	return !q->ended && q->input->now < killing->time + MADE_UP_WITHIN;
}

static bool match(const struct context *q, struct verdict *v)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		const struct event *killing = killing_of(q, p);
		if (!killing || p->from_outside || may_be_made_up_for(q, killing) ||
			(q->ended && !q->status && !q->again && was_made_up_for(q, p)))
			continue;
		struct clues clues;
		clues_only(&clues, what_it_ended(q, &q->candidates[i], killing));
		if (v->event && clues.total <= v->clues.total)
			continue;
		v->clues = clues;
		v->candidate = &q->candidates[i];
		v->event = killing;
	}
	return v->event != NULL || cannot_be_set_up(q, v);
}

static const char *scope_of(const struct context *q, const struct event *e)
{
	if (e->kind != EVENT_OOM_KILL && q->container->memory_limit)
		return "in all likelihood at its memory limit";
	if (!e->oom_limit)
		return is_plain_command(q) ? "the machine ran out of memory"
					   : "the node ran out of memory";
	if (is_plain_command(q))
		return "it reached its memory limit";
	return e->oom_levels ? "the limit of its pod was reached"
			     : "the container reached its memory limit";
}

static void add_what_followed(const struct context *q, const struct process *p, struct report *r)
{
	if (!q->ended)
		report_sentence(r, "The container runs on without it.");
	else if (p == q->first)
		return;
	else if (q->stop)
		report_sentence(r, "The container ran on without it until it was stopped.");
	else if (!q->status)
		report_sentence(r,
			"The container ended with exit code 0 all the same, without what "
			"that process was to do.");
	else
		report_sentence(r,
			"Its parent gave up after that, and the container ended with exit code "
			"%d%s.",
			q->exit_code,
			q->exit_code == 128 + SIGKILL || !is_of_pod(q)
				? ""
				: ", so Kubernetes may not say OOMKilled");
}

#define FILES_SANE (1u << 26) /* what systemd and runtimes allow by default is far below */

/* Some programs, MySQL among them, take memory for each file that they might open. */
static bool has_huge_table(const struct context *q, const struct process *p)
{
	static const char *const programs[] = { "mysqld", "mariadbd", "java", "squid", "slapd",
		"cupsd", "haproxy" };

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (!strncmp(program_name(p->exec), programs[i], strlen(programs[i])))
			return q->container->nofile_limit >= FILES_SANE;
	return false;
}

/* Twice as much, as a first try. */
static void advise_limit(const struct event *e, uint64_t limit, struct report *r)
{
	static const struct advice container = {
		.text = "Raise the memory limit, to {number}Mi as a first try (now it is {value}).",
		"{list}:\n  - name: {container}\n    resources:\n      limits:\n"
		"        memory: {number}Mi\n",
	};
	static const struct advice pod = {
		.text = "Raise the memory limits of the pod's containers: all of them together "
			"reached the "
			"pod's limit of {value}.",
	};
	static const struct advice node = {
		.text = "Give the container a memory request as large as what it uses, so that it "
			"lands on a "
			"node with that much free.",
		"{list}:\n  - name: {container}\n    resources:\n      requests:\n"
		"        memory: {number}Mi\n",
	};
	bool own = (e->oom_limit || e->kind != EVENT_OOM_KILL) && !e->oom_levels;
	uint64_t used = (e->oom_anon + e->oom_file + e->oom_shmem + (1 << 20) - 1) >> 20;
	uint64_t mib = (limit + (1 << 20) - 1) >> 20;
	struct phrase bytes = phrase_bytes(limit);

	recommend(r,
		own            ? &container
		: e->oom_limit ? &pod
			       : &node,
		&(struct blanks){ .number = own ? mib * 2 : used, .value = bytes.text });
}

/* How programs of this kind use less. */
static void advise_less(const struct process *p, struct report *r)
{
	static const struct advice jvm = {
		.text = "Or bound the JVM's heap: `-XX:MaxRAMPercentage=75` in JAVA_TOOL_OPTIONS.",
		"{list}:\n  - name: {container}\n    env:\n      - name: JAVA_TOOL_OPTIONS\n"
		"        value: \"-XX:MaxRAMPercentage=75\"\n",
	};
	static const struct advice node = {
		.text = "Or bound Node's heap, to a value below the limit: `--max-old-space-size` "
			"in NODE_OPTIONS.",
	};
	static const struct advice any = {
		.text = "Or let the program use less memory: fewer workers, smaller caches and "
			"batches.",
	};
	const char *program = program_name(p->exec);
	bool is_node = !strcmp(program, "node") || !strncmp(program, "npm", 3);

	recommend(r,
		!strcmp(program, "java") ? &jvm
		: is_node                ? &node
					 : &any,
		&(struct blanks){ .path = NULL });
}

static void advise(const struct context *q, const struct verdict *v, uint64_t limit, bool shared,
	struct report *r)
{
	static const struct advice files = {
		.text = "Lower the limit of open files for containers on the node "
			"(LimitNOFILE=1048576 for "
			"containerd, or its base OCI spec): it is {number}, and {program} takes "
			"memory for each "
			"file that it may open.",
	};
	static const struct advice less_shared = {
		.text = "Or write less to /dev/shm and to emptyDir volumes with medium Memory.",
	};
	const struct process *p = v->candidate->process;

	if (has_huge_table(q, p)) {
		recommend(r, &files,
			&(struct blanks){
				.number = q->container->nofile_limit, .program = p->comm });
		return;
	}
	advise_limit(v->event, limit, r);
	if (shared)
		recommend(r, &less_shared, &(struct blanks){ .path = NULL });
	else
		advise_less(p, r);
}

static void explain_setup(const struct context *q, struct report *r)
{
	static const struct advice raise = {
		.text = "Raise the memory limit, to {number}Mi as a first try: it is {value}, and "
			"the runtime itself needs some MiB of it until the program runs.",
		"{list}:\n  - name: {container}\n    resources:\n      limits:\n"
		"        memory: {number}Mi\n",
	};
	struct phrase limit = phrase_bytes(q->container->memory_limit);

	report_title(r, "The memory limit of %s is too small for the container to be started",
		limit.text);
	report_sentence(r,
		"The container runtime gave up before the container's program ran, and no failed "
		"call explains it. What the runtime runs to set the container up counts against "
		"its memory limit too, and takes more than %s.",
		limit.text);
	report_culprit(r, q->first->exit);
	recommend(r, &raise, &(struct blanks){ .number = MEMORY_FIRST_TRY, .value = limit.text });
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	if (!v->event) {
		explain_setup(q, r);
		return;
	}
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
	advise(q, v, limit, elsewhere || e->oom_shmem > used / 2, r);
}

const struct rule rule_oom_killed = {
	.match = match,
	.explain = explain,
};
