// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/container_records.h"
#include "cli/printer.h"
#include "cli/view.h"
#include "diagnose/diagnose.h"
#include "record/filter.h"
#include "record/lines.h"
#include "record/ndjson.h"
#include "record/reader.h"
#include "story/story.h"
#include "util/cleanup.h"
#include "util/log.h"

struct explain_options {
	const char *from, *socket;
	bool all, why;
	int format, color;
};

static const struct explain_options explain_defaults = { .socket = DEFAULT_SOCKET };

static const struct option_row explain_rows[] = {
	{ "from", 0, OPTION_STRING, offsetof(struct explain_options, from), "FILE",
		"read a log or a recording instead of asking the agent; - is stdin", NULL },
	{ "all", 'a', OPTION_FLAG, offsetof(struct explain_options, all), NULL,
		"the whole time line, including harmless failures", NULL },
	{ "why", 0, OPTION_FLAG, offsetof(struct explain_options, why), NULL,
		"show all hypotheses that were considered, and the evidence for and against each",
		NULL },
	OPTION_ROW_FORMAT(struct explain_options),
	OPTION_ROW_COLOR(struct explain_options),
	OPTION_ROW_SOCKET(struct explain_options),
	{ 0 },
};

static const struct example explain_examples[] = {
	{ "ktrace explain shop/web-0", "why did this pod fail?" },
	{ "ktrace explain 3f2a", "a container by the beginning of its id" },
	{ "ktrace explain shop/web-0 --from /var/log/ktrace/ktrace.log",
		"from the log, when the agent has forgotten it" },
	{ 0 },
};

static void cleanup_story(struct story **s)
{
	story_free(*s);
}

static void cleanup_diagnosis(struct diagnosis **d)
{
	diagnosis_free(*d);
}

struct explain {
	const struct explain_options *options;
	const char *target;
	struct record_reader *reader;
	struct container_records_list all;
	size_t records, damaged;
	char first_damage[128];
	struct strbuf out;
	struct terminal_style style;
};

static int on_line(void *ctx, const char *line, size_t len)
{
	struct explain *x = ctx;
	struct record r;
	int err = record_reader_line(x->reader, line, len, &r);

	if (err > 0) {
		x->records++;
		return container_records_add(&x->all, x->target, x->reader, &r);
	}
	if (err != -EBADMSG)
		return err;
	/* One torn line of a log is no reason to keep quiet about the others. */
	if (x->damaged++ == 0)
		snprintf(x->first_damage, sizeof(x->first_damage), "%s",
			record_reader_error(x->reader));
	return 0;
}

/* Lines that are no records: a few of a torn log, or all of what is no log at all. */
static int judge_damage(const struct explain *x)
{
	const char *from = x->options->from ? x->options->from : "the agent's answer";

	if (x->damaged && !x->records) {
		log_error(
			"%s is neither a log nor a recording of ktrace: %s", from, x->first_damage);
		return -EBADMSG;
	}
	if (x->damaged)
		log_warning("left out %zu line%s of %s: %s", x->damaged,
			x->damaged == 1 ? "" : "s, the first", from, x->first_damage);
	return 0;
}

static int read_from_file(struct explain *x)
{
	struct lines *lines;
	const char *line;
	size_t len;
	int err = lines_open(x->options->from, &lines), got;

	if (err < 0) {
		log_error("cannot read %s: %s", x->options->from, strerror(-err));
		return err;
	}
	while (err == 0 && (got = lines_next(lines, &line, &len)) > 0)
		err = on_line(x, line, len);
	if (err == 0 && got < 0) {
		log_error("cannot read %s to the end: %s", x->options->from, lines_error(lines));
		err = got;
	}
	lines_close(lines);
	return err;
}

static int read_from_agent(struct explain *x)
{
	struct client_request request = { .command = "explain", .target = x->target };

	return ask_agent(x->options->socket, &request, on_line, x);
}

static bool by_id_only(const struct explain *x, const struct container *c)
{
	return strncmp(c->id, x->target, strlen(x->target)) == 0 && strcmp(c->pod, x->target) &&
	       strcmp(c->name, x->target);
}

/* An id's prefix must mean one container. A pod may have many: those are told one by one. */
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

static bool is_evidence(const struct container_records *d, const struct event *e)
{
	for (size_t i = 0; d->diagnosis && i < d->diagnosis->n_evidence; i++)
		if (d->diagnosis->evidence[i].time == e->time)
			return true;
	return false;
}

/* The course of a container's life; of the failed calls only those that mattered. */
static bool is_worth_a_line(
	const struct explain *x, const struct container_records *d, const struct event *e)
{
	switch (e->kind) {
	case EVENT_PROCESS_EXITED:
		/* The runtime's helpers; and the first process, whose end is the container's own line. */
		return x->options->all || !(story_runtime_comm(e->comm) || e->vpid == 1);
	case EVENT_EXEC_FAILED: /* one for each directory of PATH */
	case EVENT_FILE_ERROR:
	case EVENT_NETWORK_ERROR:
	case EVENT_PROCESS_ERROR:
	case EVENT_OUTPUT:
	case EVENT_DNS_QUERY:
		return x->options->all || is_evidence(d, e);
	default:
		return true;
	}
}

static void print_text(struct explain *x, const struct container_records *d)
{
	size_t left_out = 0;

	terminal_container(&x->out, d->container);
	strbuf_putc(&x->out, '\n');
	if (d->n_events)
		x->style.origin = d->events[0]->time;
	for (size_t i = 0; i < d->n_events; i++) {
		if (is_worth_a_line(x, d, d->events[i]))
			terminal_event(&x->out, d->events[i], &x->style);
		else
			left_out++;
	}
	if (left_out)
		strbuf_printf(&x->out,
			"(%zu lines about what did no harm left out; --all shows them)\n",
			left_out);
	strbuf_putc(&x->out, '\n');
	if (d->diagnosis)
		terminal_diagnosis(&x->out, d->diagnosis, &x->style);
	else
		strbuf_puts(&x->out, "Nothing that went wrong was seen.\n");
}

static void print_json(struct explain *x, const struct container_records *d)
{
	struct record r = { .type = RECORD_EVENT, .node = d->node };

	for (size_t i = 0; i < d->n_events; i++) {
		r.sequence++;
		r.event = d->events[i];
		r.time = r.event->time;
		ndjson_append(&x->out, &r);
	}
	if (!d->diagnosis)
		return;
	r.type = RECORD_DIAGNOSIS;
	r.sequence++;
	r.diagnosis = d->diagnosis;
	r.time = d->diagnosis->time;
	ndjson_append(&x->out, &r);
}

/* The agent does not ship how it chose: the same engine on the same events chooses the same. */
static int recompute_why(struct container_records *d)
{
	struct diagnose_input input = { .why = true,
		.now = d->diagnosis->time,
		.restarts = d->diagnosis->restarts,
		.restarts_same_cause = d->diagnosis->restarts };
	_cleanup_(cleanup_story) struct story *s = story_new(d->container);
	_cleanup_(cleanup_diagnosis) struct diagnosis *again = NULL;
	int err = s ? 0 : -ENOMEM;

	for (size_t i = 0; err == 0 && i < d->n_events; i++)
		err = story_add(s, d->events[i]);
	if (err == 0)
		err = diagnose(s, &input, &again);
	if (again) {
		d->diagnosis->why = again->why;
		again->why = NULL;
	}
	return err;
}

static int print_result(struct explain *x)
{
	bool first = true;

	if (!x->all.n) {
		log_error("nothing is known of \"%s\": %s", x->target,
			x->options->from ? "no record in the file is its" : "see `ktrace ps`");
		return -ENOENT;
	}
	int err = refuse_ambiguous(x);
	if (err < 0 || (err = container_records_rank(&x->all)) < 0)
		return err;
	x->style = terminal_style_for(STDOUT_FILENO, x->options->color);
	x->style.one_container = true;
	for (size_t i = 0; i < x->all.n; i++) {
		if (x->all.items[i].superseded)
			continue;
		if (!first && x->options->format == FORMAT_TEXT)
			strbuf_putc(&x->out, '\n');
		first = false;
		if (x->options->why && x->all.items[i].diagnosis) {
			err = recompute_why(&x->all.items[i]);
			if (err < 0)
				return err;
		}
		if (x->options->format == FORMAT_JSON)
			print_json(x, &x->all.items[i]);
		else
			print_text(x, &x->all.items[i]);
	}
	if (x->out.failed)
		return -ENOMEM;
	return write_all(STDOUT_FILENO, x->out.data, x->out.len);
}

static int run(const void *options, int argc, char **argv)
{
	struct explain x = { .options = options, .target = argv[0] };
	int err = -ENOMEM;

	(void)argc;
	if (view_target(&explain_command, x.target))
		return EXIT_USAGE;
	x.reader = record_reader_new();
	if (x.reader)
		err = x.options->from ? read_from_file(&x) : read_from_agent(&x);
	if (err == 0)
		err = judge_damage(&x);
	if (err == 0)
		err = print_result(&x);
	container_records_free(&x.all);
	record_reader_free(x.reader);
	strbuf_free(&x.out);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command explain_command = {
	.name = "explain",
	.operands = "TARGET",
	.summary = "the story of one container: what happened, why, and what to do",
	.description =
		"Explains what happened in a container, why it failed, what the evidence is, and "
		"what to do. Asks the agent, which remembers a container for one minute after its "
		"end, or reads a log or a recording (--from). TARGET is a container id or a unique "
		"prefix of one, POD, NAMESPACE/POD or NAMESPACE/POD/CONTAINER.",
	.options = explain_rows,
	.examples = explain_examples,
	.min_operands = 1,
	.max_operands = 1,
	.options_size = sizeof(struct explain_options),
	.defaults = &explain_defaults,
	.run = run,
};
