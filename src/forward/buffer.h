/* SPDX-License-Identifier: MIT */
/*
 * Entries that wait on disk until a server has acknowledged them: chunks, a file each, in a directory
 * that one agent has to itself. A chunk grows until it is sealed; once sealed it never changes, so
 * that one that is sent again has the same id and the same content. What was flushed survives the
 * agent's death (not the node's: nothing waits for the disk). Several chunks may be under way to a server at
 * once. Beyond the limit the oldest chunk goes first, of those that are not under way. Where the disk fails,
 * a chunk's worth of entries is kept in memory instead. Damage costs the entries that it hit, and is counted.
 */
#ifndef KTRACE_FORWARD_BUFFER_H
#define KTRACE_FORWARD_BUFFER_H

#include <stdbool.h>

#include "util/strbuf.h"

#define BUFFER_MIN (1 << 20)   /* the least max_bytes */
#define BUFFER_CHUNK (1 << 18) /* bytes at which a chunk is sealed */

struct buffer_options {
	const char *dir;    /* made when it is not there; its parents are not */
	uint64_t max_bytes; /* of all chunks together */
	const char
		*tag; /* of chunks that begin now: those that an earlier agent left keep theirs */
};

struct buffer_chunk {
	char id[33]; /* 128 random bits in hex: unique among all agents of a cluster */
	char *tag;
	uint64_t records, bytes;
};

struct buffer_stats {
	uint64_t records, bytes; /* that wait now */
	uint64_t chunks;
	uint64_t dropped_full;    /* records of the oldest chunks, gone to make room */
	uint64_t dropped_disk;    /* records that neither disk nor memory could take */
	uint64_t dropped_corrupt; /* records that cannot be read any more; at least so many */
};

struct buffer;

/*
 * Opens the directory and takes over what an earlier agent left there. 0; -EBUSY: another agent has it;
 * -EINVAL: max_bytes is less than BUFFER_MIN; or another negative errno.
 */
int buffer_open(const struct buffer_options *options, struct buffer **out);
void buffer_close(struct buffer *b); /* flushes; what waits stays on disk. NULL is fine */

void buffer_add(struct buffer *b, const char *entry, size_t len); /* at most BUFFER_CHUNK bytes */
int buffer_flush(struct buffer *b); /* to the file; 0 or a negative errno: it is tried again */

bool buffer_is_open(const struct buffer *b); /* entries wait in a chunk that is not sealed */
void buffer_seal(struct buffer *b);          /* ends the chunk that grows, if there is one */

/* The oldest chunk that is sealed and not under way, borrowed until the next call of any of these; or NULL. */
const struct buffer_chunk *buffer_next(const struct buffer *b);

/*
 * Appends the entries of buffer_next(), without anything between them: it is under way from then on. The
 * number of its entries, at least 1; or a negative errno: -EBADMSG when nothing of it can be read, and it is
 * gone; others pass, and it is as before.
 */
long buffer_take(struct buffer *b, struct strbuf *out);
/* That chunk is not under way any more; NULL: none is. */
void buffer_put_back(struct buffer *b, const char *id);

/* Forgets a chunk for good: the number of its records, 0 when there is none of that id (any more). */
uint64_t buffer_remove(struct buffer *b, const char *id);

void buffer_stats(const struct buffer *b, struct buffer_stats *out);

#endif
