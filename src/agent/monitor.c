// SPDX-License-Identifier: MIT
#include "agent/monitor.h"

#include <errno.h>
#include <string.h>

#include "agent/answers.h"
#include "container/helper.h"
#include "diagnose/diagnose.h"
#include "forward/forward.h"
#include "publish/kubernetes_events.h"
#include "publish/otlp.h"
#include "serve/http.h"
#include "serve/metrics.h"
#include "util/cleanup.h"
#include "util/log.h"

#define SECOND 1000000000ULL
#define HEARTBEAT_INTERVAL (10 * SECOND)
#define HEARTBEAT_MAX_AGE (30 * SECOND)
#define MAX_PROBES 16

#define STATUS_UNAVAILABLE 503
#define LOG_FAILS "the log cannot be written\n"
#define OPENMETRICS "application/openmetrics-text"

struct monitor {
	struct monitor_options options;
	struct http *http;
	struct output *metrics; /* the pipeline's */
	struct source *source;
	uint64_t whole; /* the latest heartbeat that came through */
};

static void send_heartbeat(struct monitor *m)
{
	m->whole = capture_heartbeat_seen(source_capture(m->source));
}

static void on_heartbeat(void *ctx)
{
	struct monitor *m = ctx;

	send_heartbeat(m);
	capture_heartbeat(source_capture(m->source));
}

static bool is_log_written(const struct monitor *m)
{
	return pipeline_flushed(m->options.pipeline, m->options.log);
}

static void answer_health(void *ctx, const char *accept, struct http_reply *reply)
{
	struct monitor *m = ctx;
	uint64_t now = wall_clock();

	(void)accept;
	send_heartbeat(m);
	if (m->whole + HEARTBEAT_MAX_AGE < now) {
		reply->status = STATUS_UNAVAILABLE;
		strbuf_puts(&reply->body, "no call of the agent's own was seen for 30 s\n");
		return;
	}
	/* A full disk is no reason to start anew: what is in memory would be lost too, and the disk stay full. */
	strbuf_puts(&reply->body, is_log_written(m) ? "ok\n" : "ok, but " LOG_FAILS);
}

static bool is_attached(const struct probe_status *p)
{
	return p->state == PROBE_PROVED || p->state == PROBE_UNPROVED;
}

static void answer_ready(void *ctx, const char *accept, struct http_reply *reply)
{
	struct monitor *m = ctx;
	const struct probe_status *probes;
	size_t n = capture_probes(source_capture(m->source), &probes);

	(void)accept;
	for (size_t i = 0; i < n; i++)
		if (!is_attached(&probes[i]))
			strbuf_printf(&reply->body, "probe %s is not attached%s\n", probes[i].name,
				probes[i].state == PROBE_DISABLED
					? ": --disable-probe leaves it out"
					: "");
	if (!is_log_written(m))
		strbuf_puts(&reply->body, LOG_FAILS);
	if (reply->body.len)
		reply->status = STATUS_UNAVAILABLE;
	else
		strbuf_puts(&reply->body, "ok\n");
}

enum { CREATED, RUNNING, EXITED, STATES };

/* As `ktrace ps` prints them. */
static void count_container(void *ctx, const struct case_view *c)
{
	struct record_count *states = ctx;

	for (size_t i = 0; i < STATES; i++)
		states[i].value += !strcmp(states[i].name, case_state(c));
}

static size_t list_probes(const struct monitor *m, struct metrics_probe out[MAX_PROBES])
{
	const struct probe_status *probes;
	size_t n = capture_probes(source_capture(m->source), &probes);

	n = n < MAX_PROBES ? n : MAX_PROBES;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct metrics_probe){
			.name = probes[i].name,
			.method = is_attached(&probes[i]) ? probes[i].method : "",
			.attached = is_attached(&probes[i]),
		};
	return n;
}

enum { ANSWERED, LATE, REFUSED, LOOKS };

static unsigned count_looks(struct record_count out[LOOKS])
{
	struct helper_stats stats;

	helper_stats(&stats);
	out[ANSWERED].value = stats.asked - stats.late - stats.refused;
	out[LATE].value = stats.late;
	out[REFUSED].value = stats.refused;
	return stats.hanging;
}

static void answer_metrics(void *ctx, const char *accept, struct http_reply *reply)
{
	struct monitor *m = ctx;
	bool open = strstr(accept, OPENMETRICS) != NULL;
	struct source_counts counts;
	struct record_count lost[ARRAY_SIZE(counts.lost) + 1];
	struct record_count states[STATES] = { { "created", 0 }, { "running", 0 },
		{ "exited", 0 } };
	struct record_count looks[LOOKS] = { { "answered", 0 }, { "late", 0 }, { "refused", 0 } };
	struct metrics_probe probes[MAX_PROBES];
	if (source_counts(m->source, &counts) < 0)
		counts = (struct source_counts){ 0 };
	memcpy(lost, counts.lost, sizeof(counts.lost));
	lost[counts.n_lost] = (struct record_count){ "log", m->options.log->lost };
	struct metrics_state state = {
		.lost = lost,
		.n_lost = counts.n_lost + 1,
		.left_out = counts.left_out,
		.n_left_out = counts.n_left_out,
		.containers_with_losses = counts.containers_with_losses,
		.containers = states,
		.n_containers = STATES,
		.probes = probes,
		.n_probes = list_probes(m, probes),
		.looks = looks,
		.n_looks = LOOKS,
		.looks_hanging = count_looks(looks),
		.live_lost = m->options.socket ? m->options.socket->lost : 0,
	};

	struct forward_stats forward;
	struct kubernetes_events_stats events;
	struct otlp_stats otlp;

	pipeline_each(m->options.pipeline, count_container, states);
	if (m->options.forward) {
		forward_stats(m->options.forward, &forward);
		state.forward = &forward;
	}
	if (m->options.otlp) {
		otlp_stats(m->options.otlp, &otlp);
		state.otlp = &otlp;
	}
	if (m->options.events) {
		kubernetes_events_stats(m->options.events, &events);
		state.events = &events;
	}
	reply->content_type = open ? OPENMETRICS "; version=1.0.0; charset=utf-8"
				   : "text/plain; version=0.0.4; charset=utf-8";
	/* Out of memory shows in the body, and ends the connection. */
	metrics_print(
		m->metrics, &state, open ? METRICS_OPENMETRICS : METRICS_PROMETHEUS, &reply->body);
}

static const struct http_page pages[] = {
	{ "/metrics", answer_metrics },
	{ "/healthz", answer_health },
	{ "/readyz", answer_ready },
	{ 0 },
};

static void log_reason(const char *where, int err)
{
	if (err == -EINVAL)
		log_error("--listen %s: give a numeric address and a port, as 127.0.0.1:9435 or "
			  "[::1]:9435, or off",
			where);
	else if (err == -EADDRINUSE)
		log_error("cannot serve metrics at %s: the port is in use, perhaps by another "
			  "agent; use another one with --listen ADDR:PORT (or off)",
			where);
	else
		log_error("cannot serve metrics at %s: %s; use another one with --listen ADDR:PORT "
			  "(or off)",
			where, strerror(-err));
}

static size_t list_causes(const char *out[METRICS_CAUSES])
{
	const struct rule_text *rules;
	size_t n = rule_texts(&rules);

	for (size_t i = 0; i < n && i < METRICS_CAUSES; i++)
		out[i] = rules[i].root_cause;
	return n < METRICS_CAUSES ? n : METRICS_CAUSES;
}

int monitor_new(const struct monitor_options *options, struct monitor **out)
{
	const char *causes[METRICS_CAUSES];
	struct metrics_options metrics_options = {
		.clock = wall_clock,
		.root_causes = causes,
		.n_causes = list_causes(causes),
	};
	struct monitor *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->options = *options;
	struct http_options http_options = {
		.listen = options->listen,
		.loop = options->loop,
		.pages = pages,
		.ctx = m,
	};
	int err = http_new(&http_options, &m->http);
	if (err == 0)
		err = metrics_new(&metrics_options, &m->metrics);
	if (err == 0)
		err = pipeline_add_output(options->pipeline, m->metrics, LEVEL_ALL);
	if (err < 0) {
		log_reason(options->listen, err);
		monitor_free(m);
		return err;
	}
	*out = m;
	return 0;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	http_free(m->http);
	free(m);
}

int monitor_start(struct monitor *m, struct source *s)
{
	m->source = s;
	on_heartbeat(m);
	return loop_add_timer(m->options.loop, HEARTBEAT_INTERVAL, on_heartbeat, m);
}
