/* SPDX-License-Identifier: MIT */
/*
 * A record in the JSON form of OTLP: a ResourceLogs with one LogRecord. What names the pod, the container and the node is the
 * resource, the rest are attributes with the record's own names, joined by dots. Pure.
 */
#ifndef KTRACE_PUBLISH_OTLP_RECORD_H
#define KTRACE_PUBLISH_OTLP_RECORD_H

#include "record/record.h"
#include "util/strbuf.h"

/*
 * Appends the ResourceLogs and a comma. `now` is when it was observed, nanoseconds since 1970. As record_append(): 0; -EINVAL:
 * never a record; -ENOMEM. out is as before on failure.
 */
int otlp_record(struct strbuf *out, const struct record *r, uint64_t now);

/* A request of some of them, without anything between them. */
void otlp_request(struct strbuf *out, const struct strbuf *records);

#endif
