// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/container_row.h"
#include "cli/printer.h"
#include "sinks/terminal_parts.h"
#include "util/cleanup.h"
#include "util/log.h"

struct ps_options {
	const char *socket;
	int format, color;
};

static const struct ps_options ps_defaults = { .socket = DEFAULT_SOCKET };

static const struct option_row ps_rows[] = {
	OPTION_ROW_FORMAT(struct ps_options),
	OPTION_ROW_COLOR(struct ps_options),
	OPTION_ROW_SOCKET(struct ps_options),
	{ 0 },
};

static const struct example ps_examples[] = {
	{ "ktrace ps", "the containers of this node, and what is wrong with each" },
	{ "ktrace ps -o json | jq -r 'select(.ktrace.state.root_cause).container.id'",
		"ids of those that have a diagnosis" },
	{ 0 },
};

#define LEAST_COLUMNS 20 /* of the diagnosis, however narrow the terminal is */

struct ps {
	const struct ps_options *options;
	struct strbuf out; /* JSON: the lines as they came */
	struct container_row *rows;
	size_t n_rows, capacity;
};

static int add_row(struct ps *ps, const char *line, size_t len)
{
	if (ps->n_rows == ps->capacity) {
		size_t capacity = ps->capacity ? ps->capacity * 2 : 32;
		struct container_row *rows = reallocarray(ps->rows, capacity, sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		ps->rows = rows;
		ps->capacity = capacity;
	}
	int err = container_row_read(&ps->rows[ps->n_rows], line, len);
	ps->n_rows += err == 0;
	return err;
}

static int on_line(void *ctx, const char *text, size_t len)
{
	struct ps *ps = ctx;

	if (ps->options->format != FORMAT_JSON)
		return add_row(ps, text, len);
	struct container_row row;
	int err = container_row_read(&row, text, len);
	if (err < 0)
		return err;
	container_row_free(&row);
	strbuf_append(&ps->out, text, len);
	strbuf_putc(&ps->out, '\n');
	return ps->out.failed ? -ENOMEM : 0;
}

static size_t widest(const struct ps *ps, int column)
{
	size_t width = strlen(row_titles[column]);

	for (size_t i = 0; i < ps->n_rows; i++) {
		size_t columns = terminal_columns(row_cell(&ps->rows[i], (enum row_column)column));

		width = columns > width ? columns : width;
	}
	return width;
}

/* Of a narrow terminal, where a line would be torn: what `-o json` has as well. */
static bool is_shown(int column, const struct terminal_style *style)
{
	bool narrow = style->width > 0 && style->width < 100;

	return !narrow || (column != COLUMN_ID && column != COLUMN_LISTEN);
}

static void add_cell(struct strbuf *out, const char *text, size_t width, bool last)
{
	if (last) {
		terminal_cut(out, text, width);
		strbuf_putc(out, '\n');
	} else {
		terminal_fit(out, text, width);
		strbuf_puts(out, "  ");
	}
}

static void make_table(struct ps *ps)
{
	struct terminal_style style = terminal_style_for(STDOUT_FILENO, ps->options->color);
	size_t widths[COLUMNS], taken = 0;
	_cleanup_strbuf_ struct strbuf head = STRBUF_INIT;

	for (int c = 0; c < COLUMNS; c++) {
		widths[c] = widest(ps, c);
		if (c == COLUMN_NAME && style.width > 0 && widths[c] > (size_t)style.width * 2 / 5)
			widths[c] = (size_t)style.width * 2 / 5;
		taken += is_shown(c, &style) && c != COLUMN_WRONG ? widths[c] + 2 : 0;
	}
	if (style.width > 0)
		widths[COLUMN_WRONG] = (size_t)style.width > taken + LEAST_COLUMNS
					       ? (size_t)style.width - taken
					       : LEAST_COLUMNS;
	for (int c = 0; c < COLUMNS; c++)
		if (is_shown(c, &style))
			add_cell(&head, row_titles[c], widths[c], c == COLUMN_WRONG);
	terminal_ink(&ps->out, &style, INK_BOLD, head.data ? head.data : "");
	for (size_t i = 0; i < ps->n_rows; i++)
		for (int c = 0; c < COLUMNS; c++)
			if (is_shown(c, &style))
				add_cell(&ps->out, row_cell(&ps->rows[i], (enum row_column)c),
					widths[c], c == COLUMN_WRONG);
}

static int run(const void *options, int argc, char **argv)
{
	struct ps ps = { .options = options };
	struct client_request request = { .command = "ps" };

	(void)argc, (void)argv;
	int err = ask_agent(ps.options->socket, &request, on_line, &ps);
	if (err == 0 && ps.options->format == FORMAT_TEXT)
		make_table(&ps);
	if (err == 0 && ps.out.len)
		err = write_all(STDOUT_FILENO, ps.out.data, ps.out.len);
	for (size_t i = 0; i < ps.n_rows; i++)
		container_row_free(&ps.rows[i]);
	free(ps.rows);
	strbuf_free(&ps.out);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command ps_command = {
	.name = "ps",
	.operands = "",
	.summary = "containers the agent knows, and what is wrong with each",
	.description =
		"Lists the containers known to the agent of this node, including those that "
		"ended within the last minute: how far each came (starting, listening, running "
		"without a port, stuck on what and for how long, ended), age, restarts, "
		"time until the first port was open, and the latest diagnosis.",
	.options = ps_rows,
	.examples = ps_examples,
	.options_size = sizeof(struct ps_options),
	.defaults = &ps_defaults,
	.run = run,
};
