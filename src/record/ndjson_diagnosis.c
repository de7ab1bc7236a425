// SPDX-License-Identifier: MIT
#include "record/fields.h"
#include "record/ndjson_parts.h"
#include "record/rfc3339.h"

static void required(struct json *j, const char *key, const char *value)
{
	json_string(j, key, value ? value : "");
}

static void optional(struct json *j, const char *key, const char *value)
{
	if (value)
		json_string(j, key, value);
}

void ndjson_culprit(struct json *j, const struct diagnosis *d)
{
	if (d->culprit) {
		struct event culprit = *d->culprit;
		uint32_t when = event_when(&culprit);
		if (d->path) {
			/* It is a file's, whatever kind of event the culprit is. */
			culprit.path = d->path;
			when |= WHEN(EVENT_FILE_ERROR);
		}
		fields_write(j, &event_fields, &culprit, when);
	} else if (d->path) {
		json_open_object(j, "file");
		json_string(j, "path", d->path);
		json_close_object(j);
	}
}

static void write_evidence(struct json *j, const struct diagnosis *d)
{
	size_t n = d->n_evidence < j->list_max ? d->n_evidence : j->list_max;

	json_open_array(j, "evidence");
	for (size_t i = 0; i < n; i++) {
		const struct evidence *e = &d->evidence[i];
		char time[RFC3339_SIZE];
		rfc3339_format(time, e->time);
		json_open_object(j, NULL);
		json_string(j, "timestamp", time);
		required(j, "action", e->action);
		required(j, "process", e->process);
		json_uint(j, "pid", e->pid);
		optional(j, "path", e->path);
		optional(j, "error", e->error);
		required(j, "text", e->text);
		json_close_object(j);
	}
	json_close_array(j);
}

static void write_recommendations(struct json *j, const struct diagnosis *d)
{
	json_open_array(j, "recommendations");
	for (size_t i = 0; i < d->n_recommendations; i++) {
		json_open_object(j, NULL);
		required(j, "text", d->recommendations[i].text);
		optional(j, "manifest", d->recommendations[i].manifest);
		json_close_object(j);
	}
	json_close_array(j);
}

static void write_alternatives(struct json *j, const struct diagnosis *d)
{
	json_open_array(j, "alternatives");
	for (size_t i = 0; i < d->n_alternatives; i++) {
		json_open_object(j, NULL);
		required(j, "root_cause", d->alternatives[i].root_cause);
		required(j, "title", d->alternatives[i].title);
		json_hundredths(j, "confidence", d->alternatives[i].confidence);
		json_close_object(j);
	}
	json_close_array(j);
}

void ndjson_diagnosis(struct json *j, const struct diagnosis *d)
{
	json_open_object(j, "diagnosis");
	required(j, "root_cause", d->root_cause);
	required(j, "title", d->title);
	required(j, "summary", d->summary);
	json_hundredths(j, "confidence", d->confidence);
	json_string(j, "phase", phase_name(d->phase));
	if (d->has_exit_code)
		json_int(j, "exit_code", d->exit_code);
	optional(j, "signal", d->signal);
	json_int(j, "restarts", d->restarts);
	write_evidence(j, d);
	write_recommendations(j, d);
	write_alternatives(j, d);
	required(j, "rule", d->rule);
	optional(j, "cannot_tell", d->cannot_tell);
	optional(j, "why", d->why);
	if (d->culprit)
		json_string(j, "culprit", event_action(d->culprit->kind));
	json_close_object(j);
	/* What the culprit's own record has there too, so that the diagnosis stands alone. */
	if (d->culprit)
		ndjson_event(j, d->culprit, false);
}
