// SPDX-License-Identifier: MIT
/*
 * What the last words say of a failed call: its path, its error, both, or nothing. And the other way
 * round: failures that nothing but the words tell of.
 */
#include "diagnose/log/match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/knowledge/limits.h"
#include "event/decode.h"
#include "util/cleanup.h"
#include "util/find.h"

#define LAST_LINES 8      /* what was said before them is less likely why it ended */
#define ANCESTORS_HEARD 3 /* a parent tells of its child's failure, now and then a grandparent */

/* EPERM and EACCES are one to many programs, and why a thread did not start is nothing to most. */
static bool same_error(int logged, const struct failure *f)
{
	return logged == f->error || (logged == EACCES && f->error == EPERM) ||
	       (logged == EPERM && f->error == EACCES) || (logged == EAGAIN && call_is(f, "clone"));
}

static bool reports_missing(const char *line)
{
	static const char *const signs[] = { "missing", "not found", "not exist", "no such",
		"cannot open", "can't open", "to open", "not open", "error opening",
		"while opening", "to load", "not load", "error loading", "while loading", "to read",
		"not read", "error reading", "while reading", "cannot find", "can't find",
		"not find", "to find", "unable", "access jar", "time zone", "timezone" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs));
}

bool reports_failure(const char *line)
{
	static const char *const signs[] = { "can't", "cannot", "could not", "unable", "failed",
		"error:", "no such" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs)) || reports_missing(line);
}

/* "licence missing" speaks of licence.key, but "/usr/lib/licence/x is missing" does not. */
static bool hints_at(const char *line, const char *name)
{
	char stem[64];
	size_t len = strcspn(name, ".");

	if (len < 5 || !name[len] || len >= sizeof(stem) || strspn(name, "0123456789") >= len)
		return false;
	memcpy(stem, name, len);
	stem[len] = '\0';
	const char *at = strstr(line, stem);
	bool in_a_path = at && ((at > line && strchr("/.", at[-1])) || at[len] == '/');
	return at && !in_a_path && line_names(line, stem) && reports_missing(line);
}

/* Who may not write to a directory often names it, and not the file. */
static bool names_its_directory(const char *line, const struct failure *f)
{
	char directory[512];

	if (!call_creates(f) || snprintf(directory, sizeof(directory), "%s", f->path) < 0)
		return false;
	char *slash = strrchr(directory, '/');
	if (!slash || slash - directory < 2)
		return false;
	*slash = '\0';
	return line_names(line, directory);
}

/* The carriage return of a Windows line end is in the name, and ends the line that tells it. */
static bool names_before_return(const char *line, const char *path)
{
	char name[512];
	size_t len = strlen(path);

	if (len < 2 || len >= sizeof(name) || path[len - 1] != '\r')
		return false;
	memcpy(name, path, len - 1);
	name[len - 1] = '\0';
	return line_names(line, name);
}

/* shm_open(3): what the program calls "/name" is the file /dev/shm/name. */
static bool names_shared_memory(const char *line, const char *path)
{
	static const char place[] = "/dev/shm";

	return !strncmp(path, place, sizeof(place) - 1) && path[sizeof(place) - 1] == '/' &&
	       line_names(line, path + sizeof(place) - 1);
}

/* "not enough request capacity in /proc/sys/fs/aio-max-nr" */
static bool names_its_limit(const char *line, const struct event *e)
{
	const struct limit *limit = limit_of_event(e);

	return limit && limit_is_of_node(limit) && limit_in_line(line) == limit;
}

static bool names_it(const char *line, const struct failure *f)
{
	const struct event *e = f->event;

	if (e->kind == EVENT_NETWORK_ERROR && !*f->path)
		return (e->port && line_names_number(line, e->port)) ||
		       (strlen(e->address) > 2 && line_names(line, e->address));
	if (e->kind == EVENT_PROCESS_ERROR &&
		(line_names(line, e->syscall) || names_its_limit(line, e)))
		return true;
	if (failure_maps_code(f) && strstr(line, "failed to map segment"))
		return true;
	const char *path = *f->path ? f->path : e->executable;
	if (strlen(path) > 1 && (line_names(line, path) || names_before_return(line, path) ||
					names_shared_memory(line, path)))
		return true;
	/* Of a link or rename the old name was asked for, and the new one is meant. */
	if (f->path == e->path && strlen(e->requested) > 2 && line_names(line, e->requested))
		return true;
	if (names_its_directory(line, f))
		return true;
	const char *name = path_name(path);
	if (!strcmp(name, program_name(f->exec)))
		return false;
	/* Commands are plain words: "spawn ffmpeg ENOENT". */
	if (e->kind == EVENT_EXEC_FAILED && strlen(name) > 2 && line_names(line, name))
		return true;
	return (strlen(name) > 2 && line_names_file(line, path)) || hints_at(line, name);
}

/* A quick no for the many look-ups that no line speaks of. */
static bool mentions(const struct log_lines *w, const struct failure *f)
{
	const struct event *e = f->event;
	const char *name = path_name(*f->path ? f->path : e->executable);
	size_t stem = strcspn(name, ".\r");

	if (!w->n || e->kind != EVENT_FILE_ERROR)
		return w->n > 0;
	if (call_creates(f) && name > f->path + 1) {
		const char *end = name - 1, *directory = end;
		while (directory > f->path && directory[-1] != '/')
			directory--;
		if (memmem(w->text, w->size, directory, (size_t)(end - directory)))
			return true;
	}
	return memmem(w->text, w->size, name, stem ? stem : strlen(name)) ||
	       (strlen(e->requested) > 2 &&
		       memmem(w->text, w->size, e->requested, strlen(e->requested)));
}

/* Shells have no more to say of a program that they cannot run. */
static bool errs_like(const struct log_lines *w, size_t i, const struct failure *f)
{
	if (f->event->kind == EVENT_EXEC_FAILED && f->error == ENOENT &&
		strstr(w->lines[i], "not found"))
		return true;
	/* Libraries tell of the zone, not of the file that would describe it. */
	bool zone = f->error == ENOENT && strstr(f->path, "/zoneinfo/");
	if (zone && (find_folded(w->lines[i], "time zone") || find_folded(w->lines[i], "timezone")))
		return true;
	/* "unable to open database file": which error it was is left to guess. */
	if (call_opens(f) && !w->errors[i] && find_folded(w->lines[i], "to open"))
		return true;
	return same_error(w->errors[i], f);
}

/* A message that goes on below: indented, behind a colon, wrapped, or what was read and what is wrong with it. */
static bool goes_on_in(const struct log_lines *w, size_t older, size_t newer)
{
	const char *line = w->raw[older];

	return (line_quotes(line) && w->errors[newer]) || w->indented[newer] ||
	       line[strlen(line) - 1] == ':' || line_goes_on(line, w->raw[newer]);
}

/* The line beside line i belongs to the same message, and names no other thing. */
static bool is_joined(const struct log_lines *w, size_t i, size_t beside)
{
	size_t older = beside > i ? beside : i, newer = beside > i ? i : beside;
	bool apart = (older < w->n_err) != (newer < w->n_err);
	char path[512], own[512];

	if (apart || !goes_on_in(w, older, newer))
		return false;
	return !line_path(w->lines[beside], path, sizeof(path)) ||
	       (line_path(w->lines[i], own, sizeof(own)) && !strcmp(path, own));
}

/*
 * The line is about another file: one in another directory (editors name the file, and not their copy beside it), or
 * the call was about no file at all. The program's own path in front of its message is no such name.
 */
static bool names_other_file(const char *line, const struct failure *f)
{
	char path[512];
	size_t directory = (size_t)(path_name(f->path) - f->path);

	if (!line_path(line, path, sizeof(path)) || !strncmp(line, path, strlen(path)))
		return false;
	if (line_is_settings_file(path) && line_locates(line, path)) /* what that line asks for */
		return false;
	if (f->event->kind == EVENT_PROCESS_ERROR && !*f->path)
		return !line_is_source_location(line, path);
	return f->event->kind == EVENT_FILE_ERROR && *f->path && path[0] == '/' &&
	       strncmp(path, f->path, directory) != 0;
}

/*
 * What line i says of the failure; a line accuses by a complaint of its own, or of the message that it is part of.
 * *says is the line that complains.
 */
static enum log_match match_line(const struct log_lines *w, size_t i, const struct failure *f,
	bool nameable, const char **says)
{
	bool error = errs_like(w, i, f), complains = w->complains[i];
	bool name = nameable && names_it(w->lines[i], f);

	*says = w->lines[i];
	for (size_t k = i ? i - 1 : 0; name && k <= i + 1 && k < w->n; k++) {
		if (k == i || !is_joined(w, i, k))
			continue;
		error |= errs_like(w, k, f);
		if (!complains && w->complains[k])
			*says = w->lines[k];
		complains |= w->complains[k];
	}
	/* An error of another file is not this one's. */
	if (error && !name && names_other_file(w->lines[i], f))
		return LOG_MATCH_OTHER;
	if (!complains && !(error && name)) /* one who logs all at one level may still say it */
		return LOG_MATCH_OTHER;
	return error && name ? LOG_MATCH_BOTH
	       : name        ? LOG_MATCH_NAME
	       : error       ? LOG_MATCH_ERROR
			     : LOG_MATCH_OTHER;
}

static enum log_match log_match_in(
	const struct log_lines *w, const struct failure *f, const char **line)
{
	enum log_match best = w->n ? LOG_MATCH_OTHER : LOG_MATCH_NOTHING;
	bool nameable = mentions(w, f);

	for (size_t i = 0; i < w->n; i++) {
		const char *says;
		if (!w->accuses[i])
			continue;
		enum log_match match = match_line(w, i, f, nameable, &says);
		/* "address: '/run/x.sock'" belongs to a message that says more. */
		bool clearer = match == best && match == LOG_MATCH_NAME &&
			       !reports_failure(*line) && reports_failure(says);
		if (match > best || clearer) {
			best = match;
			*line = says;
		}
	}
	return best;
}

static enum severity logged_severity(const struct context *q, const char *line)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct log_lines *w = &q->candidates[i].log_lines;
		size_t k = log_lines_index(w, line);
		if (k < w->n)
			return w->severities[k];
	}
	return SEVERITY_NONE;
}

bool logged_as_harmless(const struct context *q, const char *line)
{
	return line_is_harmless(line, logged_severity(q, line));
}

bool logged_as_error(const struct context *q, const char *line)
{
	return logged_severity(q, line) >= SEVERITY_ERROR && !line_is_harmless(line, SEVERITY_NONE);
}

/* A child of fork that fails to exec tells its parent, and that one tells the world. */
enum log_match match_log(const struct context *q, const struct failure *f, const char **line)
{
	const struct process *p = f->process;
	enum log_match best = LOG_MATCH_NOTHING;

	for (int i = 0; p && i < ANCESTORS_HEARD && best < LOG_MATCH_ERROR; i++, p = p->parent) {
		const struct candidate *s = candidate_of(q, p);
		if (!s)
			break;
		const char *named = NULL;
		enum log_match t = log_match_in(&s->log_lines, f, &named);
		if (t > best) {
			best = t;
			*line = named;
		}
	}
	return best;
}

/* "conf/app.yml", as the program that said it means it: where it looked for that, else from where it began. */
static char *resolve(const struct context *q, const struct process *p, const char *path_from_log)
{
	const struct event *exec = p->exec;
	char path[4096];

	for (size_t i = q->n_entries; *path_from_log != '/' && i-- > 0;)
		if (q->entries[i].process == p && *q->entries[i].event->path == '/' &&
			!strcmp(q->entries[i].event->requested, path_from_log))
			return strdup(q->entries[i].event->path);
	if (!program_names_setting(exec, path_from_log, path, sizeof(path)) &&
		path_join(path, sizeof(path), exec && *exec->cwd ? exec->cwd : "/", path_from_log) <
			0)
		return NULL;
	return strdup(path);
}

static bool is_specific(int error)
{
	switch (error) {
	case EISDIR:
	case ENOTDIR:
	case ENOENT:
	case EACCES:
	case EROFS:
	case ENOSPC:
	case EMFILE:
	case EADDRINUSE:
	case EADDRNOTAVAIL:
	case ECONNREFUSED:
	case ETIMEDOUT:
	case ENETUNREACH:
	case EHOSTUNREACH:
		return true;
	default:
		return false;
	}
}

/*
 * What the kernel answered counts, where the line is about that call: some programs tell another error than
 * they got. It is not about a look-up or removal that finds nothing as a matter of course.
 */
static bool logged_before(const struct context *q, int error, const char *line)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *f = &q->failures[i];
		bool about_it = f->line == line && *f->path && !is_noise(q, f);
		if (f->line && (same_error(error, f) || about_it))
			return true;
	}
	return false;
}

/*
 * "could not read config file /etc/app.conf", and what is mounted there by itself is a directory: runtimes that
 * look before they read need no call that fails.
 */
static bool complains_of_directory(const struct context *q, const char *line)
{
	char path[512];

	if (!reports_failure(line) || !line_path(line, path, sizeof(path)) || path[0] != '/')
		return false;
	const struct mount *m = container_mount_of(q->container, path);
	return m->directory && !strcmp(m->destination, path);
}

void add_logged_failure(struct context *q, const struct candidate *s)
{
	for (size_t i = 0; i < s->log_lines.n && i < 24; i++) {
		const char *line = s->log_lines.lines[i];
		int error = s->log_lines.errors[i];
		char path[512];
		if (!error && complains_of_directory(q, line))
			error = EISDIR;
		if (!is_specific(error) || !s->log_lines.accuses[i] || line_is_filler(line) ||
			logged_before(q, error, line))
			continue;
		struct failure *f = &q->failures[q->n_failures];
		*f = (struct failure){ .process = s->process,
			.exec = s->process->exec,
			.error = error,
			.line = line,
			.counts = true,
			.clues = s->clues };
		clues_add(&f->clues, i < LAST_LINES ? CLUE_told_only_last : CLUE_told_only);
		if (line_path(line, path, sizeof(path)))
			f->path_from_log = resolve(q, s->process, path);
		f->path = f->path_from_log ? f->path_from_log : "";
		q->n_failures++;
		return;
	}
}
