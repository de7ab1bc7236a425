/* SPDX-License-Identifier: MIT */
/* The buffer, for the files that it is made of: buffer_open.c finds what an earlier agent left, buffer.c does the rest. */
#ifndef KTRACE_FORWARD_BUFFER_PRIVATE_H
#define KTRACE_FORWARD_BUFFER_PRIVATE_H

#include "forward/buffer_chunk.h"

struct buffer {
	int dir; /* locked: who holds it owns the directory */
	uint64_t max_bytes;
	char *tag;
	struct chunk *chunks;  /* oldest first */
	struct chunk *growing; /* the last of them, or NULL */
	int file;              /* the growing chunk's */
	uint64_t next_sequence;
	struct strbuf pending; /* frames that are not in a file yet */
	uint64_t pending_records;
	uint32_t next_number; /* of an entry */
	int failing;          /* negative errno of the last attempt to write, 0 when all is well */
	bool unreadable;      /* the last attempt to read failed, and was logged */
	struct buffer_stats stats;
};

void buffer_link(struct buffer *b, struct chunk *c);   /* as the newest */
void buffer_unlink(struct buffer *b, struct chunk *c); /* and its file, for good */
void buffer_seal_file(struct buffer *b);
void buffer_make_space(struct buffer *b, uint64_t len);
void buffer_count_damage(struct buffer *b, uint64_t missing, uint64_t records); /* of so many */

#endif
