/* SPDX-License-Identifier: MIT */
/*
 * What people need to know of a limit: what it counts, for whom, and who raises it. event/limits.h has the
 * table of the calls that run into them.
 */
#ifndef KTRACE_KNOWLEDGE_LIMITS_H
#define KTRACE_KNOWLEDGE_LIMITS_H

#include "event/limits.h"

struct limit_text {
	const char *name;    /* of event/limits.h */
	const char *what;    /* "file watches" */
	const char *counted; /* "counted for each user, over all containers of the node" */
	const char *example; /* a value that is large enough for most, or NULL */
	const char *instead; /* what does without raising it: an imperative, or NULL */
};

/* NULL for NULL and for limits that have rules of their own. */
const struct limit_text *limit_text_of(const struct limit *l);

/* The limit that an event ran into: as looked up when it failed, else the likeliest. NULL when it is none. */
const struct limit *limit_of_event(const struct event *e);

/* Of the node's kernel: nothing in the container or its pod is used up. */
bool limit_is_of_node(const struct limit *l);

/* A call that sets limits was about RLIMIT_NOFILE. */
bool raises_open_files(const struct event *e);

/* The settings by which a server asks for more or fewer open files: "maxconn"; NULL where none is known. */
const char *setting_of_open_files(const char *program);

/* The limit that a message is about, by its own name or by a phrase that is known for it; or NULL. */
const struct limit *limit_in_line(const char *line);

#endif
