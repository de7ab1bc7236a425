// SPDX-License-Identifier: MIT
/*
 * Failures that nobody ended for: ignored by a script, waited for without end, or a worker's that its master
 * goes on without.
 */
#include <errno.h>
#include <string.h>

#include "diagnose/log/match.h"
#include "diagnose/stuck/stuck.h"
#include "util/cleanup.h"
#include "util/find.h"

static bool found(struct failure *f, enum clue clue)
{
	clues_only(&f->clues, clue);
	return true;
}

bool rarely_fails(const struct context *q, const struct failure *f)
{
	enum clue clue;

	return noise_of(q, f, &clue) == NOISE_NONE;
}

bool failure_in_volume(const struct failure *f)
{
	enum mount_kind kind = f->event->mount ? f->event->mount->kind : MOUNT_NONE;

	return kind != MOUNT_NONE && kind != MOUNT_ROOTFS && kind != MOUNT_TMPFS &&
	       kind != MOUNT_OTHER;
}

/*
 * A copy, or an edit. But a ConfigMap or Secret that is laid over what an image's script edits says itself what the script
 * would have set.
 */
static bool alters_files(const struct failure *f, bool serves)
{
	if (program_copies(f->exec))
		return true;
	return program_edits(f->exec) && !(serves && f->error == EROFS && f->event->mount &&
						 mount_holds_keys(f->event->mount));
}

/*
 * A container that still runs, or was told to stop, only has failures to show that nobody can have meant:
 * writes and copies into mounts that were given up in silence.
 */
static bool weigh_ignored(const struct context *q, struct candidate *s, struct failure *f)
{
	bool volume = failure_in_volume(f);
	bool wrote = f->error == EROFS && volume;

	if (!call_creates(f) || (f->error != EROFS && f->error != EACCES && f->error != ENOSPC))
		return false;
	if (program_probes(f->exec) || !rarely_fails(q, f) || noise_recovered(q, f))
		return false;
	/* A service that listens got by without what its start script could not write. */
	bool serves = story_listening_at(q->story) > f->entry->last;
	bool alters = alters_files(f, serves);
	if (!f->exec || !(alters || ((wrote || (f->error == ENOSPC && volume)) && !serves)) ||
		noise_made_elsewhere(q, f) || read_log(s))
		return false;
	f->line = NULL;
	enum log_match t = match_log(q, f, &f->line);
	/* A step that failed has ended by now, and with a status; else it found another way. */
	const struct process *p = f->process;
	bool failed = p->ended_at && p->status && !(q->stop && p->ended_at >= q->stop->time);
	bool complains = t >= LOG_MATCH_NAME && !logged_as_harmless(q, f->line);
	if (!failed && (alters || (!complains && !program_is_shell(f->exec))))
		return false;
	return found(f, alters ? CLUE_passed_over_copy : CLUE_passed_over_write);
}

/* Connections that failed until the container was stopped once more: why it was stopped. */
static bool weigh_waiting(const struct context *q, struct failure *f)
{
	if (!q->stop || !q->again || !call_is(f, "connect") || story_listening_at(q->story) ||
		!rarely_fails(q, f))
		return false;
	return f->entry->times > 1 && f->entry->last + SECONDS(10) > q->stop->time &&
	       found(f, CLUE_waited_in_vain);
}

/* Another one of its kind came after it, and did better. */
static bool was_replaced(const struct context *q, const struct process *worker)
{
	for (size_t i = worker->place + 1; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		bool failed =
			p->ended_at && p->status && !(q->stop && p->ended_at >= q->stop->time);
		if (p->parent == worker->parent && p->exec == worker->exec &&
			p->since >= worker->ended_at && !failed)
			return true;
	}
	return false;
}

/*
 * Workers that ended at once for what was refused to them, while their master goes on without: who they
 * should be, or whatever they or their master call an error by name.
 */
static bool weigh_lost_worker(const struct context *q, struct candidate *s, struct failure *f)
{
	const struct process *p = f->process;
	bool forked = p->exec && p->exec->pid != p->pid;
	bool identity = call_changes_user(f) || call_is(f, "chroot");

	if (!forked || program_is_shell(p->exec) || !p->ended_at || !p->status ||
		p->ended_at >= f->entry->last + SECONDS(1) || !failure_is_refusal(f) ||
		(q->stop && p->ended_at >= q->stop->time) || was_replaced(q, p) || read_log(s))
		return false;
	if (identity && f->error == EPERM)
		return found(f, CLUE_lost_worker);
	f->line = NULL;
	return match_log(q, f, &f->line) >= LOG_MATCH_NAME && logged_as_error(q, f->line) &&
	       found(f, CLUE_lost_worker);
}

/* The same failure over some time, not one attempt that was seen twice. */
static bool persists(const struct failure *f)
{
	return f->entry->times > 2 && f->entry->last > f->event->time + SECONDS(0.1);
}

/* Programs ask for more memory than they need, and take less: only where it was counted is there none. */
static bool lacks_memory(const struct failure *f)
{
	return f->error == ENOMEM && f->event->process.used &&
	       (call_is(f, "mmap") || call_is(f, "mprotect"));
}

bool failure_starves(const struct failure *f)
{
	bool forks = call_is(f, "clone") || call_is(f, "fork") || call_is(f, "vfork");
	bool process = forks && (f->error == EAGAIN || f->error == ENOMEM);
	bool descriptor = f->error == EMFILE || f->error == ENFILE;
	bool room = (f->error == ENOSPC || f->error == EDQUOT) && call_creates(f);

	return process || descriptor || room || lacks_memory(f) || call_lacks_port(f);
}

/* Servers go on without, and serve nobody. While they do, stuck/stuck.c tells it, and withdraws it when it is over. */
static bool weigh_starved(const struct context *q, struct failure *f)
{
	const struct event *e = f->event;

	if (!q->ended || !failure_starves(f) || !persists(f))
		return false;
	uint64_t end = story_ended_at(q->story);
	/* It got over it when this is long ago. */
	bool recent = f->entry->last + SECONDS(30) > end || f->entry->last > e->time + SECONDS(30);
	return recent && found(f, CLUE_starved);
}

/* A supervisor's child that never became the program that it should. */
static bool weigh_unstartable(const struct context *q, struct failure *f)
{
	const struct process *p = f->process;
	int times = 0;

	if (f->event->kind != EVENT_EXEC_FAILED || !p->parent ||
		!program_is(p->parent->exec, ROLE_SUPERVISOR) || found_elsewhere(q, f))
		return false;
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct story_entry *other = &q->entries[i];
		if (other->event->kind == EVENT_EXEC_FAILED && other->process &&
			other->process->parent == p->parent &&
			!strcmp(other->event->executable, f->event->executable))
			times += (int)other->times;
	}
	return times > 1 && found(f, CLUE_unstartable);
}

static bool ran_later(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_EXEC && e->time > f->event->time &&
			!strcmp(path_name(e->executable), path_name(f->path)))
			return true;
	}
	return false;
}

/*
 * Supervisors that look for a program before they fork for it make no call that runs it: they say that it cannot be
 * started, at whatever level, and run on. It counts only while it was never run afterwards.
 */
bool supervisor_gave_up(const struct context *q, const struct failure *f, const char **line)
{
	static const char *const signs[] = { "spawnerr:", "find command", "to start", "to spawn",
		"to exec", "not start", "not spawn", "not exec" };
	const struct candidate *s = candidate_of(q, f->process);
	const struct log_lines *w = s ? &s->log_lines : NULL;

	if (!w || q->failed || f->event->kind != EVENT_FILE_ERROR || !call_probes(f) || !*f->path ||
		!program_is(f->exec, ROLE_SUPERVISOR) || ran_later(q, f))
		return false;
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; line_names_file(w->lines[i], f->path) && k < ARRAY_SIZE(signs);
			k++)
			if (find_folded(w->lines[i], signs[k])) {
				*line = w->lines[i];
				return true;
			}
	return false;
}

/* A program that it runs is over in between: what it looks for each time then (`./finish`) goes with that. */
static bool ran_one_meanwhile(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (p->parent == f->process && p->ended_at > f->event->time &&
			p->ended_at < f->entry->last)
			return true;
	}
	return false;
}

/*
 * Nothing was heard of it, and until it was stopped it looked for the same file again and again, running nothing in
 * between. While it runs that is too little to say anything.
 */
static bool looks_in_vain(
	const struct context *q, const struct candidate *s, const struct failure *f)
{
	return q->ended && !q->failed && !s->log_lines.n && f->error == ENOENT && call_probes(f) &&
	       persists(f) && (rarely_fails(q, f) || not_found_in_path(q, f)) && !ran_later(q, f) &&
	       !ran_one_meanwhile(q, f);
}

static bool weigh_not_found(const struct context *q, struct candidate *s, struct failure *f)
{
	if (f->entry->times < 2 || !program_is(f->exec, ROLE_SUPERVISOR) || read_log(s))
		return false;
	if (supervisor_gave_up(q, f, &f->line))
		return found(f, CLUE_unstartable);
	return looks_in_vain(q, s, f) && found(f, CLUE_unstartable_unsaid);
}

static bool ran_into(const struct context *q, const struct process *p, const struct event *e)
{
	for (size_t i = 0; i < q->n_entries; i++)
		if (q->entries[i].process == p && wait_same_call(q->entries[i].event, e))
			return true;
	return false;
}

void add_in_each_attempt(const struct context *q, struct failure *f)
{
	const struct process *step = q->wait.kind == WAIT_COMMAND ? q->wait.step : NULL;

	if (!step || f->process != step)
		return;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (p->parent == step->parent && p->ended_at && p->exec && step->exec &&
			wait_same_program(p->exec, step->exec) && !ran_into(q, p, f->event))
			return;
	}
	clues_add(&f->clues, CLUE_in_each_attempt);
}

/* It did not get the address that it was to serve on, and was over at once. */
static bool ends_without_address(const struct context *q, const struct failure *f)
{
	return call_is(f, "bind") && !story_listening_at(q->story) &&
	       time_between(f->entry->last, f->process->ended_at) < SECONDS(1);
}

/* It ends with 0 again and again, and complains each time of a call that was refused. */
static bool weigh_hidden(const struct context *q, struct candidate *s, struct failure *f)
{
	if (!q->ended || q->status || q->stop || f->process != q->first || !failure_is_hard(f) ||
		!rarely_fails(q, f) || read_log(s))
		return false;
	if (ends_without_address(q, f))
		return found(f, CLUE_hidden_bind);
	f->line = NULL;
	return match_log(q, f, &f->line) >= LOG_MATCH_ERROR && reports_failure(f->line) &&
	       found(f, CLUE_hidden_in_words);
}

/* The call that a container is stuck on: stuck/stuck.c. A question to a name server is no failure by itself. */
static bool weigh_stuck(const struct context *q, struct failure *f)
{
	bool failed = event_failed(f->event) || f->event->kind == EVENT_BLOCKED;

	return !q->ended && f->entry == q->wait.entry && failed && found(f, CLUE_stuck);
}

/* Its words may tell of something else that came in between. */
static bool tells_of_another(const struct failure *f)
{
	return f->clues.count[CLUE_told_other_hard] || f->clues.count[CLUE_told_other_soft];
}

bool weigh_given_up(const struct context *q, struct failure *f, bool counts)
{
	if (!q->failed || f->entry != q->wait.entry || !event_failed(f->event) ||
		(counts && tells_of_another(f)))
		return counts;
	if (!counts)
		f->clues = (struct clues){ 0 };
	clues_add(&f->clues, counts ? CLUE_gave_up_waiting : CLUE_stuck);
	return true;
}

bool weigh_without_end(const struct context *q, struct candidate *s, struct failure *f)
{
	return weigh_stuck(q, f) || weigh_ignored(q, s, f) || weigh_lost_worker(q, s, f) ||
	       weigh_waiting(q, f) || weigh_starved(q, f) || weigh_unstartable(q, f) ||
	       weigh_not_found(q, s, f) || weigh_hidden(q, s, f);
}
