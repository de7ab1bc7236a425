// SPDX-License-Identifier: MIT
#include "record/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "record/read.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"

struct record_reader {
	struct read_containers *containers;
	struct read_names *names;
	unsigned long line;
	struct read_error why;
	char error[sizeof(((struct read_error *)0)->text) + 32];

	/* What the latest line held. */
	struct json_tree tree;
	const struct json_value *root;
	struct event *event;
	struct diagnosis *diagnosis;
	struct record_count *counts;
	struct event **context;
	size_t n_context;
};

struct record_reader *record_reader_new(void)
{
	struct record_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->containers = read_containers_new();
	if (!r->containers) {
		record_reader_free(r);
		return NULL;
	}
	return r;
}

static void forget_line(struct record_reader *r)
{
	event_unref(r->event);
	diagnosis_free(r->diagnosis);
	free(r->counts);
	for (size_t i = 0; i < r->n_context; i++)
		event_unref(r->context[i]);
	free(r->context);
	r->context = NULL;
	r->n_context = 0;
	r->event = NULL;
	r->diagnosis = NULL;
	r->counts = NULL;
	r->root = NULL;
}

void record_reader_free(struct record_reader *r)
{
	if (!r)
		return;
	forget_line(r);
	read_containers_free(r->containers);
	read_names_free(&r->names);
	json_tree_free(&r->tree);
	free(r);
}

const char *record_reader_error(const struct record_reader *r)
{
	return r->error;
}

struct event *record_reader_event(struct record_reader *r)
{
	return r->event;
}

struct diagnosis *record_reader_take_diagnosis(struct record_reader *r)
{
	return take(r->diagnosis);
}

/* The event that an object's fields describe: a record's own, a diagnosis' culprit, one of its context. */
static int make_event(struct record_reader *r, const struct json_value *object,
	enum event_kind kind, struct container *c, uint64_t time, struct event **out)
{
	_cleanup_(read_event_clear) struct read_event e;
	int err = read_event(object, kind, &e, &r->why);

	if (err)
		return err;
	e.draft.time = time;
	e.draft.container = c;
	err = read_mount(r->containers, c, object, &e.draft.mount, &r->why);
	if (err)
		return err;
	if (c && !c->cgroup)
		c->cgroup = e.draft.cgroup;
	*out = event_new(&e.draft);
	if (!*out)
		return -ENOMEM;
	e.draft.facts = NULL; /* taken over */
	return 0;
}

static int read_context_event(
	struct record_reader *r, const struct json_value *item, struct container *c, uint64_t run)
{
	const char *time = "", *action = "";
	uint64_t at, sequence = 0;
	int err;

	if ((err = read_text(item, "timestamp", &time, &r->why)) ||
		(err = read_text(item, "action", &action, &r->why)) ||
		(err = read_u64(item, "sequence", UINT64_MAX, &sequence, &r->why)))
		return err;
	if (rfc3339_parse(time, &at))
		return read_fail(&r->why, "a timestamp of ktrace.context is not a time");
	enum event_kind kind = event_kind_from_action(action);
	if (kind == EVENT_NONE || kind == EVENT_RUNTIME)
		return 0;
	struct event **event = &r->context[r->n_context];
	err = make_event(r, item, kind, c, at, event);
	if (err)
		return err;
	r->n_context++;
	(*event)->run = run;
	(*event)->sequence = sequence;
	(*event)->cgroup = c ? c->cgroup : 0;
	if (!(*event)->tid)
		(*event)->tid = (*event)->pid;
	return 0;
}

static int read_context(struct record_reader *r, struct container *c, struct record *record)
{
	const struct json_value *list = NULL, *item;
	int err = read_list(r->root, "ktrace.context", &list, &r->why);

	if (err || !list)
		return err;
	r->context = calloc(json_count(list) + 1, sizeof(struct event *));
	if (!r->context)
		return -ENOMEM;
	JSON_EACH(item, list)
	{
		err = read_context_event(r, item, c, record->run);
		if (err)
			return err;
	}
	record->context = r->context;
	record->n_context = r->n_context;
	return 0;
}

static int event_record(struct record_reader *r, enum event_kind kind, struct record *record)
{
	struct container *c = NULL;
	bool created = kind == EVENT_CONTAINER_CREATED;
	int err = read_container(r->containers, r->root, created, &c, &r->why);

	if (!err)
		err = make_event(r, r->root, kind, c, record->time, &r->event);
	if (err)
		return err;
	r->event->run = record->run;
	r->event->sequence = record->sequence;
	record->type = RECORD_EVENT;
	record->event = r->event;
	return 1;
}

static int diagnosis_record(struct record_reader *r, struct record *record)
{
	struct container *c = NULL;
	const char *culprit = "";
	int err;

	if ((err = read_container(r->containers, r->root, false, &c, &r->why)) ||
		(err = read_diagnosis(r->root, &r->names, &r->diagnosis, &r->why)) ||
		(err = read_text(r->root, "ktrace.diagnosis.culprit", &culprit, &r->why)))
		return err;
	if (c)
		r->diagnosis->container = container_ref(c);
	enum event_kind kind = event_kind_from_action(culprit);
	/* One that only a newer ktrace knows is left out. */
	if (!strcmp(event_action(kind), culprit)) {
		err = make_event(r, r->root, kind, c, record->time, &r->diagnosis->culprit);
		if (err)
			return err;
	}
	err = read_context(r, c, record);
	if (err)
		return err;
	r->diagnosis->time = record->time;
	r->diagnosis->run = record->run;
	r->diagnosis->sequence = record->sequence;
	record->type = RECORD_DIAGNOSIS;
	record->diagnosis = r->diagnosis;
	return 1;
}

/* Names of counters are written again as they are, so they must be such as ktrace gives. */
static bool is_counter_name(const char *name)
{
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-")];
}

/* Copies the counters of one object to r->counts[*used...). */
static int read_counts(struct record_reader *r, const char *path, size_t *used,
	const struct record_count **counts, size_t *n)
{
	const struct json_value *item;

	*counts = &r->counts[*used];
	*n = 0;
	JSON_EACH(item, read_at(r->root, path))
	{
		struct record_count *c = &r->counts[*used];
		int err = read_u64(item, "", UINT64_MAX, &c->value, &r->why);
		if (err)
			return read_fail(&r->why, "%s must contain only numbers", path);
		if (!is_counter_name(item->key))
			return read_fail(&r->why, "%s has an invalid name", path);
		c->name = item->key;
		(*used)++;
		(*n)++;
	}
	return 0;
}

static int agent_record(struct record_reader *r, enum record_type type, struct record *record)
{
	static const char *const lists[] = { "ktrace.agent.produced", "ktrace.agent.delivered",
		"ktrace.agent.lost", "ktrace.agent.left_out" };
	const char *since = "";
	size_t size = 1, used = 0;
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct json_value *list = read_at(r->root, lists[i]);
		if (list && !json_is(list, JSON_OBJECT))
			return read_fail(&r->why, "%s is not an object", lists[i]);
		size += json_count(list);
	}
	r->counts = calloc(size, sizeof(*r->counts));
	if (!r->counts)
		return -ENOMEM;
	record->version = "";
	record->blind_since = 0;
	if ((err = read_text(r->root, "ktrace.agent.version", &record->version, &r->why)) ||
		(err = read_counts(r, lists[0], &used, &record->produced, &record->n_produced)) ||
		(err = read_counts(r, lists[1], &used, &record->delivered, &record->n_delivered)) ||
		(err = read_counts(r, lists[2], &used, &record->lost, &record->n_lost)) ||
		(err = read_counts(r, lists[3], &used, &record->left_out, &record->n_left_out)) ||
		(err = read_u64(r->root, "ktrace.agent.containers", UINT64_MAX, &record->containers,
			 &r->why)) ||
		(err = read_u64(r->root, "ktrace.agent.resident_bytes", UINT64_MAX,
			 &record->resident_bytes, &r->why)) ||
		(err = read_text(r->root, "ktrace.agent.blind_since", &since, &r->why)))
		return err;
	if (*since && rfc3339_parse(since, &record->blind_since))
		return read_fail(&r->why, "ktrace.agent.blind_since is not a time");
	record->type = type;
	return 1;
}

static int read_record(struct record_reader *r, struct record *record)
{
	static const struct {
		const char *action;
		enum record_type type;
	} agents[] = {
		{ "agent_started", RECORD_AGENT_STARTED },
		{ "agent_stats", RECORD_AGENT_STATS },
		{ "blind", RECORD_AGENT_BLIND },
		{ "agent_stopped", RECORD_AGENT_STOPPED },
	};
	const char *time = "", *action = "", *id = NULL;
	int err;

	if (!json_is(r->root, JSON_OBJECT))
		return read_fail(&r->why, "not a JSON object");
	if (read_at(r->root, "ktrace.recording"))
		return 0;
	record->node = "";
	if ((err = read_text(r->root, "@timestamp", &time, &r->why)) ||
		(err = read_text(r->root, "event.action", &action, &r->why)) ||
		(err = read_text(r->root, "host.name", &record->node, &r->why)) ||
		(err = read_text(r->root, "message", &record->message, &r->why)) ||
		(err = read_u64(
			 r->root, "event.sequence", UINT64_MAX, &record->sequence, &r->why)) ||
		(err = read_text(r->root, "event.id", &id, &r->why)))
		return err;
	/* A number above 2^53 is exact only in the id. Records of the first versions have none. */
	if (id && record_id_parse(id, &record->run, &record->sequence))
		return read_fail(&r->why, "event.id is not an id of ktrace");
	if (rfc3339_parse(time, &record->time))
		return read_fail(&r->why, "@timestamp is not a time");
	if (!action[0])
		return read_fail(&r->why, "no event.action");
	if (strcmp(action, "diagnosis") == 0)
		return diagnosis_record(r, record);
	for (size_t i = 0; i < ARRAY_SIZE(agents); i++)
		if (strcmp(action, agents[i].action) == 0)
			return agent_record(r, agents[i].type, record);
	enum event_kind kind = event_kind_from_action(action);
	/* What is never written, and what only a newer ktrace knows. */
	if (kind == EVENT_NONE || kind == EVENT_RUNTIME)
		return 0;
	return event_record(r, kind, record);
}

static bool blank(const char *s, size_t len)
{
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r' ||
				  s[len - 1] == '\n'))
		len--;
	return len == 0;
}

int record_reader_line(struct record_reader *r, const char *line, size_t len, struct record *out)
{
	struct record record = { .type = RECORD_EVENT };
	size_t at;

	forget_line(r);
	r->line++;
	if (blank(line, len))
		return 0;
	int rc = json_tree_parse(&r->tree, line, len, &r->root, &at);
	if (rc == -EBADMSG)
		rc = read_fail(&r->why, "not JSON at byte %zu", at + 1);
	else if (!rc)
		rc = read_record(r, &record);
	if (rc == 1)
		*out = record;
	else if (rc == -EBADMSG)
		snprintf(r->error, sizeof(r->error), "line %lu: %s", r->line, r->why.text);
	if (rc < 0) {
		event_unref(take(r->event));
		diagnosis_free(take(r->diagnosis));
	}
	return rc;
}
