/* SPDX-License-Identifier: MIT */
/*
 * A file of checked lines: of the diagnosis store (diagnosis_store.h) and of the memory (memory.h). A head line that
 * says whose it is, then one line for each thing:
 *
 *	CRC32 TIMES FIRST JSON
 *
 * TIMES is how often it came, FIRST a time (nanoseconds since 1970); what both are of is the user's affair, as is the
 * JSON. The checksum (8 hex digits) is of all that follows it. Lines are only appended; the last one for a thing is
 * the one that holds. When most lines are outdated the file is written anew
 * beside itself, synced, and renamed (line_writer.h). What can go wrong:
 *
 * - The writer is killed: the last line lacks its end. The next one to open the file leaves it out and says so.
 * - The disk is full: what was written of the lines is cut off again; the caller has them still, and writes
 *   the whole file as soon as there is space.
 * - Bytes change on the disk, or somebody else writes there: the checksum or the record's own rules show it.
 */
#ifndef KTRACE_AGENT_LINE_FILE_H
#define KTRACE_AGENT_LINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/strbuf.h"

#define LINE_FILE_MAX (64 << 20) /* bytes; a larger one is none of ours */

struct file_line {
	uint32_t times;
	uint64_t first;
	const char *json; /* without newline, NUL-terminated */
	size_t len;
};

struct line_file_report {
	size_t lines, damaged; /* damaged: of the lines, those that are not ours any more */
	bool torn;             /* the last line has no end */
};

/*
 * Reads a file; each line that is whole and has the right checksum is handed out, oldest first, and counts as
 * damaged where `each` returns -EBADMSG; another negative errno ends the reading. 0; -EBADMSG: not such a file
 * at all, or some of its lines are damaged: see the report; or a negative errno (-ENOENT: there is none).
 */
int line_file_read(const char *path, const char *head,
	int (*each)(void *ctx, const struct file_line *line), void *ctx,
	struct line_file_report *report);

/* Appends one line to out. */
void line_file_format(struct strbuf *out, const struct file_line *line);

struct line_file;
/*
 * Opens it for appending, makes it where there is none, and keeps other writers out. 0 with *out, -EBUSY:
 * another agent has it, or a negative errno. head ends with a newline and is static.
 */
int line_file_open(const char *path, const char *head, struct line_file **out);
void line_file_close(struct line_file *f); /* NULL is fine */
uint64_t line_file_size(const struct line_file *f);

/* Whole lines: all of them, or none and a negative errno; -ESTALE: the file was removed or changed by somebody else. */
int line_file_append(struct line_file *f, const char *lines, size_t len);
/* Another file, locked and of that size, has taken its place; takes over the descriptor. */
void line_file_adopt(struct line_file *f, int fd, uint64_t size);

/* Renames a damaged file, so that it can be looked at; says where it is now. `things`: "diagnoses". */
void line_file_set_aside(
	const char *path, const char *things, const struct line_file_report *report);

#endif
