// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "agent/source.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/printer.h"
#include "cli/view.h"
#include "record/reader.h"
#include "sandbox/rights.h"
#include "serve/client.h"
#include "util/cleanup.h"
#include "util/log.h"

struct live_options {
	struct view_options view;
	const char *socket, *host_root;
	bool no_output, no_args;
	int redact;
	struct option_list disabled;
	const char *btf;
};

static const struct live_options live_defaults = { .socket = DEFAULT_SOCKET };

static const struct option_row live_rows[] = {
	OPTION_ROWS_VIEW(struct live_options, FORMAT_HELP, format_choices),
	OPTION_ROW_SOCKET(struct live_options),
	OPTION_ROWS_CAPTURED(struct live_options),
	OPTION_ROW_HOST_ROOT(struct live_options),
	OPTION_ROW_DISABLE_PROBE(struct live_options),
	OPTION_ROW_BTF(struct live_options),
	{ 0 },
};

static const struct example live_examples[] = {
	{ "ktrace live", "failures and explanations of all containers of this node, without "
			 "harmless failures" },
	{ "ktrace live -n shop --action diagnosis", "only the explanations of one namespace" },
	{ "ktrace live shop/web-0 --errno EACCES", "what one pod was not allowed to do" },
	{ "ktrace live -a -o json | jq .event.action", "everything, for another program" },
	{ 0 },
};

struct live {
	const struct live_options *options;
	struct filter filter;
	struct loop *loop;
	struct output *printer; /* the pipeline's when there is one */
	struct pipeline *pipeline;
	struct source *source;
	struct client_connection *client;
	struct record_reader *reader;
};

static void on_signal(void *ctx, const struct signalfd_siginfo *info)
{
	struct live *l = ctx;

	(void)info; /* SIGPIPE too: nobody reads any more, and that is a clean end */
	loop_stop(l->loop, 0);
}

static int watch_signals(struct live *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGPIPE);
	return loop_add_signals(l->loop, &set, on_signal, l);
}

/* Where it would block as well, a last message is for nobody. */
static void drop_stuck_stderr(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&p, 1, 0) > 0)
		return;
	_cleanup_fd_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null >= 0)
		dup2(null, STDERR_FILENO);
}

static void on_second(void *ctx)
{
	struct live *l = ctx;

	if (!printer_abandoned(l->printer))
		return;
	drop_stuck_stderr();
	loop_stop(l->loop, 0);
}

/* Nothing is asked for, so it is an error or a hang-up: the reader went, and that is a clean end. */
static void on_reader_gone(void *ctx, uint32_t events)
{
	struct live *l = ctx;

	if (events & (EPOLLERR | EPOLLHUP))
		loop_stop(l->loop, 0);
}

static int watch_reader(struct live *l)
{
	int err = loop_add_fd(l->loop, STDOUT_FILENO, 0, on_reader_gone, l, NULL);

	if (err < 0 && err != -EPERM) /* that is a file, which cannot go */
		return err;
	return loop_add_timer(l->loop, 1000000000, on_second, l);
}

static void show_line(struct live *l, const char *line, size_t len)
{
	struct record r;
	int err = record_reader_line(l->reader, line, len, &r);

	if (err > 0)
		printer_line(l->printer, &r, line, len);
	else if (!strncmp(line, "{\"error\":", 9))
		log_error("the agent answers %s", line);
	else if (err < 0)
		log_warning("invalid record from the agent: %s", record_reader_error(l->reader));
}

static void show_lines(struct live *l)
{
	const char *line;
	size_t len;
	int got;

	while ((got = client_next(l->client, &line, &len)))
		if (got > 0)
			show_line(l, line, len);
		else
			log_warning("invalid record from the agent: it has control characters");
}

static void on_agent(void *ctx, uint32_t events)
{
	struct live *l = ctx;
	long n = client_fill(l->client);

	(void)events;
	show_lines(l);
	l->printer->ops->flush(l->printer);
	if (printer_broken(l->printer)) {
		drop_stuck_stderr();
		loop_stop(l->loop, 0);
	} else if (n == -EMSGSIZE) {
		log_error("%s is not served by a ktrace agent: it sends lines without an end",
			l->options->socket);
		loop_stop(l->loop, -EMSGSIZE);
	} else if (n <= 0) {
		log_error("the agent closed the connection: it stopped, or this client read too "
			  "slowly");
		loop_stop(l->loop, -EPIPE);
	}
}

static int join(struct live *l)
{
	l->reader = record_reader_new();
	if (!l->reader)
		return -ENOMEM;
	int err = loop_add_fd(l->loop, client_fd(l->client), EPOLLIN, on_agent, l, NULL);
	if (err < 0)
		return err;
	log_info("connected to the agent at %s; press Ctrl-C to stop", l->options->socket);
	return loop_run(l->loop);
}

static int capture(struct live *l)
{
	struct source_options source_options = {
		.disabled = l->options->disabled.items,
		.n_disabled = l->options->disabled.n,
		.btf = l->options->btf,
		.outside = l->options->view.all,
		.no_output = l->options->no_output,
		.no_args = l->options->no_args,
		.unredacted = l->options->redact == REDACT_OFF,
		.host_root = l->options->host_root,
		.pipeline = l->pipeline,
	};

	if (!rights_suffice("live"))
		return -EPERM;
	int err = source_open(&source_options, &l->source);
	if (err < 0)
		return err;
	err = source_scan(l->source);
	if (err < 0)
		log_warning(
			"containers that are already running may be missed: %s", strerror(-err));
	if ((err = source_watch(l->source, l->loop)) < 0)
		return err;
	log_info("watching; press Ctrl-C to stop");
	err = loop_run(l->loop);
	source_detach(l->source);
	return err;
}

/* The last line: how much was seen, and whether that was all. */
static void sum_up(const struct live *l)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct source_counts counts;

	strbuf_printf(&text, "records shown: %llu", (unsigned long long)l->printer->written);
	if (printer_spared(l->printer))
		strbuf_printf(&text, ", harmless failures left out: %llu (--all shows them)",
			(unsigned long long)printer_spared(l->printer));
	if (l->source && source_counts(l->source, &counts) == 0) {
		struct pipeline_stats stats;

		pipeline_stats(l->pipeline, &stats);
		strbuf_printf(&text, "; events seen: %llu, %s", (unsigned long long)stats.events,
			counts.total_lost ? "lost" : "none lost");
		for (size_t i = 0; i < counts.n_lost; i++)
			if (counts.lost[i].value)
				strbuf_printf(&text, " %llu (%s)",
					(unsigned long long)counts.lost[i].value,
					counts.lost[i].name);
	}
	if (text.data)
		log_info("%s", text.data);
}

/* Joins the agent, or captures where there is none. A negative errno after a message. */
static int look(struct live *l)
{
	struct client_request request = {
		.command = "live",
		.events = level_name(l->filter.level),
	};
	int err = client_open(l->options->socket, &request, &l->client);

	if (err == 0)
		return join(l);
	if (err == -EACCES) {
		ask_failed(l->options->socket, err);
		return err;
	}
	return capture(l);
}

static int run(const void *options, int argc, char **argv)
{
	struct live l = { .options = options };
	struct printer_options printer_options = {
		.fd = STDOUT_FILENO,
		.format = (enum format)l.options->view.format,
		.color = l.options->view.color,
		.filter = &l.filter,
	};
	struct pipeline_options pipeline_options = {
		.node = node_name(), .machine = node_machine(), .run = agent_run_number()
	};

	if (view_filter(&live_command, &l.options->view, argc ? argv[0] : NULL, &l.filter))
		return EXIT_USAGE;
	int err = loop_new(&l.loop);
	if (err == 0)
		err = printer_new(&printer_options, &l.printer);
	if (err == 0)
		err = pipeline_new(&pipeline_options, &l.pipeline);
	if (err == 0)
		err = pipeline_add_output(l.pipeline, l.printer, LEVEL_ALL);
	if (err == 0)
		err = watch_signals(&l);
	if (err == 0)
		err = watch_reader(&l);
	if (err < 0)
		log_error("cannot start: %s", strerror(-err));
	else if ((err = look(&l)) == 0)
		sum_up(&l);
	source_close(l.source);
	pipeline_free(l.pipeline);
	record_reader_free(l.reader);
	client_close(l.client);
	loop_free(l.loop);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command live_command = {
	.name = "live",
	.operands = "[TARGET]",
	.summary = "watch failures and explanations as they happen",
	.description =
		"Shows failures in containers, and why containers failed, as they happen. Uses the "
		"agent of this node if one is running; otherwise it loads the probes itself, which "
		"needs root. TARGET is a container id or a unique prefix of one, POD, "
		"NAMESPACE/POD, NAMESPACE/POD/CONTAINER or a workload, NAMESPACE/deploy/NAME. Ends "
		"when its output is closed, or when nobody has read from its pipe for 30 seconds.",
	.options = live_rows,
	.examples = live_examples,
	.max_operands = 1,
	.options_size = sizeof(struct live_options),
	.defaults = &live_defaults,
	.run = run,
};
