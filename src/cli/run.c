// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "agent/source.h"
#include "cli/commands.h"
#include "cli/printer.h"
#include "cli/supervise.h"
#include "sandbox/rights.h"
#include "util/cleanup.h"
#include "util/log.h"

struct run_options {
	bool show_events, no_output, no_args;
	const char *report;
	int format, color, redact;
	struct option_list disabled;
	const char *btf;
	uint64_t memory;
};

static const struct option_row run_rows[] = {
	{ "events", 0, OPTION_FLAG, offsetof(struct run_options, show_events), NULL,
		"show events as they happen, not only the explanation", NULL },
	{ "report", 0, OPTION_STRING, offsetof(struct run_options, report), "FILE",
		"write the report to FILE instead of stderr", NULL },
	OPTION_ROW_PAGE_FORMAT(struct run_options),
	{ "memory", 0, OPTION_SIZE, offsetof(struct run_options, memory), "BYTES",
		"limit the command's memory, as a container's limit does (64M, 2G)", NULL },
	OPTION_ROWS_CAPTURED(struct run_options),
	OPTION_ROW_DISABLE_PROBE(struct run_options),
	OPTION_ROW_BTF(struct run_options),
	OPTION_ROW_COLOR(struct run_options),
	{ 0 },
};

static const struct example run_examples[] = {
	{ "ktrace run -- ./start.sh", "run a script; explain it when it fails" },
	{ "ktrace run --memory 64M -- java -jar app.jar", "run it with a memory limit of 64 MiB" },
	{ "ktrace run -o html --report why.html -- ./start.sh", "the explanation as a page" },
	{ "ktrace run -o json --report why.json -- make test", "the explanation as records" },
	{ 0 },
};

/* Text: the explanation. JSON: what led to it as well. --events, and for a picture: everything. */
static enum level level_of(const struct run_options *o)
{
	if (o->show_events || o->format == FORMAT_HTML)
		return LEVEL_ALL;
	return o->format == FORMAT_JSON ? LEVEL_ERRORS : LEVEL_DIAGNOSES;
}

static void print_unexplained(const char *command, int status)
{
	int signo = status_signal(status);

	if (signo)
		log_info("%s was killed by %s; ktrace found no explanation", command,
			signal_name(signo));
	else if (status)
		log_info("%s exited with status %d; ktrace found no explanation", command,
			status_exit_code(status));
}

static int run(const void *options, int argc, char **argv)
{
	const struct run_options *o = options;
	_cleanup_fd_ int report = -1;
	struct printer_options printer_options = {
		.fd = STDERR_FILENO,
		.format = (enum format)o->format,
		.color = o->color,
		.one_container = true,
		.diagnosis_last = true,
	};
	struct pipeline_options pipeline_options = {
		.node = node_name(), .machine = node_machine(), .run = agent_run_number()
	};
	struct pipeline *pipeline = NULL;
	struct output *printer = NULL;
	int status = 0;

	(void)argc;
	if (!rights_suffice("run"))
		return EXIT_FAILURE;
	if (o->report) {
		report = open(o->report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (report < 0) {
			log_error("cannot write the report to %s: %s", o->report, strerror(errno));
			return EXIT_FAILURE;
		}
		printer_options.fd = report;
	}
	if (printer_new(&printer_options, &printer) < 0 ||
		pipeline_new(&pipeline_options, &pipeline) < 0) {
		log_error("out of memory");
		return EXIT_FAILURE;
	}
	pipeline_add_output(pipeline, printer, level_of(o));
	struct supervise_options supervise_options = {
		.argv = argv,
		.pipeline = pipeline,
		.disabled = &o->disabled,
		.btf = o->btf,
		.no_output = o->no_output,
		.no_args = o->no_args,
		.unredacted = o->redact == REDACT_OFF,
		.memory = o->memory,
	};
	int err = supervise(&supervise_options, &status);
	if (!printer_finish(printer) && err == 0)
		print_unexplained(argv[0], status);
	pipeline_free(pipeline);
	return err < 0 ? EXIT_FAILURE : status_exit_code(status);
}

const struct command run_command = {
	.name = "run",
	.operands = "-- COMMAND [ARG...]",
	.summary = "run one command, and explain it when it fails",
	.description =
		"Runs one command in the foreground in a cgroup of its own, and explains it when "
		"it fails. No container runtime is needed. stdin and stdout are the command's "
		"alone, the explanation goes to stderr or --report; the exit status is the "
		"command's own.",
	.options = run_rows,
	.examples = run_examples,
	.min_operands = 1,
	.max_operands = -1,
	.options_size = sizeof(struct run_options),
	.run = run,
};
