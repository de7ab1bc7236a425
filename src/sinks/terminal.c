// SPDX-License-Identifier: MIT
/* One line an event: time, container, process, action, and what happened. */
#include "sinks/terminal.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "record/event_text.h"
#include "sinks/terminal_parts.h"
#include "util/cleanup.h"

#define PATH_COLUMNS 24 /* a path is not cut shorter than this */
#define TEXT_COLUMNS 20 /* nor the text, however narrow the terminal is */

/* How many columns each part gets. Where an action has no column it is left out when the text says it. */
struct layout {
	int least; /* width of the terminal */
	size_t time, container, process, action;
	bool brief; /* no milliseconds, no pids */
};

static const struct layout layouts[] = {
	{ 120, 12, 26, 15, 14, false },
	{ 100, 12, 20, 15, 14, false },
	{ 0, 8, 20, 8, 0, true },
};

static const struct layout *layout_for(const struct terminal_style *style)
{
	const struct layout *l = layouts;

	while (style->width > 0 && style->width < l->least)
		l++;
	return l;
}

static const enum ink inks[EVENT_KINDS] = {
	[EVENT_CONTAINER_STARTED] = INK_GREEN,
	[EVENT_CONTAINER_LISTENING] = INK_GREEN,
	[EVENT_RECOVERED] = INK_GREEN,
	[EVENT_CONTAINER_EXITED] = INK_BOLD,
	[EVENT_EXEC_FAILED] = INK_RED,
	[EVENT_FILE_ERROR] = INK_RED,
	[EVENT_NETWORK_ERROR] = INK_RED,
	[EVENT_PROCESS_ERROR] = INK_RED,
	[EVENT_OOM_KILL] = INK_RED,
	[EVENT_SIGNAL] = INK_YELLOW,
	[EVENT_OUTPUT] = INK_DIM,
};

/* Returns the columns that it took, with the blank behind. */
static size_t put_time(struct strbuf *out, const struct event *e,
	const struct terminal_style *style, const struct layout *l)
{
	char text[48];
	struct tm tm;

	if (style->origin) {
		double s = e->time >= style->origin ? (double)(e->time - style->origin) / 1e9
						    : -(double)(style->origin - e->time) / 1e9;
		snprintf(text, sizeof(text), "%+10.3f s", s);
	} else {
		time_t seconds = (time_t)(e->time / 1000000000);
		if (style->utc)
			gmtime_r(&seconds, &tm);
		else
			localtime_r(&seconds, &tm);
		snprintf(text, sizeof(text), "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min,
			tm.tm_sec, (int)(e->time / 1000000 % 1000));
		text[l->time] = '\0'; /* the milliseconds go where there is no room */
	}
	terminal_ink(out, style, INK_DIM, text);
	strbuf_putc(out, ' ');
	return strlen(text) + 1;
}

/* A column of fixed width with a blank behind it. Takes what `text` holds. */
static void put_column(struct strbuf *out, const struct terminal_style *style, enum ink ink,
	struct strbuf *text, size_t columns)
{
	struct strbuf cell = STRBUF_INIT;

	terminal_fit(&cell, text->data ? text->data : "", columns);
	terminal_ink(out, style, ink, cell.data ? cell.data : "");
	strbuf_putc(out, ' ');
	strbuf_free(&cell);
	strbuf_reset(text);
}

/* Some programs write a line in pieces, and its end alone. */
static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

/* The text in what is left of the line, behind its action in a column or as a word. */
static void put_text(struct strbuf *out, const struct event *e, enum event_kind kind,
	const struct terminal_style *style, size_t action_columns, size_t space)
{
	_cleanup_(event_text_clear) struct event_text t = { 0 };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, action = STRBUF_INIT;
	bool in_text = !action_columns && event_text_names_kind(kind);

	event_text_make(&t, e);
	if (!in_text) {
		size_t columns =
			action_columns ? action_columns : terminal_columns(event_text_action(kind));

		event_text_join(
			&text, &t, PATH_COLUMNS, space > columns + 1 ? space - columns - 1 : 0);
		strbuf_puts(&action, event_text_action(kind));
		if (text.len)
			put_column(out, style, inks[kind], &action, columns);
		else
			terminal_ink(out, style, inks[kind], action.data);
		strbuf_puts(out, text.data ? text.data : "");
	} else {
		event_text_join(&text, &t, PATH_COLUMNS, space);
		terminal_ink(out, style, inks[kind], text.data ? text.data : "");
	}
}

void terminal_event(struct strbuf *out, const struct event *e, const struct terminal_style *style)
{
	_cleanup_strbuf_ struct strbuf cell = STRBUF_INIT;
	const struct layout *l = layout_for(style);
	enum event_kind kind = e->kind < EVENT_KINDS ? e->kind : EVENT_NONE;
	size_t width = style->width > 0 ? (size_t)style->width : SIZE_MAX / 2;

	if (kind == EVENT_OUTPUT && is_blank(e->text))
		return;
	size_t taken = put_time(out, e, style, l);
	if (!style->one_container) {
		terminal_container(&cell, e->container);
		put_column(out, style, INK_CYAN, &cell, l->container);
		taken += l->container + 1;
	}
	if (e->pid && l->brief)
		terminal_text(&cell, e->comm);
	else if (e->pid)
		terminal_process(&cell, e->comm, e->pid);
	put_column(out, style, INK_PLAIN, &cell, l->process);
	taken += l->process + 1;
	put_text(out, e, kind, style, l->action,
		width > taken + TEXT_COLUMNS ? width - taken : TEXT_COLUMNS);
	strbuf_putc(out, '\n');
}
