// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/printer.h"
#include "record/rfc3339.h"
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

enum {
	COLUMN_NAME,
	COLUMN_ID,
	COLUMN_STATE,
	COLUMN_RESTARTS,
	COLUMN_LISTEN,
	COLUMN_WRONG,
	COLUMNS
};

#define LEAST_COLUMNS 20 /* of the diagnosis, however narrow the terminal is */

static const char *const titles[COLUMNS] = { "CONTAINER", "ID", "STATE", "RESTARTS",
	"LISTENS AFTER", "DIAGNOSIS" };

struct ps {
	const struct ps_options *options;
	struct strbuf out; /* JSON: the lines as they came */
	struct strbuf (*rows)[COLUMNS];
	size_t n_rows;
};

static const cJSON *at(const cJSON *j, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(j, key);
}

static const char *text_at(const cJSON *j, const char *key)
{
	const char *text = cJSON_GetStringValue(at(j, key));

	return text ? text : "";
}

static void add_id(struct strbuf *out, const cJSON *line)
{
	char brief[13];

	snprintf(brief, sizeof(brief), "%s", text_at(at(line, "container"), "id"));
	terminal_text(out, brief);
}

/* As terminal_container() has it: what nobody named is called by its id. */
static void add_name(struct strbuf *out, const cJSON *line)
{
	const cJSON *k8s = at(line, "k8s"), *container = at(k8s, "container");
	const char *pod = text_at(at(k8s, "pod"), "name");
	const char *name = text_at(at(line, "container"), "name");

	if (*pod) {
		bool sandbox = !strcmp(text_at(container, "type"), "sandbox");

		terminal_text(out, text_at(at(k8s, "namespace"), "name"));
		strbuf_putc(out, '/');
		terminal_text(out, pod);
		strbuf_putc(out, '/');
		terminal_text(out, sandbox ? "(sandbox)" : text_at(container, "name"));
	} else if (*name) {
		terminal_text(out, name);
	} else {
		add_id(out, line);
	}
}

static void add_listen(struct strbuf *out, const cJSON *state)
{
	uint64_t started, listening;

	if (rfc3339_parse(text_at(state, "started"), &started) == 0 &&
		rfc3339_parse(text_at(state, "listening"), &listening) == 0 && listening >= started)
		strbuf_printf(out, "%.2f s", (double)(listening - started) / 1e9);
	else
		strbuf_putc(out, '-');
}

static int add_row(struct ps *ps, const cJSON *line)
{
	const cJSON *state = at(at(line, "ktrace"), "state");
	const cJSON *exit_code = at(state, "exit_code"), *restarts = at(state, "restarts");
	const char *wrong = text_at(state, "title");
	struct strbuf(*rows)[COLUMNS] = realloc(ps->rows, (ps->n_rows + 1) * sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	ps->rows = rows;
	struct strbuf *row = rows[ps->n_rows++];
	memset(row, 0, sizeof(*rows));
	add_name(&row[COLUMN_NAME], line);
	add_id(&row[COLUMN_ID], line);
	terminal_text(&row[COLUMN_STATE], text_at(state, "status"));
	if (cJSON_IsNumber(exit_code))
		strbuf_printf(&row[COLUMN_STATE], " (%d)", exit_code->valueint);
	strbuf_puti(&row[COLUMN_RESTARTS], cJSON_IsNumber(restarts) ? restarts->valueint : 0);
	add_listen(&row[COLUMN_LISTEN], state);
	terminal_text(&row[COLUMN_WRONG], *wrong ? wrong : "-");
	return 0;
}

static int on_line(void *ctx, const char *text, size_t len)
{
	struct ps *ps = ctx;
	const char *end;
	_cleanup_json_ cJSON *line = cJSON_ParseWithLengthOpts(text, len, &end, false);

	if (!line || end != text + len || !cJSON_IsObject(at(at(line, "ktrace"), "state")))
		return -EBADMSG;
	if (ps->options->format != FORMAT_JSON)
		return add_row(ps, line);
	strbuf_append(&ps->out, text, len);
	strbuf_putc(&ps->out, '\n');
	return ps->out.failed ? -ENOMEM : 0;
}

static size_t widest(const struct ps *ps, int column)
{
	size_t width = strlen(titles[column]);

	for (size_t i = 0; i < ps->n_rows; i++) {
		const char *cell = ps->rows[i][column].data;
		size_t columns = terminal_columns(cell ? cell : "");

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
			add_cell(&head, titles[c], widths[c], c == COLUMN_WRONG);
	terminal_ink(&ps->out, &style, INK_BOLD, head.data ? head.data : "");
	for (size_t i = 0; i < ps->n_rows; i++)
		for (int c = 0; c < COLUMNS; c++) {
			const char *cell = ps->rows[i][c].data;

			if (is_shown(c, &style))
				add_cell(&ps->out, cell ? cell : "", widths[c], c == COLUMN_WRONG);
		}
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
		for (int c = 0; c < COLUMNS; c++)
			strbuf_free(&ps.rows[i][c]);
	free(ps.rows);
	strbuf_free(&ps.out);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command ps_command = {
	.name = "ps",
	.operands = "",
	.summary = "containers the agent knows, and what is wrong with each",
	.description = "Lists the containers known to the agent of this node, including those that "
		       "ended within the last minute: state, restarts, time until the first port "
		       "was open, and the latest diagnosis.",
	.options = ps_rows,
	.examples = ps_examples,
	.options_size = sizeof(struct ps_options),
	.defaults = &ps_defaults,
	.run = run,
};
