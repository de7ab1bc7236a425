/* SPDX-License-Identifier: MIT */
/*
 * What a record is written with: one set of calls, and a back end for each form. All forms hold the same
 * values, so a reader of one sees what a reader of the other sees. Pure.
 */
#ifndef KTRACE_RECORD_WRITER_H
#define KTRACE_RECORD_WRITER_H

#include "record/json.h"
#include "record/msgpack.h"

enum record_form { FORM_JSON, FORM_MSGPACK, FORMS };

struct writer {
	enum record_form form;
	struct strbuf *out;
	size_t list_max; /* for those who write lists: what is more they leave out and set cut */
	bool cut;        /* a list or a string was */
	union {
		struct json json;
		struct msgpack msgpack;
	};
};

/* A writer of one value at the end of out; longer strings and lists than these are cut. */
void writer_start(struct writer *w, enum record_form form, struct strbuf *out, size_t string_max,
	size_t list_max);

void writer_named_open_object(struct writer *w, struct key key);
void writer_close_object(struct writer *w);
void writer_named_open_array(struct writer *w, struct key key);
void writer_close_array(struct writer *w);
void writer_named_string(struct writer *w, struct key key, const char *value);
void writer_named_word(struct writer *w, struct key key,
	const char *value); /* short, of ours, and plain: a number, a name of a table */
void writer_named_int(struct writer *w, struct key key, int64_t value);
void writer_named_uint(
	struct writer *w, struct key key, uint64_t value); /* as json_named_uint() rounds it */
void writer_named_bool(struct writer *w, struct key key, bool value);
void writer_hundredths(struct writer *w, const char *key, double value);

/* The same by name: NULL for an element of an array and for the outermost value. */
static inline void writer_open_object(struct writer *w, const char *key)
{
	writer_named_open_object(w, key_of(key));
}

static inline void writer_open_array(struct writer *w, const char *key)
{
	writer_named_open_array(w, key_of(key));
}

static inline void writer_string(struct writer *w, const char *key, const char *value)
{
	writer_named_string(w, key_of(key), value);
}

static inline void writer_word(struct writer *w, const char *key, const char *value)
{
	writer_named_word(w, key_of(key), value);
}

static inline void writer_int(struct writer *w, const char *key, int64_t value)
{
	writer_named_int(w, key_of(key), value);
}

static inline void writer_uint(struct writer *w, const char *key, uint64_t value)
{
	writer_named_uint(w, key_of(key), value);
}

static inline void writer_bool(struct writer *w, const char *key, bool value)
{
	writer_named_bool(w, key_of(key), value);
}

/* From now on; returns what held before. */
size_t writer_limit_strings(struct writer *w, size_t string_max);

#endif
