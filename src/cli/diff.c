// SPDX-License-Identifier: MIT
/*
 * What a container was compared with when it was created stands in its container_created record, so whoever has that
 * record can tell the difference: the agent, its log, a recording. The store has it of those that failed.
 */
#include <errno.h>
#include <string.h>

#include "cli/agent_options.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/explain_sources.h"
#include "cli/printer.h"
#include "cli/view.h"
#include "diagnose/changes/changes.h"
#include "record/ndjson_parts.h"
#include "record/reader.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

struct diff_options {
	const char *from, *socket, *store, *log_file;
	int format, color;
};

static const struct diff_options diff_defaults = { .socket = DEFAULT_SOCKET };

static const struct option_row diff_rows[] = {
	{ "from", 0, OPTION_STRING, offsetof(struct diff_options, from), "FILE",
		"read this log or recording, and the files that it was rotated to, and ask nobody; "
		"- is stdin",
		NULL },
	{ "store", 0, OPTION_STRING, offsetof(struct diff_options, store), "FILE|off",
		"the agent's store of diagnoses, where the agent has no answer (" DEFAULT_STORE ")",
		NULL },
	{ "log-file", 0, OPTION_STRING, offsetof(struct diff_options, log_file), "PATH|off",
		"the agent's log, where the store has none either (" DEFAULT_LOG_FILE ")", NULL },
	OPTION_ROW_FORMAT(struct diff_options),
	OPTION_ROW_COLOR(struct diff_options),
	OPTION_ROW_SOCKET(struct diff_options),
	{ 0 },
};

static const struct example diff_examples[] = {
	{ "ktrace diff shop/web-0",
		"what is different since this pod's workload last started well?" },
	{ "ktrace diff shop/deploy/web -o json | jq .ktrace.changes",
		"of all pods of a deployment" },
	{ 0 },
};

struct diff {
	const struct diff_options *options;
	struct terminal_style style;
	struct strbuf out;
	bool compared; /* something was */
};

static void cleanup_diagnosis(struct diagnosis **d)
{
	diagnosis_free(*d);
}

static void print_text(struct diff *x, const struct container *c, const struct diagnosis *d)
{
	terminal_container(&x->out, c);
	strbuf_putc(&x->out, '\n');
	if (d->healthy_at)
		terminal_changes(&x->out, d, &x->style);
	else
		strbuf_puts(&x->out,
			"  No healthy start of this workload's container is known here: "
			"there is nothing to compare with.\n");
}

static void print_json(struct diff *x, const struct container_records *r, const struct diagnosis *d)
{
	struct writer w;

	writer_start(&w, FORM_JSON, &x->out, SIZE_MAX, SIZE_MAX);
	const struct ndjson_state state = {
		.time = r->n_events ? r->events[0]->time : d->time,
		.node = r->node,
		.action = "container_diff",
		.container = r->container,
	};

	ndjson_state_open(&w, &state);
	ndjson_changes(&w, d);
	ndjson_state_close(&w);
	strbuf_putc(&x->out, '\n');
}

static int print_container(struct diff *x, const struct container_records *r)
{
	_cleanup_(cleanup_diagnosis) struct diagnosis *made = NULL;
	const struct diagnosis *d = r->diagnosis;

	/* Of a diagnosis those that bear on the failure come first. */
	if (!d) {
		d = made = calloc(1, sizeof(*made));
		if (!made)
			return -ENOMEM;
		int err =
			r->container->remembered ? changes_tell(r->container->remembered, made) : 0;
		if (err < 0)
			return err;
	}
	x->compared |= d->healthy_at != 0;
	if (x->options->format == FORMAT_JSON)
		print_json(x, r, d);
	else
		print_text(x, r->container, d);
	return x->out.failed ? -ENOMEM : 0;
}

static bool same_container(const struct container *a, const struct container *b)
{
	return *a->pod && !strcmp(a->k8s_namespace, b->k8s_namespace) && !strcmp(a->pod, b->pod) &&
	       !strcmp(a->k8s_container, b->k8s_container);
}

/* Of each container of the pod its latest start, whether that failed or not. */
static bool is_latest(const struct container_records_list *all, size_t i)
{
	const struct container *mine = all->items[i].container;
	uint64_t time = container_records_time(&all->items[i]);

	for (size_t k = 0; k < all->n; k++) {
		uint64_t other = container_records_time(&all->items[k]);
		if ((other > time || (other == time && k > i)) &&
			same_container(mine, all->items[k].container))
			return false;
	}
	return mine->type != CONTAINER_SANDBOX;
}

static int print_all(struct diff *x, const struct container_records_list *all)
{
	int err = all->n ? 0 : -ENOENT; /* which was reported */

	for (size_t i = 0; i < all->n && err == 0; i++)
		if (is_latest(all, i))
			err = print_container(x, &all->items[i]);
	return err < 0 ? err : write_all(STDOUT_FILENO, x->out.data ?: "", x->out.len);
}

static int run(const void *options, int argc, char **argv)
{
	const struct diff_options *o = options;
	struct diff x = { .options = o };
	struct container_records_list all = { 0 };
	void *owned = NULL;
	int err = -ENOMEM;

	(void)argc;
	if (view_target(&diff_command, argv[0]))
		return EXIT_USAGE;
	const struct agent_options *agent = agent_configured(&owned);
	const struct explain_sources sources = {
		.target = argv[0],
		.from = o->from,
		.socket = o->socket,
		.store = o->store ? o->store : agent->store,
		.log_file = o->log_file ? o->log_file : agent->log_file,
	};
	struct record_reader *reader = record_reader_new();
	x.style = terminal_style_for(STDOUT_FILENO, o->color);
	if (reader)
		err = explain_read(&sources, reader, &all);
	if (err == 0)
		err = print_all(&x, &all);
	container_records_free(&all);
	record_reader_free(reader);
	strbuf_free(&x.out);
	config_free(&agent_command, owned);
	return err < 0 || !x.compared ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command diff_command = {
	.name = "diff",
	.operands = "TARGET",
	.summary = "what changed since a container's workload last started well",
	.description =
		"Shows what differs between the latest start of a container and the last healthy "
		"start of the same workload's container on this node: image, command, variables, "
		"mounts and their keys, user, rights, limits, runtime, kernel. Of variables it is "
		"known that their value is another one, and never the value. It works for running "
		"containers too. TARGET is as for explain. The exit status is 1 when no healthy "
		"start is known.",
	.options = diff_rows,
	.examples = diff_examples,
	.min_operands = 1,
	.max_operands = 1,
	.options_size = sizeof(struct diff_options),
	.defaults = &diff_defaults,
	.run = run,
};
