/* SPDX-License-Identifier: MIT */
/*
 * A record for those who read one line of each: `message`, in words, and `log.level`, by which log
 * viewers colour and filter. Both are made from the record's other fields; but a record that was read
 * keeps its message, which was made before its strings were cut. Pure.
 */
#ifndef KTRACE_RECORD_MESSAGE_H
#define KTRACE_RECORD_MESSAGE_H

#include "record/record.h"
#include "util/strbuf.h"

/* Appends one line without a newline: "shop/web-0/web: cp: openat /config/a: Read-only file system". */
void message_append(struct strbuf *out, const struct record *r);

/* "info"; "warn": a failure; "error": a diagnosis; "fatal": an OOM kill. */
const char *message_level(const struct record *r);

#endif
