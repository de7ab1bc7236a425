/* SPDX-License-Identifier: MIT */
/* What the looks share; only for their own files. An answer comes from a worker, and is trusted with no more than its length. */
#ifndef KTRACE_CONTAINER_LOOKS_PARTS_H
#define KTRACE_CONTAINER_LOOKS_PARTS_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "container/looks.h"
#include "util/pack.h"

enum {
	LOOK_PATH,
	LOOK_PROCESS,
	LOOK_HOLDER,
	LOOK_COMMAND,
	LOOK_RESOLVER,
	LOOK_DIRECTORY,
	LOOK_ADDRESSES,
	LOOK_CALL,
	LOOKS
};

/* The worker's side of look_at_path(), and the end of what it keeps for the next one. */
int look_serve_path(struct unpack *u, void *reply, size_t size);
void look_rest(void);

/* The worker's side of look_at_call(). */
int look_serve_call(struct unpack *u, void *reply, size_t size);

/* 0, or that the answer is an error, or not what was asked for. */
static inline int checked(int len, size_t wanted)
{
	return len < 0 ? len : (size_t)len == wanted ? 0 : -EBADMSG;
}

/* Whatever byte was sent for it. */
static inline void check_bool(bool *b)
{
	unsigned char byte;

	memcpy(&byte, b, 1);
	*b = byte != 0;
}

#define END(text) ((text)[sizeof(text) - 1] = '\0')

#endif
