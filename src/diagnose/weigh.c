// SPDX-License-Identifier: MIT
/* How likely is it that this failed call ended the container? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/knowledge/limits.h"
#include "diagnose/log/match.h"
#include "diagnose/rules.h"
#include "util/cleanup.h"

#define ENDS_BEFORE 2     /* a job is not run three times when it succeeds */
#define LOGS_READ_MAX 128 /* of so many processes: reading is what a diagnosis takes its time for */
#define SETTLED SECONDS(1) /* by then a script has tried its other way */

/* Errors that no program provokes on purpose, against those that answer a question. */
bool failure_is_hard(const struct failure *f)
{
	switch (f->error) {
	case ENOENT:
	case ENOTDIR:
	case EEXIST:
	case ENOSYS:
	case EINVAL:
	case EOPNOTSUPP:
		return false;
	default:
		return true;
	}
}

static enum clue by_itself(const struct failure *f, bool in_vain)
{
	switch (f->event->kind) {
	case EVENT_EXEC_FAILED:
		return CLUE_call_exec;
	case EVENT_NETWORK_ERROR:
		return call_is(f, "bind") || f->entry->times > 1 ? CLUE_call_bind_or_again
								 : CLUE_call_network;
	case EVENT_PROCESS_ERROR:
		return f->error == EAGAIN ? CLUE_call_again : CLUE_call_process;
	default:
		if (failure_is_hard(f))
			return call_probes(f) ? CLUE_call_probe_refused : CLUE_call_refused;
		if (in_vain)
			return CLUE_call_searched_path;
		return call_probes(f) ? CLUE_call_probe : CLUE_call_soft;
	}
}

/* How near the end, and whether another program came after it; less of it where the words name the error. */
static void add_nearness(
	const struct context *q, const struct failure *f, bool told_error, struct clues *c)
{
	uint64_t end = f->process->ended_at ? f->process->ended_at : story_ended_at(q->story);
	uint64_t gap = time_between(entry_over_at(f->entry), end);

	/* A program that was followed by another one in its process went well enough. */
	if (f->process->exec != f->exec && f->event->kind != EVENT_EXEC_FAILED)
		clues_add(c, told_error ? CLUE_replaced_but_told : CLUE_replaced);
	if (gap >= SECONDS(10))
		clues_add(c, told_error ? CLUE_end_long_after_told : CLUE_end_long_after);
	else if (gap >= SECONDS(1))
		clues_add(c, told_error ? CLUE_end_late_but_told : CLUE_end_within_ten);
	else if (gap >= SECONDS(0.05) && !told_error)
		clues_add(c, CLUE_end_within_second);
}

int read_log(struct candidate *s)
{
	int err = s->log_lines.text ? 0 : log_lines_of(s->process, &s->log_lines);
	s->mentions_copy |= log_mentions_copy(&s->log_lines);
	return err;
}

/* A socket to a helper that it had started is reset when that one ends: the words tell of no call of its own. */
static bool lost_a_helper(const struct context *q, const struct process *p)
{
	for (size_t i = 0; i < q->n_failures; i++)
		if (q->failures[i].process == p && q->failures[i].error == ECONNRESET)
			return false;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *helper = q->candidates[i].process;
		if (helper->parent == p && helper->ended_at && helper->status &&
			time_between(helper->ended_at, p->ended_at) < SECONDS(1))
			return true;
	}
	return false;
}

/* "[Errno 98] Address already in use": what it ended for was answered so, and not this call. */
static bool names_other_error(const struct context *q, const struct failure *f)
{
	const struct candidate *who = NULL;
	const char *line = decisive_line(q, f->process, &who);
	int error = line && who && who->process == f->process ? line_errno(line) : 0;
	if (error == ECONNRESET && lost_a_helper(q, f->process))
		return false;
	/* That something is not there is also said of what follows from a refusal. */
	return error && error != f->error && error != ENOENT;
}

static void add_noise(enum clue noise, struct clues *c)
{
	if (noise != CLUES)
		clues_add(c, noise);
}

/* "No such file or directory", and no word of which: the last one that was opened. */
static bool is_last_open(const struct context *q, const struct failure *f)
{
	return candidate_of(q, f->process)->last_open == f->entry &&
	       !path_under(f->path, "/proc") && !path_under(f->path, "/sys") &&
	       !path_under(f->path, "/dev");
}

static bool told_by_error(const struct context *q, const struct failure *f, enum noise noise,
	enum clue reason, struct clues *c)
{
	if (noise < NOISE_SOME && is_last_open(q, f))
		noise = NOISE_SOME;
	if (noise == NOISE_ALL)
		return false;
	if (noise < NOISE_SOME)
		add_noise(reason, c);
	clues_add(c, failure_is_hard(f) ? CLUE_told_error_hard : CLUE_told_error_soft);
	add_nearness(q, f, true, c);
	return true;
}

static bool told_by_name(const struct failure *f, enum noise noise, struct clues *c)
{
	bool common = noise <= NOISE_MOST;

	/* A cache that was not there yet is named by the trace of what it is of. */
	if (f->error == ENOENT && noise_cache(f))
		return false;
	/* A line of source code in a stack trace names files too, and who names a place in a file has read it. */
	if ((f->error == ENOENT && !reports_failure(f->line)) || line_locates(f->line, f->path)) {
		clues_add(c, CLUE_told_name_in_passing);
		return !common;
	}
	clues_add(c, failure_is_hard(f) ? CLUE_told_name_hard : CLUE_told_name_soft);
	if (common)
		clues_add(c, CLUE_told_name_common);
	return true;
}

/* Nobody spoke of it: what it is by itself. */
static bool unrecorded(const struct context *q, const struct failure *f, bool in_vain,
	enum noise noise, enum clue reason, struct clues *c)
{
	if (noise == NOISE_ALL)
		return false;
	add_noise(reason, c);
	clues_add(c, by_itself(f, in_vain));
	add_nearness(q, f, false, c);
	add_went_on(q, f, reason, c);
	return true;
}

/* Nobody said it, but its status names an error: this one, or another. */
static bool told_by_status(const struct context *q, const struct failure *f, enum noise noise,
	enum clue reason, struct clues *c)
{
	int error = exit_errno_of(f->process->exec, end_code(f->process));

	if (error && error != f->error)
		clues_add(c, CLUE_status_names_other);
	return error && error == f->error && told_by_error(q, f, noise, reason, c);
}

/* The words tell of something else, or leave open what. */
static bool told_other(const struct context *q, const struct failure *f, bool in_vain,
	enum noise noise, enum clue reason, struct clues *c)
{
	if (noise_limit_kept(q, f))
		return false;
	const struct candidate *s = candidate_of(q, f->process);
	bool left_empty = s->clues.count[CLUE_link_empty_value] && s->last_failed == f->entry;
	if (noise >= NOISE_SOME && (left_empty || is_final_failure(q, f))) {
		clues_add(c, CLUE_parting_call);
		return true;
	}
	if (noise >= NOISE_SOME && is_sole_failure(q, f)) {
		clues_add(c, CLUE_sole_call);
		return true;
	}
	if (script_went_without(q, f)) {
		clues_add(c, call_opens(f) ? CLUE_script_lacked_file : CLUE_script_lacked_command);
		return true;
	}
	clues_add(c, failure_is_hard(f) ? CLUE_told_other_hard : CLUE_told_other_soft);
	if (names_other_error(q, f))
		clues_add(c, CLUE_told_other_error);
	return unrecorded(q, f, in_vain, noise, reason, c);
}

bool weigh_alone(const struct context *q, struct failure *f, struct clues *c)
{
	if (searched_with_success(q, f) || failure_is_long_socket(f))
		return false;
	/* Shells say so when they find no command, or end for it, and are asked for optional ones more often. */
	bool in_vain = program_is_shell(f->exec) ? shell_ended_for(q, f) : not_found_in_path(q, f);
	enum clue reason = CLUES;
	enum noise noise = in_vain ? NOISE_NONE : noise_of(q, f, &reason);

	*c = (struct clues){ 0 };
	f->line = NULL;
	switch (match_log(q, f, &f->line)) {
	case LOG_MATCH_BOTH:
		clues_add(c,
			noise <= NOISE_MOST ? CLUE_told_though_common : CLUE_told_path_and_error);
		return true;
	case LOG_MATCH_NAME:
		return told_by_name(f, noise, c);
	case LOG_MATCH_ERROR:
		return told_by_error(q, f, noise, reason, c);
	case LOG_MATCH_OTHER:
		return told_other(q, f, in_vain, noise, reason, c);
	default:
		return told_by_status(q, f, noise, reason, c) ||
		       unrecorded(q, f, in_vain, noise, reason, c);
	}
}

static bool is_failure(const struct event *e)
{
	return event_failed(e) &&
	       (e->kind == EVENT_FILE_ERROR || e->kind == EVENT_NETWORK_ERROR ||
		       e->kind == EVENT_PROCESS_ERROR || e->kind == EVENT_EXEC_FAILED);
}

/* Runtimes mount on a descriptor (/proc/self/fd/6): what is mounted says where that lies. */
static const char *mounted_on(const struct container *c, const struct event *e)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (*e->path2 && !strcmp(c->mounts[i].source, e->path2))
			return c->mounts[i].destination;
	return e->path;
}

void failure_of_entry(const struct context *q, const struct story_entry *entry, struct failure *f)
{
	const struct event *e = entry->event;

	*f = (struct failure){ .entry = entry,
		.event = e,
		.exec = entry->exec,
		.process = entry->process,
		.error = event_error(e),
		.path = e->path };
	/* What a rename or link would have made is what others miss later. */
	if (*e->path2 && (call_is(f, "rename") || call_is(f, "link") || call_is(f, "symlink")))
		f->path = e->path2;
	if (call_is(f, "mount") && !f->exec)
		f->path = mounted_on(q->container, e);
	if (e->kind == EVENT_EXEC_FAILED && !*f->path)
		f->path = e->executable;
	/* A socket in the file system is a file like any other. */
	if (e->kind == EVENT_NETWORK_ERROR && e->address[0] == '/')
		f->path = e->address;
}

/* Sets its clues. False: it explains nothing. */
static bool weigh_failure(const struct context *q, struct failure *f)
{
	struct candidate *s = candidate_of(q, f->process);

	/* A container that ran before ktrace did has processes whose program nobody saw. */
	bool runtime = !f->exec && story_runtime_comm(f->event->comm);
	if (!s || f->process->from_outside || (q->started && runtime))
		return false;
	if (q->failed || s->responsible) {
		bool counts = s->responsible && weigh_alone(q, f, &f->clues);
		if (counts) {
			clues_join(&f->clues, &s->clues);
			add_in_each_attempt(q, f);
			weigh_remembered(q, f);
		}
		counts = weigh_passed_over(q, s, f, counts);
		return weigh_given_up(q, f, counts);
	}
	/* Who ends well by itself had its reasons, unless it is restarted again and again for it. */
	if (q->ended && !q->stop && q->input->restarts_same_cause < ENDS_BEFORE)
		return false;
	if (!q->ended && q->input->now < f->entry->last + SETTLED && f->entry != q->wait.entry)
		return false;
	return weigh_without_end(q, s, f);
}

/* The latest: what a thousand workers said before them the last ones said as well. */
static int read_logs(struct context *q)
{
	size_t read = 0;

	for (size_t i = q->n_processes; i-- > 0;) {
		struct candidate *s = &q->candidates[i];
		bool first = q->failed && s->process == q->first;
		bool silent = !s->process->out.len && !s->process->err.len;
		/* Who succeeds says nothing of interest, and who still runs is asked too often. */
		if (!first && (!s->responsible || s->clues.total < THRESHOLD_heard ||
				      (s != q->culprit && !silent && read++ >= LOGS_READ_MAX)))
			continue;
		int err = read_log(s);
		if (err)
			return err;
	}
	return 0;
}

/* Stack traces look for the source of "<string>" after all is lost. From the end: what is noise takes long to find out. */
static void note_last_calls(struct context *q)
{
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct event *e = q->entries[i].event;
		struct candidate *s = candidate_of(q, q->entries[i].process);
		struct failure f;
		/* Whether a name server answered is not seen: what came before it was got over. */
		if (s && e->kind == EVENT_DNS_QUERY && !s->last_failed)
			s->last_failed = &q->entries[i];
		if (!s || !is_failure(e))
			continue;
		if (e->kind == EVENT_FILE_ERROR && e->error == ENOENT &&
			!strncmp(e->syscall, "open", 4) && path_name(e->requested)[0] != '<' &&
			!s->last_open)
			s->last_open = &q->entries[i];
		failure_of_entry(q, &q->entries[i], &f);
		if (s->responsible && !s->last_failed && !is_noise(q, &f))
			s->last_failed = &q->entries[i];
	}
}

int weigh(struct context *q)
{
	size_t space = q->n_entries + q->n_processes;
	int err = read_logs(q);

	if (err)
		return err;
	q->failures = calloc(space ? space : 1, sizeof(*q->failures));
	if (!q->failures)
		return -ENOMEM;
	note_last_calls(q);
	for (size_t i = 0; i < q->n_entries; i++) {
		struct failure *f = &q->failures[q->n_failures];
		bool blocked = q->wait.kind == WAIT_BLOCKED && q->wait.entry == &q->entries[i];
		if (!blocked && !is_failure(q->entries[i].event))
			continue;
		failure_of_entry(q, &q->entries[i], f);
		f->counts = weigh_failure(q, f);
		/* What was to be made may be missed later, even if it counts for nothing. */
		if (f->counts || call_creates(f) || call_owns(f) || failure_refuses_program(f))
			q->n_failures++;
	}
	compare_failures(q);
	for (size_t i = 0; i < q->n_processes; i++)
		if (q->candidates[i].responsible &&
			q->candidates[i].clues.total > THRESHOLD_speaks_for_itself)
			add_logged_failure(q, &q->candidates[i]);
	return 0;
}
