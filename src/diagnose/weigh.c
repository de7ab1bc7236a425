// SPDX-License-Identifier: MIT
/* How likely is it that this failed call ended the container? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/log_match.h"
#include "util/cleanup.h"

#define SETTLED SECONDS(1) /* by then a script has tried its other way */
#define BLAME_HEARD 0.2    /* below it nobody reads a process's words */
#define PARTING 0.56       /* more than what remains when nothing explains the end */

/* Errors that no program provokes on purpose, against those that answer a question. */
static bool is_hard(int error)
{
	switch (error) {
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

static double by_itself(const struct failure *f, bool in_vain)
{
	switch (f->event->kind) {
	case EVENT_EXEC_FAILED:
		return 0.6;
	case EVENT_NETWORK_ERROR:
		return call_is(f, "bind") || f->entry->times > 1 ? 0.65 : 0.62;
	case EVENT_PROCESS_ERROR:
		return f->error == EAGAIN ? 0.6 : 0.5;
	default:
		if (is_hard(f->error))
			return call_probes(f) ? 0.45 : 0.6;
		if (in_vain)
			return 0.5;
		return call_probes(f) ? 0.3 : 0.45;
	}
}

static double nearness(const struct context *q, const struct failure *f)
{
	uint64_t end = f->process->ended_at ? f->process->ended_at : story_ended_at(q->story);
	uint64_t gap = end > f->entry->last ? end - f->entry->last : 0;

	/* A program that was followed by another one in its process went well enough. */
	double replaced =
		f->process->exec != f->exec && f->event->kind != EVENT_EXEC_FAILED ? 0.8 : 1;
	return replaced * (gap < SECONDS(0.05)        ? 1
				  : gap < SECONDS(1)  ? 0.93
				  : gap < SECONDS(10) ? 0.75
						      : 0.5);
}

int read_log(struct candidate *s)
{
	if (s->log_lines.text)
		return 0;
	int err = log_lines_of(s->process, &s->log_lines);
	s->mentions_copy |= log_mentions_copy(&s->log_lines);
	return err;
}

/*
 * The last call that failed, at the very end, and the complaint leaves open why: that is most often why. A
 * file that was not found needs a complaint that names nothing else; a refusal one with no reason of its own.
 */
static bool is_final_failure(const struct context *q, const struct failure *f)
{
	const struct candidate *s = candidate_of(q, f->process), *who = NULL;
	const struct process *p = f->process;

	/* Shells look for commands: only files that they are told to look at are meant here. */
	bool command = program_is_shell(f->exec) && directories_tried(q, f) > 1;

	if (s->last_failed != f->entry || p->exec != f->exec || command || !p->ended_at ||
		p->ended_at - f->entry->last >= SECONDS(1))
		return false;
	enum why why = line_reason(decisive_line(q, p, &who));
	return why == WHY_OPEN || (why == WHY_SAID && is_hard(f->error));
}

double weigh_alone(const struct context *q, struct failure *f)
{
	/* Shells say so when they find no command, and are asked for optional ones more often. */
	bool in_vain = !program_is_shell(f->exec) && not_found_in_path(q, f);
	double leaves = in_vain ? 1 : noise_factor(q, f), alone = by_itself(f, in_vain);

	f->line = NULL;
	switch (match_log(q, f, &f->line)) {
	case LOG_MATCH_BOTH:
		return leaves < 0.3 ? 0.7 : 0.95;
	case LOG_MATCH_NAME:
		/* A line of source code in a stack trace names files too. */
		if (f->error == ENOENT && !reports_failure(f->line))
			return leaves < 0.3 ? 0 : 0.4;
		return (is_hard(f->error) ? 0.8 : 0.7) * (leaves < 0.3 ? 0.5 : 1);
	case LOG_MATCH_ERROR:
		/* "No such file or directory", and no word of which: the last one that was opened. */
		if (leaves < 0.6 && candidate_of(q, f->process)->last_open == f->entry &&
			!path_under(f->path, "/proc") && !path_under(f->path, "/sys") &&
			!path_under(f->path, "/dev"))
			leaves = 0.6;
		return (leaves < 0.5 ? leaves : 1) * (is_hard(f->error) ? 0.72 : 0.6) *
		       (nearness(q, f) + 1) / 2;
	case LOG_MATCH_OTHER:
		if (leaves >= 0.5 && is_final_failure(q, f))
			return PARTING;
		return leaves * alone * nearness(q, f) * (is_hard(f->error) ? 0.85 : 0.6);
	default:
		return leaves * alone * nearness(q, f);
	}
}

static bool is_failure(const struct event *e)
{
	return e->error && (e->kind == EVENT_FILE_ERROR || e->kind == EVENT_NETWORK_ERROR ||
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

static void of_entry(const struct context *q, const struct story_entry *entry, struct failure *f)
{
	const struct event *e = entry->event;

	*f = (struct failure){ .entry = entry,
		.event = e,
		.exec = entry->exec,
		.process = entry->process,
		.error = e->error,
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

static double weight_of(const struct context *q, struct failure *f)
{
	struct candidate *s = candidate_of(q, f->process);

	/* A container that ran before ktrace did has processes whose program nobody saw. */
	bool runtime = !f->exec && story_runtime_comm(f->event->comm);
	if (!s || f->process->from_outside || (q->started && runtime))
		return 0;
	if (q->failed || s->responsibility > 0) {
		double own = s->responsibility > 0 ? s->responsibility * weigh_alone(q, f) : 0;
		double passed_over = q->failed ? weigh_passed_over(q, s, f) : 0;
		return own > passed_over ? own : passed_over;
	}
	if (q->ended && !q->stop)
		return 0; /* who ends well by itself had its reasons */
	if (!q->ended && q->input->now < f->entry->last + SETTLED)
		return 0;
	return weigh_without_end(q, s, f);
}

static int read_logs(struct context *q)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		struct candidate *s = &q->candidates[i];
		/* Who succeeds says nothing of interest, and who still runs is asked too often. */
		if (s->responsibility < BLAME_HEARD && (!q->failed || s->process != q->first))
			continue;
		int err = read_log(s);
		if (err)
			return err;
	}
	return 0;
}

/*
 * "No usable temporary directory in [/tmp, /var/tmp, /usr/tmp]": of several places that one line names, the
 * first that refused counts, before later ones and before those that are not there.
 */
static void rank_places(struct context *q)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		bool refused = call_creates(f) && failure_is_refusal(f);
		size_t until = refused ? i : failure_lacks_directory(f) ? q->n_failures : 0;
		for (size_t k = 0; f->line && k < until; k++) {
			const struct failure *other = &q->failures[k];
			if (other->line != f->line || !call_creates(other) ||
				!failure_is_refusal(other))
				continue;
			if (f->weight >= other->weight)
				f->weight = other->weight - (refused ? 0.01 : 0.1);
			break;
		}
	}
}

/* Stack traces look for the source of "<string>" after all is lost. */
static void note_last_calls(struct context *q)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		struct candidate *s = candidate_of(q, q->entries[i].process);
		struct failure f;
		/* Whether a name server answered is not seen: what came before it was got over. */
		if (s && e->kind == EVENT_DNS_QUERY)
			s->last_failed = &q->entries[i];
		if (!s || !is_failure(e))
			continue;
		if (e->kind == EVENT_FILE_ERROR && e->error == ENOENT &&
			!strncmp(e->syscall, "open", 4) && path_name(e->requested)[0] != '<')
			s->last_open = &q->entries[i];
		of_entry(q, &q->entries[i], &f);
		if (s->responsibility > 0 && noise_factor(q, &f) > 0)
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
		if (!is_failure(q->entries[i].event))
			continue;
		of_entry(q, &q->entries[i], f);
		f->weight = weight_of(q, f);
		if (f->weight > 0 || call_creates(f) || call_owns(f))
			q->n_failures++; /* what was to be made may be missed later, even with no weight */
	}
	rank_places(q);
	for (size_t i = 0; i < q->n_processes; i++)
		if (q->candidates[i].responsibility > 0.5)
			add_logged_failure(q, &q->candidates[i]);
	return 0;
}

bool failure_any(const struct context *q, const struct failure *f)
{
	(void)q, (void)f;
	return true;
}

const struct failure *heaviest(
	const struct context *q, bool (*is_one)(const struct context *q, const struct failure *f))
{
	const struct failure *most = NULL;

	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *f = &q->failures[i];
		if (f->weight > 0.05 && (!most || f->weight >= most->weight) && is_one(q, f))
			most = f;
	}
	return most;
}

const char *find_line(
	const struct context *q, bool (*speaks)(const char *line), const struct candidate **who)
{
	const struct candidate *most = NULL;
	const char *found = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct candidate *s = &q->candidates[i];
		if (!s->log_lines.n || (most && most->responsibility >= s->responsibility))
			continue;
		for (size_t k = 0; k < s->log_lines.n; k++) {
			if (!s->log_lines.accuses[k] || !speaks(s->log_lines.lines[k]))
				continue;
			found = s->log_lines.lines[k];
			most = s;
			break;
		}
	}
	if (found)
		*who = most;
	return found;
}
