// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "agent/recording.h"
#include "cli/commands.h"
#include "cli/printer.h"
#include "cli/view.h"
#include "record/lines.h"
#include "record/reader.h"
#include "util/cleanup.h"
#include "util/log.h"

struct replay_options {
	struct view_options view;
	const char *target;
	bool why;
};

static const struct option_row replay_rows[] = {
	OPTION_ROWS_VIEW(struct replay_options),
	{ "target", 0, OPTION_STRING, offsetof(struct replay_options, target), "TARGET",
		"only this container: id, POD, NAMESPACE/POD or NAMESPACE/POD/CONTAINER", NULL },
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
};

static int read_head(struct replay *r)
{
	const char *line;
	size_t len;
	int got = lines_next(r->lines, &line, &len);

	if (got < 0)
		log_error("cannot replay %s: %s", r->path, lines_error(r->lines));
	else if (got == 0 || recording_head_read(line, len, &r->head) < 0)
		log_error("cannot replay %s: it was not written by `ktrace record` (for a log use "
			  "`ktrace explain --from`)",
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
	};
	int err = printer_new(&printer_options, &r->printer);

	if (err == 0)
		err = pipeline_new(&pipeline_options, &r->pipeline);
	if (err == 0)
		err = pipeline_add_output(r->pipeline, r->printer, LEVEL_ALL);
	if (err == 0)
		err = pipeline_set_missing(r->pipeline, r->head.missing_probes);
	return err;
}

/* Diagnoses that were recorded are left out: they are made anew, by the rules of this ktrace. */
static void replay_record(struct replay *r, struct record *record)
{
	switch (record->type) {
	case RECORD_EVENT:
		pipeline_event(r->pipeline, event_ref(record_reader_event(r->reader)));
		break;
	case RECORD_DIAGNOSIS:
		break;
	default:
		pipeline_tick(r->pipeline, record->time);
		pipeline_record(r->pipeline, record);
		break;
	}
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
	err = read_head(r);
	if (err < 0)
		return err;
	r->reader = record_reader_new();
	if (!r->reader || build(r) < 0) {
		log_error("out of memory");
		return -ENOMEM;
	}
	return replay(r);
}

static int run(const void *options, int argc, char **argv)
{
	struct replay r = { .path = argv[0], .options = options };

	(void)argc;
	if (view_filter(&replay_command, &r.options->view, r.options->target, &r.filter))
		return EXIT_USAGE;
	int err = open_and_replay(&r);
	pipeline_free(r.pipeline);
	record_reader_free(r.reader);
	lines_close(r.lines);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command replay_command = {
	.name = "replay",
	.operands = "FILE",
	.summary = "show and diagnose what was recorded, without root",
	.description = "Processes a recording as the agent processes live events, and shows what "
		       "`ktrace live` would have shown. Diagnoses are computed again, so a "
		       "recording also shows what another version of ktrace would say. Needs "
		       "neither root nor BPF. FILE may be - for stdin.",
	.options = replay_rows,
	.examples = replay_examples,
	.min_operands = 1,
	.max_operands = 1,
	.options_size = sizeof(struct replay_options),
	.run = run,
};
