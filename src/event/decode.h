/* SPDX-License-Identifier: MIT */
/* Raw bytes from the ring (or from anywhere) to a checked event. Pure. */
#ifndef KTRACE_EVENT_DECODE_H
#define KTRACE_EVENT_DECODE_H

#include "ktrace/event.h"
#include "ktrace/wire.h"

/* Room for the strings that a decoded event points at. */
struct decode_buffer {
	char text[4 * WIRE_RECORD_MAX];
	const char *args[WIRE_ARGS_MAX + 1];
	size_t used;
};

/*
 * Decodes record[0..size) into *draft, whose strings point into *buffer. clock_offset is added to the
 * record's time. 0, or -EBADMSG when the record is not one that ktrace's own programs could have made.
 */
int event_decode(const void *record, size_t size, int64_t clock_offset,
	struct decode_buffer *buffer, struct event *draft);

/*
 * Joins and normalises: "a/../b" relative to "/srv" is "/srv/b". No symbolic link is followed, as
 * nobody can ask later. out has room for size bytes; returns its length, or -ENAMETOOLONG.
 */
int path_join(char *out, size_t size, const char *dir, const char *path);

#endif
