/* SPDX-License-Identifier: MIT */
/*
 * One container's time line and process tree: bounded, forgets in order, knows phases. Pure: time
 * comes with the events. The story keeps what an explanation may need and forgets what it may not:
 * failures that repeat, and the oldest noise first; exec, exit, OOM and signal events last.
 */
#ifndef KTRACE_STORY_STORY_H
#define KTRACE_STORY_STORY_H

#include "ktrace/container.h"
#include "ktrace/event.h"
#include "util/strbuf.h"

#define STORY_ENTRIES_MAX 2048
#define STORY_BYTES_MAX (1 << 20)
#define STORY_PROCESSES_MAX 1024
#define STORY_WORDS_MAX 4096 /* of each process and stream: the latest, behind the first lines */
#define STORY_FIRST_WORDS_MAX 512 /* of these, as whole lines: the first ones */

struct story;

/* One process, from its first event on. Lives as long as the story, or until forgotten. */
struct process {
	uint32_t pid, vpid, parent_pid;
	struct process *parent; /* NULL: outside of the container, or never seen */
	char comm[16];          /* the latest */
	struct event *exec; /* the program in it; a forked one's is its parent's; NULL: none yet */
	bool from_outside; /* came in from outside: the runtime's helpers, `kubectl exec`, probes */
	uint64_t since, ended_at; /* nanoseconds since 1970; ended_at is 0 while it runs */
	int status;               /* as wait(2) has it, once ended */
	struct event *exit, *oom, *last_output; /* or NULL */
	struct event *signal;   /* the first terminating signal that was sent to it, or NULL */
	struct strbuf out, err; /* what it said on fd 1 and 2, STORY_WORDS_MAX of each */
	size_t place;           /* in story_processes() */
	bool doomed;            /* the story's own mark while it forgets */
};

/* One thing that happened. Equal failures of a process are one entry. */
struct story_entry {
	struct event *event;         /* the first of the equal ones */
	struct packed_event *packed; /* while nobody looks it is in place of that (time_line.c) */
	struct process *process;     /* NULL for events of the container itself */
	struct event *exec;  /* the program that ran in it then; NULL: the runtime's own init */
	uint64_t last;       /* time of the latest equal one */
	uint64_t times;      /* how many there were */
	unsigned char worth; /* how long it is kept (story.c) */
	uint32_t alike;      /* equal failures have the same number (story.c) */
};

/* A story for one container; takes a reference to it. NULL when out of memory. */
struct story *story_new(struct container *c);
void story_free(struct story *s); /* NULL is fine */

/* Adds what happened, nearly in order of time; takes a reference of its own. 0 or -ENOMEM. */
int story_add(struct story *s, struct event *e);

/*
 * Packs what it holds, and forgets until that is no more bytes than so many, or nothing is left that can be: words of old,
 * processes, events, the oldest and least useful first. What is forgotten here is counted.
 */
void story_shrink(struct story *s, size_t most);

/* Packs again what story_entries() unpacked, where space was short once. */
void story_rest(struct story *s);

uint64_t story_forgotten(const struct story *s);

struct container *story_container(const struct story *s); /* borrowed */
bool story_started(const struct story *s);                /* a program of the container's own ran */
bool story_ended(const struct story *s);                  /* its first process ended */
int story_status(const struct story *s);                  /* wait status of that one, 0 before */
size_t story_bytes(const struct story *s);                /* heap that it holds */

/* Nanoseconds since 1970, 0 when it has not happened. */
uint64_t story_started_at(const struct story *s);
uint64_t story_ended_at(const struct story *s);
uint64_t story_listening_at(const struct story *s); /* the first listen */

/*
 * All in order of time; borrowed until the next call that is not const. Each returns how many. Entries that were packed are unpacked;
 * for what there is no memory is forgotten.
 */
size_t story_entries(const struct story *s, const struct story_entry **out);
size_t story_processes(const struct story *s, struct process *const **out);

/* The container's first process; NULL while nothing is known of it. */
const struct process *story_first_process(const struct story *s);

/* Process names of container runtimes and their shims: "runc:[2:INIT]", "containerd-shim", "conmon". */
bool story_runtime_comm(const char *comm);

#endif
