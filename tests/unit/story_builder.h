/* SPDX-License-Identifier: MIT */
/*
 * Tells a story for a test: a container, its processes and what happened to them, a millisecond apart.
 * Pids are small numbers; process 1 is the container's first one.
 */
#ifndef KTRACE_TESTS_STORY_BUILDER_H
#define KTRACE_TESTS_STORY_BUILDER_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "diagnose/diagnose.h"
#include "util/cleanup.h"

#define BUILDER_START 1700000000000000000ULL
#define MS 1000000ULL

struct builder {
	struct story *story;
	struct container *c;
	uint64_t now;
	uint32_t parent[64]; /* of each pid, that of the first is 0 */
	char comm[64][16];
	struct diagnose_input input;
	struct path_facts facts; /* put on the next failure when known */
};

static inline struct builder builder_new(void)
{
	struct builder t = { .now = BUILDER_START };

	t.c = container_new();
	container_set(&t.c->id, "c0ffee");
	container_set(&t.c->pod, "pod-0");
	container_set(&t.c->k8s_namespace, "tests");
	container_set(&t.c->k8s_container, "app");
	t.c->type = CONTAINER_MAIN;
	t.c->root.kind = MOUNT_ROOTFS;
	if (!t.c->root.destination)
		container_set(&t.c->root.destination, "/");
	t.story = story_new(t.c);
	t.input.missing_probes = "";
	t.input.machine = 62; /* EM_X86_64 */
	return t;
}

static inline void builder_free(struct builder *t)
{
	story_free(t->story);
	container_unref(t->c);
}

static inline void builder_mount(
	struct builder *t, const char *at, enum mount_kind kind, const char *name, bool read_only)
{
	t->c->mounts = realloc(t->c->mounts, (t->c->n_mounts + 1) * sizeof(*t->c->mounts));
	struct mount *m = &t->c->mounts[t->c->n_mounts++];
	*m = (struct mount){ .kind = kind, .read_only = read_only };
	container_set(&m->destination, at);
	container_set(&m->source, "/host");
	container_set(&m->fstype, "bind");
	container_set(&m->name, name);
}

static inline void builder_add(struct builder *t, struct event draft)
{
	uint32_t pid = draft.pid;

	t->now += MS;
	draft.time = t->now;
	draft.container = t->c;
	draft.tid = pid;
	draft.parent_pid = pid == 1 ? 1000 : t->parent[pid];
	draft.vpid = pid;
	if (!draft.comm)
		draft.comm = t->comm[pid];
	draft.parent_comm = pid == 1 ? "containerd-shim" : t->comm[t->parent[pid]];
	draft.repeats = draft.repeats ? draft.repeats : 1;
	if (t->facts.known && draft.error) {
		draft.facts = malloc(sizeof(*draft.facts));
		*draft.facts = t->facts;
		t->facts = (struct path_facts){ 0 };
	}
	struct event *e = event_new(&draft);
	assert_non_null(e);
	assert_int_equal(story_add(t->story, e), 0);
	event_unref(e);
}

static inline void builder_fork(struct builder *t, uint32_t parent, uint32_t pid)
{
	t->parent[pid] = parent;
	memcpy(t->comm[pid], t->comm[parent], sizeof(t->comm[pid]));
}

/* `command` is split at blanks. The first exec of process 1 starts the container. */
static inline void builder_exec_as(
	struct builder *t, uint32_t pid, const char *interpreter, const char *command)
{
	char words[512];
	const char *args[32];
	uint32_t n = 0;

	snprintf(words, sizeof(words), "%s", command);
	for (char *w = strtok(words, " "); w && n < 32; w = strtok(NULL, " "))
		args[n++] = w;
	const char *name = strrchr(args[0], '/') ? strrchr(args[0], '/') + 1 : args[0];
	char path[128];
	snprintf(path, sizeof(path), "%s%s", args[0][0] == '/' ? "" : "/usr/bin/", args[0]);
	snprintf(t->comm[pid], sizeof(t->comm[pid]), "%s", name);
	bool first = pid == 1 && !story_started(t->story);
	builder_add(t, (struct event){ .kind = EVENT_EXEC,
			       .pid = pid,
			       .executable = path,
			       .interpreter = interpreter,
			       .cwd = "/",
			       .args = args,
			       .argc = n });
	if (first)
		builder_add(t, (struct event){ .kind = EVENT_CONTAINER_STARTED, .pid = pid });
}

static inline void builder_exec(struct builder *t, uint32_t pid, const char *command)
{
	builder_exec_as(t, pid, "", command);
}

static inline void builder_run(
	struct builder *t, uint32_t parent, uint32_t pid, const char *command)
{
	builder_fork(t, parent, pid);
	builder_exec(t, pid, command);
}

static inline void builder_fail_flags(struct builder *t, uint32_t pid, const char *call,
	const char *flags, int error, const char *path)
{
	builder_add(t, (struct event){ .kind = EVENT_FILE_ERROR,
			       .pid = pid,
			       .syscall = call,
			       .error = error,
			       .path = path,
			       .requested = path,
			       .flags = flags,
			       .uid = 1000,
			       .gid = 1000,
			       .mount = container_mount_of(t->c, path) });
}

static inline void builder_fail(
	struct builder *t, uint32_t pid, const char *call, int error, const char *path)
{
	builder_fail_flags(t, pid, call, "O_RDONLY", error, path);
}

static inline void builder_fail_create(struct builder *t, uint32_t pid, int error, const char *path)
{
	builder_fail_flags(t, pid, "openat", "O_WRONLY|O_CREAT|O_TRUNC", error, path);
}

static inline void builder_fail_exec(struct builder *t, uint32_t pid, int error, const char *path)
{
	builder_add(t, (struct event){ .kind = EVENT_EXEC_FAILED,
			       .pid = pid,
			       .syscall = "execve",
			       .error = error,
			       .executable = path,
			       .path = path,
			       .requested = path,
			       .uid = 1000 });
}

static inline void builder_fail_net(struct builder *t, uint32_t pid, const char *call, int error,
	const char *address, uint16_t port)
{
	builder_add(t, (struct event){ .kind = EVENT_NETWORK_ERROR,
			       .pid = pid,
			       .syscall = call,
			       .error = error,
			       .address = address,
			       .port = port,
			       .family = AF_INET,
			       .sock_type = SOCK_STREAM,
			       .uid = 1000 });
}

static inline void builder_fail_call(struct builder *t, uint32_t pid, const char *call, int error)
{
	builder_add(t,
		(struct event){
			.kind = EVENT_PROCESS_ERROR, .pid = pid, .syscall = call, .error = error });
}

static inline void builder_output(struct builder *t, uint32_t pid, const char *text)
{
	builder_add(t, (struct event){ .kind = EVENT_OUTPUT,
			       .pid = pid,
			       .fd = 2,
			       .text = text,
			       .text_total = (uint32_t)strlen(text) });
}

static inline void builder_listen(
	struct builder *t, uint32_t pid, const char *address, uint16_t port)
{
	builder_add(t, (struct event){ .kind = EVENT_LISTEN,
			       .pid = pid,
			       .address = address,
			       .port = port,
			       .family = AF_INET });
}

static inline void builder_signal(struct builder *t, uint32_t pid, int signo, bool from_outside)
{
	builder_add(t, (struct event){ .kind = EVENT_SIGNAL,
			       .pid = pid,
			       .signo = signo,
			       .sender_pid = 4242,
			       .sender_comm = from_outside ? "containerd-shim" : "sh",
			       .from_outside = from_outside });
}

/* status as wait(2) has it: see exited() and killed(). The end of process 1 is the container's. */
static inline void builder_end(struct builder *t, uint32_t pid, int status)
{
	builder_add(
		t, (struct event){ .kind = EVENT_PROCESS_EXITED, .pid = pid, .status = status });
	if (pid == 1)
		builder_add(
			t, (struct event){
				   .kind = EVENT_CONTAINER_EXITED, .pid = pid, .status = status });
}

static inline int exited(int code)
{
	return code << 8;
}

static inline int killed(int signo)
{
	return signo;
}

static inline struct diagnosis *builder_diagnose(struct builder *t)
{
	struct diagnosis *d = (void *)-1;

	if (!t->input.now)
		t->input.now = t->now + 1000 * MS;
	t->input.why = true;
	assert_int_equal(diagnose(t->story, &t->input, &d), 0);
	return d;
}

/* Ends the tale: it must be explained by this cause, with this path (NULL: any) and this word somewhere. */
static inline void builder_expect(
	struct builder *t, const char *cause, const char *path, const char *word)
{
	struct diagnosis *d = builder_diagnose(t);

	if (!d)
		fail_msg("no diagnosis, %s wanted", cause);
	bool said = !word || strstr(d->title, word) || strstr(d->summary, word);
	for (size_t i = 0; i < d->n_recommendations; i++)
		said |= word && (strstr(d->recommendations[i].text, word) ||
					(d->recommendations[i].manifest &&
						strstr(d->recommendations[i].manifest, word)));
	if (strcmp(d->root_cause, cause) || !said || (path && (!d->path || strcmp(d->path, path))))
		fail_msg("%s (%.2f) path %s\n  %s\n  %s\nwanted %s %s, word %s\n%s", d->root_cause,
			d->confidence, d->path, d->title, d->summary, cause, path ? path : "(any)",
			word, d->why);
	assert_true(d->confidence > 0 && d->confidence <= 1);
	assert_true(*d->summary && !strchr(d->title, '\n'));
	diagnosis_free(d);
	builder_free(t);
}

static inline void builder_expect_nothing(struct builder *t)
{
	struct diagnosis *d = builder_diagnose(t);

	if (d)
		fail_msg("false alarm: %s (%.2f) %s: %s", d->root_cause, d->confidence, d->path,
			d->summary);
	builder_free(t);
}

#endif
