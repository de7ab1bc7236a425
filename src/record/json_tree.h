/* SPDX-License-Identifier: MIT */
/*
 * JSON texts, one after the other, as trees: what the reader of records reads with. One tree's memory serves the next one, and
 * strings stay where the text has them, so that nothing is allocated for a value. cJSON, which reads all other JSON, takes
 * five times as long for a record as all else that a replay does with it, and Debian has no faster parser in C whose authors
 * still mend it. Pure.
 */
#ifndef KTRACE_RECORD_JSON_TREE_H
#define KTRACE_RECORD_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/strbuf.h"

#define JSON_DEPTH_MAX 128

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* All borrowed from the tree. */
struct json_value {
	enum json_type type;
	size_t key_len;
	const char *key; /* of a member, else NULL */
	union {
		double number; /* JSON_NUMBER */
		const char *
			text; /* JSON_STRING; a NUL in it is U+FFFD, other bytes are as they were */
		struct {
			const struct json_value *first; /* JSON_ARRAY, JSON_OBJECT */
			size_t n;
		} members;
	};
	struct json_value *next; /* of the same array or object; NULL: it is the last one */
};

struct json_tree {
	struct strbuf text;
	struct json_values *first, *current; /* memory of the values */
	size_t used;                         /* of the current one's */
};

void json_tree_free(struct json_tree *t); /* {0} is an empty one */

/*
 * Parses one text as RFC 8259 has it, blanks around it allowed. 0; -EBADMSG with the number of the byte, from 0, that cannot stand
 * there in *at, also for what is nested deeper than JSON_DEPTH_MAX; -ENOMEM. *root holds until the next call.
 */
int json_tree_parse(struct json_tree *t, const char *text, size_t len,
	const struct json_value **root, size_t *at);

/* NULL is of no type and has no members. */
static inline bool json_is(const struct json_value *v, enum json_type type)
{
	return v && v->type == type;
}

static inline const struct json_value *json_first(const struct json_value *v)
{
	return v && v->type >= JSON_ARRAY ? v->members.first : NULL;
}

size_t json_count(const struct json_value *v);

#define JSON_EACH(item, of) for (item = json_first(of); item; item = item->next)

/* A bit for the first two bytes of a name. Others may share it: it rules out, and proves nothing. */
#define JSON_NAME_BIT(name) \
	(1ull << ((5 * (unsigned char)(name)[0] + (unsigned char)((name)[0] ? (name)[1] : 0)) & 63))

/* The bits of all members of an object; 0 where v is none. */
uint64_t json_name_bits(const struct json_value *v);

/* The first member of that name, of len bytes; NULL for none, or where v is no object. */
const struct json_value *json_member(const struct json_value *v, const char *name, size_t len);

#endif
