// SPDX-License-Identifier: MIT
/*
 * A lock, pid or socket file of an earlier run, kept by a volume: in a new container the pid that it names is
 * somebody else's, often the program's own, so that the program takes itself for running already. Locks that the
 * kernel holds (flock, fcntl) end with their process: who is refused one of those has a living rival.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/stale_files.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"
#include "util/find.h"

/* The container's own file system is new at each start: what lies there, this run has made. */
static bool left_socket(const struct context *q, const struct failure *f)
{
	const struct event *e = f->event;

	if (!e || f->error != EADDRINUSE || !call_is(f, "bind") || e->address[0] != '/')
		return false;
	return e->holder_none || (!e->holder_pid && mount_is_volume(mount_of(q, f)));
}

/* A file that says who runs, by its name: never a directory that a message names beside it. */
static bool is_lock_name(const char *path)
{
	static const char *const marks[] = { ".pid", "pid_", "lock", "Lock", ".lck", "LCK", ".sock",
		"Singleton" };
	const char *name = path_name(path);

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (strstr(name, marks[i]))
			return true;
	return false;
}

/* open(2): with O_EXCL who makes the file has the lock, also when the one that made it is gone long since. */
static bool left_lock(const struct context *q, const struct failure *f)
{
	return f->event && f->error == EEXIST && call_opens(f) && is_lock_name(f->path) &&
	       mount_is_volume(mount_of(q, f));
}

static bool speaks_of_a_left_file(const char *line)
{
	return stale_file_in_line(line) != NULL;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, left_socket) || rule_log_line(q, v, speaks_of_a_left_file) ||
	       rule_failure(q, v, left_lock);
}

#define PATH_SIZE 512

/*
 * What must never be removed, as data lies there or somebody works there: something was looked for below it, it was
 * looked at, or a process worked in it.
 */
static bool was_used_as_directory(const struct event *e, const char *path)
{
	bool same = !strcmp(e->path, path);

	if (path_under(e->path, path) && !same)
		return true;
	if (same && e->facts && e->facts->known && e->facts->file.type == FILE_DIRECTORY)
		return true;
	return !strcmp(e->cwd, path);
}

static bool is_directory(const struct context *q, const struct event *exec, const char *path)
{
	size_t len = strlen(path);

	if (!len || path[len - 1] == '/' || !strcmp(path, q->container->cwd))
		return true;
	for (size_t i = 0; i < q->container->n_mounts; i++)
		if (path_under(q->container->mounts[i].destination, path) &&
			!is_lock_name(q->container->mounts[i].destination))
			return true;
	for (size_t i = 0; i < q->n_entries; i++)
		if (was_used_as_directory(q->entries[i].event, path))
			return true;
	return exec && !strcmp(exec->cwd, path);
}

/* -D DIR, --datadir=DIR and the like; NULL when the command names none. */
static const char *data_directory(const struct event *exec)
{
	static const char *const options[] = { "-D", "--dbpath", "--datadir", "--data-dir",
		"--pgdata", "--user-data-dir" };

	for (uint32_t i = 1; exec && i < exec->argc; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(options); j++) {
			size_t len = strlen(options[j]);
			const char *value = exec->args[i] + len;
			if (strncmp(exec->args[i], options[j], len))
				continue;
			if (!*value && i + 1 < exec->argc)
				value = exec->args[i + 1];
			value += *value == '=';
			if (*value == '/')
				return value;
		}
	}
	return NULL;
}

/* The file that the program failed to make or read, by this name. */
static const char *seen_under_name(
	const struct context *q, const struct process *p, const char *name)
{
	const struct lookup *all;
	size_t n = lookups_of(q, path_name(name), &all);

	while (n--) {
		const struct story_entry *entry = all[n].entry;
		if (entry->process == p && entry->event->kind == EVENT_FILE_ERROR &&
			entry->event->path[0] == '/')
			return entry->event->path;
	}
	return NULL;
}

static bool join(const char *directory, const char *name, char *out, size_t size)
{
	bool slash = *directory && directory[strlen(directory) - 1] == '/';

	return (size_t)snprintf(out, size, "%s%s%s", directory, slash ? "" : "/", name) < size;
}

/* A line of the message that names the file with its directory: "remove /tmp/.X99-lock and start again". */
static bool named_nearby(const struct verdict *v, const char *name, char *out, size_t size)
{
	const char *lines[LOG_LINES_AROUND];
	size_t n = log_lines_around(&v->candidate->log_lines, v->line, lines);

	for (size_t i = 0; i < n; i++)
		if (line_path(lines[i], out, size) && *out == '/' &&
			(*name ? !strcmp(path_name(out), path_name(name)) : is_lock_name(out)))
			return true;
	return false;
}

/* A directory that the message names: "running in data directory "/data"?". */
static bool directory_nearby(const struct verdict *v, char *out, size_t size)
{
	const char *lines[LOG_LINES_AROUND];
	size_t n = log_lines_around(&v->candidate->log_lines, v->line, lines);

	for (size_t i = 0; i < n; i++)
		if (strstr(lines[i], "data directory") && line_path(lines[i], out, size) &&
			*out == '/' && !is_lock_name(out))
			return true;
	return false;
}

/*
 * The file that the message names, in the directory where it was seen, that the message or the command names, or
 * that the program works in. *name is all that is known where out stays empty.
 */
static void find_path(const struct context *q, const struct verdict *v,
	const struct stale_file *file, char *name, char *out, size_t size)
{
	const struct event *exec = v->candidate->process->exec;
	const char *seen, *data = data_directory(exec);
	char directory[PATH_SIZE];

	*out = '\0';
	if (!line_path(v->line, name, size) ||
		(*name == '/' && is_directory(q, exec, name) && !is_lock_name(name)))
		snprintf(name, size, "%s", file->name ?: "");
	if (*name == '/') {
		snprintf(out, size, "%s", name);
		return;
	}
	if (named_nearby(v, name, out, size))
		return;
	*out = '\0';
	if (!*name)
		return;
	if ((seen = seen_under_name(q, v->candidate->process, name)))
		snprintf(out, size, "%s", seen);
	else if (directory_nearby(v, directory, sizeof(directory)))
		join(directory, name, out, size);
	else if (data)
		join(data, name, out, size);
	else if (!file->name && exec && exec->cwd[0] == '/')
		join(exec->cwd, name, out, size);
}

/* Another process of this container that runs the same program under the pid that the message names. */
static const struct process *living_rival(const struct context *q, const struct verdict *v)
{
	const struct process *self = v->candidate->process;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (!runs_beside(self, p) || p->vpid < 2)
			continue;
		const char *lines[LOG_LINES_AROUND];
		size_t n = log_lines_around(&v->candidate->log_lines, v->line, lines);
		bool named = line_names_number(v->line, p->vpid);
		for (size_t j = 0; !named && j < n; j++)
			named = find_folded(lines[j], "pid") &&
				line_names_number(lines[j], p->vpid);
		if (named)
			return p;
	}
	return NULL;
}

static void explain_rival(const struct verdict *v, const struct process *rival,
	const struct stale_file *file, struct report *r)
{
	static const struct advice one = {
		"Start {name} only once, or stop the other instance first: two instances share "
		"the same files, and the {other} is that of a running one.",
		NULL,
	};
	const struct process *p = v->candidate->process;

	report_title(r, "%s runs already in this container", phrase_process_name(p).text);
	report_sentence(r, "%s gave up, because the %s is that of %s, which was still running.",
		phrase_process(p).text, file->what, phrase_process(rival).text);
	report_sentence(r, "It said: \"%s\".", phrase_message(v->line, p->comm).text);
	report_culprit(r, p->last_output ? p->last_output : p->exit);
	report_quote_block(r, v->candidate, v->line);
	recommend(r, &one, &(struct blanks){ .name = p->comm, .other = file->what });
}

static void recommend_removal(const struct context *q, const char *who, const char *path,
	const char *what, struct report *r)
{
	static const struct advice remove_it = {
		"Remove the {other} before the program starts: `rm -f {path}` in its start script, "
		"or in "
		"an init container as below; first make sure that no other pod uses the volume.",
		"initContainers:\n  - name: clean\n    image: busybox\n    command: [rm, -f, "
		"{path}]\n"
		"    volumeMounts:\n      - name: {volume}\n        mountPath: {mount}\n",
	};
	static const struct advice no_volume = {
		"Remove the {other} before the program starts[: `rm -f {path}` in its start "
		"script].",
		NULL,
	};
	static const struct advice elsewhere = {
		"Or keep it off the volume: under /run or /tmp of the container, which each start "
		"makes anew.",
		NULL,
	};
	const struct mount *m = container_mount_of(q->container, *path ? path : "/");
	const struct blanks b = {
		.path = path, .name = who, .other = what, .volume = m->name, .mount = m->destination
	};

	/* An emptyDir is new with each pod: what lies there, a restart of this container has left. */
	if (!mount_is_volume(m) || m->kind == MOUNT_EMPTYDIR || !*m->name ||
		!recommend(r, &remove_it, &b))
		recommend(r, &no_volume, &b);
	recommend(r, &elsewhere, &b);
}

static void explain_socket(const struct context *q, const struct failure *f, struct report *r)
{
	const char *path = f->event->address;

	report_title(r, "The socket file %s is left from an earlier run", path);
	report_sentence(r, "%s could not listen on %s: a file of that name exists already, and %s.",
		phrase_who(f).text, path,
		f->event->holder_none ? "nobody listens on it"
				      : "no process of this container was seen to listen on it; it "
					"is most likely "
					"left from an earlier run");
	if (!mount_is_image(mount_of(q, f)))
		report_sentence(r, "It lies in %s, which outlives the container.",
			phrase_mount(q, mount_of(q, f)).text);
	report_consequence(r, f);
	report_failure(r, f);
	recommend_removal(q, phrase_name(f).text, path, "socket file", r);
}

static void explain_lock(const struct context *q, const struct failure *f, struct report *r)
{
	report_title(r, "The lock file %s is there already", f->path);
	report_sentence(r,
		"%s could not make the lock file %s: it exists already, left from an earlier run "
		"or made by another pod that runs now.",
		phrase_who(f).text, f->path);
	report_sentence(r, "It lies in %s, which outlives the container.",
		phrase_mount(q, mount_of(q, f)).text);
	report_consequence(r, f);
	report_failure(r, f);
	recommend_removal(q, phrase_name(f).text, f->path, "lock file", r);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	char path[PATH_SIZE], name[PATH_SIZE], what[PATH_SIZE + 64];

	if (v->failure) {
		if (v->failure->error == EEXIST)
			explain_lock(q, v->failure, r);
		else
			explain_socket(q, v->failure, r);
		return;
	}
	const struct stale_file *file = stale_file_in_line(v->line);
	const struct process *p = v->candidate->process;

	const struct process *rival = living_rival(q, v);
	if (rival) {
		explain_rival(v, rival, file, r);
		return;
	}
	find_path(q, v, file, name, path, sizeof(path));
	bool alone = !*path && *name;
	snprintf(what, sizeof(what), "%s%s%s%s", file->what, alone ? " " : "", alone ? name : "",
		alone ? " in the program's data directory" : "");
	report_title(r, "%s takes itself for running: a %s is left from an earlier run",
		phrase_process_name(p).text, file->what);
	report_sentence(r,
		"%s found %s%s%s and gave up: the process that it names ended with an earlier "
		"container, or is a different one here.",
		phrase_process(p).text, *path ? path : "the ", *path ? "" : what,
		*path ? "" : " of an earlier run");
	report_sentence(r, "It said: \"%s\".", phrase_message(v->line, p->comm).text);
	if (q->ended)
		report_sentence(
			r, "The %s then ended with exit code %d.", subject_of(q), q->exit_code);
	report_culprit(r, p->last_output ? p->last_output : p->exit);
	report_path(r, path);
	report_quote_block(r, v->candidate, v->line);
	recommend_removal(q, phrase_process_name(p).text, path, *path ? file->what : what, r);
}

const struct rule rule_stale_state = {
	.match = match,
	.explain = explain,
};
