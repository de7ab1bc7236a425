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

int read_text(
	const struct json_value *object, const char *path, const char **out, struct read_error *why)
{
	const struct json_value *value = read_at(object, path);

	if (!value)
		return 0;
	if (!json_is(value, JSON_STRING))
		return read_fail(why, "%s is not a string", path);
	*out = value->text;
	return 0;
}

/* Whether there is a whole number from `least` up to, not with, `end`; a negative errno. NaN fits nowhere. */
static int read_whole(const struct json_value *object, const char *path, double least, double end,
	double *out, struct read_error *why)
{
	const struct json_value *value = read_at(object, path);

	if (!value)
		return 0;
	if (!json_is(value, JSON_NUMBER))
		return read_fail(why, "%s is not a number", path);
	double d = value->number;
	if (!(d >= least && d < end) || d != (d < 0 ? (double)(int64_t)d : (double)(uint64_t)d))
		return read_fail(why, "%s is out of range", path);
	*out = d;
	return 1;
}

#define U64_END 18446744073709551616.0 /* 2^64: UINT64_MAX is no double */

int read_u64(const struct json_value *object, const char *path, uint64_t max, uint64_t *out,
	struct read_error *why)
{
	double d = 0;
	int found = read_whole(object, path, 0, U64_END, &d, why);

	if (found > 0 && (uint64_t)d > max)
		return read_fail(why, "%s is out of range", path);
	if (found > 0)
		*out = (uint64_t)d;
	return found < 0 ? found : 0;
}

int read_int(const struct json_value *object, const char *path, int *out, struct read_error *why)
{
	double d = 0;
	int found = read_whole(object, path, INT_MIN, (double)INT_MAX + 1, &d, why);

	if (found > 0)
		*out = (int)d;
	return found < 0 ? found : 0;
}

int read_bool(const struct json_value *object, const char *path, bool *out, struct read_error *why)
{
	const struct json_value *value = read_at(object, path);

	if (!value)
		return 0;
	if (!json_is(value, JSON_TRUE) && !json_is(value, JSON_FALSE))
		return read_fail(why, "%s is not true or false", path);
	*out = json_is(value, JSON_TRUE);
	return 0;
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
	size_t count = 0, size = list ? json_count(list) : 0;
	_cleanup_free_ const char **strings = calloc(size + 1, sizeof(*strings));
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
static int read_id(const struct json_value *object, const struct field *f, uint64_t max, int base,
	uint64_t *out, struct read_error *why)
{
	const char *text = NULL;
	char *end;
	int err = read_text(object, f->key, &text, why);

	if (err || !text)
		return err;
	errno = 0;
	uint64_t value = strtoull(text, &end, base);
	if (*text < '0' || *text > '9' || *end || errno || value > max)
		return read_fail(why, "%s is not a number in a string", f->key);
	*out = value;
	return 0;
}

static int read_owned(const struct json_value *object, const struct field *f, char **member,
	struct read_error *why)
{
	const char *text = *member ? NULL : "";
	int err = read_text(object, f->key, &text, why);

	if (err || !text)
		return err;
	return container_set(member, text);
}

static int read_chars(const struct json_value *object, const struct field *f, char *member,
	struct read_error *why)
{
	const char *text = "";
	int err = read_text(object, f->key, &text, why);

	if (err)
		return err;
	if (strlen(text) >= f->size)
		return read_fail(why, "%s is too long", f->key);
	strcpy(member, text);
	return 0;
}

/* An enum by its name; a name that is not known stands for the first value. */
static int read_enum(
	const struct json_value *object, const struct field *f, int *member, struct read_error *why)
{
	const char *text = NULL;
	int err = read_text(object, f->key, &text, why);

	if (err || !text)
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

static int read_number(const struct json_value *object, const struct field *f, void *member,
	struct read_error *why)
{
	uint64_t value = 0;
	int err = 0;

	switch (f->type) {
	case FIELD_U16:
		value = *(uint16_t *)member;
		err = read_u64(object, f->key, UINT16_MAX, &value, why);
		*(uint16_t *)member = (uint16_t)value;
		return err;
	case FIELD_U32:
		value = *(uint32_t *)member;
		err = read_u64(object, f->key, UINT32_MAX, &value, why);
		*(uint32_t *)member = (uint32_t)value;
		return err;
	case FIELD_ID32:
	case FIELD_MODE:
		value = *(uint32_t *)member;
		err = read_id(object, f, UINT32_MAX, f->type == FIELD_MODE ? 8 : 10, &value, why);
		*(uint32_t *)member = (uint32_t)value;
		return err;
	case FIELD_U64:
		return read_u64(object, f->key, UINT64_MAX, member, why);
	case FIELD_ID64:
		return read_id(object, f, UINT64_MAX, 10, member, why);
	default:
		return read_id(object, f, UINT64_MAX, 16, member, why);
	}
}

static int read_field(const struct json_value *object, const struct field *f, void *member,
	struct read_error *why)
{
	switch (f->type) {
	case FIELD_TEXT:
		return read_text(object, f->key, member, why);
	case FIELD_OWNED:
		return read_owned(object, f, member, why);
	case FIELD_CHARS:
		return read_chars(object, f, member, why);
	case FIELD_BOOL:
		return read_bool(object, f->key, member, why);
	case FIELD_INT:
	case FIELD_COUNT:
		return read_int(object, f->key, member, why);
	case FIELD_MOUNT_KIND:
	case FIELD_FILE_TYPE:
	case FIELD_CONTAINER_TYPE:
	case FIELD_WORKLOAD_KIND:
		return read_enum(object, f, member, why);
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_ID32:
	case FIELD_ID64:
	case FIELD_BITS64:
	case FIELD_MODE:
		return read_number(object, f, member, why);
	default: /* FIELD_ARGS is read_event()'s, the others only repeat another field */
		return 0;
	}
}

int read_fields(const struct json_value *object, const struct field_table *table, void *base,
	struct read_error *why)
{
	const struct json_value *within = object;
	const char *opened = "";

	for (size_t i = 0; i < table->n; i++) {
		const struct field *f = &table->rows[i];
		/* Members of one object stand together. */
		if (opened != f->object) {
			within = read_at(object, f->object);
			opened = f->object;
		}
		/* Of an object that is not there only strings are set: they are never NULL. */
		if (!within && f->type != FIELD_OWNED)
			continue;
		int err = read_field(within, f, (char *)base + f->offset, why);
		if (err == -EBADMSG && f->object[0]) {
			struct read_error inner = *why;
			return read_fail(why, "%s.%.100s", f->object, inner.text);
		}
		if (err)
			return err;
	}
	return 0;
}
