/* SPDX-License-Identifier: MIT */
/* Bytes that somebody else chose, made safe to keep as text. Pure. */
#ifndef KTRACE_UTIL_UTF8_H
#define KTRACE_UTIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Decodes one code point of s[0..len), len > 0: returns its length in bytes and sets *cp; returns 0
 * when the first byte starts no valid, shortest-form, non-surrogate sequence.
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *cp);

/* How many bytes s[0..len) begins with that are ASCII and no NUL: nearly all that there are. */
size_t utf8_ascii_run(const char *s, size_t len);

/* How many that are printable ASCII. */
size_t utf8_printable_run(const char *s, size_t len);

/* Upper bound of what utf8_sanitise() writes for len bytes, with the NUL. */
#define UTF8_SANITISED_MAX(len) ((len)*3 + 1)

/* Copies with each invalid byte (and NUL) as U+FFFD, NUL-terminates; returns the length written. */
size_t utf8_sanitise(char *out, const char *s, size_t len);

/* The same as a string of just the size that it needs, the caller's to free. NULL when out of memory. */
char *utf8_sanitised(const char *s, size_t len);

/* A code point that must not reach a terminal: controls, C1, bidi marks and overrides, invisible formatting. */
int utf8_is_unsafe(uint32_t cp);

#endif
