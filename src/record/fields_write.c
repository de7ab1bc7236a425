// SPDX-License-Identifier: MIT
/* The writing half of the tables in fields.c. */
#include <string.h>

#include "record/fields.h"
#include "util/cleanup.h"
#include "util/utf8.h"

/* Closes and opens objects until `object` ("process.parent") is the one that members go to. */
static void enter(struct json *j, const char **open, const char *object)
{
	const char *from = *open, *to = object;
	size_t same = 0; /* bytes of both that name objects which stay open, with their dots */

	if (from == to || strcmp(from, to) == 0)
		return;
	for (size_t i = 0;; i++) {
		bool from_ends = !from[i] || from[i] == '.', to_ends = !to[i] || to[i] == '.';
		if (from_ends && to_ends && i)
			same = i;
		if (!from[i] || from[i] != to[i])
			break;
	}
	for (const char *p = from + same; *p; p++)
		if (*p == '.' || p == from)
			json_close_object(j);
	for (const char *p = to + same; *p;) {
		char key[32];
		p += *p == '.';
		size_t len = strcspn(p, ".");
		memcpy(key, p, len);
		key[len] = '\0';
		json_open_object(j, key);
		p += len;
	}
	*open = object;
}

static void write_id(struct json *j, const char *key, uint64_t id, unsigned base)
{
	char text[24], *p = text + sizeof(text);

	*--p = '\0';
	do {
		*--p = "0123456789abcdef"[id % base];
		id /= base;
	} while (id);
	if (base == 8 && *p != '0')
		*--p = '0';
	if (base == 16) {
		*--p = 'x';
		*--p = '0';
	}
	json_string(j, key, p);
}

/*
 * A string of fixed size goes out as it will fit when it is read back: bytes that are not UTF-8 grow
 * to three each, so they are sanitised and cut here, not by the reader.
 */
static void write_chars(struct json *j, const char *key, const char *value, size_t size)
{
	char clean[UTF8_SANITISED_MAX(sizeof(((struct path_facts *)0)->directory_path))];
	size_t len = utf8_sanitise(clean, value, strnlen(value, size - 1));

	if (len >= size)
		for (len = size - 1; (clean[len] & 0xc0) == 0x80; len--)
			;
	clean[len] = '\0';
	json_string(j, key, clean);
}

static void write_args(struct json *j, const char *key, const struct event *e)
{
	json_open_array(j, key);
	for (uint32_t i = 0; i < e->argc && i < j->list_max; i++)
		json_string(j, NULL, e->args[i]);
	json_close_array(j);
	j->cut |= e->argc > j->list_max;
}

/* Level 1 above the container is its pod; what is above that is shared by the node's pods. */
static const char *oom_scope(const struct event *e)
{
	if (e->oom_limit == 0 || e->oom_levels > 1)
		return "node";
	return e->oom_levels == 1 ? "pod" : "container";
}

union value {
	const char *text;
	uint64_t u;
	int64_t i;
};

/* Reads the field; true when it is not the zero of its type. */
static bool load(const struct field *f, const void *base, union value *v)
{
	const void *p = (const char *)base + f->offset;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_OWNED:
		v->text = *(const char *const *)p;
		if (!v->text)
			v->text = "";
		return v->text[0];
	case FIELD_CHARS:
		v->text = p;
		return v->text[0];
	case FIELD_BOOL:
		v->u = *(const bool *)p;
		return v->u;
	case FIELD_U16:
		v->u = *(const uint16_t *)p;
		return v->u;
	case FIELD_U32:
	case FIELD_ID32:
	case FIELD_MODE:
		v->u = *(const uint32_t *)p;
		return v->u;
	case FIELD_U64:
	case FIELD_ID64:
	case FIELD_BITS64:
		v->u = *(const uint64_t *)p;
		return v->u;
	case FIELD_COUNT:
		v->i = *(const int *)p;
		return v->i >= 0;
	case FIELD_ARGS:
		return ((const struct event *)base)->argc > 0;
	default: /* an int or an enum */
		v->i = *(const int *)p;
		return v->i;
	}
}

static void write_value(struct json *j, const struct field *f, const void *base, union value v)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_OWNED:
		return json_string(j, f->key, v.text);
	case FIELD_CHARS:
		return write_chars(j, f->key, v.text, f->size);
	case FIELD_BOOL:
		return json_bool(j, f->key, v.u);
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
		return json_uint(j, f->key, v.u);
	case FIELD_INT:
	case FIELD_COUNT:
		return json_int(j, f->key, v.i);
	case FIELD_ID32:
	case FIELD_ID64:
		return write_id(j, f->key, v.u, 10);
	case FIELD_BITS64:
		return write_id(j, f->key, v.u, 16);
	case FIELD_MODE:
		return write_id(j, f->key, v.u, 8);
	case FIELD_ARGS:
		return write_args(j, f->key, base);
	case FIELD_MOUNT_KIND:
		return json_string(j, f->key, mount_kind_name((enum mount_kind)v.i));
	case FIELD_FILE_TYPE:
		return json_string(j, f->key, file_type_name((enum file_type)v.i));
	case FIELD_CONTAINER_TYPE:
		return json_string(j, f->key, container_type_name((enum container_type)v.i));
	case FIELD_ERRNO_NAME:
		return json_string(j, f->key, errno_name((int)v.i));
	case FIELD_ERRNO_TEXT:
		return json_string(j, f->key, errno_text((int)v.i));
	case FIELD_SIGNAL:
		return json_string(j, f->key, signal_name((int)v.i));
	case FIELD_STATUS_SIGNAL:
		return json_string(j, f->key, signal_name(status_signal((int)v.i)));
	case FIELD_EXIT_CODE:
		return json_int(j, f->key, status_exit_code((int)v.i));
	case FIELD_OOM_SCOPE:
		return json_string(j, f->key, oom_scope(base));
	}
}

void fields_write(struct json *j, const struct field_table *table, const void *base, uint32_t when)
{
	const char *open = "";

	for (size_t i = 0; i < table->n; i++) {
		const struct field *f = &table->rows[i];
		union value v = { .i = 0 };

		if (f->only && !(f->only & when))
			continue;
		if (!load(f, base, &v) && !(f->even_zero & when))
			continue;
		if (f->type == FIELD_STATUS_SIGNAL && !status_signal((int)v.i))
			continue;
		enter(j, &open, f->object);
		write_value(j, f, base, v);
	}
	enter(j, &open, "");
}
