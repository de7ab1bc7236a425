// SPDX-License-Identifier: MIT
#include "record/message.h"

#include "record/container_part.h"
#include "record/event_text.h"
#include "record/rfc3339.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

#define SECOND 1000000000ULL

#define PATH_COLUMNS 120
#define TEXT_COLUMNS 240

static void add_container(struct strbuf *out, const struct container *c, const char *node)
{
	const struct container_part *part = c ? container_part(c, node) : NULL;

	if (part) {
		strbuf_append(out, part->message, part->message_len);
	} else if (c) {
		terminal_container(out, c);
		strbuf_puts(out, ": ");
	}
}

/* The command of a start is in the text, and nobody in particular makes or removes a container. */
static bool names_process(enum event_kind kind)
{
	return kind != EVENT_CONTAINER_CREATED && kind != EVENT_CONTAINER_REMOVED &&
	       kind != EVENT_CONTAINER_STARTED && kind != EVENT_EXEC && kind != EVENT_RECOVERED;
}

static void add_event(struct strbuf *out, const struct event *e, const char *node)
{
	_cleanup_(event_text_clear) struct event_text t = { 0 };

	add_container(out, e->container, node);
	if (e->comm && e->comm[0] && names_process(e->kind)) {
		terminal_text(out, e->comm);
		strbuf_puts(out, ": ");
	}
	event_text_make(&t, e);
	if (!event_text_names_kind(e->kind)) {
		strbuf_puts(out, event_text_action(e->kind));
		if (t.before.len || t.path.len || t.after.len)
			strbuf_putc(out, ' ');
	}
	event_text_join(out, &t, PATH_COLUMNS, TEXT_COLUMNS);
}

static void add_diagnosis(struct strbuf *out, const struct diagnosis *d, const char *node)
{
	add_container(out, d->container, node);
	terminal_text(out, d->title ? d->title : "");
}

static uint64_t blind_ns(const struct record *r)
{
	return r->time > r->blind_since ? r->time - r->blind_since : 0;
}

void message_append(struct strbuf *out, const struct record *r)
{
	const char *version = r->version ? r->version : "";
	char since[RFC3339_SIZE];

	switch (r->type) {
	case RECORD_EVENT:
		return add_event(out, r->event, r->node);
	case RECORD_DIAGNOSIS:
		return add_diagnosis(out, r->diagnosis, r->node);
	case RECORD_AGENT_STARTED:
		strbuf_printf(out, "ktrace agent %s started, %llu containers running", version,
			(unsigned long long)r->containers);
		return;
	case RECORD_AGENT_STATS:
		strbuf_printf(out, "ktrace agent: %llu containers running",
			(unsigned long long)r->containers);
		return;
	case RECORD_AGENT_BLIND:
		rfc3339_format(since, r->blind_since);
		strbuf_printf(out,
			"no agent watched from %.19sZ on, for %llu seconds: what containers did "
			"meanwhile is not known",
			since, (unsigned long long)(blind_ns(r) / SECOND));
		return;
	case RECORD_AGENT_STOPPED:
		strbuf_printf(out, "ktrace agent %s stopped", version);
		return;
	}
}

static bool is_failure(const struct event *e)
{
	bool exits = e->kind == EVENT_PROCESS_EXITED || e->kind == EVENT_CONTAINER_EXITED;

	return event_failed(e) || (exits && e->status);
}

const char *message_level(const struct record *r)
{
	if (r->type == RECORD_DIAGNOSIS)
		return "error";
	if (r->type != RECORD_EVENT)
		return r->type == RECORD_AGENT_BLIND ? "warn" : "info";
	if (r->event->kind == EVENT_OOM_KILL)
		return "fatal";
	return is_failure(r->event) ? "warn" : "info";
}
