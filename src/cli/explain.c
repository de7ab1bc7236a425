// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "agent/source.h"
#include "cli/agent_options.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/container_records.h"
#include "cli/explain_sources.h"
#include "cli/explain_text.h"
#include "cli/page_records.h"
#include "cli/printer.h"
#include "cli/view.h"
#include "record/ndjson.h"
#include "record/reader.h"
#include "util/cleanup.h"
#include "util/log.h"

struct explain_options {
	const char *from, *socket, *store, *log_file;
	bool all, why;
	int format, color;
};

static const struct explain_options explain_defaults = {
	.socket = DEFAULT_SOCKET,
};

static const struct option_row explain_rows[] = {
	{ "from", 0, OPTION_STRING, offsetof(struct explain_options, from), "FILE",
		"read this log or recording, and the files that it was rotated to, and ask nobody; "
		"- is stdin",
		NULL },
	{ "store", 0, OPTION_STRING, offsetof(struct explain_options, store), "FILE|off",
		"the agent's store of diagnoses, where the agent has no answer (" DEFAULT_STORE ")",
		NULL },
	{ "log-file", 0, OPTION_STRING, offsetof(struct explain_options, log_file), "PATH|off",
		"the agent's log, where the store has none either (" DEFAULT_LOG_FILE ")", NULL },
	{ "all", 'a', OPTION_FLAG, offsetof(struct explain_options, all), NULL,
		"the whole time line, including harmless failures", NULL },
	{ "why", 0, OPTION_FLAG, offsetof(struct explain_options, why), NULL,
		"show all hypotheses that were considered, and the evidence for and against each",
		NULL },
	OPTION_ROW_PAGE_FORMAT(struct explain_options),
	OPTION_ROW_COLOR(struct explain_options),
	OPTION_ROW_SOCKET(struct explain_options),
	{ 0 },
};

static const struct example explain_examples[] = {
	{ "ktrace explain shop/web-0", "why did this pod fail?" },
	{ "ktrace explain shop/deploy/web", "why did the pods of this deployment fail?" },
	{ "ktrace explain 3f2a", "a container by the beginning of its id" },
	{ "ktrace explain shop/web-0 --from other-node.log",
		"from a log that was taken elsewhere" },
	{ "ktrace explain shop/web-0 -o html >why.html",
		"one page with the start as a picture, for a ticket or a post-mortem" },
	{ 0 },
};

struct explain {
	const struct explain_options *options;
	const char *target;
	struct record_reader *reader;
	struct container_records_list all;
	bool diagnosed; /* something was, of what is printed */
	struct strbuf out;
	struct explain_view view;
};

static bool by_id_only(const struct explain *x, const struct container *c)
{
	return strncmp(c->id, x->target, strlen(x->target)) == 0 && strcmp(c->pod, x->target) &&
	       strcmp(c->name, x->target);
}

/* An id's prefix must mean one container. A pod may have many: those are shown one by one. */
static int refuse_ambiguous(const struct explain *x)
{
	_cleanup_strbuf_ struct strbuf ids = STRBUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < x->all.n; i++) {
		const struct container *c = x->all.items[i].container;

		if (by_id_only(x, c) && n++ < 8)
			strbuf_printf(&ids, "%s%.16s", n > 1 ? ", " : "", c->id);
	}
	if (n < 2)
		return 0;
	log_error("\"%s\" is ambiguous, %zu container ids start with it: %s%s", x->target, n,
		ids.data, n > 8 ? ", ..." : "");
	return -ENOTUNIQ;
}

static void print_json(struct explain *x, const struct container_records *d)
{
	struct record r = { .type = RECORD_EVENT, .node = d->node };

	for (size_t i = 0; i < d->n_events; i++) {
		r.event = d->events[i];
		r.run = r.event->run;
		r.sequence = r.event->sequence;
		r.time = r.event->time;
		ndjson_append(&x->out, &r);
	}
	if (!d->diagnosis)
		return;
	r.type = RECORD_DIAGNOSIS;
	r.diagnosis = d->diagnosis;
	r.run = r.diagnosis->run;
	r.sequence = r.diagnosis->sequence;
	r.time = d->diagnosis->time;
	ndjson_append(&x->out, &r);
}

/* Of a container that stands for itself, in the lines of text or JSON; a page is made of all at once. */
static void print_container(struct explain *x, const struct container_records *d)
{
	if (x->options->format == FORMAT_JSON) {
		print_json(x, d);
	} else if (x->options->format == FORMAT_TEXT) {
		if (x->out.len)
			strbuf_putc(&x->out, '\n');
		explain_text(&x->out, d, &x->view);
	}
}

static int print_containers(struct explain *x)
{
	for (size_t i = 0; i < x->all.n; i++) {
		struct container_records *d = &x->all.items[i];

		if (d->superseded)
			continue;
		x->diagnosed |= d->diagnosis != NULL;
		int err = x->options->why && d->diagnosis ? explain_why(d) : 0;
		if (err < 0)
			return err;
		print_container(x, d);
	}
	if (x->options->format == FORMAT_HTML)
		return page_of_records(&x->out, &x->all, x->options->all, false);
	return x->out.failed ? -ENOMEM : 0;
}

static int print_result(struct explain *x)
{
	if (!x->all.n)
		return -ENOENT; /* which was reported */
	int err = refuse_ambiguous(x);
	if (err == 0)
		err = container_records_rank(&x->all);
	x->view.style = terminal_style_for(STDOUT_FILENO, x->options->color);
	if (err == 0)
		err = print_containers(x);
	return err < 0 ? err : write_all(STDOUT_FILENO, x->out.data, x->out.len);
}

static int run(const void *options, int argc, char **argv)
{
	const struct explain_options *o = options;
	struct explain x = { .options = o,
		.target = argv[0],
		.view = { .now = wall_clock(), .all = o->all, .hint = "--all shows them" } };
	void *owned = NULL;
	int err = -ENOMEM;

	(void)argc;
	if (view_target(&explain_command, x.target))
		return EXIT_USAGE;
	const struct agent_options *agent = agent_configured(&owned);
	const struct explain_sources sources = {
		.target = x.target,
		.from = o->from,
		.socket = o->socket,
		.store = o->store ? o->store : agent->store,
		.log_file = o->log_file ? o->log_file : agent->log_file,
	};
	x.reader = record_reader_new();
	if (x.reader)
		err = explain_read(&sources, x.reader, &x.all);
	if (err == 0)
		err = print_result(&x);
	container_records_free(&x.all);
	record_reader_free(x.reader);
	strbuf_free(&x.out);
	config_free(&agent_command, owned);
	return err < 0 || !x.diagnosed ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command explain_command = {
	.name = "explain",
	.operands = "TARGET",
	.summary = "the story of one container: what happened, why, and what to do",
	.description =
		"Explains what happened in a container, why it failed, what the evidence is, and "
		"what to "
		"do: the last diagnosis of each container of the pod, how old it is and how often "
		"it came. The answer is looked for in the agent's memory, in its store of "
		"diagnoses, which has those of the last seven days, and in its log and the files "
		"that it was rotated to, in this order; the pod may be long gone, and the agent "
		"need not run. TARGET is a container id or a unique prefix of one, POD, "
		"NAMESPACE/POD, NAMESPACE/POD/CONTAINER, or a workload, NAMESPACE/KIND/NAME, with "
		"KIND deploy, sts, ds, rs, job or cronjob: pods are known by their names. The exit "
		"status is 1 when there is no diagnosis.",
	.options = explain_rows,
	.examples = explain_examples,
	.min_operands = 1,
	.max_operands = 1,
	.options_size = sizeof(struct explain_options),
	.defaults = &explain_defaults,
	.run = run,
};
