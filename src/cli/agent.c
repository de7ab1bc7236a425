// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "agent/answers.h"
#include "agent/file_pages.h"
#include "agent/heap.h"
#include "agent/memory.h"
#include "agent/monitor.h"
#include "agent/source.h"
#include "cli/agent_outputs.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "container/helper.h"
#include "container/hostfile.h"
#include "forward/forward.h"
#include "sandbox/confine.h"
#include "sandbox/rights.h"
#include "util/cleanup.h"
#include "util/directories.h"
#include "util/log.h"
#include "util/schedule.h"

#define STATS_INTERVAL (60 * 1000000000ULL)
#define TRIM_INTERVAL (10 * 1000000000ULL)
#define HEAP_BESIDE (8ULL << 20) /* beside the stories, until they make room */
#define FINISH_NS \
	(5 * 1000000000ULL) /* for what is not sent yet; what --forward has waits on disk */

struct agent {
	const struct agent_options *command_line; /* by the command line */
	struct agent_options *options; /* with the configuration file's; what is in force */
	const char *node;
	struct loop *loop;
	struct memory *memory; /* NULL: off */
	struct pipeline *pipeline;
	struct source *source;
	struct agent_outputs outputs;
	struct monitor *monitor; /* NULL: off */
	bool has_helper;
	int landlock; /* 0: it holds; confine() */
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
	/* By the time that it can be written again this is all that tells of it. */
	counts.lost[counts.n_lost++] =
		(struct record_count){ "log", a->outputs.log ? a->outputs.log->lost : 0 };
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
		.left_out = counts.left_out,
		.n_left_out = counts.n_left_out,
		.containers = stats.running,
		.resident_bytes = resident_bytes(),
		.blind_since = type == RECORD_AGENT_BLIND ? a->outputs.watched_until : 0,
	};
	pipeline_record(a->pipeline, &r);
	pipeline_flush(a->pipeline);
}

static void on_stats(void *ctx)
{
	report(ctx, RECORD_AGENT_STATS);
}

static void give_back(void *ctx)
{
	(void)ctx;
	heap_trim();
}

/* Only `events` can change under way; all else belongs to what is open already. */
static void reload(struct agent *a)
{
	_cleanup_strbuf_ struct strbuf rest = STRBUF_INIT;
	const char *path = config_path(&agent_command, a->command_line);
	void *read;

	if (config_read(&agent_command, a->command_line, &read) < 0) {
		log_warning("invalid configuration, keeping the previous one: correct %s and send "
			    "SIGHUP again",
			path);
		return;
	}
	const struct agent_options *fresh = read;
	if (fresh->events != a->options->events) {
		a->options->events = fresh->events;
		agent_outputs_set_level(&a->outputs, (enum level)fresh->events);
		log_info("events are now %s", level_choices[fresh->events]);
	}
	config_compare(&agent_command, a->options, fresh, &rest);
	if (rest.len)
		log_warning("these options changed in %s and need a restart: %s", path, rest.data);
	config_free(&agent_command, read);
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
		reload(a);
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

	const struct answer_source from = { a->pipeline, a->outputs.store, a->node, a->landlock };

	return answer(&from, command, target, out);
}

static int add_monitor(struct agent *a)
{
	struct monitor_options monitor_options = {
		.listen = a->options->listen,
		.loop = a->loop,
		.pipeline = a->pipeline,
		.log = a->outputs.log,
		.socket = a->outputs.socket,
		.forward = a->outputs.forward,
		.events = a->outputs.events,
		.otlp = a->outputs.otlp,
	};

	if (!strcmp(monitor_options.listen, "off"))
		return 0;
	return monitor_new(&monitor_options, &a->monitor);
}

/* Where this fails the memory says so, and does without a file. */
static int open_memory(struct agent *a)
{
	const struct memory_options memory_options = { .path = a->options->memory };

	if (!strcmp(memory_options.path, "off"))
		return 0;
	directories_make(memory_options.path, NULL);
	return memory_new(&memory_options, &a->memory);
}

/* -EINVAL: an option, of the command line or the configuration file, says what cannot be. */
static int open_outputs(struct agent *a)
{
	int err = open_memory(a);
	struct pipeline_options pipeline_options = {
		.node = a->node,
		.machine = node_machine(),
		.memory = a->memory,
		.run = agent_run_number(),
		.log_budget = { a->options->log_rate, a->options->diagnosis_rate },
		.story_bytes = a->options->story_size,
		.heap_bytes = a->options->story_size + HEAP_BESIDE,
	};

	if (err < 0 || (err = loop_new(&a->loop)) < 0 ||
		(err = pipeline_new(&pipeline_options, &a->pipeline)) < 0 ||
		(err = watch_signals(a)) < 0) {
		log_error("cannot start: %s", strerror(-err));
		return err;
	}
	a->outputs = (struct agent_outputs){
		.options = a->options,
		.node = a->node,
		.loop = a->loop,
		.pipeline = a->pipeline,
		.answer = on_question,
		.ctx = a,
	};
	if ((err = agent_outputs_open(&a->outputs)) < 0)
		return err;
	return add_monitor(a);
}

static int open_source(struct agent *a)
{
	struct source_options source_options = {
		.disabled = a->options->disabled.items,
		.n_disabled = a->options->disabled.n,
		.btf = a->options->btf,
		.no_output = a->options->no_output,
		.no_args = a->options->no_args,
		.unredacted = a->options->redact == REDACT_OFF,
		.confine_rest = confine_attacher,
		.host_root = a->options->host_root,
		.salt = a->memory ? memory_salt(a->memory) : NULL,
		.watched_until = a->outputs.watched_until,
		.pipeline = a->pipeline,
	};
	return source_open(&source_options, &a->source);
}

/* For who started it by hand: it works, and where to look. */
static void log_ready(const struct agent *a)
{
	const struct agent_options *o = a->options;
	struct pipeline_stats stats;

	pipeline_stats(a->pipeline, &stats);
	log_info("watching, %zu container%s running now; log %s, socket %s, metrics %s%s",
		stats.running, stats.running == 1 ? "" : "s",
		strcmp(o->log_file, "-") ? o->log_file : "to stdout", o->socket, o->listen,
		o->forward.n ? ", forwarding" : "");
}

/* No cgroup has the id 0: -ENOENT is the map's own answer. */
static bool may_use_maps(void *ctx)
{
	return capture_untrack(ctx, 0) != -EPERM;
}

/* The directory below which termination messages are written; -1: there is none, or none are. */
static int open_pods(const struct agent_options *o)
{
	_cleanup_free_ char *pods = NULL;

	if (o->termination_message == TERMINATION_OFF ||
		asprintf(&pods, "%s/pods", o->kubelet_dir) < 0)
		return -1;
	int fd = host_open(o->host_root ? o->host_root : "", pods, O_PATH | O_DIRECTORY);
	return fd < 0 ? -1 : fd;
}

static void give_up_rights(struct agent *a)
{
	const struct agent_options *o = a->options;
	_cleanup_fd_ int pods = open_pods(o);
	const char *written[7] = { NULL };
	size_t n = 0;

	if (strcmp(o->log_file, "-"))
		written[n++] = o->log_file;
	if (strcmp(o->store, "off"))
		written[n++] = o->store;
	if (strcmp(o->memory, "off"))
		written[n++] = o->memory;
	if (strcmp(o->socket, "off"))
		written[n++] = o->socket;
	if (o->forward.n)
		written[n++] = o->buffer_dir;
	if (a->outputs.otlp_buffer)
		written[n++] = a->outputs.otlp_buffer;
	host_hold(o->host_root ? o->host_root : "");
	a->landlock = confine(&(struct confine_options){
		.written = written,
		.overwritten = pods,
		.has_helper = a->has_helper,
		.may_use_maps = may_use_maps,
		.ctx = source_capture(a->source),
	});
}

static int serve(struct agent *a)
{
	int err = source_scan(a->source);

	if (err < 0)
		log_warning(
			"containers that are already running may be missed: %s", strerror(-err));
	source_drain(a->source);
	give_up_rights(a);
	heap_trim(); /* the kernel's types, of which nothing is needed any more */
	file_pages_trim();
	report(a, RECORD_AGENT_STARTED);
	if (a->outputs.watched_until && a->outputs.watched_until < wall_clock())
		report(a, RECORD_AGENT_BLIND);
	log_ready(a);
	if ((err = source_watch(a->source, a->loop)) < 0 ||
		(a->monitor && (err = monitor_start(a->monitor, a->source)) < 0) ||
		(err = loop_add_timer(a->loop, STATS_INTERVAL, on_stats, a)) < 0 ||
		(err = loop_add_timer(a->loop, TRIM_INTERVAL, give_back, NULL)) < 0 ||
		(err = loop_run(a->loop)) < 0) {
		log_error("cannot continue: %s", strerror(-err));
		return err;
	}
	source_detach(a->source);
	report(a, RECORD_AGENT_STOPPED);
	agent_outputs_finish(&a->outputs, FINISH_NS);
	return 0;
}

/* First of all: it must hold nothing that is opened later. */
static bool start_helper(void)
{
	int err = looks_start(confine_helper);

	if (err < 0)
		log_warning("no helper looks at containers: %s; the agent does it, and a file "
			    "system that does not answer stops it",
			strerror(-err));
	return err == 0;
}

static int run(const void *options, int argc, char **argv)
{
	struct agent a = { .command_line = options, .node = node_name() };
	void *all;

	(void)argc, (void)argv;
	if (config_read(&agent_command, options, &all) < 0)
		return EXIT_USAGE;
	a.options = all;
	schedule_small_slices();
	heap_keep_whole();
	int err = rights_suffice("agent") ? 0 : -EPERM;
	a.has_helper = err == 0 && start_helper();
	/* What can fail at once comes first; the kernel side, which takes a while, last. */
	if (err == 0)
		err = open_outputs(&a);
	bool misused = err == -EINVAL;
	if (err == 0)
		err = open_source(&a);
	if (err == 0)
		err = serve(&a);
	monitor_free(a.monitor);
	source_close(a.source);
	pipeline_free(a.pipeline);
	agent_outputs_release(&a.outputs);
	helper_stop();
	host_release();
	memory_free(a.memory);
	loop_free(a.loop);
	config_free(&agent_command, a.options);
	return misused ? EXIT_USAGE : err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command agent_command = {
	.name = "agent",
	.operands = "",
	.summary = "the daemon of each node: captures, correlates, diagnoses, logs",
	.description =
		"Watches all containers of the node from the kernel. Logs failures as records (one "
		"JSON object per line), with a diagnosis for each container that failed. Prints "
		"a line for each diagnosis on stdout, unless that is the log. Serves "
		"live, explain and ps over a Unix socket, and metrics and health checks over HTTP. "
		"SIGTERM stops it, after up to five seconds in which --forward sends what is left. "
		"SIGHUP reopens the log, and reads the configuration file and "
		"the files of --forward (shared key, password, certificates) again: a change of "
		"events takes effect at once, files of --forward with the next connection, all "
		"other options with a restart. If a file is invalid, the log names it and the "
		"previous contents stay in use.",
	.options = agent_rows,
	.examples = agent_examples,
	.options_size = sizeof(struct agent_options),
	.defaults = &agent_defaults,
	.run = run,
};
