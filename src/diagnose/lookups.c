// SPDX-License-Identifier: MIT
/*
 * Searches: one name, looked for in directory after directory. A full story holds two thousand look-ups, so that
 * they are sorted by name once rather than gone through for each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/log/match.h"

#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static int by_name(const void *a, const void *b)
{
	const struct lookup *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

static void add(struct context *q, const struct story_entry *entry, const char *path)
{
	const char *name = path_name(path);

	if (*name)
		q->lookups[q->n_lookups++] = (struct lookup){ name, entry };
}

int index_lookups(struct context *q)
{
	q->lookups = calloc(2 * q->n_entries + 1, sizeof(*q->lookups));
	if (!q->lookups)
		return -ENOMEM;
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_FILE_ERROR)
			add(q, &q->entries[i], e->path);
		if (e->kind != EVENT_EXEC)
			continue;
		add(q, &q->entries[i], e->executable);
		if (e->argc && strcmp(path_name(e->args[0]), path_name(e->executable)))
			add(q, &q->entries[i], e->args[0]);
	}
	qsort(q->lookups, q->n_lookups, sizeof(*q->lookups), by_name);
	return 0;
}

size_t lookups_of(const struct context *q, const char *name, const struct lookup **out)
{
	size_t low = 0, high = q->n_lookups, n = 0;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strcmp(q->lookups[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < q->n_lookups && !strcmp(q->lookups[low + n].name, name))
		n++;
	*out = &q->lookups[low];
	return n;
}

bool found_elsewhere(const struct context *q, const struct failure *f)
{
	const char *name = path_name(*f->path ? f->path : f->event->executable);
	const struct lookup *all;
	size_t n = lookups_of(q, name, &all);

	if (f->error == EROFS)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct event *e = all[i].entry->event;
		if (e->kind == EVENT_EXEC && e->time >= f->event->time &&
			e->time <= f->event->time + SECONDS(5))
			return true;
	}
	return false;
}

static bool same_search(const struct story_entry *entry, const struct failure *f)
{
	return entry->process == f->process && entry->exec == f->exec &&
	       entry->event->error == f->error;
}

int directories_tried(const struct context *q, const struct failure *f)
{
	const struct lookup *all;
	size_t n = lookups_of(q, path_name(f->path), &all);
	int tried = 1;

	for (size_t i = 0; i < n; i++)
		if (same_search(all[i].entry, f) && strcmp(all[i].entry->event->path, f->path))
			tried++;
	return tried;
}

static bool tried_in(const struct lookup *all, size_t n, const struct failure *f,
	const char *directory, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		const char *path = all[i].entry->event->path;
		if (same_search(all[i].entry, f) && !strncmp(path, directory, len) &&
			!strcmp(path + len + (path[len] == '/'), all[i].name))
			return true;
	}
	return false;
}

static const struct event *end_with_facts(const struct context *q)
{
	for (size_t i = q->n_entries; !q->started && i--;) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_CONTAINER_EXITED)
			return *e->path && e->facts && e->facts->known ? e : NULL;
	}
	return NULL;
}

const struct event *program_at_end(const struct context *q)
{
	const struct event *end = end_with_facts(q);

	return end && strcmp(end->path, q->container->cwd) ? end : NULL;
}

const struct event *working_directory_at_end(const struct context *q)
{
	const struct event *end = end_with_facts(q);

	return end && !strcmp(end->path, q->container->cwd) ? end : NULL;
}

static const char *path_of(const struct context *q)
{
	return *q->container->path_env ? q->container->path_env : PATH_DEFAULT;
}

bool is_in_path(const struct context *q, const char *path)
{
	size_t len = (size_t)(path_name(path) - path), n;

	for (const char *at = path_of(q); *at; at += n + (at[n] == ':')) {
		n = strcspn(at, ":");
		if (n && n + 1 == len && !strncmp(at, path, n))
			return true;
	}
	return false;
}

bool not_found_in_path(const struct context *q, const struct failure *f)
{
	const char *directory = path_of(q);
	const struct lookup *all;

	if (f->error != ENOENT || !call_probes(f) || f->event->kind != EVENT_FILE_ERROR)
		return false;
	size_t n = lookups_of(q, path_name(f->path), &all), directories = 0;
	while (n > 1 && *directory) {
		size_t len = strcspn(directory, ":");
		if (len && !tried_in(all, n, f, directory, len))
			return false;
		directories += len != 0;
		directory += len + (directory[len] == ':');
	}
	return directories > 1 && !found_elsewhere(q, f);
}

/* Bash looks first, and the child that it makes then only says so and ends. */
static bool is_for(const struct process *p, const struct failure *f)
{
	return p == f->process ||
	       (p->parent == f->process && p->exec == f->exec && p->since >= f->event->time);
}

bool shell_ended_for(const struct context *q, const struct failure *f)
{
	if (!program_is_shell(f->exec) || !f->process || !not_found_in_path(q, f))
		return false;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (is_for(p, f) && p->ended_at && status_exit_code(p->status) == EXIT_NOT_FOUND &&
			time_between(f->entry->last, p->ended_at) < SECONDS(1))
			return true;
	}
	return false;
}

#define LED_TO SECONDS(5) /* a runtime's start, on a busy node */

/* A script handed over to it in its own process, or ran it as a command. */
static bool was_led_to(const struct process *ended, const struct failure *f)
{
	bool same = ended == f->process;

	return program_is_shell(f->exec) && ended->exec != f->exec &&
	       (same || ended->parent == f->process) &&
	       time_between(f->entry->last, ended->ended_at) < LED_TO;
}

bool script_went_without(const struct context *q, const struct failure *f)
{
	const struct process *ended = q->culprit ? q->culprit->process : NULL;
	const struct candidate *who = NULL;
	bool reads = f->event && call_opens(f) && !call_creates(f) && !is_noise(q, f);

	if (!ended || !q->failed || f->error != ENOENT || !f->process || !was_led_to(ended, f) ||
		!(reads || not_found_in_path(q, f)))
		return false;
	const char *line = decisive_line(q, ended, &who);
	return line && line_is_vague(line);
}

bool searched_with_success(const struct context *q, const struct failure *f)
{
	return f->error == ENOENT && f->event &&
	       (f->event->kind == EVENT_EXEC_FAILED || call_probes(f)) && is_in_path(q, f->path) &&
	       found_elsewhere(q, f);
}

static bool failed_for(const struct context *q, const struct process *p, const char *requested)
{
	for (size_t i = 0; i < q->n_entries; i++)
		if (q->entries[i].process == p && q->entries[i].event->kind == EVENT_FILE_ERROR &&
			!strcmp(q->entries[i].event->requested, requested))
			return true;
	return false;
}

bool tries_other_ending(const struct context *q, const struct failure *f)
{
	const char *requested = f->event->requested;

	for (uint32_t i = 1; f->error == ENOENT && f->exec && i < f->exec->argc; i++) {
		const char *given = f->exec->args[i];
		size_t len = strlen(given);
		if (len && !strncmp(requested, given, len) && requested[len] == '.' &&
			failed_for(q, f->process, given))
			return true;
	}
	return false;
}
