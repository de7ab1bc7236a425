/* SPDX-License-Identifier: MIT */
/* "2026-11-20T12:23:17.123456789Z" and back, UTC only. Pure. */
#ifndef KTRACE_RECORD_RFC3339_H
#define KTRACE_RECORD_RFC3339_H

#include <stdint.h>

#define RFC3339_SIZE sizeof("2026-11-20T12:23:17.123456789Z")

/* ns: nanoseconds since 1970. Writes RFC3339_SIZE bytes with the NUL. */
void rfc3339_format(char *out, uint64_t ns);

/* Takes 0 to 9 decimals. 0, or -EINVAL when text is no such time or lies outside of 1970 to 2553. */
int rfc3339_parse(const char *text, uint64_t *ns);

#endif
