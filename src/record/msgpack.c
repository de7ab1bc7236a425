// SPDX-License-Identifier: MIT
#include "record/msgpack.h"

#include <string.h>

#include "record/json.h"
#include "util/utf8.h"

enum {
	PACK_MAP16 = 0xde,
	PACK_ARRAY16 = 0xdc,
	PACK_STR8 = 0xd9,
	PACK_FALSE = 0xc2,
	PACK_TRUE = 0xc3,
	PACK_FLOAT64 = 0xcb,
	PACK_UINT8 = 0xcc,
	PACK_INT8 = 0xd0,
};
#define FIXSTR 0xa0
#define FIXSTR_MAX 31
#define FIXINT_MAX 127
#define NEGATIVE_FIXINT_MIN (-32)

struct msgpack msgpack_start(struct strbuf *out)
{
	return (struct msgpack){ .out = out, .string_max = SIZE_MAX };
}

/* The type and the value's last 1 << log2 bytes, big-endian; types of one kind are numbered by size. */
static void put_sized(struct msgpack *m, unsigned first_type, uint64_t value, unsigned log2)
{
	size_t size = (size_t)1 << log2;
	char bytes[9] = { (char)(first_type + log2) };

	for (size_t i = 0; i < size; i++)
		bytes[size - i] = (char)(value >> (8 * i));
	strbuf_append(m->out, bytes, size + 1);
}

static unsigned log2_of_size(uint64_t value)
{
	return value <= UINT8_MAX ? 0 : value <= UINT16_MAX ? 1 : value <= UINT32_MAX ? 2 : 3;
}

static void put_text(struct msgpack *m, const char *text, size_t len)
{
	if (len <= FIXSTR_MAX)
		strbuf_putc(m->out, (char)(FIXSTR | len));
	else
		put_sized(m, PACK_STR8, len, log2_of_size(len));
	strbuf_append(m->out, text, len);
}

static void begin(struct msgpack *m, struct key key)
{
	if (m->depth)
		m->scopes[m->depth - 1].members++;
	if (key.text)
		put_text(m, key.text, key.len);
}

static void open_scope(struct msgpack *m, struct key key, unsigned type)
{
	char header[3] = { (char)type };

	begin(m, key);
	strbuf_append(m->out, header, sizeof(header));
	if (m->depth == MSGPACK_DEPTH_MAX) {
		m->out->failed = true;
		return;
	}
	m->scopes[m->depth].count_at = m->out->len - 2;
	m->scopes[m->depth++].members = 0;
}

void msgpack_open_object(struct msgpack *m, struct key key)
{
	open_scope(m, key, PACK_MAP16);
}

void msgpack_open_array(struct msgpack *m, struct key key)
{
	open_scope(m, key, PACK_ARRAY16);
}

void msgpack_close(struct msgpack *m)
{
	if (m->out->failed || !m->depth)
		return;
	uint32_t members = m->scopes[--m->depth].members;
	char *count = m->out->data + m->scopes[m->depth].count_at;
	if (members > UINT16_MAX)
		m->out->failed = true;
	count[0] = (char)(members >> 8);
	count[1] = (char)members;
}

/* Bytes that are not UTF-8 become U+FFFD: servers refuse a str that is none. */
void msgpack_string(struct msgpack *m, struct key key, const char *value)
{
	size_t len = strlen(value);
	bool cut = len > m->string_max;

	begin(m, key);
	m->cut |= cut;
	if (cut)
		len = json_cut_length(value, m->string_max);
	size_t room = UTF8_SANITISED_MAX(len) + sizeof(JSON_ELLIPSIS);
	/* The header's size depends on the text's, which is known behind it. */
	if (!strbuf_reserve(m->out, 5 + room))
		return;
	size_t start = m->out->len, longest = 5;
	char *text = m->out->data + start + longest;
	len = utf8_sanitise(text, value, len);
	if (cut) {
		memcpy(text + len, JSON_ELLIPSIS, sizeof(JSON_ELLIPSIS) - 1);
		len += sizeof(JSON_ELLIPSIS) - 1;
	}
	if (len <= FIXSTR_MAX)
		strbuf_putc(m->out, (char)(FIXSTR | len));
	else
		put_sized(m, PACK_STR8, len, log2_of_size(len));
	memmove(m->out->data + m->out->len, text, len);
	m->out->len += len;
	m->out->data[m->out->len] = '\0';
}

void msgpack_uint(struct msgpack *m, struct key key, uint64_t value)
{
	begin(m, key);
	if (value <= FIXINT_MAX)
		strbuf_putc(m->out, (char)value);
	else
		put_sized(m, PACK_UINT8, value, log2_of_size(value));
}

void msgpack_int(struct msgpack *m, struct key key, int64_t value)
{
	if (value >= 0) {
		msgpack_uint(m, key, (uint64_t)value);
		return;
	}
	begin(m, key);
	if (value >= NEGATIVE_FIXINT_MIN)
		strbuf_putc(m->out, (char)value);
	else
		put_sized(m, PACK_INT8, (uint64_t)value,
			value >= INT8_MIN    ? 0
			: value >= INT16_MIN ? 1
			: value >= INT32_MIN ? 2
					     : 3);
}

void msgpack_bool(struct msgpack *m, struct key key, bool value)
{
	begin(m, key);
	strbuf_putc(m->out, (char)(value ? PACK_TRUE : PACK_FALSE));
}

void msgpack_double(struct msgpack *m, struct key key, double value)
{
	uint64_t bits;

	begin(m, key);
	memcpy(&bits, &value, sizeof(bits));
	put_sized(m, PACK_FLOAT64 - 3, bits, 3);
}
