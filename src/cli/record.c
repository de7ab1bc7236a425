// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "agent/recording.h"
#include "agent/source.h"
#include "cli/commands.h"
#include "cli/supervise.h"
#include "sandbox/rights.h"
#include "util/cleanup.h"
#include "util/log.h"

struct record_options {
	const char *file, *host_root;
	bool no_output, no_args;
	int redact;
	struct option_list disabled;
	const char *btf;
};

static const struct option_row record_rows[] = {
	{ "output", 'o', OPTION_STRING, offsetof(struct record_options, file), "FILE",
		"the recording; made anew, for its owner to read", NULL },
	OPTION_ROWS_CAPTURED(struct record_options),
	OPTION_ROW_HOST_ROOT(struct record_options),
	OPTION_ROW_DISABLE_PROBE(struct record_options),
	OPTION_ROW_BTF(struct record_options),
	{ 0 },
};

static const struct example record_examples[] = {
	{ "ktrace record -o node.ktrace", "everything on this node until Ctrl-C" },
	{ "ktrace record -o why.ktrace -- ./start.sh", "one command" },
	{ "ktrace replay why.ktrace", "explain it, anywhere and without root" },
	{ 0 },
};

static void on_signal(void *ctx, const struct signalfd_siginfo *info)
{
	(void)info;
	loop_stop(ctx, 0);
}

/* When a recording began and ended: time without events is part of the recording. */
static void mark(struct pipeline *p, enum record_type type)
{
	struct record r = { .type = type, .time = wall_clock(), .version = KTRACE_VERSION };

	pipeline_record(p, &r);
}

static int record_until_signal(struct pipeline *p, struct source *s, struct loop *l)
{
	sigset_t set;
	int err = source_scan(s);

	if (err < 0)
		log_warning(
			"containers that are already running may be missed: %s", strerror(-err));
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if ((err = loop_add_signals(l, &set, on_signal, l)) < 0 || (err = source_watch(s, l)) < 0)
		return err;
	mark(p, RECORD_AGENT_STARTED);
	log_info("recording; press Ctrl-C to stop");
	err = loop_run(l);
	source_detach(s);
	return err;
}

static int record_node(const struct record_options *o, struct pipeline *p)
{
	struct source_options source_options = {
		.disabled = o->disabled.items,
		.n_disabled = o->disabled.n,
		.btf = o->btf,
		.no_output = o->no_output,
		.no_args = o->no_args,
		.unredacted = o->redact == REDACT_OFF,
		.host_root = o->host_root,
		.pipeline = p,
	};
	struct source *s = NULL;
	struct loop *l = NULL;
	int err = source_open(&source_options, &s);

	if (err == 0)
		err = loop_new(&l);
	if (err == 0)
		err = record_until_signal(p, s, l);
	source_close(s);
	loop_free(l);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int record_command_line(const struct record_options *o, struct pipeline *p, char **argv)
{
	struct supervise_options supervise_options = {
		.argv = argv,
		.pipeline = p,
		.disabled = &o->disabled,
		.btf = o->btf,
		.no_output = o->no_output,
		.no_args = o->no_args,
		.unredacted = o->redact == REDACT_OFF,
	};
	int status;

	return supervise(&supervise_options, &status) < 0 ? EXIT_FAILURE : status_exit_code(status);
}

/* The exit status: the command's own where there is one. */
static int record_to(const struct record_options *o, struct pipeline *p, int argc, char **argv)
{
	struct output *recording;
	struct pipeline_stats stats;
	int err = recording_new(o->file, p, &recording);

	if (err == 0)
		err = pipeline_add_output(p, recording, LEVEL_ALL);
	if (err < 0) {
		log_error("cannot write %s: %s", o->file, strerror(-err));
		return EXIT_FAILURE;
	}
	int status = argc ? record_command_line(o, p, argv) : record_node(o, p);
	mark(p, RECORD_AGENT_STOPPED);
	err = recording_finish(recording);
	if (err < 0) {
		log_error("%s is incomplete: %s", o->file, strerror(-err));
		return EXIT_FAILURE;
	}
	pipeline_stats(p, &stats);
	log_info("%llu event%s and %llu diagnos%s are in %s", (unsigned long long)stats.events,
		stats.events == 1 ? "" : "s", (unsigned long long)stats.diagnoses,
		stats.diagnoses == 1 ? "is" : "es", o->file);
	return status;
}

static int run(const void *options, int argc, char **argv)
{
	const struct record_options *o = options;
	struct pipeline_options pipeline_options = {
		.node = node_name(), .machine = node_machine(), .run = agent_run_number()
	};
	struct pipeline *p;

	if (!o->file)
		return usage_error(&record_command, "-o FILE is missing");
	if (!rights_suffice("record"))
		return EXIT_FAILURE;
	if (pipeline_new(&pipeline_options, &p) < 0) {
		log_error("out of memory");
		return EXIT_FAILURE;
	}
	int status = record_to(o, p, argc, argv);
	pipeline_free(p);
	return status;
}

const struct command record_command = {
	.name = "record",
	.operands = "[-- COMMAND [ARG...]]",
	.summary = "write all that a diagnosis needs into one file",
	.description = "Writes everything that happens in the containers of this node, or in one "
		       "command, into one compressed file. `ktrace replay` makes the same "
		       "diagnoses from it on another machine, without root. It contains paths, "
		       "arguments and, unless --no-output is given, what processes wrote to stdout "
		       "and stderr: check it before you share it.",
	.options = record_rows,
	.examples = record_examples,
	.max_operands = -1,
	.options_size = sizeof(struct record_options),
	.run = run,
};
