// SPDX-License-Identifier: MIT
/*
 * From what failed to what it came from. When a file is missing, the question is who should have made
 * it: a call that would have made it, or the directory it is in, and failed; or a program that was given its
 * name and ended badly; or, of a relative name, a directory that was not entered. Then that is the cause, and the
 * missing file is what followed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/log/match.h"
#include "diagnose/text/places.h"

#define STEM_LEAST 4 /* shorter names stand in any line */
#define STEPS_MAX 8  /* a copy failed for want of a directory that could not be made, and so on */

static uint64_t time_of(const struct context *q, const struct failure *f)
{
	return f->event ? f->event->time : story_ended_at(q->story);
}

static bool something_is_missing(const struct failure *f)
{
	return *f->path && (f->error == ENOENT || f->error == ENOTDIR);
}

static void directory_of(const char *path, char *out, size_t size)
{
	snprintf(out, size, "%s", path);
	char *slash = strrchr(out, '/');
	if (slash)
		*slash = '\0';
}

/* Places where everybody makes files: that two lie there ties nothing. */
static bool common_place(const char *directory)
{
	return !*directory || !strcmp(directory, "/tmp") || !strcmp(directory, "/run") ||
	       !strcmp(directory, "/var/run") || !strcmp(directory, "/etc") ||
	       !strcmp(directory, "/dev/shm") || !strcmp(directory, "/var/tmp");
}

/* 0: this failure has nothing to do with the missing one; more is closer. */
static int would_have_made(const struct failure *f, const struct failure *missing)
{
	char directory[4096];

	if (!call_creates(f) || !*f->path || f == missing || f->error == EEXIST)
		return 0;
	if (!strcmp(f->path, missing->path))
		return 3;
	if (path_under(missing->path, f->path))
		return 2;
	directory_of(f->path, directory, sizeof(directory));
	return failure_is_refusal(f) && !common_place(directory) &&
			       path_under(missing->path, directory)
		       ? 1
		       : 0;
}

/* mkdir -p, makedirs: the file or directory is tried first, then the directories above it. */
static bool refused_the_directory(
	const struct context *q, const struct failure *f, const struct failure *missing)
{
	return f->process == missing->process && failure_is_refusal(f) &&
	       strcmp(f->path, missing->path) && path_under(missing->path, f->path) &&
	       time_of(q, f) < time_of(q, missing) + SECONDS(1);
}

/* An entrypoint's chown that was refused, before the program that it was meant for ran. */
static struct failure *failed_to_own(const struct context *q, const struct failure *denied)
{
	struct failure *best = NULL;

	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		if (!call_owns(f) || !failure_is_refusal(f) || !*f->path ||
			time_of(q, f) >= time_of(q, denied) || !f->process ||
			f->process->from_outside ||
			(f->process == denied->process && f->exec == denied->exec))
			continue;
		if (path_under(denied->path, f->path) &&
			(!best || strlen(f->path) > strlen(best->path)))
			best = f;
	}
	return best;
}

static struct failure *failed_to_make(const struct context *q, const struct failure *missing)
{
	struct failure *best = NULL;
	int closest = 0;

	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		if ((f->process && f->process->from_outside) || noise_retried(q, f))
			continue;
		if (time_of(q, f) >= time_of(q, missing) && !refused_the_directory(q, f, missing))
			continue;
		/* Something that is not there can't keep itself from being made. */
		if (f->error == ENOENT && !strcmp(f->path, missing->path) &&
			f->process == missing->process)
			continue;
		int close = would_have_made(f, missing);
		if (close > closest) {
			closest = close;
			best = f;
		}
	}
	return best;
}

/* Its arguments name the missing thing, or the directory that it should be in. */
static bool was_to_make(const struct event *exec, const struct failure *missing)
{
	const char *name = path_name(missing->path);
	char directory[4096];

	if (!exec || program_is_shell(exec) ||
		(program_probes(exec) && strcmp(program_name(exec), "find")))
		return false;
	directory_of(missing->path, directory, sizeof(directory));
	for (uint32_t i = 1; i < exec->argc; i++) {
		const char *arg = exec->args[i];
		size_t len = strlen(arg);
		if (strlen(name) > 3 && strstr(arg, name))
			return true;
		while (len > 1 && arg[len - 1] == '/')
			len--;
		if (!common_place(directory) && len == strlen(directory) &&
			!strncmp(arg, directory, len))
			return true;
	}
	return false;
}

static const struct process *failed_before(const struct context *q, const struct failure *missing)
{
	const struct process *best = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (!p->ended_at || !p->status || p->from_outside || p == missing->process ||
			p->ended_at > time_of(q, missing) || !was_to_make(p->exec, missing))
			continue;
		if (!best || p->ended_at >= best->ended_at)
			best = p;
	}
	return best;
}

/* No image and no volume has it: somebody makes it while the container starts. */
static bool is_made_at_start(const struct failure *missing)
{
	const struct mount *m = missing->event ? missing->event->mount : NULL;

	return place_is_made_at_start(missing->path) ||
	       (m && (m->kind == MOUNT_EMPTYDIR || m->kind == MOUNT_TMPFS));
}

/* A shell was given the script after all. */
static bool was_run_by_a_shell(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct event *exec = q->processes[i]->exec;
		if (program_is_shell(exec) && exec->time > f->event->time &&
			program_mentions(exec, f->path))
			return true;
	}
	return false;
}

/* The last step before it that could not be run at all: what it would have made nobody knows but that it is missing. */
static struct failure *failed_to_run(const struct context *q, const struct failure *missing)
{
	struct failure *last = NULL;

	if (missing->error != ENOENT || !is_made_at_start(missing))
		return NULL;
	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		if (failure_refuses_program(f) && f->process && !f->process->from_outside &&
			time_of(q, f) < time_of(q, missing) && !found_elsewhere(q, f) &&
			!was_run_by_a_shell(q, f))
			last = f;
	}
	return last;
}

/* The likeliest failure within one process, as if that one had ended the container. */
static struct failure *worst_of(const struct context *q, const struct process *p)
{
	struct failure *worst = NULL;
	int most = THRESHOLD_traced;

	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		if (f->process != p || !f->event)
			continue;
		struct clues alone;
		if (weigh_alone(q, f, &alone) && alone.total >= most) {
			most = alone.total;
			worst = f;
		}
	}
	return worst;
}

static void lead(struct context *q, struct failure *cause, struct failure *followed)
{
	/* That a program was given the name of what is missing ties them less than a call to make it. */
	bool by_call = (call_creates(cause) || call_owns(cause)) && *cause->path;
	struct clues clues = followed->clues, exactly;

	clues_add(&clues, by_call                   ? CLUE_led_by_call
			  : call_is(cause, "chdir") ? CLUE_led_by_start
						    : CLUE_led_by_name);
	clues_only(&exactly, CLUE_led_exactly);
	/* Missed exactly what could not be made: no chance, whatever the last words were. */
	if (by_call && clues.total < exactly.total && path_under(followed->path, cause->path))
		clues = exactly;
	if (!cause->counts || cause->clues.total < clues.total)
		cause->clues = clues;
	cause->counts = true;
	cause->led_to = followed;
	/* Whoever looked for it, and however often, missed it for the same cause. */
	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		if (f != cause && f->error == followed->error && !strcmp(f->path, followed->path)) {
			clues_add(&f->clues, CLUE_follows);
			f->traced = true;
		}
	}
}

/* The call was given a relative path, or the program was, and made a whole one of it. */
static bool is_relative_to_start(const struct failure *missing)
{
	const struct event *exec = missing->exec;
	const char *asked = missing->event ? missing->event->requested : "";
	size_t len = strlen(missing->path);

	if (*asked && *asked != '/')
		return true;
	for (uint32_t i = 1; exec && i < exec->argc; i++) {
		const char *arg = exec->args[i];
		size_t n = strlen(arg);
		if (n && *arg != '/' && *arg != '-' && len > n &&
			missing->path[len - n - 1] == '/' && !strcmp(missing->path + len - n, arg))
			return true;
	}
	return false;
}

/* `cd DIR; program name`: a name without a directory in front is missed where one did not get. */
static struct failure *failed_to_enter(const struct context *q, const struct failure *missing)
{
	const struct process *p = missing->process;
	struct failure *last = NULL;

	if (!p || !is_relative_to_start(missing))
		return NULL;
	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		if (f != missing && f->event && call_is(f, "chdir") && *f->path &&
			(f->process == p || f->process == p->parent) &&
			time_of(q, f) < time_of(q, missing) && program_is_shell(f->exec))
			last = f;
	}
	return last;
}

static struct failure *cause_of(struct context *q, struct failure *missing)
{
	if (missing->error == EACCES)
		return failed_to_own(q, missing);
	struct failure *cause = failed_to_make(q, missing);
	if (!cause)
		cause = failed_to_enter(q, missing);
	if (cause)
		return cause;
	const struct process *p = failed_before(q, missing);
	if (!p)
		return failed_to_run(q, missing);
	struct candidate *s = candidate_of(q, p);
	if (!s->responsible || s->clues.total < missing->clues.total)
		s->clues = missing->clues;
	s->responsible = true;
	(void)read_log(s); /* without the words it is a little less certain */
	return worst_of(q, p);
}

static bool worth_tracing(const struct context *q, const struct failure *f)
{
	(void)q;
	bool denied = f->error == EACCES && *f->path && f->event && !call_owns(f);

	return f->clues.total >= THRESHOLD_traced && !f->traced && !(f->event && noise_cache(f)) &&
	       (something_is_missing(f) || denied);
}

/* "settings" of /app/settings.py: languages name a module, not the file that holds it. */
static bool stem_of(const char *path, char *out, size_t size)
{
	const char *name = path_name(path);
	size_t len = strcspn(name, ".");

	snprintf(out, size, "%.*s", (int)len, name);
	return len >= STEM_LEAST && len < size;
}

/*
 * A language that imports what an earlier step failed to put there need not make any call that fails: it lists
 * the directory. Only its words name the module.
 */
static void trace_words(struct context *q, const struct candidate *s)
{
	const char *line = log_lines_decisive(&s->log_lines);
	char stem[64];

	for (size_t i = 0; line && reports_failure(line) && i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		if (!f->event || !call_creates(f) || !failure_is_refusal(f) ||
			f->process == s->process || (f->process && f->process->from_outside) ||
			!stem_of(f->path, stem, sizeof(stem)) || !line_names(line, stem) ||
			noise_retried(q, f))
			continue;
		struct clues clues = s->clues;
		clues_add(&clues, CLUE_led_by_words);
		if (!f->counts || f->clues.total < clues.total)
			f->clues = clues;
		f->counts = true;
	}
}

/* What was refused outweighs what was then missed for it by far; that it was missed still tells what it was for. */
static void trace_heaviest(struct context *q, struct failure *missing)
{
	struct failure *cause = something_is_missing(missing) ? failed_to_make(q, missing) : NULL;

	if (cause && cause == heaviest(q, failure_any) && !cause->led_to)
		lead(q, cause, missing);
}

void trace_causes(struct context *q)
{
	if (q->culprit)
		trace_words(q, q->culprit);
	for (int step = 0; step < STEPS_MAX; step++) {
		struct failure *missing = (struct failure *)heaviest(q, worth_tracing);
		/* What is not near the heaviest will not be told anyway. */
		if (!missing)
			return;
		if (missing->clues.total <
			heaviest(q, failure_any)->clues.total - THRESHOLD_traced_gap) {
			trace_heaviest(q, missing);
			return;
		}
		missing->traced = true;
		struct failure *cause = cause_of(q, missing);
		if (cause && !cause->led_to)
			lead(q, cause, missing);
	}
}
