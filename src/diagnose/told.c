// SPDX-License-Identifier: MIT
/*
 * What the last words say of a failed call: its path, its error, both, or nothing. And the other way
 * round: failures that nothing but the words tell of.
 */
#include "diagnose/told.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/decode.h"
#include "util/cleanup.h"

#define ANCESTORS_HEARD 3 /* a parent tells of its child's failure, now and then a grandparent */

/* EPERM and EACCES are one to many programs, and why a thread did not start is nothing to most. */
static bool same_error(int told, const struct failure *f)
{
	return told == f->error || (told == EACCES && f->error == EPERM) ||
	       (told == EPERM && f->error == EACCES) || (told == EAGAIN && call_is(f, "clone"));
}

static bool says_it_lacks(const char *line)
{
	static const char *const signs[] = { "missing", "not found", "not exist", "no such",
		"cannot open", "can't open", "to open", "not open", "error opening",
		"while opening", "to load", "not load", "error loading", "while loading", "to read",
		"not read", "error reading", "while reading", "cannot find", "can't find",
		"not find", "to find", "unable", "access jar", "time zone", "timezone" };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (strcasestr(line, signs[i]))
			return true;
	return false;
}

bool says_it_failed(const char *line)
{
	static const char *const signs[] = { "can't", "cannot", "could not", "unable", "failed",
		"error:", "no such" };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (strcasestr(line, signs[i]))
			return true;
	return says_it_lacks(line);
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
	return at && !in_a_path && words_name(line, stem) && says_it_lacks(line);
}

/* Who may not write to a folder often names it, and not the file. */
static bool names_its_folder(const char *line, const struct failure *f)
{
	char folder[512];

	if (!call_creates(f) || snprintf(folder, sizeof(folder), "%s", f->path) < 0)
		return false;
	char *slash = strrchr(folder, '/');
	if (!slash || slash - folder < 2)
		return false;
	*slash = '\0';
	return words_name(line, folder);
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
	return words_name(line, name);
}

static bool names_it(const char *line, const struct failure *f)
{
	const struct event *e = f->event;

	if (e->kind == EVENT_NETWORK_ERROR && !*f->path)
		return (e->port && words_number(line, e->port)) ||
		       (strlen(e->address) > 2 && words_name(line, e->address));
	if (e->kind == EVENT_PROCESS_ERROR && words_name(line, e->syscall))
		return true;
	if (failure_maps_code(f) && strstr(line, "failed to map segment"))
		return true;
	const char *path = *f->path ? f->path : e->executable;
	if (strlen(path) > 1 && (words_name(line, path) || names_before_return(line, path)))
		return true;
	/* Of a link or rename the old name was asked for, and the new one is meant. */
	if (f->path == e->path && strlen(e->requested) > 2 && words_name(line, e->requested))
		return true;
	if (names_its_folder(line, f))
		return true;
	const char *name = path_name(path);
	if (!strcmp(name, program_name(f->exec)))
		return false;
	/* Commands are plain words: "spawn ffmpeg ENOENT". */
	if (e->kind == EVENT_EXEC_FAILED && strlen(name) > 2 && words_name(line, name))
		return true;
	return (strlen(name) > 2 && words_file(line, path)) || hints_at(line, name);
}

/* A quick no for the many look-ups that no line speaks of. */
static bool mentions(const struct words *w, const struct failure *f)
{
	const struct event *e = f->event;
	const char *name = path_name(*f->path ? f->path : e->executable);
	size_t stem = strcspn(name, ".\r");

	if (!w->n || e->kind != EVENT_FILE_ERROR)
		return w->n > 0;
	if (call_creates(f) && name > f->path + 1) {
		const char *end = name - 1, *folder = end;
		while (folder > f->path && folder[-1] != '/')
			folder--;
		if (memmem(w->text, w->size, folder, (size_t)(end - folder)))
			return true;
	}
	return memmem(w->text, w->size, name, stem ? stem : strlen(name)) ||
	       (strlen(e->requested) > 2 &&
		       memmem(w->text, w->size, e->requested, strlen(e->requested)));
}

/* Shells have no more to say of a program that they cannot run. */
static bool errs_like(const struct words *w, size_t i, const struct failure *f)
{
	if (f->event->kind == EVENT_EXEC_FAILED && f->error == ENOENT &&
		strstr(w->lines[i], "not found"))
		return true;
	/* Libraries tell of the zone, not of the file that would describe it. */
	bool zone = strcasestr(w->lines[i], "time zone") || strcasestr(w->lines[i], "timezone");
	if (zone && f->error == ENOENT && strstr(f->path, "/zoneinfo/"))
		return true;
	/* "unable to open database file": which error it was is left to guess. */
	if (call_opens(f) && !w->errors[i] && strcasestr(w->lines[i], "to open"))
		return true;
	return same_error(w->errors[i], f);
}

static enum told told_by(const struct words *w, const struct failure *f, const char **line)
{
	enum told best = w->n ? TOLD_OTHER : TOLD_NOTHING;

	bool nameable = mentions(w, f);

	for (size_t i = 0; i < w->n; i++) {
		bool error = errs_like(w, i, f);
		bool name = nameable && names_it(w->lines[i], f);
		/* A message may break between what and why; stack traces put them lines apart. */
		for (size_t k = i ? i - 1 : 0; name && !error && k <= i + 1 && k < w->n; k++)
			error = errs_like(w, k, f);
		enum told told = error && name ? TOLD_BOTH
				 : name        ? TOLD_NAME
				 : error       ? TOLD_ERROR
					       : TOLD_OTHER;
		/* "address: '/run/x.sock'" belongs to a message that says more. */
		bool clearer = told == best && told == TOLD_NAME && !says_it_failed(*line) &&
			       says_it_failed(w->lines[i]);
		if ((told > best || clearer) && w->accuses[i]) {
			best = told;
			*line = w->lines[i];
		}
	}
	return best;
}

/* A child of fork that fails to exec tells its parent, and that one tells the world. */
enum told told(const struct inquiry *q, const struct failure *f, const char **line)
{
	const struct process *p = f->process;
	enum told best = TOLD_NOTHING;

	for (int i = 0; p && i < ANCESTORS_HEARD && best < TOLD_ERROR; i++, p = p->parent) {
		const struct suspect *s = suspect_of(q, p);
		if (!s)
			break;
		const char *said = NULL;
		enum told t = told_by(&s->words, f, &said);
		if (t > best) {
			best = t;
			*line = said;
		}
	}
	return best;
}

const char *last_words(const struct inquiry *q, const struct process *p, const struct suspect **who)
{
	for (int i = 0; p && i < ANCESTORS_HEARD + 1; i++, p = p->parent) {
		const struct suspect *s = suspect_of(q, p);
		const char *line = s ? words_last(&s->words) : NULL;
		if (line) {
			*who = s;
			return line;
		}
	}
	return NULL;
}

/* "conf/app.yml", as the program that said it means it: where it looked for that, else from where it began. */
static char *resolve(const struct inquiry *q, const struct process *p, const char *told_path)
{
	const struct event *exec = p->exec;
	char path[4096];

	for (size_t i = q->n_entries; *told_path != '/' && i-- > 0;)
		if (q->entries[i].process == p && *q->entries[i].event->path == '/' &&
			!strcmp(q->entries[i].event->requested, told_path))
			return strdup(q->entries[i].event->path);

	if (path_join(path, sizeof(path), exec && *exec->cwd ? exec->cwd : "/", told_path) < 0)
		return NULL;
	return strdup(path);
}

static bool tells_by_itself(int error)
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
static bool heard_before(const struct inquiry *q, int error, const char *line)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *f = &q->failures[i];
		bool about_it = f->line == line && *f->path && noise_leaves(q, f) > 0;
		if (f->line && (same_error(error, f) || about_it))
			return true;
	}
	return false;
}

/*
 * "could not read config file /etc/app.conf", and what is mounted there by itself is a folder: runtimes that
 * look before they read need no call that fails.
 */
static bool complains_of_a_folder(const struct inquiry *q, const char *line)
{
	char path[512];

	if (!says_it_failed(line) || !words_path(line, path, sizeof(path)) || path[0] != '/')
		return false;
	const struct mount *m = container_mount_of(q->container, path);
	return m->folder && !strcmp(m->destination, path);
}

void add_told(struct inquiry *q, const struct suspect *s)
{
	for (size_t i = 0; i < s->words.n && i < 24; i++) {
		const char *line = s->words.lines[i];
		int error = s->words.errors[i];
		char path[512];
		if (!error && complains_of_a_folder(q, line))
			error = EISDIR;
		if (!tells_by_itself(error) || !s->words.accuses[i] || words_hollow(line) ||
			heard_before(q, error, line))
			continue;
		struct failure *f = &q->failures[q->n_failures];
		*f = (struct failure){ .process = s->process,
			.exec = s->process->exec,
			.error = error,
			.path = "",
			.line = line,
			.weight = s->blame * (i < 8 ? 0.72 : 0.6) };
		if (words_path(line, path, sizeof(path)))
			f->told_path = resolve(q, s->process, path);
		if (f->told_path)
			f->path = f->told_path;
		q->n_failures++;
		return;
	}
}
