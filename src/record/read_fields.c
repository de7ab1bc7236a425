// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "record/read.h"
#include "util/cleanup.h"

int read_fail(struct read_error *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

const struct json_value *read_at(const struct json_value *object, const char *path)
{
	while (object && *path) {
		size_t len = (size_t)(strchrnul(path, '.') - path);
		object = json_member(object, path, len);
		path += len;
		path += *path == '.';
	}
	return object;
}

/* What a member of that name must be: a string, a number... */
static int text_of(
	const struct json_value *value, const char *name, const char **out, struct read_error *why)
{
	if (!json_is(value, JSON_STRING))
		return read_fail(why, "%s is not a string", name);
	*out = value->text;
	return 0;
}

/* A whole number from `least` up to, not with, `end`. NaN fits nowhere. */
static int whole_of(const struct json_value *value, const char *name, double least, double end,
	double *out, struct read_error *why)
{
	if (!json_is(value, JSON_NUMBER))
		return read_fail(why, "%s is not a number", name);
	double d = value->number;
	if (!(d >= least && d < end) || d != (d < 0 ? (double)(int64_t)d : (double)(uint64_t)d))
		return read_fail(why, "%s is out of range", name);
	*out = d;
	return 0;
}

#define U64_END 18446744073709551616.0 /* 2^64: UINT64_MAX is no double */

static int u64_of(const struct json_value *value, const char *name, uint64_t max, uint64_t *out,
	struct read_error *why)
{
	double d = 0;
	int err = whole_of(value, name, 0, U64_END, &d, why);

	if (!err && (uint64_t)d > max)
		return read_fail(why, "%s is out of range", name);
	if (!err)
		*out = (uint64_t)d;
	return err;
}

static int int_of(
	const struct json_value *value, const char *name, int *out, struct read_error *why)
{
	double d = 0;
	int err = whole_of(value, name, INT_MIN, (double)INT_MAX + 1, &d, why);

	if (!err)
		*out = (int)d;
	return err;
}

static int bool_of(
	const struct json_value *value, const char *name, bool *out, struct read_error *why)
{
	if (!json_is(value, JSON_TRUE) && !json_is(value, JSON_FALSE))
		return read_fail(why, "%s is not true or false", name);
	*out = json_is(value, JSON_TRUE);
	return 0;
}

int read_text(
	const struct json_value *object, const char *path, const char **out, struct read_error *why)
{
	const struct json_value *value = read_at(object, path);

	return value ? text_of(value, path, out, why) : 0;
}

int read_u64(const struct json_value *object, const char *path, uint64_t max, uint64_t *out,
	struct read_error *why)
{
	const struct json_value *value = read_at(object, path);

	return value ? u64_of(value, path, max, out, why) : 0;
}

int read_int(const struct json_value *object, const char *path, int *out, struct read_error *why)
{
	const struct json_value *value = read_at(object, path);

	return value ? int_of(value, path, out, why) : 0;
}

int read_bool(const struct json_value *object, const char *path, bool *out, struct read_error *why)
{
	const struct json_value *value = read_at(object, path);

	return value ? bool_of(value, path, out, why) : 0;
}

int read_list(const struct json_value *object, const char *path, const struct json_value **out,
	struct read_error *why)
{
	const struct json_value *value = read_at(object, path);

	if (value && !json_is(value, JSON_ARRAY))
		return read_fail(why, "%s is not a list", path);
	*out = value;
	return 0;
}

int read_strings(const struct json_value *object, const char *path, const char ***out, size_t *n,
	struct read_error *why)
{
	const struct json_value *list = NULL, *item;
	int err = read_list(object, path, &list, why);

	if (err)
		return err;
	*out = NULL;
	*n = 0;
	if (!json_count(list))
		return 0;
	size_t count = 0;
	_cleanup_free_ const char **strings = calloc(json_count(list), sizeof(*strings));
	if (!strings)
		return -ENOMEM;
	JSON_EACH(item, list)
	{
		if (!json_is(item, JSON_STRING))
			return read_fail(why, "%s must contain only strings", path);
		strings[count++] = item->text;
	}
	*out = take(strings);
	*n = count;
	return 0;
}

/* A number in a string: identifiers (decimal), sets of bits (0x...), modes (0...). */
static int id_of(const struct json_value *value, const struct field *f, uint64_t max, int base,
	uint64_t *out, struct read_error *why)
{
	const char *text = "";
	char *end;
	int err = text_of(value, f->key.text, &text, why);

	if (err)
		return err;
	errno = 0;
	uint64_t number = strtoull(text, &end, base);
	if (*text < '0' || *text > '9' || *end || errno || number > max)
		return read_fail(why, "%s is not a number in a string", f->key.text);
	*out = number;
	return 0;
}

static int owned_of(const struct json_value *value, const struct field *f, char **member,
	struct read_error *why)
{
	const char *text = "";
	int err = text_of(value, f->key.text, &text, why);

	return err ? err : container_set(member, text);
}

static int chars_of(
	const struct json_value *value, const struct field *f, char *member, struct read_error *why)
{
	const char *text = "";
	int err = text_of(value, f->key.text, &text, why);

	if (err)
		return err;
	if (strlen(text) >= f->size)
		return read_fail(why, "%s is too long", f->key.text);
	strcpy(member, text);
	return 0;
}

/* An enum by its name; a name that is not known stands for the first value. */
static int enum_of(
	const struct json_value *value, const struct field *f, int *member, struct read_error *why)
{
	const char *text = "";
	int err = text_of(value, f->key.text, &text, why);

	if (err)
		return err;
	*member = 0;
	if (f->type == FIELD_MOUNT_KIND)
		*member = (int)mount_kind_from_name(text);
	for (int i = FILE_UNKNOWN; f->type == FIELD_FILE_TYPE && i < FILE_TYPES; i++)
		if (strcmp(file_type_name((enum file_type)i), text) == 0)
			*member = i;
	for (int i = CONTAINER_UNKNOWN; f->type == FIELD_CONTAINER_TYPE && i <= CONTAINER_SANDBOX;
		i++)
		if (strcmp(container_type_name((enum container_type)i), text) == 0)
			*member = i;
	for (int i = WORKLOAD_UNKNOWN; f->type == FIELD_WORKLOAD_KIND && i < WORKLOAD_KINDS; i++)
		if (strcmp(workload_kind_name((enum workload_kind)i), text) == 0)
			*member = i;
	return 0;
}

static int number_of(
	const struct json_value *value, const struct field *f, void *member, struct read_error *why)
{
	uint64_t number = 0;
	int err = 0;

	switch (f->type) {
	case FIELD_U16:
		err = u64_of(value, f->key.text, UINT16_MAX, &number, why);
		break;
	case FIELD_U32:
		err = u64_of(value, f->key.text, UINT32_MAX, &number, why);
		break;
	case FIELD_ID32:
	case FIELD_MODE:
		err = id_of(value, f, UINT32_MAX, f->type == FIELD_MODE ? 8 : 10, &number, why);
		break;
	case FIELD_U64:
		err = u64_of(value, f->key.text, UINT64_MAX, &number, why);
		break;
	case FIELD_ID64:
		err = id_of(value, f, UINT64_MAX, 10, &number, why);
		break;
	default:
		err = id_of(value, f, UINT64_MAX, 16, &number, why);
	}
	if (err)
		return err;
	if (f->size == sizeof(uint16_t))
		*(uint16_t *)member = (uint16_t)number;
	else if (f->size == sizeof(uint32_t))
		*(uint32_t *)member = (uint32_t)number;
	else
		*(uint64_t *)member = number;
	return 0;
}

static int field_of(
	const struct json_value *value, const struct field *f, void *member, struct read_error *why)
{
	switch (f->type) {
	case FIELD_TEXT:
		return text_of(value, f->key.text, member, why);
	case FIELD_OWNED:
		return owned_of(value, f, member, why);
	case FIELD_CHARS:
		return chars_of(value, f, member, why);
	case FIELD_BOOL:
		return bool_of(value, f->key.text, member, why);
	case FIELD_INT:
	case FIELD_COUNT:
		return int_of(value, f->key.text, member, why);
	case FIELD_MOUNT_KIND:
	case FIELD_FILE_TYPE:
	case FIELD_CONTAINER_TYPE:
	case FIELD_WORKLOAD_KIND:
		return enum_of(value, f, member, why);
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_ID32:
	case FIELD_ID64:
	case FIELD_BITS64:
	case FIELD_MODE:
		return number_of(value, f, member, why);
	default: /* FIELD_ARGS is read_event()'s, the others only repeat another field */
		return 0;
	}
}

/* Which of `n` rows a member is, looked for from row `next` on; n: none. The writer has them in the same order. */
static size_t row_of(
	const struct field *rows, size_t n, size_t next, const struct json_value *member)
{
	for (size_t tried = 0; tried < n; tried++) {
		size_t i = next + tried < n ? next + tried : next + tried - n;
		if (rows[i].key.len == member->key_len &&
			!memcmp(rows[i].key.text, member->key, member->key_len))
			return i;
	}
	return n;
}

/* The fields of one object in one pass over its members; of two alike the first one counts. */
static int read_object(const struct json_value *object, const struct field *rows, size_t n,
	void *base, struct read_error *why)
{
	const struct json_value *member;
	uint64_t read = 0;
	size_t next = 0;

	JSON_EACH(member, object)
	{
		size_t i = row_of(rows, n, next, member);
		if (i == n || read >> i & 1)
			continue;
		read |= 1ull << i;
		next = i + 1;
		int err = field_of(member, &rows[i], (char *)base + rows[i].offset, why);
		if (err)
			return err;
	}
	return 0;
}

/* Of what is not there only these strings are set, so that none is NULL. */
static int set_empty(const struct field_table *table, void *base)
{
	for (size_t i = 0; i < table->n; i++) {
		char **member = (char **)((char *)base + table->rows[i].offset);
		bool missing = table->rows[i].type == FIELD_OWNED && !*member;
		if (missing && container_set(member, ""))
			return -ENOMEM;
	}
	return 0;
}

#define OBJECT_ROWS_MAX 64 /* a bit for each */

int read_fields(const struct json_value *object, const struct field_table *table, void *base,
	struct read_error *why)
{
	uint64_t names = json_name_bits(object);

	for (size_t i = 0, n; i < table->n; i += n) {
		const struct field *rows = &table->rows[i];
		/* Members of one object stand together. */
		for (n = 1; i + n < table->n && n < OBJECT_ROWS_MAX; n++)
			if (rows[n].object != rows->object)
				break;
		const char *path = rows->object->path;
		if (*path && !(rows->object->bit & names))
			continue;
		int err = read_object(read_at(object, path), rows, n, base, why);
		if (err == -EBADMSG && *path) {
			struct read_error inner = *why;
			return read_fail(why, "%s.%.100s", path, inner.text);
		}
		if (err)
			return err;
	}
	return table->owns ? set_empty(table, base) : 0;
}
