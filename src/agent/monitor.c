// SPDX-License-Identifier: MIT
#include "agent/monitor.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "agent/answers.h"
#include "container/helper.h"
#include "diagnose/diagnose.h"
#include "forward/forward.h"
#include "publish/kubernetes_events.h"
#include "publish/otlp.h"
#include "sandbox/confine.h"
#include "serve/http.h"
#include "serve/metrics.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/schedule.h"
#include "util/thread.h"

#define SECOND 1000000000ULL
#define HEARTBEAT_INTERVAL (10 * SECOND)
#define HEARTBEAT_MAX_AGE (30 * SECOND)
#define PUBLISH_INTERVAL (SECOND / 4)
#define STACK_SIZE (128 * 1024)
#define MAX_PROBES 16

#define STATUS_UNAVAILABLE 503
#define LOG_FAILS "the log cannot be written\n"
#define OPENMETRICS "application/openmetrics-text"

/*
 * Probes are answered by a thread of its own, with a loop of its own: whatever keeps the agent's loop, or the scheduler
 * from giving it a processor, they wait for a thread that uses next to none. What they say the agent's loop writes down.
 */
struct monitor {
	struct monitor_options options;
	struct loop *loop; /* the thread's */
	int go, stop,
		told; /* eventfds: the thread is to answer; to end; it is ready, and later: has ended */
	bool runs;
	struct http *http;
	struct output *metrics; /* the pipeline's */
	struct source *source;
	struct strbuf
		unattached;     /* what /readyz says of probes; does not change once it is served */
	_Atomic uint64_t whole; /* the latest heartbeat that came through */
	atomic_bool is_log_written;
};

static void publish(void *ctx)
{
	struct monitor *m = ctx;

	m->whole = capture_heartbeat_seen(source_capture(m->source));
	m->is_log_written = pipeline_flushed(m->options.pipeline, m->options.log);
}

static void on_heartbeat(void *ctx)
{
	struct monitor *m = ctx;

	capture_heartbeat(source_capture(m->source));
}

static void answer_health(void *ctx, const char *accept, struct http_reply *reply)
{
	struct monitor *m = ctx;
	uint64_t now = wall_clock();

	(void)accept;
	if (m->whole + HEARTBEAT_MAX_AGE < now) {
		reply->status = STATUS_UNAVAILABLE;
		strbuf_puts(&reply->body, "no call of the agent's own was seen for 30 s\n");
		return;
	}
	/* A full disk is no reason to start anew: what is in memory would be lost too, and the disk stay full. */
	strbuf_puts(&reply->body, m->is_log_written ? "ok\n" : "ok, but " LOG_FAILS);
}

static bool is_attached(const struct probe_status *p)
{
	return p->state == PROBE_PROVED || p->state == PROBE_UNPROVED;
}

static int list_unattached(struct monitor *m)
{
	const struct probe_status *probes;
	size_t n = capture_probes(source_capture(m->source), &probes);

	for (size_t i = 0; i < n; i++)
		if (!is_attached(&probes[i]))
			strbuf_printf(&m->unattached, "probe %s is not attached%s\n",
				probes[i].name,
				probes[i].state == PROBE_DISABLED
					? ": --disable-probe leaves it out"
					: "");
	return m->unattached.failed ? -ENOMEM : 0;
}

static void answer_ready(void *ctx, const char *accept, struct http_reply *reply)
{
	struct monitor *m = ctx;

	(void)accept;
	if (m->unattached.len)
		strbuf_append(&reply->body, m->unattached.data, m->unattached.len);
	if (!m->is_log_written)
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
	{ .path = "/metrics", .answer = answer_metrics, .at_home = true },
	{ .path = "/healthz", .answer = answer_health },
	{ .path = "/readyz", .answer = answer_ready },
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

static void on_stop(void *ctx, uint32_t events)
{
	struct monitor *m = ctx;

	(void)events;
	loop_stop(m->loop, 0);
}

static int open_loop(struct monitor *m)
{
	m->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	m->go = eventfd(0, EFD_CLOEXEC);
	m->told = eventfd(0, EFD_CLOEXEC);
	if (m->go < 0 || m->stop < 0 || m->told < 0)
		return -errno;
	int err = loop_new(&m->loop);
	return err < 0 ? err : loop_add_fd(m->loop, m->stop, EPOLLIN, on_stop, m, NULL);
}

static int open_server(struct monitor *m)
{
	const char *causes[METRICS_CAUSES];
	struct metrics_options metrics_options = {
		.clock = wall_clock,
		.root_causes = causes,
		.n_causes = list_causes(causes),
	};
	struct http_options http_options = {
		.listen = m->options.listen,
		.loop = m->loop,
		.home = m->options.loop,
		.pages = pages,
		.ctx = m,
	};
	int err = http_new(&http_options, &m->http);

	if (err == 0)
		err = metrics_new(&metrics_options, &m->metrics);
	return err < 0 ? err : pipeline_add_output(m->options.pipeline, m->metrics, LEVEL_ALL);
}

static void *answer_requests(void *ctx)
{
	struct monitor *m = ctx;
	eventfd_t go;

	/* Without the right to it the thread waits for its turn as others do, which SECURITY.md has figures of. */
	schedule_by_deadline();
	confine_thread();
	eventfd_write(m->told, 1);
	eventfd_read(m->go, &go);
	loop_run(m->loop);
	eventfd_write(m->told, 1);
	return NULL;
}

static int start_thread(struct monitor *m)
{
	eventfd_t ready;
	int err = thread_start(answer_requests, m, STACK_SIZE);

	m->runs = err == 0;
	if (err == 0)
		eventfd_read(m->told, &ready);
	return err;
}

static void stop_thread(struct monitor *m)
{
	eventfd_t ended;

	eventfd_write(m->stop, 1);
	eventfd_write(m->go, 1);
	eventfd_read(m->told, &ended);
}

int monitor_new(const struct monitor_options *options, struct monitor **out)
{
	struct monitor *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->options = *options;
	m->go = m->stop = m->told = -1;
	int err = open_loop(m);
	if (err == 0)
		err = open_server(m);
	if (err < 0)
		log_reason(options->listen, err);
	else if ((err = start_thread(m)) < 0)
		log_error("cannot answer probes: %s", strerror(-err));
	if (err < 0) {
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
	if (m->runs)
		stop_thread(m);
	http_free(m->http);
	loop_free(m->loop);
	if (m->stop >= 0)
		close(m->stop);
	if (m->go >= 0)
		close(m->go);
	if (m->told >= 0)
		close(m->told);
	strbuf_free(&m->unattached);
	free(m);
}

int monitor_start(struct monitor *m, struct source *s)
{
	m->source = s;
	on_heartbeat(m);
	publish(m);
	int err = list_unattached(m);
	if (err == 0)
		eventfd_write(m->go, 1);
	if (err == 0)
		err = loop_add_timer(m->options.loop, PUBLISH_INTERVAL, publish, m);
	return err < 0 ? err : loop_add_timer(m->options.loop, HEARTBEAT_INTERVAL, on_heartbeat, m);
}
