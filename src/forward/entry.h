/* SPDX-License-Identifier: MIT */
/* A record as an entry of the Forward protocol: [EventTime, map]. Pure. */
#ifndef KTRACE_FORWARD_ENTRY_H
#define KTRACE_FORWARD_ENTRY_H

#include "record/record.h"
#include "util/strbuf.h"

/* As record_append(): 0; -EINVAL: never a record; -ENOMEM. out is as before on failure. */
int forward_entry(struct strbuf *out, const struct record *r);

/* For msgpack_packer_init: data is a struct strbuf. */
int forward_pack(void *data, const char *bytes, size_t len);

#endif
