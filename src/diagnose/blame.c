// SPDX-License-Identifier: MIT
/*
 * Whose end explains the container's? Shells and supervisors end because a child did: with its status,
 * or right after it. What they did not end for is left with little blame, not with none: a script that
 * swallows a failure fails later because of it.
 */
#include <signal.h>
#include <string.h>

#include "diagnose/inquiry.h"
#include "util/cleanup.h"

#define DEPTH_MAX 64

struct suspect *suspect_of(const struct inquiry *q, const struct process *p)
{
	for (size_t i = 0; p && i < q->n_processes; i++)
		if (q->suspects[i].process == p)
			return &q->suspects[i];
	return NULL;
}

/* Programs that start others and end with them. */
static bool supervises(const struct event *exec)
{
	static const char *const names[] = { "tini", "dumb-init", "catatonit", "docker-init",
		"s6-svscan", "s6-supervise", "supervisord", "runit", "runsv", "runsvdir", "make",
		"npm", "yarn", "pnpm", "env", "gosu", "su-exec", "sudo", "su", "setpriv", "timeout",
		"nice", "nohup", "xargs", "watchexec", "nodemon", "pm2", "foreman", "honcho",
		"bundle", "time", "busybox", "pebble" };
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

/* How much of the parent's blame a child's failure takes over. */
static double share(const struct process *parent, const struct process *child, bool last)
{
	int code = status_exit_code(child->status), signo = status_signal(child->status);
	bool same = code == status_exit_code(parent->status);
	bool soon = parent->ended_at - child->ended_at < SECONDS(2);

	if (signo == SIGPIPE)
		return 0.1;
	/* What a script did before it handed over to the program that ended. */
	if (parent->exec && parent->exec->pid == parent->pid &&
		parent->exec->time > child->ended_at)
		return 0.2;
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

static const struct process *last_child(const struct inquiry *q, const struct process *parent)
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
static void follow(struct inquiry *q, struct suspect *parent, int depth)
{
	const struct process *last = last_child(q, parent->process);
	double taken = 0;

	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; i < q->n_processes; i++) {
		struct suspect *s = &q->suspects[i];
		const struct process *p = s->process;
		if (p->parent != parent->process || p == q->first || !p->ended_at || p->visitor ||
			(!p->status && !p->oom) || p->ended_at > parent->process->ended_at)
			continue;
		double part = share(parent->process, p, p == last);
		if (part > taken)
			taken = part;
		if (s->blame < parent->blame * part)
			s->blame = parent->blame * part;
		follow(q, s, depth + 1);
	}
	if (taken >= 0.9)
		parent->blame *= 0.8;
}

/* Most blame; of nearly equal ones the one deepest down, which comes later in the list. */
static const struct suspect *most_blamed(const struct inquiry *q)
{
	const struct suspect *most = NULL;

	for (size_t i = 0; i < q->n_processes; i++)
		if (q->suspects[i].blame > 0.3 &&
			(!most || q->suspects[i].blame > most->blame - 0.02))
			most = &q->suspects[i];
	return most;
}

void blame(struct inquiry *q)
{
	struct suspect *first = suspect_of(q, q->first);

	if (!first || !q->failed)
		return;
	first->blame = 1;
	if (first->process->ended_at)
		follow(q, first, 0);
	q->culprit = most_blamed(q);
}
