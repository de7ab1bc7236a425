/* SPDX-License-Identifier: MIT */
/* The process tree of one story, as far as its events show it. Only story.c uses this. */
#ifndef KTRACE_STORY_PROCESSES_H
#define KTRACE_STORY_PROCESSES_H

#include "story/story.h"

struct processes;

struct processes *processes_new(void);    /* NULL when out of memory */
void processes_free(struct processes *t); /* NULL is fine */

/*
 * The process that an event is about, made when it is new: a pid that ended and speaks again is a new
 * process. NULL when out of memory.
 */
struct process *processes_of(struct processes *t, const struct event *e);

/* Remembers what the event means for its process: program, output, end, signals. 0 or -ENOMEM. */
int processes_note(struct processes *t, struct process *p, struct event *e);

size_t processes_list(const struct processes *t, struct process *const **out); /* oldest first */
bool processes_full(const struct processes *t); /* time to mark and sweep */

/* Marks so many processes as doomed, the oldest of those that ended well first; never `keep`. */
void processes_mark(struct processes *t, const struct process *keep, size_t count);
/* Of what each but `keep` said only the end is kept. */
void processes_cut_words(struct processes *t, const struct process *keep);
/* Frees what is marked. Nothing may point at it any more. */
void processes_sweep(struct processes *t);

size_t processes_bytes(const struct processes *t);

#endif
