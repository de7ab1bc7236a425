// SPDX-License-Identifier: MIT
/* The writing half of the tables in fields.c. */
#include <string.h>

#include "record/fields.h"
#include "util/cleanup.h"
#include "util/utf8.h"

static bool holds(const struct field_object *outer, const struct field_object *o)
{
	while (o && o != outer)
		o = o->in;
	return o;
}

/* Opens what lies between an object that is open and one that it holds. */
static void open_down(
	struct writer *w, const struct field_object *from, const struct field_object *to)
{
	if (from == to)
		return;
	open_down(w, from, to->in);
	writer_named_open_object(w, to->key);
}

/* Closes and opens objects until `to` is the one that members go to. */
static void enter(struct writer *w, const struct field_object **open, const struct field_object *to)
{
	const struct field_object *from = *open;

	if (from == to)
		return;
	for (; !holds(from, to); from = from->in)
		writer_close_object(w);
	open_down(w, from, to);
	*open = to;
}

static void write_id(struct writer *w, struct key key, uint64_t id, unsigned base)
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
	writer_named_word(w, key, p);
}

/*
 * A string of fixed size goes out as it will fit when it is read back: bytes that are not UTF-8 grow
 * to three each, so they are sanitised and cut here, not by the reader.
 */
static void write_chars(struct writer *w, struct key key, const char *value, size_t size)
{
	char clean[UTF8_SANITISED_MAX(sizeof(((struct path_facts *)0)->directory_path))];
	size_t len = utf8_sanitise(clean, value, strnlen(value, size - 1));

	if (len >= size)
		for (len = size - 1; (clean[len] & 0xc0) == 0x80; len--)
			;
	clean[len] = '\0';
	writer_named_string(w, key, clean);
}

static void write_args(struct writer *w, struct key key, const struct event *e)
{
	writer_named_open_array(w, key);
	for (uint32_t i = 0; i < e->argc && i < w->list_max; i++)
		writer_string(w, NULL, e->args[i]);
	writer_close_array(w);
	w->cut |= e->argc > w->list_max;
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

static void write_value(struct writer *w, const struct field *f, const void *base, union value v)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_OWNED:
		return writer_named_string(w, f->key, v.text);
	case FIELD_CHARS:
		return write_chars(w, f->key, v.text, f->size);
	case FIELD_BOOL:
		return writer_named_bool(w, f->key, v.u);
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
		return writer_named_uint(w, f->key, v.u);
	case FIELD_INT:
	case FIELD_COUNT:
		return writer_named_int(w, f->key, v.i);
	case FIELD_ID32:
	case FIELD_ID64:
		return write_id(w, f->key, v.u, 10);
	case FIELD_BITS64:
		return write_id(w, f->key, v.u, 16);
	case FIELD_MODE:
		return write_id(w, f->key, v.u, 8);
	case FIELD_ARGS:
		return write_args(w, f->key, base);
	case FIELD_MOUNT_KIND:
		return writer_named_word(w, f->key, mount_kind_name((enum mount_kind)v.i));
	case FIELD_FILE_TYPE:
		return writer_named_word(w, f->key, file_type_name((enum file_type)v.i));
	case FIELD_CONTAINER_TYPE:
		return writer_named_word(w, f->key, container_type_name((enum container_type)v.i));
	case FIELD_WORKLOAD_KIND:
		return writer_named_word(w, f->key, workload_kind_name((enum workload_kind)v.i));
	case FIELD_ERRNO_NAME:
		return writer_named_word(w, f->key, errno_name((int)v.i));
	case FIELD_ERRNO_TEXT:
		return writer_named_word(w, f->key, errno_text((int)v.i));
	case FIELD_SIGNAL:
		return writer_named_word(w, f->key, signal_name((int)v.i));
	case FIELD_STATUS_SIGNAL:
		return writer_named_word(w, f->key, signal_name(status_signal((int)v.i)));
	case FIELD_EXIT_CODE:
		return writer_named_int(w, f->key, status_exit_code((int)v.i));
	case FIELD_OOM_SCOPE:
		return writer_named_word(w, f->key, oom_scope(base));
	}
}

static bool applies(uint32_t only, uint32_t when)
{
	return !only || only & when;
}

void fields_write(
	struct writer *w, const struct field_table *table, const void *base, uint32_t when)
{
	const struct field_object *open = &object_at_hand, *object = NULL;
	bool left_out = false;

	for (size_t i = 0; i < table->n; i++) {
		const struct field *f = &table->rows[i];
		union value v = { .i = 0 };

		if (f->object != object) {
			object = f->object;
			left_out = !applies(object->only, when);
		}
		if (left_out || !applies(f->only, when))
			continue;
		if (!load(f, base, &v) && !(f->even_zero & when))
			continue;
		if (f->type == FIELD_STATUS_SIGNAL && !status_signal((int)v.i))
			continue;
		enter(w, &open, f->object);
		write_value(w, f, base, v);
	}
	enter(w, &open, &object_at_hand);
}
