// SPDX-License-Identifier: MIT
#include "record/ndjson.h"

#include <errno.h>

#include "record/fields.h"
#include "record/json.h"
#include "record/ndjson_parts.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"

#define IDENTITY_MAX 64 /* names are not cut shorter than this: an id of 64 digits stays one */

enum outcome { OUTCOME_NONE, OUTCOME_SUCCESS, OUTCOME_FAILURE, OUTCOME_OF_STATUS };

/* What the Elastic Common Schema calls it. ECS has no category for containers: they are processes. */
struct ecs {
	const char *kind, *category, *type;
	enum outcome outcome;
};

static const struct ecs of_event[EVENT_KINDS] = {
	[EVENT_CONTAINER_CREATED] = { "event", "process", "info", OUTCOME_NONE },
	[EVENT_CONTAINER_STARTED] = { "event", "process", "start", OUTCOME_SUCCESS },
	[EVENT_CONTAINER_LISTENING] = { "event", "network", "start", OUTCOME_SUCCESS },
	[EVENT_CONTAINER_EXITED] = { "event", "process", "end", OUTCOME_OF_STATUS },
	[EVENT_CONTAINER_REMOVED] = { "event", "process", "info", OUTCOME_NONE },
	[EVENT_EXEC] = { "event", "process", "start", OUTCOME_SUCCESS },
	[EVENT_EXEC_FAILED] = { "event", "process", "start", OUTCOME_FAILURE },
	[EVENT_FILE_ERROR] = { "event", "file", "access", OUTCOME_FAILURE },
	[EVENT_NETWORK_ERROR] = { "event", "network", "connection", OUTCOME_FAILURE },
	[EVENT_PROCESS_ERROR] = { "event", "process", "info", OUTCOME_FAILURE },
	[EVENT_PROCESS_EXITED] = { "event", "process", "end", OUTCOME_OF_STATUS },
	[EVENT_OOM_KILL] = { "event", "process", "end", OUTCOME_FAILURE },
	[EVENT_SIGNAL] = { "event", "process", "info", OUTCOME_NONE },
	[EVENT_OUTPUT] = { "event", "process", "info", OUTCOME_NONE },
	[EVENT_LISTEN] = { "event", "network", "start", OUTCOME_SUCCESS },
	[EVENT_DNS_QUERY] = { "event", "network", "protocol", OUTCOME_NONE },
};

static const struct {
	const char *action;
	struct ecs ecs;
} of_type[] = {
	[RECORD_DIAGNOSIS] = { "diagnosis", { "alert", "process", "info", OUTCOME_NONE } },
	[RECORD_AGENT_STARTED] = { "agent_started",
		{ "event", "process", "start", OUTCOME_SUCCESS } },
	[RECORD_AGENT_STATS] = { "agent_stats", { "metric", "host", "info", OUTCOME_NONE } },
	[RECORD_AGENT_STOPPED] = { "agent_stopped",
		{ "event", "process", "end", OUTCOME_SUCCESS } },
};

static void list_of_one(struct json *j, const char *key, const char *value)
{
	json_open_array(j, key);
	json_string(j, NULL, value);
	json_close_array(j);
}

static bool failed(const struct ecs *ecs, const struct event *e)
{
	return ecs->outcome == OUTCOME_FAILURE || (ecs->outcome == OUTCOME_OF_STATUS && e->status);
}

void ndjson_head(struct json *j, const struct ndjson_head *h)
{
	char time[RFC3339_SIZE];

	rfc3339_format(time, h->time);
	json_string(j, "@timestamp", time);
	json_open_object(j, "ecs");
	json_string(j, "version", RECORD_ECS_VERSION);
	json_close_object(j);
	json_open_object(j, "event");
	json_string(j, "kind", h->kind);
	json_string(j, "action", h->action);
	list_of_one(j, "category", h->category);
	list_of_one(j, "type", h->type);
	if (h->outcome)
		json_string(j, "outcome", h->outcome);
	json_uint(j, "sequence", h->sequence);
	json_close_object(j);
	json_open_object(j, "host");
	json_string(j, "name", h->node ? h->node : "");
	json_close_object(j);
}

static void write_head(struct json *j, const struct record *r)
{
	const struct event *e = r->type == RECORD_EVENT ? r->event : NULL;
	const struct ecs *ecs = e ? &of_event[e->kind] : &of_type[r->type].ecs;
	const struct ndjson_head head = {
		.time = r->time,
		.sequence = r->sequence,
		.node = r->node,
		.kind = ecs->kind,
		.action = e ? event_action(e->kind) : of_type[r->type].action,
		.category = ecs->category,
		.type = ecs->type,
		.outcome = ecs->outcome == OUTCOME_NONE ? NULL
			   : failed(ecs, e)             ? "failure"
							: "success",
	};

	ndjson_head(j, &head);
}

static bool in_pod(const struct container *c)
{
	return c->k8s_namespace[0] || c->pod[0] || c->pod_uid[0] || c->k8s_container[0];
}

void ndjson_container(struct json *j, const struct container *c, const char *node)
{
	size_t max = j->string_max;

	if (max < IDENTITY_MAX)
		j->string_max = IDENTITY_MAX;
	json_open_object(j, "container");
	fields_write(j, &container_fields, c, ~0u);
	json_close_object(j);
	if (in_pod(c)) {
		json_open_object(j, "k8s");
		fields_write(j, &pod_fields, c, ~0u);
		json_open_object(j, "node");
		json_string(j, "name", node ? node : "");
		json_close_object(j);
		json_close_object(j);
	}
	j->string_max = max;
}

static void write_counts(
	struct json *j, const char *key, const struct record_count *counts, size_t n)
{
	json_open_object(j, key);
	for (size_t i = 0; i < n; i++)
		json_uint(j, counts[i].name, counts[i].value);
	json_close_object(j);
}

static void write_agent(struct json *j, const struct record *r)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < r->n_lost; i++)
		lost += r->lost[i].value;
	json_open_object(j, "agent");
	json_string(j, "version", r->version ? r->version : "");
	write_counts(j, "produced", r->produced, r->n_produced);
	write_counts(j, "delivered", r->delivered, r->n_delivered);
	write_counts(j, "lost", r->lost, r->n_lost);
	json_uint(j, "lost_total", lost);
	write_counts(j, "left_out", r->left_out, r->n_left_out);
	json_uint(j, "containers", r->containers);
	json_uint(j, "resident_bytes", r->resident_bytes);
	json_close_object(j);
}

static void write_record(struct json *j, const struct record *r)
{
	const struct event *e = r->event;
	const struct diagnosis *d = r->diagnosis;

	json_open_object(j, NULL);
	write_head(j, r);
	if (r->type == RECORD_EVENT) {
		if (e->container)
			ndjson_container(j, e->container, r->node);
		fields_write(j, &event_fields, e, event_when(e));
	} else if (r->type == RECORD_DIAGNOSIS) {
		if (d->container)
			ndjson_container(j, d->container, r->node);
		ndjson_culprit(j, d);
	}
	json_open_object(j, "ktrace");
	json_int(j, "schema", RECORD_SCHEMA);
	if (r->type == RECORD_EVENT)
		ndjson_event(j, e, e->kind == EVENT_CONTAINER_CREATED);
	else if (r->type == RECORD_DIAGNOSIS)
		ndjson_diagnosis(j, d);
	else
		write_agent(j, r);
	json_close_object(j);
	json_close_object(j);
	strbuf_putc(j->out, '\n');
}

int ndjson_append(struct strbuf *out, const struct record *r)
{
	size_t start = out->len;

	if (r->type == RECORD_EVENT &&
		(r->event->kind >= EVENT_KINDS || !of_event[r->event->kind].kind))
		return -EINVAL;
	/* Nearly every record fits at once; one that does not is written again, its strings cut shorter. */
	for (size_t max = SIZE_MAX; max >= 16; max = max == SIZE_MAX ? RECORD_MAX / 4 : max / 2) {
		struct json j = json_start(out);
		j.string_max = max;
		j.list_max = max == SIZE_MAX ? SIZE_MAX : max / 8;
		write_record(&j, r);
		if (!out->failed && out->len - start <= RECORD_MAX)
			return 0;
		out->len = start;
		if (out->data)
			out->data[start] = '\0';
		if (out->failed)
			return -ENOMEM;
	}
	return -E2BIG;
}
