// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "agent/recording.h"
#include "agent/source.h"
#include "cli/commands.h"
#include "cli/container_records.h"
#include "cli/printer.h"
#include "cli/view.h"
#include "event/redact.h"
#include "record/lines.h"
#include "record/reader.h"
#include "util/cleanup.h"
#include "util/log.h"

struct replay_options {
	struct view_options view;
	const char *target;
	bool why;
	int events; /* enum level */
	int redact;
};

static const struct replay_options replay_defaults = { .events = LEVEL_ALL };

static const struct option_row replay_rows[] = {
	OPTION_ROWS_VIEW(struct replay_options, PAGE_FORMAT_HELP, page_format_choices),
	{ "target", 0, OPTION_STRING, offsetof(struct replay_options, target), "TARGET",
		"only this container: id, POD, NAMESPACE/POD or NAMESPACE/POD/CONTAINER", NULL },
	{ "events", 0, OPTION_CHOICE, offsetof(struct replay_options, events), NULL,
		"what an agent with this option would have logged: errors, or diagnoses alone",
		level_choices },
	OPTION_ROW_REDACT(struct replay_options),
	{ "why", 0, OPTION_FLAG, offsetof(struct replay_options, why), NULL,
		"show with each diagnosis all hypotheses that were considered, and the evidence "
		"for and against each",
		NULL },
	{ 0 },
};

static const struct example replay_examples[] = {
	{ "ktrace replay why.ktrace", "what was recorded, as `ktrace live` would have shown it" },
	{ "ktrace replay why.ktrace --action diagnosis", "only the explanations" },
	{ "ktrace replay why.ktrace --action diagnosis --why", "and how each was chosen" },
	{ "ktrace replay why.ktrace -o html >why.html", "all explanations on one page" },
	{ "ktrace replay why.ktrace --events errors -o json", "the log of an agent that saw it" },
	{ 0 },
};

struct replay {
	const char *path;
	const struct replay_options *options;
	struct filter filter;
	struct lines *lines;
	struct record_reader *reader;
	struct recording_head head;
	struct pipeline *pipeline;
	struct output *printer; /* the pipeline's */
	struct redact redact;
	bool is_log;
	struct container_records_list log; /* of a log: all that was read */
};

static int start_log(struct replay *r, const struct record *first)
{
	r->is_log = true;
	r->head.run = first->run;
	/* A log does not tell its node's kind; it is mostly read on one of the same. */
	r->head.machine = node_machine();
	snprintf(r->head.node, sizeof(r->head.node), "%s", first->node);
	return container_records_add(&r->log, NULL, r->reader, first);
}

/* A recording's head; a log has none, and its first line is its first record. */
static int read_head(struct replay *r)
{
	const char *line;
	size_t len;
	struct record record;
	int got = lines_next(r->lines, &line, &len);

	if (got < 0)
		log_error("cannot replay %s: %s", r->path, lines_error(r->lines));
	else if (got > 0 && recording_head_read(line, len, &r->head) < 0 &&
		 record_reader_line(r->reader, line, len, &record) > 0)
		return start_log(r, &record);
	else if (got == 0 || !r->head.format)
		log_error("cannot replay %s: neither a recording of `ktrace record` nor a "
			  "log of `ktrace agent`",
			r->path);
	else if (r->head.format > RECORDING_FORMAT)
		log_error("cannot replay %s: it was made by a newer ktrace (%s, this is %s)",
			r->path, r->head.version, KTRACE_VERSION);
	else
		return 0;
	return -EBADMSG;
}

static int build(struct replay *r)
{
	struct printer_options printer_options = {
		.fd = STDOUT_FILENO,
		.format = (enum format)r->options->view.format,
		.color = r->options->view.color,
		.filter = &r->filter,
	};
	struct pipeline_options pipeline_options = {
		.node = r->head.node,
		.machine = r->head.machine,
		.why = r->options->why,
		.run = r->head.run,
	};
	int err = printer_new(&printer_options, &r->printer);

	if (err == 0)
		err = pipeline_new(&pipeline_options, &r->pipeline);
	if (err == 0)
		err = pipeline_add_output(r->pipeline, r->printer, (enum level)r->options->events);
	if (err == 0)
		err = pipeline_set_missing(r->pipeline, r->head.missing_probes);
	return err;
}

static void replay_event(struct replay *r, struct event *e)
{
	redact_event(&r->redact, e);
	pipeline_event(r->pipeline, event_ref(e));
}

/* Diagnoses that were recorded are left out: they are made anew, by the rules of this ktrace. */
static void replay_record(struct replay *r, struct record *record)
{
	switch (record->type) {
	case RECORD_EVENT:
		replay_event(r, record_reader_event(r->reader));
		break;
	case RECORD_DIAGNOSIS:
		break;
	default:
		pipeline_tick(r->pipeline, record->time);
		pipeline_record(r->pipeline, record);
		break;
	}
}

static int earlier(const void *a, const void *b)
{
	const struct event *x = *(struct event *const *)a, *y = *(struct event *const *)b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* All that the log holds of all containers, in the order in which it happened. */
static int replay_events(struct replay *r)
{
	_cleanup_free_ struct event **events = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->log.n; i++)
		n += r->log.items[i].n_events;
	events = calloc(n + 1, sizeof(struct event *));
	if (!events)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < r->log.n; i++)
		for (size_t k = 0; k < r->log.items[i].n_events; k++)
			events[n++] = r->log.items[i].events[k];
	qsort(events, n, sizeof(struct event *), earlier);
	for (size_t i = 0; i < n && !printer_broken(r->printer); i++) {
		replay_event(r, events[i]);
		pipeline_flush(r->pipeline);
	}
	return 0;
}

/*
 * A log of `--events errors` has what a diagnosis rests on beside the diagnosis, after what followed it:
 * it is read to its end, and put in order.
 */
static int replay_log(struct replay *r)
{
	struct record record;
	const char *line;
	size_t len, damaged = 0;
	int got, err = 0;

	while (err >= 0 && (got = lines_next(r->lines, &line, &len)) > 0) {
		err = record_reader_line(r->reader, line, len, &record);
		if (err > 0)
			err = container_records_add(&r->log, NULL, r->reader, &record);
		/* One torn line of a log is no reason to drop the others. */
		damaged += err == -EBADMSG;
		err = err == -EBADMSG ? 0 : err;
	}
	if (err >= 0 && got < 0) {
		log_error("%s is not whole: %s", r->path, lines_error(r->lines));
		return got;
	}
	if (damaged)
		log_warning("%s: %zu damaged line%s skipped", r->path, damaged,
			damaged == 1 ? "" : "s");
	return err < 0 ? err : replay_events(r);
}

static int replay(struct replay *r)
{
	struct record record;
	const char *line;
	size_t len;
	int got;

	while ((got = lines_next(r->lines, &line, &len)) > 0) {
		int err = record_reader_line(r->reader, line, len, &record);

		if (err < 0) {
			pipeline_flush(r->pipeline);
			log_error("%s is damaged: %s", r->path, record_reader_error(r->reader));
			return err;
		}
		if (err == 0)
			continue;
		replay_record(r, &record);
		pipeline_flush(r->pipeline);
		if (printer_broken(r->printer))
			return 0;
	}
	if (got < 0)
		log_error("%s is incomplete: %s", r->path, lines_error(r->lines));
	return got;
}

static int open_and_replay(struct replay *r)
{
	int err = lines_open(r->path, &r->lines);

	if (err < 0) {
		log_error("cannot read %s: %s", r->path, strerror(-err));
		return err;
	}
	r->reader = record_reader_new();
	err = r->reader ? read_head(r) : -ENOMEM;
	if (err == 0)
		err = build(r);
	if (err == -ENOMEM)
		log_error("out of memory");
	if (err < 0)
		return err;
	return r->is_log ? replay_log(r) : replay(r);
}

static int run(const void *options, int argc, char **argv)
{
	struct replay r = { .path = argv[0], .options = options };

	(void)argc;
	r.redact.off = r.options->redact == REDACT_OFF;
	if (view_filter(&replay_command, &r.options->view, r.options->target, &r.filter))
		return EXIT_USAGE;
	/* The level has chosen already; and a picture is drawn of all. */
	if (r.options->events != LEVEL_ALL || r.options->view.format == FORMAT_HTML) {
		r.filter.level = LEVEL_ALL;
		r.filter.spare_harmless = false;
	}
	int err = open_and_replay(&r);
	if (err >= 0)
		printer_finish(r.printer);
	pipeline_free(r.pipeline);
	container_records_free(&r.log);
	record_reader_free(r.reader);
	lines_close(r.lines);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command replay_command = {
	.name = "replay",
	.operands = "FILE",
	.summary = "show and diagnose what was recorded, without root",
	.description =
		"Processes a recording as the agent processes live events, and shows what "
		"`ktrace live` would have shown. Diagnoses are computed again, so a "
		"recording also shows what another version of ktrace would say. Needs "
		"neither root nor BPF. A log of the agent will do as well (--events errors or "
		"all). FILE may be - for stdin.",
	.options = replay_rows,
	.examples = replay_examples,
	.min_operands = 1,
	.max_operands = 1,
	.options_size = sizeof(struct replay_options),
	.defaults = &replay_defaults,
	.run = run,
};
