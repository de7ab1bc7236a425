/* SPDX-License-Identifier: MIT */
/*
 * A record as one line of JSON, the form that design/INTERFACES.md promises: the log, the socket and
 * every `-o json`. src/record/reader.c reads it back; both work from the tables in fields.c.
 */
#ifndef KTRACE_RECORD_NDJSON_H
#define KTRACE_RECORD_NDJSON_H

#include "record/record.h"
#include "util/strbuf.h"

/*
 * Appends r with its newline, RECORD_MAX bytes at most: a longer record has its longest strings and
 * lists cut until it fits, and says so (`ktrace.cut`). 0; -EINVAL for an event that is never a record
 * (EVENT_RUNTIME, EVENT_NONE); -ENOMEM. out is as before on failure.
 */
int ndjson_append(struct strbuf *out, const struct record *r);

#endif
