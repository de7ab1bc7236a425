// SPDX-License-Identifier: MIT
#include "publish/otlp_record.h"

#include <errno.h>
#include <inttypes.h>
#include <msgpack/unpack.h>
#include <string.h>

#include "record/filter.h"
#include "record/message.h"
#include "record/ndjson.h"
#include "util/cleanup.h"

#define DEPTH_MAX 16

static void put_text(struct json *j, const char *key, const msgpack_object_str *text)
{
	_cleanup_free_ char *copy = strndup(text->ptr, text->size);

	json_string(j, key, copy ? copy : "");
}

/* 64-bit numbers are strings in the JSON form of protobuf. */
static void put_number(struct json *j, const msgpack_object *v)
{
	char text[24];

	if (v->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
		snprintf(text, sizeof(text), "%" PRIu64, v->via.u64);
	else
		snprintf(text, sizeof(text), "%" PRId64, v->via.i64);
	json_string(j, "intValue", text);
}

static void put_value(struct json *j, const char *key, const msgpack_object *v, unsigned depth);

static void put_pairs(struct json *j, const msgpack_object_map *map, unsigned depth)
{
	json_open_object(j, "kvlistValue");
	json_open_array(j, "values");
	for (uint32_t i = 0; i < map->size; i++) {
		json_open_object(j, NULL);
		put_text(j, "key", &map->ptr[i].key.via.str);
		put_value(j, "value", &map->ptr[i].val, depth + 1);
		json_close_object(j);
	}
	json_close_array(j);
	json_close_object(j);
}

static void put_list(struct json *j, const msgpack_object_array *list, unsigned depth)
{
	json_open_object(j, "arrayValue");
	json_open_array(j, "values");
	for (uint32_t i = 0; i < list->size; i++)
		put_value(j, NULL, &list->ptr[i], depth + 1);
	json_close_array(j);
	json_close_object(j);
}

/* An AnyValue. */
static void put_value(struct json *j, const char *key, const msgpack_object *v, unsigned depth)
{
	json_open_object(j, key);
	switch (v->type) {
	case MSGPACK_OBJECT_STR:
		put_text(j, "stringValue", &v->via.str);
		break;
	case MSGPACK_OBJECT_BOOLEAN:
		json_bool(j, "boolValue", v->via.boolean);
		break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		put_number(j, v);
		break;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64: /* all that records have are hundredths */
		json_hundredths(j, "doubleValue", v->via.f64);
		break;
	case MSGPACK_OBJECT_MAP:
		if (depth < DEPTH_MAX)
			put_pairs(j, &v->via.map, depth);
		break;
	case MSGPACK_OBJECT_ARRAY:
		if (depth < DEPTH_MAX)
			put_list(j, &v->via.array, depth);
		break;
	default:
		break;
	}
	json_close_object(j);
}

static bool is(const msgpack_object *key, const char *name)
{
	return key->type == MSGPACK_OBJECT_STR && key->via.str.size == strlen(name) &&
	       !memcmp(key->via.str.ptr, name, key->via.str.size);
}

static void put_attribute(struct json *j, const char *name, const char *value)
{
	json_open_object(j, NULL);
	json_string(j, "key", name);
	json_open_object(j, "value");
	json_string(j, "stringValue", value);
	json_close_object(j);
	json_close_object(j);
}

/* Objects within objects become names with dots; `name` is what stands before them, and is as before at the end. */
static void put_attributes(
	struct json *j, struct strbuf *name, const msgpack_object_kv *kv, unsigned depth)
{
	size_t before = name->len;

	if (before)
		strbuf_putc(name, '.');
	strbuf_append(name, kv->key.via.str.ptr, kv->key.via.str.size);
	if (kv->val.type == MSGPACK_OBJECT_MAP && depth < DEPTH_MAX) {
		for (uint32_t i = 0; i < kv->val.via.map.size; i++)
			put_attributes(j, name, &kv->val.via.map.ptr[i], depth + 1);
	} else if (name->data) {
		json_open_object(j, NULL);
		json_string(j, "key", name->data);
		put_value(j, "value", &kv->val, depth);
		json_close_object(j);
	}
	name->len = before;
	if (name->data)
		name->data[before] = '\0';
}

static bool is_resource(const msgpack_object *key)
{
	return is(key, "k8s") || is(key, "container") || is(key, "host");
}

/* Members of LogRecord of their own, or of no use to who has its schema. */
static bool is_left_out(const msgpack_object *key)
{
	return is(key, "@timestamp") || is(key, "message") || is(key, "log") || is(key, "ecs");
}

static void put_some(struct json *j, const msgpack_object_map *record, bool resource)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	for (uint32_t i = 0; i < record->size; i++)
		if (is_resource(&record->ptr[i].key) == resource &&
			!is_left_out(&record->ptr[i].key))
			put_attributes(j, &name, &record->ptr[i], 0);
}

/* As OpenTelemetry names a service of Kubernetes: by what the pod belongs to, else by its container. */
static const char *service_of(const struct record *r)
{
	const struct container *c = record_container(r);

	if (!c)
		return "ktrace";
	if (*c->workload)
		return c->workload;
	return *c->k8s_container ? c->k8s_container : *c->name ? c->name : c->id;
}

static void put_severity(struct json *j, const char *level)
{
	static const struct {
		const char *level, *text;
		int number;
	} severities[] = {
		{ "info", "INFO", 9 },
		{ "warn", "WARN", 13 },
		{ "error", "ERROR", 17 },
		{ "fatal", "FATAL", 21 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (!strcmp(severities[i].level, level)) {
			json_int(j, "severityNumber", severities[i].number);
			json_string(j, "severityText", severities[i].text);
		}
}

static void put_time(struct json *j, const char *key, uint64_t ns)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, ns);
	json_string(j, key, text);
}

static void put_log_record(
	struct json *j, const struct record *r, const msgpack_object_map *record, uint64_t now)
{
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;
	char name[64], id[RECORD_ID_SIZE];

	if (r->message)
		strbuf_puts(&message, r->message);
	else
		message_append(&message, r);
	snprintf(name, sizeof(name), "ktrace.%s", record_action(r));
	record_id_format(id, r->run, r->sequence);
	json_open_object(j, NULL);
	put_time(j, "timeUnixNano", r->time);
	put_time(j, "observedTimeUnixNano", now);
	put_severity(j, message_level(r));
	json_string(j, "eventName", name);
	json_open_object(j, "body");
	json_string(j, "stringValue", message.data ? message.data : "");
	json_close_object(j);
	json_open_array(j, "attributes");
	put_attribute(j, "log.record.uid", id);
	put_some(j, record, false);
	json_close_array(j);
	json_close_object(j);
}

static void put_resource_logs(
	struct json *j, const struct record *r, const msgpack_object_map *record, uint64_t now)
{
	json_open_object(j, NULL);
	json_open_object(j, "resource");
	json_open_array(j, "attributes");
	put_attribute(j, "service.name", service_of(r));
	put_some(j, record, true);
	json_close_array(j);
	json_close_object(j);
	json_open_array(j, "scopeLogs");
	json_open_object(j, NULL);
	json_open_object(j, "scope");
	json_string(j, "name", "ktrace");
	json_string(j, "version", KTRACE_VERSION);
	json_close_object(j);
	json_open_array(j, "logRecords");
	put_log_record(j, r, record, now);
	json_close_array(j);
	json_close_object(j);
	json_close_array(j);
	json_close_object(j);
}

int otlp_record(struct strbuf *out, const struct record *r, uint64_t now)
{
	_cleanup_strbuf_ struct strbuf packed = STRBUF_INIT;
	_cleanup_(msgpack_unpacked_destroy) msgpack_unpacked record;
	size_t start = out->len, at = 0;

	msgpack_unpacked_init(&record);
	/* By way of the other form: it knows integers from others, and has all cut as it should be. */
	int err = record_append(&packed, r, FORM_MSGPACK);
	if (err < 0)
		return err;
	if (msgpack_unpack_next(&record, packed.data, packed.len, &at) != MSGPACK_UNPACK_SUCCESS ||
		record.data.type != MSGPACK_OBJECT_MAP)
		return -ENOMEM;
	struct json j = json_start(out);
	put_resource_logs(&j, r, &record.data.via.map, now);
	strbuf_putc(out, ',');
	if (!out->failed)
		return 0;
	out->len = start;
	if (out->data)
		out->data[start] = '\0';
	return -ENOMEM;
}

void otlp_request(struct strbuf *out, const struct strbuf *records)
{
	strbuf_puts(out, "{\"resourceLogs\":[");
	strbuf_append(out, records->data, records->len ? records->len - 1 : 0);
	strbuf_puts(out, "]}");
}
