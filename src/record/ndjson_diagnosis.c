// SPDX-License-Identifier: MIT
#include "record/fields.h"
#include "record/ndjson_parts.h"
#include "record/rfc3339.h"

static void required(struct writer *w, const char *key, const char *value)
{
	writer_string(w, key, value ? value : "");
}

static void optional(struct writer *w, const char *key, const char *value)
{
	if (value)
		writer_string(w, key, value);
}

void ndjson_culprit(struct writer *w, const struct diagnosis *d)
{
	if (d->culprit) {
		struct event culprit = *d->culprit;
		uint32_t when = event_when(&culprit);
		if (d->path) {
			/* It is a file's, whatever kind of event the culprit is. */
			culprit.path = d->path;
			when |= WHEN(EVENT_FILE_ERROR);
		}
		fields_write(w, &event_fields, &culprit, when);
	} else if (d->path) {
		writer_open_object(w, "file");
		writer_string(w, "path", d->path);
		writer_close_object(w);
	}
}

static void write_evidence(struct writer *w, const struct diagnosis *d)
{
	size_t n = d->n_evidence < w->list_max ? d->n_evidence : w->list_max;

	writer_open_array(w, "evidence");
	for (size_t i = 0; i < n; i++) {
		const struct evidence *e = &d->evidence[i];
		char time[RFC3339_SIZE];
		rfc3339_format(time, e->time);
		writer_open_object(w, NULL);
		writer_string(w, "timestamp", time);
		required(w, "action", e->action);
		required(w, "process", e->process);
		writer_uint(w, "pid", e->pid);
		optional(w, "path", e->path);
		optional(w, "error", e->error);
		required(w, "text", e->text);
		writer_close_object(w);
	}
	writer_close_array(w);
}

static void write_recommendations(struct writer *w, const struct diagnosis *d)
{
	writer_open_array(w, "recommendations");
	for (size_t i = 0; i < d->n_recommendations; i++) {
		writer_open_object(w, NULL);
		required(w, "text", d->recommendations[i].text);
		optional(w, "manifest", d->recommendations[i].manifest);
		writer_close_object(w);
	}
	writer_close_array(w);
}

static void write_alternatives(struct writer *w, const struct diagnosis *d)
{
	writer_open_array(w, "alternatives");
	for (size_t i = 0; i < d->n_alternatives; i++) {
		writer_open_object(w, NULL);
		required(w, "root_cause", d->alternatives[i].root_cause);
		required(w, "title", d->alternatives[i].title);
		writer_hundredths(w, "confidence", d->alternatives[i].confidence);
		writer_close_object(w);
	}
	writer_close_array(w);
}

void ndjson_waiting(struct writer *w, const struct waiting *waiting)
{
	char since[RFC3339_SIZE];

	if (!waiting->kind)
		return;
	rfc3339_format(since, waiting->since);
	writer_open_object(w, "waiting_for");
	writer_string(w, "kind", waiting->kind);
	optional(w, "name", waiting->name);
	optional(w, "address", waiting->address);
	if (waiting->port)
		writer_uint(w, "port", waiting->port);
	optional(w, "path", waiting->path);
	writer_string(w, "since", since);
	writer_uint(w, "attempts", waiting->attempts);
	optional(w, "answer", waiting->answer);
	writer_close_object(w);
}

void ndjson_changes(struct writer *w, const struct diagnosis *d)
{
	size_t n = d->n_changes < w->list_max ? d->n_changes : w->list_max;
	char time[RFC3339_SIZE];

	if (!d->healthy_at)
		return;
	rfc3339_format(time, d->healthy_at);
	writer_open_object(w, "last_healthy");
	writer_string(w, "timestamp", time);
	writer_uint(w, "starts", d->healthy_starts);
	writer_close_object(w);
	writer_open_array(w, "changes");
	for (size_t i = 0; i < n; i++) {
		writer_open_object(w, NULL);
		required(w, "what", d->changes[i].what);
		required(w, "before", d->changes[i].before);
		required(w, "after", d->changes[i].after);
		writer_close_object(w);
	}
	writer_close_array(w);
}

void ndjson_diagnosis(struct writer *w, const struct diagnosis *d)
{
	writer_open_object(w, "diagnosis");
	required(w, "root_cause", d->root_cause);
	required(w, "title", d->title);
	required(w, "summary", d->summary);
	writer_hundredths(w, "confidence", d->confidence);
	writer_string(w, "phase", phase_name(d->phase));
	if (d->has_exit_code)
		writer_int(w, "exit_code", d->exit_code);
	optional(w, "signal", d->signal);
	writer_int(w, "restarts", d->restarts);
	write_evidence(w, d);
	write_recommendations(w, d);
	write_alternatives(w, d);
	ndjson_waiting(w, &d->waiting);
	ndjson_changes(w, d);
	required(w, "rule", d->rule);
	optional(w, "cannot_tell", d->cannot_tell);
	optional(w, "why", d->why);
	writer_uint(w, "lost", d->lost);
	if (d->held_back)
		writer_uint(w, "failures_held_back", d->held_back);
	optional(w, "fingerprint", d->fingerprint[0] ? d->fingerprint : NULL);
	optional(w, "cause_fingerprint", d->cause_fingerprint[0] ? d->cause_fingerprint : NULL);
	if (d->culprit)
		writer_string(w, "culprit", event_action(d->culprit->kind));
	writer_close_object(w);
	/* What the culprit's own record has there too, so that the diagnosis stands alone. */
	if (d->culprit)
		ndjson_event(w, d->culprit, false);
}
