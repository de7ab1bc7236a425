// SPDX-License-Identifier: MIT
#include "agent/memory_entry.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "record/json.h"
#include "util/cleanup.h"

/* A new tag or digest is another image of the same program: what changed is to be told, not forgotten. */
static size_t name_length(const char *image)
{
	const char *slash = strrchr(image, '/');
	const char *name = slash ? slash : image;

	return (size_t)(name - image) + strcspn(name, "@:");
}

bool memory_key(const struct container *c, struct strbuf *out)
{
	const char *name = *c->k8s_container ? c->k8s_container : c->name;
	const char *workload = *c->workload ? c->workload : c->pod;
	const struct fact *command = c->start ? snapshot_find(c->start, FACT_COMMAND, "") : NULL;

	if (c->type == CONTAINER_SANDBOX || !c->start)
		return false;
	if (*c->pod && *name)
		strbuf_printf(out, "%s/%s/%s/%s", c->k8s_namespace,
			workload_kind_name(c->workload_kind), workload, name);
	else if (!*c->pod && *c->image && command)
		strbuf_printf(out, "%.*s %s", (int)name_length(c->image), c->image,
			(strrchr(command->value, '\n') ?: command->value - 1) + 1);
	return out->len && !out->failed;
}

static void write_snapshot(struct json *j, const struct snapshot *s)
{
	json_string(j, "pod", s->pod_uid);
	json_int(j, "cut", s->cut);
	json_open_array(j, "facts");
	for (size_t i = 0; i < s->n; i++) {
		const struct fact *f = &s->facts[i];

		json_open_array(j, NULL);
		json_string(j, NULL, fact_kind_name(f->kind));
		json_string(j, NULL, f->name);
		json_string(j, NULL, f->value);
		json_close_array(j);
	}
	json_close_array(j);
}

static void write_number(struct json *j, const char *key, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	json_string(j, key, text);
}

/* same: what the line has already. */
static void write_start(
	struct json *j, const char *key, const struct kept_start *s, const struct kept_start *same)
{
	if (!s->time)
		return;
	json_open_object(j, key);
	write_number(j, "time", s->time);
	json_string(j, "container", s->container);
	write_number(j, "listening_ns", s->listening_ns);
	write_number(j, "peak_memory", s->peak_memory);
	if (!same || !snapshots_equal(s->snapshot, same->snapshot))
		write_snapshot(j, s->snapshot);
	json_close_object(j);
}

int memory_entry_write(const struct memory_entry *e, struct strbuf *out)
{
	struct json j = json_start(out);
	char text[24];

	json_open_object(&j, NULL);
	json_string(&j, "key", e->key);
	json_int(&j, "starts", e->starts);
	write_start(&j, "last", &e->last, NULL);
	write_start(&j, "before", &e->before, &e->last);
	json_open_array(&j, "harmless");
	for (size_t i = 0; i < e->n_harmless; i++) {
		snprintf(text, sizeof(text), "%016" PRIx64, e->harmless[i]);
		json_string(&j, NULL, text);
	}
	json_close_array(&j);
	json_close_object(&j);
	return out->failed ? -ENOMEM : 0;
}

static void start_clear(struct kept_start *s)
{
	snapshot_unref(s->snapshot);
	*s = (struct kept_start){ 0 };
}

void memory_entry_clear(struct memory_entry *e)
{
	free(e->key);
	start_clear(&e->last);
	start_clear(&e->before);
	*e = (struct memory_entry){ 0 };
}

static const char *text_of(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key)) ?: "";
}

static uint64_t number_of(const cJSON *object, const char *key)
{
	return strtoull(text_of(object, key), NULL, 10);
}

static int read_fact(const cJSON *item, struct snapshot *s)
{
	const cJSON *kind_item = item->child, *name = kind_item ? kind_item->next : NULL;
	const cJSON *value = name ? name->next : NULL;

	if (!cJSON_IsString(kind_item) || !cJSON_IsString(name) || !cJSON_IsString(value))
		return -EBADMSG;
	enum fact_kind kind = fact_kind_from_name(kind_item->valuestring);
	/* A later version's: nothing is known of it. */
	if (kind == FACT_KINDS)
		return 0;
	return snapshot_add(s, kind, name->valuestring, value->valuestring);
}

static int read_snapshot(const cJSON *object, const uint8_t salt[SALT_SIZE], struct snapshot **out)
{
	const cJSON *facts = cJSON_GetObjectItemCaseSensitive(object, "facts"), *item;
	const cJSON *cut = cJSON_GetObjectItemCaseSensitive(object, "cut");
	struct snapshot *s = snapshot_new(salt);

	*out = s;
	if (!s)
		return -ENOMEM;
	if (!cJSON_IsArray(facts) || !cJSON_IsNumber(cut) || cut->valuedouble < 0 ||
		cut->valuedouble > UINT32_MAX)
		return -EBADMSG;
	char *uid = strdup(text_of(object, "pod"));
	if (!uid)
		return -ENOMEM;
	free(s->pod_uid);
	s->pod_uid = uid;
	s->cut = (uint32_t)cut->valuedouble;
	cJSON_ArrayForEach (item, facts) {
		int err = read_fact(item, s);
		if (err)
			return err;
	}
	snapshot_sort(s);
	return 0;
}

/* same: whose snapshot it shares where it has none of its own. */
static int read_start(const cJSON *object, const uint8_t salt[SALT_SIZE],
	const struct kept_start *same, struct kept_start *out)
{
	if (!object)
		return 0;
	out->time = number_of(object, "time");
	out->listening_ns = number_of(object, "listening_ns");
	out->peak_memory = number_of(object, "peak_memory");
	snprintf(out->container, sizeof(out->container), "%s", text_of(object, "container"));
	if (!out->time)
		return -EBADMSG;
	if (same && same->snapshot && !cJSON_GetObjectItemCaseSensitive(object, "facts")) {
		out->snapshot = snapshot_ref(same->snapshot);
		return 0;
	}
	return read_snapshot(object, salt, &out->snapshot);
}

static int read_entry(const cJSON *json, const uint8_t salt[SALT_SIZE], struct memory_entry *e)
{
	const cJSON *starts = cJSON_GetObjectItemCaseSensitive(json, "starts"), *item;
	const cJSON *before = cJSON_GetObjectItemCaseSensitive(json, "before");
	int err;

	if (!*text_of(json, "key") || !cJSON_IsNumber(starts) || !(starts->valuedouble >= 1) ||
		starts->valuedouble > UINT32_MAX)
		return -EBADMSG;
	e->starts = (uint32_t)starts->valuedouble;
	e->key = strdup(text_of(json, "key"));
	if (!e->key)
		return -ENOMEM;
	if ((err = read_start(
		     cJSON_GetObjectItemCaseSensitive(json, "last"), salt, NULL, &e->last)) ||
		(err = read_start(before, salt, &e->last, &e->before)))
		return err;
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(json, "harmless"))
		if (cJSON_IsString(item) && e->n_harmless < HARMLESS_MAX)
			e->harmless[e->n_harmless++] = strtoull(item->valuestring, NULL, 16);
	return e->last.snapshot ? 0 : -EBADMSG;
}

int memory_entry_read(
	const char *json, size_t len, const uint8_t salt[SALT_SIZE], struct memory_entry *out)
{
	_cleanup_json_ cJSON *parsed = cJSON_ParseWithLength(json, len);

	*out = (struct memory_entry){ 0 };
	int err = cJSON_IsObject(parsed) ? read_entry(parsed, salt, out) : -EBADMSG;
	if (err)
		memory_entry_clear(out);
	return err;
}
