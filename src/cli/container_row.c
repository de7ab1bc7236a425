// SPDX-License-Identifier: MIT
#include "cli/container_row.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "record/json_tree.h"
#include "record/rfc3339.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

const char *const row_titles[COLUMNS] = { "CONTAINER", "ID", "STATE", "AGE", "RESTARTS",
	"LISTENS AFTER", "DIAGNOSIS" };

static const struct json_value *at(const struct json_value *j, const char *key)
{
	return json_member(j, key, strlen(key));
}

static const char *text_at(const struct json_value *j, const char *key)
{
	const struct json_value *text = at(j, key);

	return json_is(text, JSON_STRING) ? text->text : "";
}

static int int_of(const struct json_value *number)
{
	double n = json_is(number, JSON_NUMBER) ? number->number : 0;

	return n > INT_MAX ? INT_MAX : n < INT_MIN ? INT_MIN : (int)n;
}

static void add_id(struct strbuf *out, const struct json_value *line)
{
	terminal_id(out, text_at(at(line, "container"), "id"));
}

/* As terminal_container() has it: what nobody named is called by its id. */
static void add_name(struct strbuf *out, const struct json_value *line)
{
	const struct json_value *k8s = at(line, "k8s"), *container = at(k8s, "container");
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

/* "1.25 s", or "-" */
static void add_listen(struct strbuf *out, const struct json_value *state)
{
	uint64_t started, listening;

	if (rfc3339_parse(text_at(state, "started"), &started) ||
		rfc3339_parse(text_at(state, "listening"), &listening) || listening < started) {
		strbuf_putc(out, '-');
		return;
	}
	uint64_t hundredths = (listening - started + 5000000) / 10000000;
	strbuf_putu(out, hundredths / 100);
	strbuf_putc(out, '.');
	strbuf_putc(out, (char)('0' + hundredths / 10 % 10));
	strbuf_putc(out, (char)('0' + hundredths % 10));
	strbuf_puts(out, " s");
}

static uint64_t time_at(const struct json_value *state, const char *key)
{
	uint64_t time;

	return rfc3339_parse(text_at(state, key), &time) == 0 ? time : 0;
}

static char *neutralised(const char *text)
{
	struct strbuf out = STRBUF_INIT;

	terminal_text(&out, text);
	return strbuf_take(&out);
}

static enum row_rank rank_of(const struct json_value *state)
{
	if (*text_at(state, "root_cause"))
		return ROW_FAILING;
	if (*text_at(state, "ended"))
		return ROW_ENDED;
	return !strcmp(text_at(state, "stage"), "starting") ? ROW_STARTING : ROW_RUNNING;
}

/* "45s", "12m", "3h", "9d", as kubectl has it; "-" where the time is not known. */
static void add_time_since(struct strbuf *out, uint64_t since)
{
	static const struct {
		char unit;
		uint64_t seconds, until;
	} units[] = { { 's', 1, 120 }, { 'm', 60, 7200 }, { 'h', 3600, 172800 },
		{ 'd', 86400, UINT64_MAX } };
	uint64_t now = (uint64_t)time(NULL), from = since / 1000000000;
	uint64_t seconds = now > from ? now - from : 0;
	size_t i = 0;

	while (seconds >= units[i].until)
		i++;
	if (since)
		strbuf_putu(out, seconds / units[i].seconds);
	strbuf_putc(out, since ? units[i].unit : '-');
}

/* What it is stuck on, as short as it can be said. */
static void add_waiting(struct strbuf *out, const struct json_value *waiting)
{
	const char *name = text_at(waiting, "name"), *address = text_at(waiting, "address");
	const char *path = text_at(waiting, "path");
	const struct json_value *port = at(waiting, "port");

	strbuf_puts(out, !strcmp(text_at(waiting, "kind"), "probe") ? " on probe " : " on ");
	terminal_text(out, *name ? name : *address ? address : path);
	if (json_is(port, JSON_NUMBER))
		strbuf_printf(out, ":%d", int_of(port));
	strbuf_puts(out, " for ");
	add_time_since(out, time_at(waiting, "since"));
}

/* An agent of an earlier version tells no stage. */
static void add_stage(struct strbuf *out, const struct json_value *state)
{
	const char *stage = text_at(state, "stage");
	const struct json_value *exit_code = at(state, "exit_code"),
				*waiting = at(state, "waiting_for");

	terminal_text(out, *stage ? stage : text_at(state, "status"));
	if (json_is(exit_code, JSON_NUMBER))
		strbuf_printf(out, " (%d)", int_of(exit_code));
	if (json_is(waiting, JSON_OBJECT))
		add_waiting(out, waiting);
}

static void add_cells(
	struct container_row *row, const struct json_value *line, const struct json_value *state)
{
	const char *wrong = text_at(state, "title");

	add_name(&row->cells[COLUMN_NAME], line);
	add_id(&row->cells[COLUMN_ID], line);
	add_stage(&row->cells[COLUMN_STATE], state);
	add_time_since(&row->cells[COLUMN_AGE], row->created);
	strbuf_puti(&row->cells[COLUMN_RESTARTS], row->restarts);
	add_listen(&row->cells[COLUMN_LISTEN], state);
	terminal_text(&row->cells[COLUMN_WRONG], *wrong ? wrong : "-");
}

int container_row_read(struct container_row *row, const char *line, size_t len)
{
	_cleanup_(json_tree_free) struct json_tree tree = { 0 };
	const struct json_value *j;
	size_t bad;
	int err = json_tree_parse(&tree, line, len, &j, &bad);

	if (err)
		return err;
	const struct json_value *state = at(at(j, "ktrace"), "state"), *k8s = at(j, "k8s");
	if (!json_is(state, JSON_OBJECT))
		return -EBADMSG;
	struct container_row r = {
		.id = strdup(text_at(at(j, "container"), "id")),
		.root_cause = neutralised(text_at(state, "root_cause")),
		.node = neutralised(text_at(at(j, "host"), "name")),
		.rank = rank_of(state),
		.is_pod = *text_at(at(k8s, "pod"), "name"),
		.is_sandbox = !strcmp(text_at(at(k8s, "container"), "type"), "sandbox"),
		.listens = *text_at(state, "listening") && !*text_at(state, "ended"),
		.created = time_at(state, "created"),
		.restarts = int_of(at(state, "restarts")),
	};
	bool failed = !r.id || !r.root_cause || !r.node;

	add_cells(&r, j, state);
	for (int c = 0; c < COLUMNS; c++)
		failed |= r.cells[c].failed;
	if (failed) {
		container_row_free(&r);
		return -ENOMEM;
	}
	*row = r;
	return 0;
}

void container_row_free(struct container_row *row)
{
	for (int c = 0; c < COLUMNS; c++)
		strbuf_free(&row->cells[c]);
	free(row->id);
	free(row->root_cause);
	free(row->node);
}

const char *row_cell(const struct container_row *row, enum row_column column)
{
	return row->cells[column].data ? row->cells[column].data : "";
}
