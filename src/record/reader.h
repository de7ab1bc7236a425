/* SPDX-License-Identifier: MIT */
/*
 * Records read back from the lines that src/record/ndjson.c wrote: what `explain --from` and `replay`
 * work on. Writing a record that was read gives the same line, byte for byte. Any input is
 * survived; a line that is not a record is an error with its number and what is wrong with it.
 *
 *	while ((len = getline(&line, &size, file)) > 0) {
 *		int err = record_reader_line(reader, line, len, &record);
 *		if (err < 0)
 *			log_warning("%s: %s", path, record_reader_error(reader));
 *		else if (err > 0 && record.type == RECORD_EVENT)
 *			story_add(story, record_reader_event(reader));
 *	}
 */
#ifndef KTRACE_RECORD_READER_H
#define KTRACE_RECORD_READER_H

#include "record/record.h"

struct record_reader;

struct record_reader *record_reader_new(void);    /* NULL when out of memory */
void record_reader_free(struct record_reader *r); /* NULL is fine */

/*
 * Reads one line, with or without its newline. 1: *out is filled, and what it points at lives until
 * the next call; 0: nothing to see (a blank line, a recording's head, an action of a newer ktrace);
 * -EBADMSG: damaged, see record_reader_error(); -ENOMEM.
 */
int record_reader_line(struct record_reader *r, const char *line, size_t len, struct record *out);

/* "line 12: @timestamp is not a time", for the latest line that was refused. */
const char *record_reader_error(const struct record_reader *r);

/*
 * The latest line's event, borrowed: whoever keeps it takes a reference. Events may outlive the
 * reader. Their containers are shared: all records of one container point at the same one, until a
 * later container_created describes it anew. NULL when that line was no event.
 */
struct event *record_reader_event(struct record_reader *r);

/*
 * The latest line's diagnosis, now the caller's to free; its static strings live as long as the
 * reader. NULL when that line was none, or it was taken already.
 */
struct diagnosis *record_reader_take_diagnosis(struct record_reader *r);

#endif
