// SPDX-License-Identifier: MIT
/*
 * Every field that a table can write is in some sample, so that who checks the samples checks all: with
 * --print this program writes them, for tests/system/deploy/index-template.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "record/fields.h"
#include "record/ndjson.h"
#include "util/cleanup.h"

#include "record_samples.h"

static void append(struct strbuf *out, const struct record *r)
{
	struct record copy = *r;

	copy.run = 0x1a2b;
	copy.sequence = 7;
	copy.time = SAMPLE_TIME;
	copy.node = "node-1";
	assert_int_equal(ndjson_append(out, &copy), 0);
}

static void set_integer(const struct field *f, void *member)
{
	const uint64_t one = 1;

	memcpy(member, &one, f->size); /* little-endian, as every machine that ktrace runs on */
}

/* Sets every field of the table to something that is written. */
static void fill(const struct field_table *table, void *base)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct field *f = &table->rows[i];
		void *member = (char *)base + f->offset;

		switch (f->type) {
		case FIELD_TEXT:
			*(const char **)member = "text";
			break;
		case FIELD_OWNED:
			if (!*(char **)member || !**(char **)member)
				container_set(member, "text");
			break;
		case FIELD_CHARS:
			strcpy(member, "text");
			break;
		case FIELD_ARGS:
			break;
		default:
			set_integer(f, member);
			break;
		}
	}
}

static struct path_facts *full_facts(void)
{
	struct path_facts *facts = calloc(1, sizeof(*facts));

	facts->known = true;
	fill(&path_facts_fields, facts);
	fill(&file_facts_fields, &facts->file);
	fill(&file_facts_fields, &facts->directory);
	return facts;
}

/* An event with every field set, whatever its kind has. */
static struct event *full_event(enum event_kind kind, struct container *c)
{
	static const char *const args[] = { "a", "b" };
	struct event draft = { .kind = kind };

	fill(&event_fields, &draft);
	fill(&event_ktrace_fields, &draft);
	draft.args = args;
	draft.argc = 2;
	draft.container = c;
	draft.mount = &c->mounts[0];
	draft.facts = full_facts();
	draft.facts->file.type = FILE_REGULAR;
	draft.error = ENOENT; /* found_after */
	draft.call_args[0] = 1;
	draft.cut = true;
	struct event *e = event_new(&draft);
	assert_non_null(e);
	return e;
}

static struct container *full_container(void)
{
	struct container *c = sample_container();

	fill(&container_fields, c);
	fill(&description_fields, c);
	for (size_t i = 0; i < c->n_mounts; i++)
		fill(&mount_fields, &c->mounts[i]);
	return c;
}

static void append_workloads(struct strbuf *out, struct container *c)
{
	struct event *e = sample_event(EVENT_EXEC, c);

	container_set(&c->job, "web-28934567");
	for (int kind = WORKLOAD_UNKNOWN; kind < WORKLOAD_KINDS; kind++) {
		c->workload_kind = (enum workload_kind)kind;
		container_part_clear(c->part); /* it does not change otherwise */
		append(out, &(struct record){ .type = RECORD_EVENT, .event = e });
	}
	event_unref(e);
}

static void append_events(struct strbuf *out, struct container *c)
{
	for (int kind = EVENT_CONTAINER_CREATED; kind < EVENT_KINDS; kind++) {
		struct event *e = full_event((enum event_kind)kind, c);
		if (kind != EVENT_RUNTIME)
			append(out, &(struct record){ .type = RECORD_EVENT, .event = e });
		event_unref(e);
	}
}

static void append_diagnosis(struct strbuf *out, struct container *c)
{
	struct diagnosis *d = sample_diagnosis(c);
	struct event *context[] = { full_event(EVENT_EXEC, c), full_event(EVENT_FILE_ERROR, c),
		full_event(EVENT_OUTPUT, c), full_event(EVENT_PROCESS_EXITED, c) };

	d->held_back = 9;
	d->signal = "SIGKILL";
	free(d->why);
	d->why = strdup("because");
	append(out, &(struct record){ .type = RECORD_DIAGNOSIS,
			    .diagnosis = d,
			    .context = context,
			    .n_context = ARRAY_SIZE(context) });
	for (size_t i = 0; i < ARRAY_SIZE(context); i++)
		event_unref(context[i]);
	diagnosis_free(d);
}

static void append_agents(struct strbuf *out)
{
	static const struct record_count counts[] = { { "exec", 1 } }, lost[] = { { "full", 2 } },
					 left_out[] = { { "folded", 3 }, { "rate", 4 } };

	for (int type = RECORD_AGENT_STARTED; type <= RECORD_AGENT_STOPPED; type++)
		append(out, &(struct record){ .type = (enum record_type)type,
				    .version = "1.0",
				    .produced = counts,
				    .n_produced = 1,
				    .delivered = counts,
				    .n_delivered = 1,
				    .lost = lost,
				    .n_lost = 1,
				    .left_out = left_out,
				    .n_left_out = 2,
				    .containers = 3,
				    .resident_bytes = 4,
				    .blind_since = SAMPLE_TIME });
}

static void append_samples(struct strbuf *out)
{
	struct container *c = full_container();

	append_events(out, c);
	append_diagnosis(out, c);
	append_agents(out);
	append_workloads(out, c);
	container_unref(c);
}

static const cJSON *member(const cJSON *o, const char *path)
{
	while (o && *path) {
		char key[64];
		size_t len = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		o = cJSON_IsArray(o) ? o->child : o;
		o = cJSON_GetObjectItemCaseSensitive(o, key);
		path += len + (path[len] == '.');
	}
	return o;
}

static bool is_written(const struct strbuf *lines, const char *path)
{
	for (const char *line = lines->data; *line;) {
		const char *end = strchr(line, '\n');
		_cleanup_json_ cJSON *root = cJSON_ParseWithLength(line, (size_t)(end - line));
		if (member(root, path))
			return true;
		line = end + 1;
	}
	return false;
}

static void every_row_is_in_a_sample(void **state)
{
	static const struct {
		const char *object;
		const struct field_table *table;
	} tables[] = {
		{ "", &event_fields },
		{ "ktrace.", &event_ktrace_fields },
		{ "container.", &container_fields },
		{ "k8s.", &pod_fields },
		{ "ktrace.workload.", &workload_fields },
		{ "ktrace.container.", &description_fields },
		{ "ktrace.container.mounts.", &mount_fields },
		{ "ktrace.mount.", &held_by_fields },
		{ "ktrace.facts.", &path_facts_fields },
		{ "ktrace.facts.path.", &file_facts_fields },
	};
	_cleanup_strbuf_ struct strbuf lines = STRBUF_INIT;
	unsigned missing = 0;

	(void)state;
	append_samples(&lines);
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; i < tables[t].table->n; i++) {
			const struct field *f = &tables[t].table->rows[i];
			char path[128];

			snprintf(path, sizeof(path), "%s%s%s%s", tables[t].object, f->object->path,
				*f->object->path ? "." : "", f->key.text);
			if (is_written(&lines, path))
				continue;
			print_error("no sample has %s\n", path);
			missing++;
		}
	assert_int_equal(missing, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_in_a_sample),
	};
	_cleanup_strbuf_ struct strbuf lines = STRBUF_INIT;

	if (argc != 2 || strcmp(argv[1], "--print"))
		return cmocka_run_group_tests(tests, NULL, NULL);
	append_samples(&lines);
	return fwrite(lines.data, 1, lines.len, stdout) == lines.len ? 0 : 1;
}
