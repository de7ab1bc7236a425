/* SPDX-License-Identifier: MIT */
/* A record's line as an entry of the Forward protocol: [EventTime, map]. Pure. */
#ifndef KTRACE_FORWARD_ENTRY_H
#define KTRACE_FORWARD_ENTRY_H

#include "util/strbuf.h"

/*
 * Appends the entry of a line of JSON (an object, as ndjson.h writes it) that happened at time,
 * nanoseconds since 1970. Numbers stay of their kind: 1 is an integer, 1.00 a float. 0; -EINVAL: the
 * line is no such object; -ENOMEM. out is as before on failure.
 */
int forward_entry(struct strbuf *out, uint64_t time, const char *line, size_t len);

/* For msgpack_packer_init: data is a struct strbuf. */
int forward_pack(void *data, const char *bytes, size_t len);

#endif
