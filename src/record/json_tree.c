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

struct parser {
	struct json_tree *tree;
	char *at, *end;
	struct scope *scopes; /* JSON_DEPTH_MAX of them */
	size_t depth;
	const char *key; /* of the value that comes next */
	size_t key_len;
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
	if (!*next)
		*next = calloc(1, sizeof(**next));
	if (!*next)
		return NULL;
	t->current = *next;
	t->used = 1;
	return &t->current->values[0];
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct parser *p)
{
	/* Mostly there is none, and what is there is no byte so low. */
	while ((unsigned char)*p->at <= ' ' && is_blank(*p->at))
		p->at++;
}

static bool read_literal(struct parser *p, struct json_value *v)
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
		if (!strncmp(p->at, literals[i].text, literals[i].len)) {
			p->at += literals[i].len;
			v->type = literals[i].type;
			return true;
		}
	return false;
}

static bool read_scalar(struct parser *p, struct json_value *v)
{
	size_t len;

	if (*p->at == '"') {
		v->type = JSON_STRING;
		v->text = json_read_string(&p->at, &len);
		return v->text;
	}
	v->type = JSON_NUMBER;
	if (*p->at == '-' || (*p->at >= '0' && *p->at <= '9'))
		return json_read_number(&p->at, &v->number);
	return read_literal(p, v);
}

/* "key": */
static bool read_key(struct parser *p)
{
	skip_blanks(p);
	p->key = json_read_string(&p->at, &p->key_len);
	if (!p->key)
		return false;
	skip_blanks(p);
	if (*p->at != ':')
		return false;
	p->at++;
	return true;
}

static struct json_value *append(struct parser *p)
{
	struct json_value *v = reserve(p->tree);
	struct scope *in = p->depth ? &p->scopes[p->depth - 1] : NULL;

	if (!v)
		return NULL;
	*v = (struct json_value){ .key = p->key, .key_len = p->key_len };
	p->key = NULL;
	p->key_len = 0;
	if (in && in->last)
		in->last->next = v;
	else if (in)
		in->of->members.first = v;
	if (in) {
		in->last = v;
		in->of->members.n++;
	}
	return v;
}

/* Behind a value: what it was the last one of is closed, up to where another value follows. False: none may. */
static bool close_scopes(struct parser *p)
{
	while (p->depth) {
		bool object = p->scopes[p->depth - 1].of->type == JSON_OBJECT;
		skip_blanks(p);
		if (*p->at == ',') {
			p->at++;
			return !object || read_key(p);
		}
		if (*p->at != (object ? '}' : ']'))
			return false;
		p->at++;
		p->depth--;
	}
	return true;
}

/* At the bracket. *empty: nothing is in it, and it is closed. */
static bool open_scope(struct parser *p, struct json_value *v, bool *empty)
{
	bool object = *p->at == '{';

	if (p->depth == JSON_DEPTH_MAX)
		return false;
	v->type = object ? JSON_OBJECT : JSON_ARRAY;
	p->at++;
	skip_blanks(p);
	*empty = *p->at == (object ? '}' : ']');
	p->at += *empty;
	if (*empty)
		return true;
	p->scopes[p->depth++] = (struct scope){ .of = v };
	return !object || read_key(p);
}

static int parse(struct parser *p, const struct json_value **root)
{
	*root = NULL;
	do {
		skip_blanks(p);
		struct json_value *v = append(p);
		bool ends = true;

		if (!v)
			return -ENOMEM;
		*root = *root ?: v;
		if (*p->at == '{' || *p->at == '[') {
			if (!open_scope(p, v, &ends))
				return -EBADMSG;
		} else if (!read_scalar(p, v)) {
			return -EBADMSG;
		}
		if (ends && !close_scopes(p))
			return -EBADMSG;
	} while (p->depth);
	char *value_end = p->at;
	skip_blanks(p);
	if (p->at == p->end)
		return 0;
	p->at = value_end;
	return -EBADMSG;
}

int json_tree_parse(struct json_tree *t, const char *text, size_t len,
	const struct json_value **root, size_t *at)
{
	struct scope scopes[JSON_DEPTH_MAX];
	struct parser p = { .tree = t, .scopes = scopes };
	const struct json_value *found;

	strbuf_reset(&t->text);
	t->current = NULL;
	t->used = 0;
	if (!strbuf_reserve(&t->text, len + JSON_PADDING))
		return -ENOMEM;
	memcpy(t->text.data, text, len);
	memset(t->text.data + len, 0, JSON_PADDING);
	p.at = t->text.data;
	p.end = p.at + len;
	int err = parse(&p, &found);
	if (!err)
		*root = found;
	else
		*at = (size_t)(p.at - t->text.data);
	return err;
}

bool json_is(const struct json_value *v, enum json_type type)
{
	return v && v->type == type;
}

const struct json_value *json_first(const struct json_value *v)
{
	return v && v->type >= JSON_ARRAY ? v->members.first : NULL;
}

size_t json_count(const struct json_value *v)
{
	return v && v->type >= JSON_ARRAY ? v->members.n : 0;
}

const struct json_value *json_member(const struct json_value *v, const char *name, size_t len)
{
	if (!json_is(v, JSON_OBJECT))
		return NULL;
	for (const struct json_value *m = v->members.first; m; m = m->next)
		if (m->key_len == len && !memcmp(m->key, name, len))
			return m;
	return NULL;
}
