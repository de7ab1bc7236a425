// SPDX-License-Identifier: MIT
/*
 * A lock, pid or socket file of an earlier run, kept by a volume: in a new container the pid that it names is
 * somebody else's, often the program's own, so that the program takes itself for running already. Locks that the
 * kernel holds (flock, fcntl) end with their process: who is refused one of those has a living rival.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/stale_files.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

/* The container's own file system is new at each start: what lies there, this run has made. */
static bool left_socket(const struct context *q, const struct failure *f)
{
	const struct event *e = f->event;

	if (!e || f->error != EADDRINUSE || !call_is(f, "bind") || e->address[0] != '/')
		return false;
	return e->holder_none || (!e->holder_pid && mount_is_volume(mount_of(q, f)));
}

static bool speaks_of_a_left_file(const char *line)
{
	return stale_file_in_line(line) != NULL;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, left_socket) || rule_log_line(q, v, speaks_of_a_left_file);
}

/* In the line, or said by the line below it: "remove /tmp/.X99-lock and start again". */
static void find_path(
	const struct verdict *v, const struct stale_file *file, char *out, size_t size)
{
	const char *lines[LOG_LINES_AROUND];
	size_t n = log_lines_around(&v->candidate->log_lines, v->line, lines);
	const struct event *exec = v->candidate->process->exec;

	if (line_path(v->line, out, size) && *out == '/')
		return;
	for (size_t i = 0; i < n; i++)
		if (line_path(lines[i], out, size) && *out == '/')
			return;
	*out = '\0';
	/* PostgreSQL names its file by itself, and its directory where it was started. */
	for (uint32_t i = 1; file->name && exec && i + 1 < exec->argc; i++)
		if (!strcmp(exec->args[i], "-D") && exec->args[i + 1][0] == '/' &&
			strlen(exec->args[i + 1]) + strlen(file->name) + 2 < size) {
			strcpy(out, exec->args[i + 1]);
			strcat(out, "/");
			strcat(out, file->name);
		}
}

static void recommend_removal(
	const struct context *q, const char *path, const char *what, struct report *r)
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
		"makes "
		"anew.",
		NULL,
	};
	const struct mount *m = container_mount_of(q->container, *path ? path : "/");
	const struct blanks b = {
		.path = path, .other = what, .volume = m->name, .mount = m->destination
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
	recommend_removal(q, path, "socket file", r);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	char path[512];

	if (v->failure) {
		explain_socket(q, v->failure, r);
		return;
	}
	const struct stale_file *file = stale_file_in_line(v->line);
	const struct process *p = v->candidate->process;

	find_path(v, file, path, sizeof(path));
	report_title(r, "%s takes itself for running: a %s is left from an earlier run",
		phrase_process_name(p).text, file->what);
	report_sentence(r,
		"%s found %s%s%s and gave up: the process that it names ended with an earlier "
		"container, "
		"or is a different one here.",
		phrase_process(p).text, *path ? path : "a ", *path ? "" : file->what,
		*path ? "" : " of an earlier run");
	report_sentence(r, "It said: \"%s\".", phrase_message(v->line, p->comm).text);
	if (q->ended)
		report_sentence(
			r, "The %s then ended with exit code %d.", subject_of(q), q->exit_code);
	report_culprit(r, p->last_output ? p->last_output : p->exit);
	report_path(r, path);
	report_quote_block(r, v->candidate, v->line);
	recommend_removal(q, path, file->what, r);
}

const struct rule rule_stale_state = {
	.match = match,
	.explain = explain,
};
