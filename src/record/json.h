/* SPDX-License-Identifier: MIT */
/*
 * An appending JSON writer: commas, quotes and escapes are its business, the order of calls is the
 * caller's. What it writes is valid UTF-8 without control characters, whatever bytes a string holds.
 * Allocation failures show in out->failed. Pure.
 */
#ifndef KTRACE_RECORD_JSON_H
#define KTRACE_RECORD_JSON_H

#include "record/key.h"
#include "util/strbuf.h"

struct json {
	struct strbuf *out;
	size_t string_max; /* longer strings are cut there, at a code point, and end in "…" */
	bool cut;          /* something was */
	bool first;        /* nothing stands before the next member */
};

/* A writer of one value at the end of out, strings as long as they are. */
struct json json_start(struct strbuf *out);

void json_named_open_object(struct json *j, struct key key);
void json_close_object(struct json *j);
void json_named_open_array(struct json *j, struct key key);
void json_close_array(struct json *j);
void json_members(struct json *j, const char *members,
	size_t len); /* written before, without a comma around them */
void json_named_string(struct json *j, struct key key, const char *value);
void json_named_word(struct json *j, struct key key,
	const char *value); /* of ours: nothing in it is escaped or cut */
void json_named_int(struct json *j, struct key key, int64_t value);
void json_named_bool(struct json *j, struct key key, bool value);
void json_null(struct json *j, const char *key);

/*
 * Most readers keep numbers as doubles, so a value above 2^53 is written with the low bits that a
 * double cannot hold cleared: what is read is what was written. Identifiers go out as strings.
 */
void json_named_uint(struct json *j, struct key key, uint64_t value);

uint64_t json_rounded(uint64_t value);

/* 0.95: always with two decimals, so that no reader takes one record's number for an integer. */
void json_hundredths(struct json *j, const char *key, double value);
unsigned json_hundredths_of(double value); /* 95; 0 for what is negative or a million and more */

/* The same by name: NULL for an element of an array and for the outermost value. */
static inline void json_open_object(struct json *j, const char *key)
{
	json_named_open_object(j, key_of(key));
}

static inline void json_open_array(struct json *j, const char *key)
{
	json_named_open_array(j, key_of(key));
}

static inline void json_string(struct json *j, const char *key, const char *value)
{
	json_named_string(j, key_of(key), value);
}

static inline void json_word(struct json *j, const char *key, const char *value)
{
	json_named_word(j, key_of(key), value);
}

static inline void json_int(struct json *j, const char *key, int64_t value)
{
	json_named_int(j, key_of(key), value);
}

static inline void json_uint(struct json *j, const char *key, uint64_t value)
{
	json_named_uint(j, key_of(key), value);
}

static inline void json_bool(struct json *j, const char *key, bool value)
{
	json_named_bool(j, key_of(key), value);
}

/* What stands at the end of a string that was cut, and the bytes of s, at most max, before it: whole code points. */
#define JSON_ELLIPSIS "\xe2\x80\xa6"
size_t json_cut_length(const char *s, size_t max);

#endif
