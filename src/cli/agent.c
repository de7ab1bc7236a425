// SPDX-License-Identifier: MIT
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/answers.h"
#include "cli/commands.h"
#include "cli/monitor.h"
#include "cli/rights.h"
#include "cli/source.h"
#include "output/forward.h"
#include "output/logfile.h"
#include "output/socket.h"
#include "util/cleanup.h"
#include "util/log.h"

#define STATS_INTERVAL (60 * 1000000000ULL)
#define TRIM_INTERVAL (10 * 1000000000ULL)
#define LOG_MAX_BYTES (100ULL << 20)
#define LOG_KEEP 3
#define DEFAULT_BUFFER_DIR "/var/lib/ktrace/buffer"
#define BUFFER_SIZE (128ULL << 20)

struct agent_options {
	const char *log_file, *socket, *listen, *host_root;
	int events;
	bool no_output;
	struct option_list disabled;
	struct option_list forward;
	const char *forward_tag, *forward_key, *forward_ca, *buffer_dir;
	bool forward_tls;
	uint64_t buffer_size;
};

static const struct agent_options agent_defaults = {
	.log_file = DEFAULT_LOG_FILE,
	.socket = DEFAULT_SOCKET,
	.listen = DEFAULT_LISTEN,
	.events = LEVEL_ERRORS,
	.forward_tag = "ktrace",
	.buffer_dir = DEFAULT_BUFFER_DIR,
	.buffer_size = BUFFER_SIZE,
};

static const struct option_row agent_rows[] = {
	{ "log-file", 0, OPTION_STRING, offsetof(struct agent_options, log_file), "PATH",
		"append records to PATH, - is stdout (" DEFAULT_LOG_FILE ")", NULL },
	{ "socket", 0, OPTION_STRING, offsetof(struct agent_options, socket), "PATH|off",
		"serve live, explain and ps there (" DEFAULT_SOCKET ")", NULL },
	{ "listen", 0, OPTION_STRING, offsetof(struct agent_options, listen), "ADDR:PORT|off",
		"serve /metrics, /healthz and /readyz over HTTP (" DEFAULT_LISTEN ")", NULL },
	{ "events", 0, OPTION_CHOICE, offsetof(struct agent_options, events), NULL,
		"what is logged: diagnoses; errors and the containers' lives as well; or all",
		level_choices },
	{ "forward", 0, OPTION_LIST, offsetof(struct agent_options, forward), "HOST[:PORT]",
		"also ship records to Fluentd or Fluent Bit; several: the next one when one fails",
		NULL },
	{ "forward-tag", 0, OPTION_STRING, offsetof(struct agent_options, forward_tag), "TAG",
		"the tag of the records there (ktrace)", NULL },
	{ "forward-shared-key-file", 0, OPTION_STRING, offsetof(struct agent_options, forward_key),
		"PATH", "the shared key that the server asks for", NULL },
	{ "forward-ca", 0, OPTION_STRING, offsetof(struct agent_options, forward_ca), "PATH",
		"speak TLS, and trust the certificates in PATH (PEM)", NULL },
	{ "forward-tls", 0, OPTION_FLAG, offsetof(struct agent_options, forward_tls), NULL,
		"speak TLS, and trust what the system trusts", NULL },
	{ "buffer-dir", 0, OPTION_STRING, offsetof(struct agent_options, buffer_dir), "PATH",
		"records wait there until the server has them (" DEFAULT_BUFFER_DIR ")", NULL },
	{ "buffer-size", 0, OPTION_SIZE, offsetof(struct agent_options, buffer_size), "BYTES",
		"the most that may wait: beyond it the oldest records go (128M)", NULL },
	OPTION_ROW_NO_OUTPUT(struct agent_options),
	OPTION_ROW_HOST_ROOT(struct agent_options),
	OPTION_ROW_DISABLE_PROBE(struct agent_options),
	{ 0 },
};

static const struct example agent_examples[] = {
	{ "ktrace agent", "as a service: log and socket in their usual places" },
	{ "ktrace agent --log-file - --socket off --events diagnoses",
		"in a pod: explanations alone, to stdout" },
	{ "ktrace agent --forward logs-1:24224 --forward logs-2:24224",
		"to Fluentd or Fluent Bit as well, the second one when the first one fails" },
	{ 0 },
};

struct agent {
	const struct agent_options *options;
	const char *node;
	struct loop *loop;
	struct pipeline *pipeline;
	struct source *source;
	const struct output *log;     /* the pipeline's */
	const struct output *forward; /* the pipeline's; NULL: off */
	struct monitor *monitor;      /* NULL: off */
};

static uint64_t resident_bytes(void)
{
	_cleanup_file_ FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long pages = 0;

	if (!f || fscanf(f, "%*u %llu", &pages) != 1)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void report(struct agent *a, enum record_type type)
{
	struct source_counts counts;
	struct pipeline_stats stats;

	pipeline_stats(a->pipeline, &stats);
	if (source_counts(a->source, &counts) < 0)
		counts = (struct source_counts){ 0 };
	struct record r = {
		.type = type,
		.time = wall_clock(),
		.version = KTRACE_VERSION,
		.produced = counts.produced,
		.n_produced = counts.n_produced,
		.delivered = counts.delivered,
		.n_delivered = counts.n_delivered,
		.lost = counts.lost,
		.n_lost = counts.n_lost,
		.containers = stats.running,
		.resident_bytes = resident_bytes(),
	};
	pipeline_record(a->pipeline, &r);
	pipeline_flush(a->pipeline);
}

static void on_stats(void *ctx)
{
	report(ctx, RECORD_AGENT_STATS);
}

/* A burst of containers leaves holes in the heap: the node gets them back. */
static void give_back(void *ctx)
{
	(void)ctx;
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

static void on_signal(void *ctx, const struct signalfd_siginfo *info)
{
	struct agent *a = ctx;

	switch (info->ssi_signo) {
	case SIGTERM:
	case SIGINT:
		loop_stop(a->loop, 0);
		break;
	case SIGHUP:
		pipeline_reopen(a->pipeline);
		break;
	}
}

static int watch_signals(struct agent *a)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set,
		SIGPIPE); /* who reads our stdout may go: a write then fails, and is counted */
	return loop_add_signals(a->loop, &set, on_signal, a);
}

static int on_question(void *ctx, const char *command, const char *target, struct strbuf *out)
{
	struct agent *a = ctx;

	return answer(a->pipeline, a->node, command, target, out);
}

/* The folders above a file, for nobody but root and its group. */
static int make_parents(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0750) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static int add_log(struct agent *a)
{
	struct logfile_options log_options = {
		.path = a->options->log_file,
		.max_bytes = LOG_MAX_BYTES,
		.keep = LOG_KEEP,
	};
	struct output *log = NULL;
	int err = strcmp(log_options.path, "-") ? make_parents(log_options.path) : 0;

	if (err == 0)
		err = logfile_new(&log_options, &log);
	if (err < 0) {
		log_error("cannot write the log %s: %s; give another place with --log-file PATH",
			log_options.path, strerror(-err));
		return err;
	}
	a->log = log;
	return pipeline_add_output(a->pipeline, log, (enum level)a->options->events);
}

static void say_no_socket(const char *path, int err)
{
	if (err == -EADDRINUSE)
		log_error("another agent serves %s already: stop that one, or give this one "
			  "--socket PATH (or off)",
			path);
	else if (err == -EEXIST)
		log_error("%s is there and is no socket: remove it, or give another place with "
			  "--socket PATH (or off)",
			path);
	else
		log_error("cannot serve the socket %s: %s; give another place with --socket PATH "
			  "(or off)",
			path, strerror(-err));
}

static int add_socket(struct agent *a)
{
	struct socket_options socket_options = {
		.path = a->options->socket,
		.loop = a->loop,
		.answer = on_question,
		.ctx = a,
	};
	struct output *socket = NULL;

	if (!strcmp(socket_options.path, "off"))
		return 0;
	int err = make_parents(socket_options.path);
	if (err == 0)
		err = socket_new(&socket_options, &socket);
	if (err < 0) {
		say_no_socket(socket_options.path, err);
		return err;
	}
	return pipeline_add_output(a->pipeline, socket, LEVEL_ALL);
}

static int add_forward(struct agent *a)
{
	const struct agent_options *o = a->options;
	struct forward_options forward_options = {
		.servers = o->forward.items,
		.n_servers = o->forward.n,
		.tag = o->forward_tag,
		.key_file = o->forward_key,
		.ca_file = o->forward_ca,
		.tls = o->forward_tls,
		.buffer_dir = o->buffer_dir,
		.buffer_bytes = o->buffer_size,
		.node = a->node,
		.loop = a->loop,
	};
	struct output *forward = NULL;

	if (!o->forward.n)
		return 0;
	int err = make_parents(o->buffer_dir);
	if (err < 0)
		log_error("cannot make the folders above %s: %s", o->buffer_dir, strerror(-err));
	else
		err = forward_new(&forward_options, &forward);
	if (err < 0)
		return err;
	a->forward = forward;
	return pipeline_add_output(a->pipeline, forward, (enum level)o->events);
}

static int add_monitor(struct agent *a)
{
	struct monitor_options monitor_options = {
		.listen = a->options->listen,
		.loop = a->loop,
		.pipeline = a->pipeline,
		.log = a->log,
		.forward = a->forward,
	};

	if (!strcmp(monitor_options.listen, "off"))
		return 0;
	return monitor_new(&monitor_options, &a->monitor);
}

/* What can fail at once comes first; the kernel side, which takes a while, last. */
static int prepare(struct agent *a)
{
	struct pipeline_options pipeline_options = { .node = a->node, .machine = node_machine() };
	int err = loop_new(&a->loop);

	if (err < 0 || (err = pipeline_new(&pipeline_options, &a->pipeline)) < 0 ||
		(err = watch_signals(a)) < 0) {
		log_error("cannot start: %s", strerror(-err));
		return err;
	}
	if ((err = add_log(a)) < 0 || (err = add_socket(a)) < 0 || (err = add_forward(a)) < 0 ||
		(err = add_monitor(a)) < 0)
		return err;

	struct source_options source_options = {
		.disabled = &a->options->disabled,
		.no_output = a->options->no_output,
		.host_root = a->options->host_root,
		.pipeline = a->pipeline,
	};
	return source_open(&source_options, &a->source);
}

static int serve(struct agent *a)
{
	int err = source_scan(a->source);

	if (err < 0)
		log_warning("containers that run already may be missed: %s", strerror(-err));
	source_drain(a->source);
	report(a, RECORD_AGENT_STARTED);
	if ((err = source_watch(a->source, a->loop)) < 0 ||
		(a->monitor && (err = monitor_start(a->monitor, a->source)) < 0) ||
		(err = loop_add_timer(a->loop, STATS_INTERVAL, on_stats, a)) < 0 ||
		(err = loop_add_timer(a->loop, TRIM_INTERVAL, give_back, NULL)) < 0 ||
		(err = loop_run(a->loop)) < 0) {
		log_error("cannot go on: %s", strerror(-err));
		return err;
	}
	source_detach(a->source);
	report(a, RECORD_AGENT_STOPPED);
	return 0;
}

static int run(const void *options, int argc, char **argv)
{
	struct agent a = { .options = options, .node = node_name() };

	(void)argc, (void)argv;
	if (!rights_suffice("agent"))
		return EXIT_FAILURE;
	int err = prepare(&a);
	if (err == 0)
		err = serve(&a);
	monitor_free(a.monitor);
	source_close(a.source);
	pipeline_free(a.pipeline);
	loop_free(a.loop);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command agent_command = {
	.name = "agent",
	.operands = "",
	.summary = "the daemon of each node: captures, correlates, diagnoses, logs",
	.description =
		"Watches all containers of the node from the kernel, logs what fails in them as "
		"records (one JSON object a line) with a diagnosis for each container that failed, "
		"and "
		"serves live, explain and ps over a Unix socket, metrics and health over HTTP. "
		"SIGTERM ends it cleanly, SIGHUP "
		"re-opens the log.",
	.options = agent_rows,
	.examples = agent_examples,
	.options_size = sizeof(struct agent_options),
	.defaults = &agent_defaults,
	.run = run,
};
