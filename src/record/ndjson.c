// SPDX-License-Identifier: MIT
#include "record/ndjson.h"

#include <errno.h>

#include "record/container_part.h"
#include "record/fields.h"
#include "record/message.h"
#include "record/ndjson_parts.h"
#include "record/rfc3339.h"
#include "record/writer.h"
#include "util/cleanup.h"

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
	[EVENT_BLOCKED] = { "event", "process", "info", OUTCOME_NONE },
	[EVENT_PORT_REFUSED] = { "event", "network", "connection", OUTCOME_FAILURE },
	[EVENT_UNBLOCKED] = { "event", "process", "info", OUTCOME_NONE },
	[EVENT_DNS_ANSWER] = { "event", "network", "protocol", OUTCOME_NONE },
	[EVENT_RECOVERED] = { "event", "process", "change", OUTCOME_SUCCESS },
};

static const struct {
	const char *action;
	struct ecs ecs;
} of_type[] = {
	[RECORD_DIAGNOSIS] = { "diagnosis", { "alert", "process", "info", OUTCOME_NONE } },
	[RECORD_AGENT_STARTED] = { "agent_started",
		{ "event", "process", "start", OUTCOME_SUCCESS } },
	[RECORD_AGENT_STATS] = { "agent_stats", { "metric", "host", "info", OUTCOME_NONE } },
	[RECORD_AGENT_BLIND] = { "blind", { "event", "process", "info", OUTCOME_NONE } },
	[RECORD_AGENT_STOPPED] = { "agent_stopped",
		{ "event", "process", "end", OUTCOME_SUCCESS } },
};

static void list_of_one(struct writer *w, const char *key, const char *value)
{
	writer_open_array(w, key);
	writer_word(w, NULL, value);
	writer_close_array(w);
}

static bool failed(const struct ecs *ecs, const struct event *e)
{
	return ecs->outcome == OUTCOME_FAILURE || (ecs->outcome == OUTCOME_OF_STATUS && e->status);
}

void ndjson_head(struct writer *w, const struct ndjson_head *h)
{
	char time[RFC3339_SIZE], id[RECORD_ID_SIZE];

	record_id_format(id, h->run, h->sequence);
	rfc3339_format(time, h->time);
	writer_word(w, "@timestamp", time);
	writer_open_object(w, "ecs");
	writer_word(w, "version", RECORD_ECS_VERSION);
	writer_close_object(w);
	writer_open_object(w, "event");
	writer_word(w, "kind", h->kind);
	writer_word(w, "action", h->action);
	list_of_one(w, "category", h->category);
	list_of_one(w, "type", h->type);
	if (h->outcome)
		writer_word(w, "outcome", h->outcome);
	writer_uint(w, "sequence", h->sequence);
	writer_word(w, "id", id);
	writer_close_object(w);
	writer_open_object(w, "log");
	writer_word(w, "level", h->level);
	writer_close_object(w);
	writer_string(w, "message", h->message);
	writer_open_object(w, "host");
	writer_string(w, "name", h->node ? h->node : "");
	writer_close_object(w);
}

static void write_head(struct writer *w, const struct record *r)
{
	const struct event *e = r->type == RECORD_EVENT ? r->event : NULL;
	const struct ecs *ecs = e ? &of_event[e->kind] : &of_type[r->type].ecs;
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;

	if (r->message)
		strbuf_puts(&message, r->message);
	else
		message_append(&message, r);
	const struct ndjson_head head = {
		.time = r->time,
		.run = r->run,
		.sequence = r->sequence,
		.node = r->node,
		.kind = ecs->kind,
		.action = e ? event_action(e->kind) : of_type[r->type].action,
		.category = ecs->category,
		.type = ecs->type,
		.outcome = ecs->outcome == OUTCOME_NONE ? NULL
			   : failed(ecs, e)             ? "failure"
							: "success",
		.level = message_level(r),
		.message = message.data ? message.data : "",
	};

	ndjson_head(w, &head);
}

/* What was kept of it, where it can stand as it is: in JSON of which nothing has to be cut. */
static const struct container_part *kept_part(
	const struct writer *w, const struct container *c, const char *node)
{
	bool whole = w->form == FORM_JSON && w->json.string_max == SIZE_MAX;

	return whole && c ? container_part(c, node) : NULL;
}

void ndjson_container(struct writer *w, const struct container *c, const char *node)
{
	const struct container_part *part = kept_part(w, c, node);

	if (part)
		json_members(&w->json, part->identity, part->identity_len);
	else
		container_part_identity(w, c, node);
}

void ndjson_ktrace(struct writer *w, const struct container *c, const char *node)
{
	const struct container_part *part = kept_part(w, c, node);

	if (part)
		json_members(&w->json, part->ktrace, part->ktrace_len);
	else
		container_part_ktrace(w, c);
}

static void write_counts(
	struct writer *w, const char *key, const struct record_count *counts, size_t n)
{
	writer_open_object(w, key);
	for (size_t i = 0; i < n; i++)
		writer_uint(w, counts[i].name, counts[i].value);
	writer_close_object(w);
}

static void write_agent(struct writer *w, const struct record *r)
{
	char since[RFC3339_SIZE];
	uint64_t lost = 0;

	for (size_t i = 0; i < r->n_lost; i++)
		lost += r->lost[i].value;
	writer_open_object(w, "agent");
	writer_string(w, "version", r->version ? r->version : "");
	write_counts(w, "produced", r->produced, r->n_produced);
	write_counts(w, "delivered", r->delivered, r->n_delivered);
	write_counts(w, "lost", r->lost, r->n_lost);
	writer_uint(w, "lost_total", lost);
	write_counts(w, "left_out", r->left_out, r->n_left_out);
	writer_uint(w, "containers", r->containers);
	writer_uint(w, "resident_bytes", r->resident_bytes);
	if (r->blind_since) {
		rfc3339_format(since, r->blind_since);
		writer_string(w, "blind_since", since);
	}
	writer_close_object(w);
}

static void write_diagnosis(struct writer *w, const struct record *r)
{
	ndjson_diagnosis(w, r->diagnosis);
	if (r->n_context)
		ndjson_context(w, r->context, r->n_context);
}

static void write_record(struct writer *w, const struct record *r)
{
	const struct event *e = r->event;
	const struct diagnosis *d = r->diagnosis;

	writer_open_object(w, NULL);
	write_head(w, r);
	if (r->type == RECORD_EVENT) {
		if (e->container)
			ndjson_container(w, e->container, r->node);
		fields_write(w, &event_fields, e, event_when(e));
	} else if (r->type == RECORD_DIAGNOSIS) {
		if (d->container)
			ndjson_container(w, d->container, r->node);
		ndjson_culprit(w, d);
	}
	writer_open_object(w, "ktrace");
	ndjson_ktrace(w, r->type == RECORD_EVENT ? e->container : d ? d->container : NULL, r->node);
	if (r->type == RECORD_EVENT)
		ndjson_event(w, e, e->kind == EVENT_CONTAINER_CREATED);
	else if (r->type == RECORD_DIAGNOSIS)
		write_diagnosis(w, r);
	else
		write_agent(w, r);
	writer_close_object(w);
	writer_close_object(w);
}

static bool is_never_written(const struct record *r)
{
	return r->type == RECORD_EVENT &&
	       (r->event->kind >= EVENT_KINDS || !of_event[r->event->kind].kind);
}

static void cut_back(struct strbuf *out, size_t len)
{
	out->len = len;
	if (out->data)
		out->data[len] = '\0';
}

static int write_form(
	struct strbuf *out, const struct record *r, enum record_form form, size_t string_max)
{
	size_t list_max = string_max == SIZE_MAX ? SIZE_MAX : string_max / 8;
	size_t start = out->len;
	struct writer w;

	writer_start(&w, form, out, string_max, list_max);
	write_record(&w, r);
	if (form == FORM_JSON)
		strbuf_putc(out, '\n');
	if (!out->failed)
		return 0;
	cut_back(out, start);
	return -ENOMEM;
}

/* Nearly every record fits at once; one that does not is written again, its strings cut shorter. */
static int write_json(struct strbuf *out, const struct record *r, size_t *string_max)
{
	size_t start = out->len;

	for (size_t max = SIZE_MAX; max >= 16; max = max == SIZE_MAX ? RECORD_MAX / 4 : max / 2) {
		int err = write_form(out, r, FORM_JSON, max);

		*string_max = max;
		if (err || out->len - start <= RECORD_MAX)
			return err;
		cut_back(out, start);
	}
	return -E2BIG;
}

/*
 * What is cut is decided by the length as JSON, so that all forms hold the same. JSON takes at most nine
 * times the bytes: six for a byte of a string, and its punctuation.
 */
static int write_msgpack(struct strbuf *out, const struct record *r)
{
	_cleanup_strbuf_ struct strbuf json = STRBUF_INIT;
	size_t start = out->len, string_max;
	int err = write_form(out, r, FORM_MSGPACK, SIZE_MAX);

	if (err || out->len - start <= RECORD_MAX / 9)
		return err;
	err = write_json(&json, r, &string_max);
	if (!err && string_max == SIZE_MAX)
		return 0;
	cut_back(out, start);
	return err ?: write_form(out, r, FORM_MSGPACK, string_max);
}

int record_append(struct strbuf *out, const struct record *r, enum record_form form)
{
	struct strbuf *kept = r->forms ? &r->forms->bytes[form] : NULL;
	struct strbuf *to = kept ?: out;
	size_t start = to->len, string_max;

	if (is_never_written(r))
		return -EINVAL;
	if (!kept || !kept->len) {
		int err = form == FORM_JSON ? write_json(to, r, &string_max) : write_msgpack(to, r);
		if (err) {
			cut_back(to, start);
			return err;
		}
	}
	if (kept)
		strbuf_append(out, kept->data, kept->len);
	return out->failed ? -ENOMEM : 0;
}

int ndjson_append(struct strbuf *out, const struct record *r)
{
	return record_append(out, r, FORM_JSON);
}

void record_forms_reset(struct record_forms *forms)
{
	for (size_t i = 0; i < FORMS; i++)
		strbuf_reset(&forms->bytes[i]);
}

void record_forms_free(struct record_forms *forms)
{
	for (size_t i = 0; i < FORMS; i++)
		strbuf_free(&forms->bytes[i]);
}
