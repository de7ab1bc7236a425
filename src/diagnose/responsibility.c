// SPDX-License-Identifier: MIT
/*
 * Whose end explains the container's? Shells and supervisors end because a child did: with its status,
 * or right after it. What they did not end for is left with little blame, not with none: a script that
 * swallows a failure fails later because of it.
 */
#include <signal.h>
#include <string.h>

#include "diagnose/context.h"
#include "util/cleanup.h"

#define DEPTH_MAX 64

struct candidate *candidate_of(const struct context *q, const struct process *p)
{
	return p ? &q->candidates[p->place] : NULL;
}

/* Programs that start others and end with them. */
static bool supervises(const struct event *exec)
{
	static const char *const names[] = { "tini", "dumb-init", "catatonit", "docker-init",
		"s6-svscan", "s6-supervise", "supervisord", "runit", "runsv", "runsvdir", "make",
		"npm", "yarn", "pnpm", "env", "gosu", "su-exec", "sudo", "su", "setpriv", "timeout",
		"nice", "nohup", "xargs", "watchexec", "nodemon", "pm2", "foreman", "honcho",
		"bundle", "time", "pebble" };
	const char *name = program_name(exec);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return program_is_shell(exec);
}

/* What traps run at the end says nothing about why it came. */
static bool cleans_up(const struct event *exec)
{
	static const char *const names[] = { "rm", "rmdir", "unlink", "kill", "pkill", "umount",
		"sync" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(program_name(exec), names[i]))
			return true;
	return false;
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
static double share_before_exec(const struct process *parent, const struct process *child)
{
	bool at_once = parent->ended_at - parent->exec->time < SECONDS(2);
	bool unknown = status_exit_code(child->status) == 127;

	if (!at_once || parent->exec->time - child->ended_at > SECONDS(1))
		return 0.2;
	if (lacks_an_argument(parent->exec))
		return 0.75;
	return unknown ? 0.6 : 0.2;
}

/* How much of the parent's blame a child's failure takes over. */
static double share(const struct process *parent, const struct process *child, bool last)
{
	int code = status_exit_code(child->status), signo = status_signal(child->status);
	bool same = code == status_exit_code(parent->status);
	bool soon = parent->ended_at - child->ended_at < SECONDS(2);

	if (signo == SIGPIPE)
		return 0.1;
	if (parent->exec && parent->exec->pid == parent->pid &&
		parent->exec->time > child->ended_at)
		return share_before_exec(parent, child);
	if (child->oom)
		return 0.98;
	if (cleans_up(child->exec) && !same)
		return 0.3;
	if (signo && child->signal && child->signal->sender_pid == parent->pid)
		return 0.1; /* the parent cleans up */
	if (supervises(parent->exec)) {
		if (same && last)
			return 0.98;
		if (last)
			return soon ? 0.9 : 0.6;
		return same && soon ? 0.75 : 0.45;
	}
	if (signo && soon)
		return 0.9;
	if (same && last && soon)
		return 0.95;
	return last && soon ? 0.75 : 0.3;
}

static const struct process *last_child(const struct context *q, const struct process *parent)
{
	const struct process *last = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (p->parent == parent && p->ended_at && p->ended_at <= parent->ended_at &&
			(!last || p->ended_at >= last->ended_at))
			last = p;
	}
	return last;
}

/* The rest of the parent's blame stays with it: what it did itself counts less than its child's doing. */
static void follow(struct context *q, struct candidate *parent, int depth)
{
	const struct process *last = last_child(q, parent->process);
	double taken = 0;

	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; i < q->n_processes; i++) {
		struct candidate *s = &q->candidates[i];
		const struct process *p = s->process;
		if (p->parent != parent->process || p == q->first || !p->ended_at ||
			p->from_outside || (!p->status && !p->oom) ||
			p->ended_at > parent->process->ended_at)
			continue;
		double part = share(parent->process, p, p == last);
		if (part > taken)
			taken = part;
		if (s->responsibility < parent->responsibility * part)
			s->responsibility = parent->responsibility * part;
		follow(q, s, depth + 1);
	}
	if (taken >= 0.9)
		parent->responsibility *= 0.8;
}

/* Most blame; of nearly equal ones the one deepest down, which comes later in the list. */
static const struct candidate *most_responsible(const struct context *q)
{
	const struct candidate *most = NULL;

	for (size_t i = 0; i < q->n_processes; i++)
		if (q->candidates[i].responsibility > 0.3 &&
			(!most || q->candidates[i].responsibility > most->responsibility - 0.02))
			most = &q->candidates[i];
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
	static const char *const tools[] = { "cat", "head", "tail", "grep", "ls", "cmp", "diff",
		"curl", "wget", "nc", "ncat", "ping", "pgrep", "pidof", "pg_isready", "redis-cli",
		"mysqladmin", "sleep", "kubectl", "busybox" };
	const char *name = program_name(p->exec);

	/* What busybox's shell does itself has no arguments that could be compared. */
	if (!p->exec || p->exec->pid != p->pid || program_probes(p->exec) ||
		!strcmp(p->exec->executable, "busybox"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!strcmp(name, tools[i]))
			return false;
	return true;
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

/* Started twice and more, with the same bad end each time and no other. */
static bool fails_each_time(const struct context *q, const struct process *p)
{
	int times = 1;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *other = q->processes[i];
		if (other == p || !same_command(p, other))
			continue;
		if (!other->ended_at || other->status != p->status)
			return false;
		times++;
	}
	return times > 1;
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
	int looked = 0;

	for (size_t i = q->n_processes; (in_vain || hidden) && i-- > 0 && looked < 8;) {
		const struct process *p = q->processes[i];
		if (!p->ended_at || !p->status || p->from_outside || p == q->first ||
			!is_a_step(p) ||
			p->ended_at > (q->stop ? q->stop->time : story_ended_at(q->story)))
			continue;
		looked++;
		bool soon = hidden && story_ended_at(q->story) - p->ended_at < SECONDS(1);
		if ((soon || fails_each_time(q, p)) && (q->again || !asks_the_network(q, p)))
			return candidate_of(q, p);
	}
	return NULL;
}

void assign_responsibility(struct context *q)
{
	struct candidate *first = candidate_of(q, q->first);
	struct candidate *relapse = q->failed ? NULL : find_relapse(q);

	if (relapse) {
		relapse->responsibility = 0.85;
		follow(q, relapse, 0);
		q->culprit = relapse;
	}
	if (!first || !q->failed)
		return;
	first->responsibility = 1;
	if (first->process->ended_at)
		follow(q, first, 0);
	q->culprit = most_responsible(q);
}
