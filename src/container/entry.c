// SPDX-License-Identifier: MIT
#include "container/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container/runtimes.h"

struct entry *entry_new(uint64_t cgroup, struct container *c, uint64_t now)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->cgroup = cgroup;
	e->container = c;
	e->made = now;
	e->state = c ? ENTRY_WAITING : ENTRY_IGNORED;
	return e;
}

void entry_free(struct entry *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n_waiting; i++)
		event_unref(e->waiting[i]);
	free(e->waiting);
	looks_free(&e->looks);
	container_unref(e->container);
	free(e);
}

int entry_queue(struct entry *e, const struct event *draft, size_t max)
{
	if (e->n_waiting >= max)
		return -ENOSPC;
	/* The array doubles whenever its length is a power of two. */
	if (!(e->n_waiting & (e->n_waiting - 1))) {
		size_t capacity = e->n_waiting ? e->n_waiting * 2 : 1;
		struct event **bigger = realloc(e->waiting, capacity * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		e->waiting = bigger;
	}
	struct event *copy = event_new(draft);
	if (!copy)
		return -ENOMEM;
	e->waiting[e->n_waiting++] = copy;
	e->waiting_bytes += event_size(copy);
	return 0;
}

/*
 * The process whose end is the container's. In a pid namespace of its own it has pid 1, from before
 * the runtime's init became the program. Under `ktrace run` it is the first one that is seen. In a
 * namespace shared with the pod's other containers only the first program knows.
 */
static void note_init(struct entry *e, const struct event *event)
{
	if (e->started || !event->pid)
		return;
	if (event->vpid == 1)
		e->init_pid = event->pid;
	else if (!e->init_pid && !strcmp(e->container->runtime, "ktrace"))
		e->init_pid = event->pid;
}

/* The start of the container's own program? Hooks run there too, as children of the runtime's init. */
static bool is_first_program(const struct entry *e, const struct event *event)
{
	if (e->started || runtime_is_init(event->executable, event->args, event->argc))
		return false;
	if (e->init_pid)
		return event->pid == e->init_pid;
	return !event->parent_comm || !runtime_is_init_comm(event->parent_comm);
}

static bool is_last_exit(const struct entry *e, const struct event *event)
{
	if (e->exited)
		return false;
	if (e->init_pid)
		return event->pid == e->init_pid;
	/* The runtime's last stage ended before it could become the program. */
	return !e->started && event->comm && runtime_is_init_comm(event->comm);
}

enum event_kind entry_live(struct entry *e, const struct event *event)
{
	note_init(e, event);
	if (event->kind == EVENT_EXEC && is_first_program(e, event)) {
		e->started = true;
		e->started_at = event->time;
		e->init_pid = event->pid;
		return EVENT_CONTAINER_STARTED;
	}
	if (event->kind == EVENT_LISTEN && !e->listening) {
		e->listening = true;
		return EVENT_CONTAINER_LISTENING;
	}
	if (event->kind == EVENT_PROCESS_EXITED && is_last_exit(e, event)) {
		e->exited = true;
		e->dead_at = event->time;
		return EVENT_CONTAINER_EXITED;
	}
	return EVENT_NONE;
}
