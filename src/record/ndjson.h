/* SPDX-License-Identifier: MIT */
/*
 * A record as design/INTERFACES.md promises it, in one of the forms of writer.h: a line of JSON (the log,
 * the socket, every `-o json`), or MessagePack (Forward). reader.c reads the JSON back; all work from the
 * tables in fields.c.
 */
#ifndef KTRACE_RECORD_NDJSON_H
#define KTRACE_RECORD_NDJSON_H

#include "record/record.h"
#include "record/writer.h"
#include "util/strbuf.h"

/*
 * Appends r: as JSON with its newline, RECORD_MAX bytes at most. A longer record has its longest strings
 * and lists cut until it fits, and says so (`ktrace.cut`); every form is cut as JSON is. Where r->forms is
 * set, each form is made once, and copied to who asks for it again. 0; -EINVAL for an event that is never a
 * record (EVENT_RUNTIME, EVENT_NONE); -ENOMEM. out is as before on failure.
 */
int record_append(struct strbuf *out, const struct record *r, enum record_form form);

int ndjson_append(struct strbuf *out, const struct record *r); /* FORM_JSON */

/* One record in the forms that were asked for. Reset before the next record. */
struct record_forms {
	struct strbuf bytes[FORMS]; /* empty: not made yet */
};
void record_forms_reset(struct record_forms *forms);
void record_forms_free(struct record_forms *forms);

#endif
