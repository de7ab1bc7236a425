// SPDX-License-Identifier: MIT
#include "record/writer.h"

void writer_start(struct writer *w, enum record_form form, struct strbuf *out, size_t string_max,
	size_t list_max)
{
	w->form = form;
	w->out = out;
	w->list_max = list_max;
	w->cut = false;
	if (form == FORM_JSON)
		w->json = json_start(out);
	else
		w->msgpack = msgpack_start(out);
	writer_limit_strings(w, string_max);
}

size_t writer_limit_strings(struct writer *w, size_t string_max)
{
	size_t *limit = w->form == FORM_JSON ? &w->json.string_max : &w->msgpack.string_max;
	size_t before = *limit;

	*limit = string_max;
	return before;
}

void writer_named_open_object(struct writer *w, struct key key)
{
	if (w->form == FORM_JSON)
		json_named_open_object(&w->json, key);
	else
		msgpack_open_object(&w->msgpack, key);
}

void writer_close_object(struct writer *w)
{
	if (w->form == FORM_JSON)
		json_close_object(&w->json);
	else
		msgpack_close(&w->msgpack);
}

void writer_named_open_array(struct writer *w, struct key key)
{
	if (w->form == FORM_JSON)
		json_named_open_array(&w->json, key);
	else
		msgpack_open_array(&w->msgpack, key);
}

void writer_close_array(struct writer *w)
{
	if (w->form == FORM_JSON)
		json_close_array(&w->json);
	else
		msgpack_close(&w->msgpack);
}

void writer_named_string(struct writer *w, struct key key, const char *value)
{
	if (w->form == FORM_JSON) {
		json_named_string(&w->json, key, value);
		w->cut |= w->json.cut;
	} else {
		msgpack_string(&w->msgpack, key, value);
		w->cut |= w->msgpack.cut;
	}
}

void writer_named_word(struct writer *w, struct key key, const char *value)
{
	if (w->form == FORM_JSON) {
		json_named_word(&w->json, key, value);
		return;
	}
	size_t max = writer_limit_strings(w, SIZE_MAX);
	msgpack_string(&w->msgpack, key, value);
	writer_limit_strings(w, max);
}

void writer_named_int(struct writer *w, struct key key, int64_t value)
{
	if (w->form == FORM_JSON)
		json_named_int(&w->json, key, value);
	else
		msgpack_int(&w->msgpack, key, value);
}

void writer_named_uint(struct writer *w, struct key key, uint64_t value)
{
	if (w->form == FORM_JSON)
		json_named_uint(&w->json, key, value);
	else
		msgpack_uint(&w->msgpack, key, json_rounded(value));
}

void writer_named_bool(struct writer *w, struct key key, bool value)
{
	if (w->form == FORM_JSON)
		json_named_bool(&w->json, key, value);
	else
		msgpack_bool(&w->msgpack, key, value);
}

void writer_hundredths(struct writer *w, const char *key, double value)
{
	if (w->form == FORM_JSON)
		json_hundredths(&w->json, key, value);
	else
		msgpack_double(&w->msgpack, key_of(key), json_hundredths_of(value) / 100.0);
}
