/* SPDX-License-Identifier: MIT */
/*
 * One chunk of buffer.h: its name, and entries in frames of length and checksum, so that a file that
 * ends in the middle of an entry (its writer was killed, the disk was full) is good up to there.
 */
#ifndef KTRACE_FORWARD_BUFFER_CHUNK_H
#define KTRACE_FORWARD_BUFFER_CHUNK_H

#include "forward/buffer.h"

struct chunk {
	struct buffer_chunk about; /* bytes: with the frames */
	uint64_t sequence;         /* rises with age */
	struct strbuf memory;      /* the frames, where there is no file */
	struct chunk *prev, *next;
};

/* "0000000000000001-0123456789abcdef0123456789abcdef.chunk" */
#define CHUNK_NAME_SIZE (16 + 1 + 32 + sizeof(".chunk"))
#define CHUNK_FRAME 8 /* bytes in front of each entry */

int chunk_new(uint64_t sequence, struct chunk **out); /* with a new id; 0 or a negative errno */
void chunk_free(struct chunk *c);

void chunk_name(char name[CHUNK_NAME_SIZE], const struct chunk *c);
bool chunk_parse_name(const char *name, struct chunk *c); /* sets sequence and id */

void chunk_frame(struct strbuf *frames, const char *entry, size_t len);

/* Appends the entries of whole and good frames to out (or only counts); *good, if given: where they end. */
uint64_t chunk_unframe(const struct strbuf *frames, struct strbuf *out, size_t *good);

/* A chunk's file, as frames. 0; -EINVAL: it is no file that ktrace wrote; or another negative errno. */
int chunk_read_file(int dir, const char *name, struct strbuf *frames);

#endif
