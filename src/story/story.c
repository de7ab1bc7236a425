// SPDX-License-Identifier: MIT
#include "story/story.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "story/processes.h"
#include "story/time_line.h"
#include "util/cleanup.h"

#define PROCESSES_LEAST 16 /* that are kept, where space is short */

struct story {
	struct container *container;
	struct time_line line;
	uint64_t forgotten; /* by story_shrink() */
	struct processes *processes;
	struct process *first;
	bool started, ended;
	int status;
	uint64_t started_at, ended_at, listening_at;
};

struct story *story_new(struct container *c)
{
	struct story *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->processes = processes_new();
	if (!s->processes) {
		free(s);
		return NULL;
	}
	s->container = container_ref(c);
	return s;
}

void story_free(struct story *s)
{
	if (!s)
		return;
	time_line_clear(&s->line);
	processes_free(s->processes);
	container_unref(s->container);
	free(s);
}

bool story_runtime_comm(const char *comm)
{
	/* Whole names, as the kernel cuts them; "runc:[2:INIT]" and the like are stages of one. */
	static const char *const names[] = { "runc", "crun", "youki", "conmon", "conmonrs",
		"containerd", "containerd-shim", "dockerd", "kata-runtime", "kata-agent",
		"kata-shim", "runsc", "runsc-sandbox", "runsc-gofer" };
	size_t len = strcspn(comm, ":");

	if (comm[len] && comm[len + 1] != '[')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (*comm == *names[i] && !strncmp(comm, names[i], len) && !names[i][len])
			return true;
	return false;
}

static void forget_processes(struct story *s, size_t count)
{
	processes_mark(s->processes, s->first, count);
	time_line_forget_doomed(&s->line);
	processes_sweep(s->processes);
}

static void elect(struct story *s, struct process *p)
{
	s->first = p;
	p->from_outside = false;
}

static void note_start(struct story *s, const struct event *e, struct process *p)
{
	bool program = e->kind == EVENT_EXEC && p && p->exec == e && !p->from_outside;

	if (e->kind != EVENT_CONTAINER_STARTED && !program)
		return;
	if (p && (!s->first || (!s->started && s->first->vpid != 1)))
		elect(s, p);
	if (!s->started)
		s->started_at = e->time;
	s->started = true;
}

static void note_end(struct story *s, const struct event *e, struct process *p)
{
	bool container = e->kind == EVENT_CONTAINER_EXITED;
	bool process = e->kind == EVENT_PROCESS_EXITED && p && p == s->first && p->vpid == 1;

	if (s->ended || (!container && !process))
		return;
	if (container && p && p->ended_at)
		elect(s, p);
	s->ended = true;
	s->ended_at = e->time;
	s->status = e->status;
}

/* What the event means for the container as a whole. */
static void note(struct story *s, const struct event *e, struct process *p)
{
	if (p && p->vpid == 1 && (!s->first || s->first->vpid != 1) && !s->started)
		elect(s, p);
	note_start(s, e, p);
	if ((e->kind == EVENT_LISTEN || e->kind == EVENT_CONTAINER_LISTENING) && !s->listening_at)
		s->listening_at = e->time;
	note_end(s, e, p);
}

static bool of_a_process(enum event_kind kind)
{
	return kind != EVENT_CONTAINER_CREATED && kind != EVENT_CONTAINER_REMOVED;
}

/* Output is kept with its process, not on the time line. */
static bool on_the_time_line(enum event_kind kind)
{
	return kind != EVENT_OUTPUT && kind != EVENT_RUNTIME && kind != EVENT_NONE;
}

int story_add(struct story *s, struct event *e)
{
	struct process *p = NULL;
	int err = 0;

	if (of_a_process(e->kind) && e->pid) {
		p = processes_of(s->processes, e);
		err = p ? processes_note(s->processes, p, e) : -ENOMEM;
	}
	if (err)
		return err;
	note(s, e, p);
	err = on_the_time_line(e->kind) ? time_line_add(&s->line, e, p) : 0;
	if (err)
		return err;
	if (processes_full(s->processes))
		forget_processes(s, STORY_PROCESSES_MAX / 4);
	/* A quarter at once: not with every event. */
	if (s->line.n > STORY_ENTRIES_MAX || s->line.bytes > STORY_BYTES_MAX)
		time_line_forget(
			&s->line, WORTH_MOST, STORY_ENTRIES_MAX / 4 * 3, STORY_BYTES_MAX / 4 * 3);
	return 0;
}

void story_shrink(struct story *s, size_t most)
{
	struct process *const *list;
	size_t entries = s->line.n, processes = story_processes(s, &list), n = processes, before;

	time_line_pack(&s->line);
	if (story_bytes(s) > most)
		processes_cut_words(s->processes, s->first);
	if (story_bytes(s) > most)
		time_line_forget(&s->line, WORTH_LOOKUP, s->line.n / 2, s->line.bytes / 2);
	while (story_bytes(s) > most && n > PROCESSES_LEAST) {
		before = n;
		forget_processes(s, n / 4);
		n = story_processes(s, &list);
		if (n == before)
			break;
	}
	if (story_bytes(s) > most)
		time_line_forget(&s->line, WORTH_MOST, s->line.n / 2, s->line.bytes / 2);
	time_line_trim(&s->line);
	s->forgotten += entries - s->line.n + processes - n;
}

void story_rest(struct story *s)
{
	if (s->line.is_short)
		time_line_pack(&s->line);
}

uint64_t story_forgotten(const struct story *s)
{
	return s->forgotten;
}

struct container *story_container(const struct story *s)
{
	return s->container;
}

bool story_started(const struct story *s)
{
	return s->started;
}

bool story_ended(const struct story *s)
{
	return s->ended;
}

int story_status(const struct story *s)
{
	return s->status;
}

size_t story_bytes(const struct story *s)
{
	return sizeof(*s) + time_line_bytes(&s->line) + processes_bytes(s->processes);
}

uint64_t story_started_at(const struct story *s)
{
	return s->started_at;
}

uint64_t story_ended_at(const struct story *s)
{
	return s->ended_at;
}

uint64_t story_listening_at(const struct story *s)
{
	return s->listening_at;
}

size_t story_entries(const struct story *s, const struct story_entry **out)
{
	struct story *own = (struct story *)s; /* it is the same story, unpacked */

	own->forgotten += time_line_unpack(&own->line);
	*out = s->line.entries;
	return s->line.n;
}

size_t story_processes(const struct story *s, struct process *const **out)
{
	return processes_list(s->processes, out);
}

const struct process *story_first_process(const struct story *s)
{
	return s->first;
}
