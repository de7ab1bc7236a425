/* SPDX-License-Identifier: MIT */
/*
 * The chunks that are under way to one server, oldest first: so many that a distant one is kept busy, and so
 * few that a server that dies gets few of them twice. Pure.
 */
#ifndef KTRACE_FORWARD_WINDOW_H
#define KTRACE_FORWARD_WINDOW_H

#include <stddef.h>

#define WINDOW_MAX 8

struct window {
	char ids[WINDOW_MAX][33];
	size_t n;
};

void window_add(struct window *w, const char *id); /* one that is not full */

/* Takes out the one that was acknowledged: its place, 0 is the oldest; or -1: it is not there. */
int window_remove(struct window *w, const char *id);

#endif
