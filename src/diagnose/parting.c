// SPDX-License-Identifier: MIT
/* The call that failed right before its process ended, and words that do not say why it did. */
#include <errno.h>
#include <string.h>

#include "diagnose/knowledge/devices.h"
#include "diagnose/knowledge/limits.h"
#include "diagnose/log/match.h"
#include "util/cleanup.h"
#include "util/find.h"

#define AT_ONCE SECONDS(0.05) /* nothing else can have been tried in between */

static bool complains_at(const struct log_lines *w, const char *line)
{
	size_t i = log_lines_index(w, line);

	return i == w->n || log_lines_complaint(w, i);
}

/* What complains of nothing says nothing. */
static enum why reason_given(const struct candidate *who, const char *line)
{
	bool silent = line && who && (!complains_at(&who->log_lines, line) || line_sums_up(line));

	return silent ? WHY_OPEN : line_reason(line);
}

/* EINVAL answers a question, unless the call ran into a limit: then it is a refusal like any other. */
static bool is_refused(const struct failure *f)
{
	return failure_is_hard(f) || limit_of_event(f->event);
}

/* A line that it was passed over with: "no /etc/app.yaml, using the defaults". */
static bool is_spoken_of(const struct candidate *s, const struct failure *f)
{
	for (size_t i = 0; i < s->log_lines.n; i++)
		if (line_names(s->log_lines.lines[i], f->path) ||
			line_names(s->log_lines.lines[i], path_name(f->path)))
			return true;
	return false;
}

/* ".env", ".aws/config": a user's or a developer's own, which an image need not have. */
static bool is_hidden(const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/'))
		if (slash[1] == '.')
			return true;
	return false;
}

/* A file that it does without, by its own words or by its name. */
static bool is_done_without(const struct candidate *s, const struct failure *f)
{
	return f->error == ENOENT && (is_hidden(f->path) || is_spoken_of(s, f));
}

bool is_final_failure(const struct context *q, const struct failure *f)
{
	const struct candidate *s = candidate_of(q, f->process), *who = NULL;
	const struct process *p = f->process;

	/* Shells look for commands: only files that they are told to look at are meant here. */
	bool command = program_is_shell(f->exec) && directories_tried(q, f) > 1;

	if (s->last_failed != f->entry || p->exec != f->exec || command || !p->ended_at ||
		time_between(f->entry->last, p->ended_at) >= SECONDS(1) || is_done_without(s, f))
		return false;
	const char *line = decisive_line(q, p, &who);
	/* It names an error that is not this one: then it tells of another call. */
	if (line && line_errno(line))
		return false;
	enum why why = reason_given(who, line);
	return why == WHY_OPEN || (why == WHY_SAID && is_refused(f));
}

/* The one call of its program that failed and means anything: there is no other. */
static bool is_alone(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct story_entry *other = &q->entries[i];
		struct failure g;
		if (other == f->entry || other->process != f->process || other->exec != f->exec ||
			!event_failed(other->event))
			continue;
		failure_of_entry(q, other, &g);
		if (!is_noise(q, &g))
			return false;
	}
	return true;
}

/*
 * It says that something failed, and not for a reason of its own. Of such reasons only a lack may come of the file: it
 * may have held what is not there.
 */
static bool may_come_of_missing(const struct failure *f, const char *line)
{
	static const char *const lacks[] = { "must be", "required", "not set", "unset", "undefined",
		"not defined" };

	/* What a driver is asked for fails as it likes: "Input/output error". */
	if (device_of(f->path))
		return true;
	if (line_errno(line))
		return false;
	return (line_reason(line) != WHY_OWN && reports_failure(line)) ||
	       (line_is_settings_file(f->path) && has_one_folded(line, lacks, ARRAY_SIZE(lacks)));
}

/* It opens a file that is not there, and its process ended at once, by itself, with that program. */
static bool ended_behind_open(const struct failure *f)
{
	const struct process *p = f->process;

	return f->error == ENOENT && call_opens(f) && p->exec == f->exec && p->ended_at &&
	       !status_signal(p->status) && time_between(f->entry->last, p->ended_at) < AT_ONCE;
}

bool is_sole_failure(const struct context *q, const struct failure *f)
{
	const struct candidate *s = candidate_of(q, f->process), *who = NULL;

	if (s->last_failed != f->entry || !ended_behind_open(f) || program_is_shell(f->exec))
		return false;
	const char *line = decisive_line(q, f->process, &who);
	return line && who->process == f->process && may_come_of_missing(f, line) &&
	       !is_done_without(s, f) && is_alone(q, f);
}
