// SPDX-License-Identifier: MIT
#include "record/json_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/json_scalar.h"
#include "util/cleanup.h"

#define VALUES_AT_ONCE 128

struct json_values {
	struct json_values *next;
	struct json_value values[VALUES_AT_ONCE];
};

/* An array or object that is still open. */
struct scope {
	struct json_value *of, *last;
};

void json_tree_free(struct json_tree *t)
{
	while (t->first) {
		struct json_values *next = t->first->next;
		free(t->first);
		t->first = next;
	}
	strbuf_free(&t->text);
	*t = (struct json_tree){ 0 };
}

/* Memory for one more value; NULL when out of it. */
static struct json_value *reserve(struct json_tree *t)
{
	if (t->current && t->used < VALUES_AT_ONCE)
		return &t->current->values[t->used++];
	struct json_values **next = t->current ? &t->current->next : &t->first;
	if (!*next) {
		*next = malloc(sizeof(**next)); /* each value is filled as it is taken */
		if (!*next)
			return NULL;
		(*next)->next = NULL;
	}
	t->current = *next;
	t->used = 1;
	return &t->current->values[0];
}

/* Mostly there is none, and what is there is no byte so low. */
static inline char *skip_blanks(char *at)
{
	while (__builtin_expect((unsigned char)*at <= ' ', 0) &&
		(*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	return at;
}

static char *read_literal(char *at, struct json_value *v)
{
	static const struct {
		const char *text;
		size_t len;
		enum json_type type;
	} literals[] = {
		{ "true", 4, JSON_TRUE },
		{ "false", 5, JSON_FALSE },
		{ "null", 4, JSON_NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(literals); i++)
		if (!strncmp(at, literals[i].text, literals[i].len)) {
			v->type = literals[i].type;
			return at + literals[i].len;
		}
	return NULL;
}

/* A value behind the last one of its scope, which is NULL for the root. */
static inline struct json_value *append(struct json_tree *t, struct scope *in)
{
	struct json_value *v = reserve(t);

	if (!v)
		return NULL;
	v->key = NULL;
	v->key_len = 0;
	v->next = NULL;
	if (!in)
		return v;
	if (in->last)
		in->last->next = v;
	else
		in->of->members.first = v;
	in->last = v;
	in->of->members.n++;
	return v;
}

/* "key": of a member, up to its value. NULL: it is none, from *at on. */
static inline char *read_key(char **at, struct json_value *member)
{
	*at = skip_blanks(*at);
	if (**at != '"')
		return NULL;
	member->key = *at + 1;
	char *behind = json_read_string(at, &member->key_len);
	if (!behind)
		return NULL;
	*at = skip_blanks(behind);
	return **at == ':' ? *at + 1 : NULL;
}

/* At the bracket: what comes next is within. False: it lies too deep. */
static inline bool open_scope(
	bool object, struct json_value *v, struct scope *scopes, struct scope **in)
{
	if (*in == &scopes[JSON_DEPTH_MAX - 1])
		return false;
	v->type = object ? JSON_OBJECT : JSON_ARRAY;
	v->members.first = NULL;
	v->members.n = 0;
	*in = *in ? *in + 1 : scopes;
	**in = (struct scope){ .of = v };
	return true;
}

/*
 * A scalar, or the bracket of an array or object; *ends: then a value has ended, or there is none in the brackets. Returns what is
 * behind it; NULL: it is none, from *at on.
 */
static inline char *read_value(
	char **at, struct json_value *v, struct scope *scopes, struct scope **in, bool *ends)
{
	char *behind, first = **at;
	size_t len;

	*ends = true;
	if (first == '"') {
		v->type = JSON_STRING;
		v->text = *at + 1;
		return json_read_string(at, &len);
	}
	if (first == '{' || first == '[') {
		if (!open_scope(first == '{', v, scopes, in))
			return NULL;
		behind = skip_blanks(*at + 1);
		*ends = *behind == '}' || *behind == ']';
		return behind;
	}
	v->type = JSON_NUMBER;
	if (first == '-' || (first >= '0' && first <= '9'))
		return json_read_number(at, &v->number) ? *at : NULL;
	return read_literal(*at, v);
}

/* Behind a value: closes what that was the last one of. Returns what is behind it, or behind the comma; NULL: neither stands at *at. */
static inline char *close_scopes(char **at, struct scope *scopes, struct scope **in)
{
	while (*in) {
		*at = skip_blanks(*at);
		if (**at == ',' && (*in)->last)
			return *at + 1;
		if (**at != ((*in)->of->type == JSON_OBJECT ? '}' : ']'))
			return NULL;
		++*at;
		*in = *in == scopes ? NULL : *in - 1;
	}
	return *at;
}

/* One value after the other. Returns what is behind the root; NULL with -EBADMSG in *err for what stands at *stop, or -ENOMEM. */
static char *parse(
	struct json_tree *t, char *at, const struct json_value **root, char **stop, int *err)
{
	struct scope scopes[JSON_DEPTH_MAX], *in = NULL;

	*err = -EBADMSG;
	*root = NULL;
	do {
		struct json_value *v = append(t, in);
		bool ends;
		if (!v) {
			*err = -ENOMEM;
			return NULL;
		}
		*root = *root ?: v;
		*stop = at;
		if (in && in->of->type == JSON_OBJECT && !(at = read_key(stop, v)))
			return NULL;
		*stop = skip_blanks(at);
		at = read_value(stop, v, scopes, &in, &ends);
		if (at && ends) {
			*stop = at;
			at = close_scopes(stop, scopes, &in);
		}
	} while (at && in);
	return at;
}

int json_tree_parse(struct json_tree *t, const char *text, size_t len,
	const struct json_value **root, size_t *at)
{
	const struct json_value *found;
	char *stop;
	int err;

	strbuf_reset(&t->text);
	t->current = NULL;
	t->used = 0;
	if (!strbuf_reserve(&t->text, len + JSON_PADDING))
		return -ENOMEM;
	memcpy(t->text.data, text, len);
	memset(t->text.data + len, 0, JSON_PADDING);
	char *behind = parse(t, t->text.data, &found, &stop, &err);
	if (behind && skip_blanks(behind) == t->text.data + len) {
		*root = found;
		return 0;
	}
	if (behind) {
		stop = behind;
		err = -EBADMSG;
	}
	if (err == -EBADMSG)
		*at = (size_t)(stop - t->text.data);
	return err;
}

size_t json_count(const struct json_value *v)
{
	return v && v->type >= JSON_ARRAY ? v->members.n : 0;
}

uint64_t json_name_bits(const struct json_value *v)
{
	uint64_t bits = 0;

	if (json_is(v, JSON_OBJECT))
		for (const struct json_value *m = v->members.first; m; m = m->next)
			bits |= JSON_NAME_BIT(m->key);
	return bits;
}

const struct json_value *json_member(const struct json_value *v, const char *name, size_t len)
{
	if (!json_is(v, JSON_OBJECT))
		return NULL;
	for (const struct json_value *m = v->members.first; m; m = m->next)
		if (m->key_len == len && *m->key == *name && !memcmp(m->key, name, len))
			return m;
	return NULL;
}
