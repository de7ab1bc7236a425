/* SPDX-License-Identifier: MIT */
/*
 * The file of the diagnosis store (diagnosis_store.h). A head line, then one line for each diagnosis:
 *
 *	CRC32 TIMES FIRST RECORD
 *
 * RECORD is the diagnosis as ndjson.h has it, TIMES how often it came in a row, FIRST when it came first
 * (nanoseconds since 1970); the checksum (8 hex digits) is of all that follows it. Lines are only appended;
 * the last one for a container is the one that holds. When most lines are outdated the file is written anew
 * beside itself, synced, and renamed. What can go wrong:
 *
 * - The writer is killed: the last line lacks its end. The next one to open the file leaves it out and says so.
 * - The disk is full: what was written of the lines is cut off again; the caller has them still, and writes
 *   the whole file as soon as there is space.
 * - Bytes change on the disk, or somebody else writes there: the checksum or the record's own rules show it.
 */
#ifndef KTRACE_AGENT_DIAGNOSIS_FILE_H
#define KTRACE_AGENT_DIAGNOSIS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/strbuf.h"

#define DIAGNOSIS_FILE_MAX (64 << 20) /* bytes; a larger one is none of ours */

struct diagnosis_line {
	uint32_t times;
	uint64_t first;
	const char *json; /* without newline, NUL-terminated */
	size_t len;
};

struct diagnosis_file_report {
	size_t lines, damaged; /* damaged: of the lines, those that are not ours any more */
	bool torn;             /* the last line has no end */
};

/*
 * Reads a file; each line that is whole and has the right checksum is handed out, oldest first, and counts as
 * damaged where `each` returns -EBADMSG; another negative errno ends the reading. 0; -EBADMSG: not such a file
 * at all, or some of its lines are damaged: see the report; or a negative errno (-ENOENT: there is none).
 */
int diagnosis_file_read(const char *path, int (*each)(void *ctx, const struct diagnosis_line *line),
	void *ctx, struct diagnosis_file_report *report);

/* Appends one line to out. */
void diagnosis_line_append(struct strbuf *out, const struct diagnosis_line *line);

struct diagnosis_file;
/*
 * Opens it for appending, makes it where there is none, and keeps other writers out. 0 with *out, -EBUSY:
 * another agent has it, or a negative errno.
 */
int diagnosis_file_open(const char *path, struct diagnosis_file **out);
void diagnosis_file_close(struct diagnosis_file *f); /* NULL is fine */
uint64_t diagnosis_file_size(const struct diagnosis_file *f);

/* Whole lines: all of them, or none and a negative errno; -ESTALE: the file was removed or changed by somebody else. */
int diagnosis_file_append(struct diagnosis_file *f, const char *lines, size_t len);
/* All that is to be in it from now on; on a negative errno it is as before. */
int diagnosis_file_replace(struct diagnosis_file *f, const char *lines, size_t len);

#endif
