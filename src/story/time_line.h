/* SPDX-License-Identifier: MIT */
/* What happened in one story, in order of time: equal failures are one entry, and the least useful is forgotten first. Only story.c uses this. */
#ifndef KTRACE_STORY_TIME_LINE_H
#define KTRACE_STORY_TIME_LINE_H

#include "story/story.h"

/* How long an entry is kept: the lowest go first. Look-ups fail all the time. */
enum worth { WORTH_LEAST, WORTH_LOOKUP, WORTH_FAILURE, WORTH_MOST };

/* Starts as zeros. */
struct time_line {
	struct story_entry *entries;
	size_t n, capacity;
	size_t bytes; /* of the entries' events */
	size_t n_packed;
	bool is_short; /* of space: it is packed while nobody looks */
};

void time_line_clear(struct time_line *t);

/* Adds what p did, or the container itself (NULL), nearly in order of time; takes references of its own. 0 or -ENOMEM. */
int time_line_add(struct time_line *t, struct event *e, struct process *p);

/* Forgets the oldest of what is worth least and no more than that, until no more entries and bytes are left. */
void time_line_forget(struct time_line *t, enum worth worthiest, size_t most, size_t bytes);

/* Forgets what doomed processes did. */
void time_line_forget_doomed(struct time_line *t);

/* Packs all that may go and nobody else has; from then on it is short of space. */
void time_line_pack(struct time_line *t);

/* Unpacks all. Returns how many entries are lost for want of memory. */
size_t time_line_unpack(struct time_line *t);

/* Gives back what the list has room for and does not need; it only grows by itself. */
void time_line_trim(struct time_line *t);

size_t time_line_bytes(const struct time_line *t); /* heap that it holds */

#endif
