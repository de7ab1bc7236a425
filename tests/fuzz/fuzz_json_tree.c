// SPDX-License-Identifier: MIT
/* Any bytes as JSON: what is read is what cJSON reads, and cJSON reads all of it. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "record/json_tree.h"

static void compare(const struct json_value *v, const cJSON *c)
{
	const struct json_value *item = json_first(v);

	check(!v->key == !c->string && (!v->key || !strcmp(v->key, c->string)));
	check(json_is(v, JSON_STRING) == cJSON_IsString(c) &&
		json_is(v, JSON_NUMBER) == cJSON_IsNumber(c) &&
		json_is(v, JSON_OBJECT) == cJSON_IsObject(c) &&
		json_is(v, JSON_ARRAY) == cJSON_IsArray(c) &&
		json_is(v, JSON_TRUE) == cJSON_IsTrue(c) &&
		json_is(v, JSON_NULL) == cJSON_IsNull(c));
	check(!json_is(v, JSON_STRING) || !strcmp(v->text, c->valuestring));
	check(!json_is(v, JSON_NUMBER) || v->number == c->valuedouble);
	for (const cJSON *child = c->child; child; child = child->next, item = item->next) {
		check(item);
		compare(item, child);
	}
	check(!item);
}

#define CJSON_NUMBER_MAX 63

/* cJSON ends a string at a NUL that is written out, and refuses numbers that do not fit its buffer. */
static bool is_beyond_cjson(const char *text, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len && digits < CJSON_NUMBER_MAX; i++)
		digits = text[i] && strchr("0123456789+-.eE", text[i]) ? digits + 1 : 0;
	return digits >= CJSON_NUMBER_MAX || memmem(text, len, "\\u0000", 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_tree tree;
	const char *text = (const char *)data;
	const struct json_value *root;
	size_t at = 0;
	int err = json_tree_parse(&tree, text, size, &root, &at);

	check(err == 0 || (err == -EBADMSG && at <= size));
	if (err || is_beyond_cjson(text, size))
		return 0;
	cJSON *c = cJSON_ParseWithLengthOpts(text, size, NULL, false);
	check(c);
	compare(root, c);
	cJSON_Delete(c);
	return 0;
}
