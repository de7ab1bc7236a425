/* SPDX-License-Identifier: MIT */
/*
 * One chunk of buffer.h: its name, and what is in its file. Each entry is in a frame with a mark, its number,
 * its length and checksums of this head and of the entry, so that damage costs what is damaged: the next
 * frame is found by its mark, which no text that is UTF-8 and no msgpack of such texts can hold, and what is
 * missing is known by the numbers. The first frame holds the tag, which is the chunk's for good. A file may end
 * in the middle of a frame: its writer was killed, or the disk was full.
 */
#ifndef KTRACE_FORWARD_BUFFER_CHUNK_H
#define KTRACE_FORWARD_BUFFER_CHUNK_H

#include "forward/buffer.h"

struct chunk {
	struct buffer_chunk about; /* bytes: with the frames; tag is owned */
	uint64_t sequence;         /* rises with age */
	struct strbuf memory;      /* the frames, where there is no file */
	bool under_way;            /* to a server */
	struct chunk *prev, *next;
};

/* "0000000000000001-0123456789abcdef0123456789abcdef.chunk" */
#define CHUNK_NAME_SIZE (16 + 1 + 32 + sizeof(".chunk"))
#define CHUNK_FRAME 20 /* bytes in front of each entry */

/* With a new id and a copy of the tag; 0 or a negative errno. */
int chunk_new(uint64_t sequence, const char *tag, struct chunk **out);
void chunk_free(struct chunk *c);

void chunk_name(char name[CHUNK_NAME_SIZE], const struct chunk *c);
bool chunk_parse_name(const char *name, struct chunk *c); /* sets sequence and id */

/* The frame of an entry; numbers follow one another, across chunks as well. */
void chunk_frame(struct strbuf *frames, uint32_t number, const char *entry, size_t len);
/* The first frame: number is that of the first entry. */
void chunk_frame_tag(struct strbuf *frames, uint32_t number, const char *tag);

struct chunk_content {
	uint64_t records; /* whole and good */
	uint64_t missing; /* damaged, as far as the frames around them tell; a torn end is none */
	const char *tag;  /* in the frames; NULL: it is damaged */
	size_t tag_len;
};

/* Appends the good entries to out, which may be NULL. */
struct chunk_content chunk_unframe(const struct strbuf *frames, struct strbuf *out);

/* All of it or nothing, behind `before` bytes. 0; -EUCLEAN: a part is in the file for good; or another negative errno. */
int chunk_write(int file, const struct strbuf *frames, uint64_t before);

/* A chunk's file, as frames. 0; -EINVAL: it is no file that ktrace wrote; or another negative errno. */
int chunk_read_file(int dir, const char *name, struct strbuf *frames);

/* Whether that error means that there is no such file (any more), or that the disk has lost it: it will not pass. */
bool chunk_is_lost(int err);

/*
 * What an agent that ended has left under that name, with the tag where it has lost its own; what is damaged
 * is counted in *missing. 0, with *out NULL when that is no name of a chunk's; or a negative errno.
 */
int chunk_recover(
	int dir, const char *name, const char *tag, struct chunk **out, uint64_t *missing);

#endif
