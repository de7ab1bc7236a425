// SPDX-License-Identifier: MIT
#include "agent/answers.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "agent/diagnosis_store.h"
#include "diagnose/excerpt.h"
#include "record/filter.h"
#include "record/ndjson.h"
#include "record/ndjson_parts.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"

#define ANSWER_MAX \
	(4 << 20) /* bytes, kept for each client that asks: a container's story is about one */

#define START_TAKES (60 * 1000000000ULL) /* a worker that never listens is taken for started then */

struct question {
	struct pipeline *pipeline;
	const char *node, *target;
	struct strbuf *out;
	bool found;
	size_t left_out; /* containers whose events would make the answer too long */
};

const char *case_state(const struct case_view *c)
{
	return c->ended ? "exited" : c->started ? "running" : "created";
}

const char *case_stage(const struct case_view *c, uint64_t now)
{
	if (c->ended)
		return "ended";
	if (c->diagnosis && c->diagnosis->waiting.kind)
		return "stuck";
	if (c->listening)
		return "listening";
	return c->started && now > c->started + START_TAKES ? "running" : "starting";
}

static uint64_t now_in_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void add_time(struct writer *w, const char *key, uint64_t time)
{
	char text[RFC3339_SIZE];

	if (!time)
		return;
	rfc3339_format(text, time);
	writer_string(w, key, text);
}

/* Restarts that we saw, or that the runtime reported. */
static int restarts_of(const struct case_view *c)
{
	int reported = c->container->restart_count;

	return c->restarts > reported ? c->restarts : reported;
}

static void add_events(struct writer *w, const struct pipeline *p, const struct container *c)
{
	struct losses losses;

	if (!pipeline_losses(p, c, &losses))
		return;
	writer_open_object(w, "events");
	writer_uint(w, "produced", losses.produced);
	writer_uint(w, "delivered", losses.delivered);
	writer_uint(w, "lost", losses.lost);
	writer_uint(w, "left_out", losses.left_out);
	writer_close_object(w);
}

static void add_state(struct writer *w, const struct pipeline *p, const struct case_view *c)
{
	writer_open_object(w, "state");
	writer_string(w, "status", case_state(c));
	writer_string(w, "stage", case_stage(c, now_in_ns()));
	writer_int(w, "restarts", restarts_of(c));
	add_time(w, "created", c->created);
	add_time(w, "started", c->started);
	add_time(w, "listening", c->listening);
	add_time(w, "ended", c->ended);
	if (c->ended)
		writer_int(w, "exit_code", status_exit_code(c->status));
	if (c->diagnosis) {
		writer_string(w, "root_cause", c->diagnosis->root_cause);
		writer_string(w, "title", c->diagnosis->title);
		if (!c->ended)
			ndjson_waiting(w, &c->diagnosis->waiting);
	}
	add_events(w, p, c->container);
	writer_close_object(w);
}

/* When it came into the state that it is in. */
static uint64_t state_since(const struct case_view *c)
{
	return c->ended ? c->ended : c->started ? c->started : c->created;
}

static void add_line(void *ctx, const struct case_view *c)
{
	struct question *q = ctx;
	struct writer w;

	writer_start(&w, FORM_JSON, q->out, SIZE_MAX, SIZE_MAX);
	const struct ndjson_state state = {
		.time = state_since(c),
		.run = pipeline_about(q->pipeline)->run,
		.sequence = pipeline_number(q->pipeline),
		.node = q->node,
		.action = "container_state",
		.message = case_state(c),
		.container = c->container,
	};

	ndjson_state_open(&w, &state);
	add_state(&w, q->pipeline, c);
	ndjson_state_close(&w);
	strbuf_putc(q->out, '\n');
}

static void add_event(struct question *q, const struct event *e)
{
	const struct record r = {
		.type = RECORD_EVENT,
		.node = q->node,
		.time = e->time,
		.run = e->run,
		.sequence = e->sequence,
		.event = e,
	};

	if (q->out->len < ANSWER_MAX && level_takes(LEVEL_ALL, &r))
		ndjson_append(q->out, &r);
}

/* The story keeps it with the processes; a diagnosis may rest on it. */
static void add_output(struct question *q, const struct story *s)
{
	struct process *const *list;
	size_t n = story_processes(s, &list);

	for (size_t i = 0; i < n; i++)
		for (uint32_t fd = 1; fd <= 2; fd++) {
			struct event *e = excerpt_has_output(list[i], fd)
						  ? excerpt_output(list[i], fd, STORY_WORDS_MAX)
						  : NULL;
			if (e)
				add_event(q, e);
			event_unref(e);
		}
}

static void add_story(void *ctx, const struct case_view *c)
{
	struct question *q = ctx;
	const struct story_entry *entries;
	size_t n = story_entries(c->story, &entries);

	if (!target_matches(q->target, c->container))
		return;
	q->found = true;
	q->left_out += q->out->len >= ANSWER_MAX;
	for (size_t i = 0; i < n; i++)
		add_event(q, entries[i].event);
	add_output(q, c->story);
	if (!c->diagnosis)
		return;
	const struct record r = {
		.type = RECORD_DIAGNOSIS,
		.node = q->node,
		.run = c->diagnosis->run,
		.sequence = c->diagnosis->sequence,
		.time = c->diagnosis->time,
		.diagnosis = c->diagnosis,
	};
	ndjson_append(q->out, &r);
}

static void __attribute__((format(printf, 2, 3))) refuse(struct strbuf *out, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf why = STRBUF_INIT;
	struct json j = json_start(out);
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&why, fmt, ap);
	va_end(ap);
	json_open_object(&j, NULL);
	json_string(&j, "error", why.data ? why.data : "");
	json_close_object(&j);
	strbuf_putc(out, '\n');
}

static void add_kept(void *ctx, const struct kept_diagnosis *kept)
{
	struct question *q = ctx;
	if (!target_matches(q->target, kept->container))
		return;
	q->found = true;
	strbuf_append(q->out, kept->json, kept->len);
	strbuf_putc(q->out, '\n');
	struct writer w;

	writer_start(&w, FORM_JSON, q->out, SIZE_MAX, SIZE_MAX);
	writer_open_object(&w, NULL);
	writer_open_object(&w, "kept");
	writer_string(&w, "id", kept->container->id);
	writer_uint(&w, "times", kept->times);
	add_time(&w, "first", kept->first);
	writer_close_object(&w);
	writer_close_object(&w);
	strbuf_putc(q->out, '\n');
}

static void explain(const struct answer_source *from, struct question *q)
{
	if (!*q->target) {
		refuse(q->out, "explain needs a target: a container id, POD or NAMESPACE/POD");
		return;
	}
	if (from->store)
		diagnosis_store_each(from->store, add_kept, q);
	pipeline_each(from->pipeline, add_story, q);
	if (!q->found)
		refuse(q->out, "the agent knows no container \"%s\"; see `ktrace ps`", q->target);
	if (q->left_out)
		strbuf_printf(q->out, "{\"left_out\":%zu}\n", q->left_out);
}

static void describe_agent(const struct answer_source *from, struct strbuf *out)
{
	struct writer w;

	writer_start(&w, FORM_JSON, out, SIZE_MAX, SIZE_MAX);

	writer_open_object(&w, NULL);
	writer_open_object(&w, "agent");
	writer_string(&w, "version", KTRACE_VERSION);
	writer_bool(&w, "landlock", from->landlock == 0);
	writer_string(&w, "landlock_error", from->landlock ? strerror(-from->landlock) : "");
	writer_close_object(&w);
	writer_close_object(&w);
	strbuf_putc(out, '\n');
}

int answer(const struct answer_source *from, const char *command, const char *target,
	struct strbuf *out)
{
	struct question q = {
		.pipeline = from->pipeline, .node = from->node, .target = target, .out = out
	};

	if (!strcmp(command, "ps"))
		pipeline_each(from->pipeline, add_line, &q);
	else if (!strcmp(command, "agent"))
		describe_agent(from, out);
	else
		explain(from, &q);
	return out->failed ? -ENOMEM : 0;
}
