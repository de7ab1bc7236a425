// SPDX-License-Identifier: MIT
#include "cli/top_screen.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/terminal_text.h"
#include "util/cleanup.h"
#include "util/log.h"

#define HEAD_ROWS 2 /* what the node is like, and the titles */
#define FOOT_ROWS 2 /* what is wrong with the selected one, and the keys or a message */

static SCREEN *screen;
static bool with_color;

enum { PAIR_NONE, PAIR_RED, PAIR_YELLOW, PAIR_GREEN, PAIR_CYAN };

static attr_t ink(short pair, attr_t without)
{
	return with_color ? (attr_t)COLOR_PAIR(pair) | (without & A_BOLD) : without;
}

/* A terminal that this machine has no description of understands what most do. */
static SCREEN *open_terminal(void)
{
	const char *const types[] = { NULL, "xterm-256color", "xterm", "vt100" };
	SCREEN *opened = NULL;

	for (size_t i = 0; !opened && i < ARRAY_SIZE(types); i++)
		opened = newterm(types[i], stdout, stdin);
	return opened;
}

int top_screen_open(bool color)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		log_error("top needs a terminal; `ktrace ps` prints the same once");
		return -ENOTTY;
	}
	/* An image has no locales, and its C library one of UTF-8 all the same. */
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8"))
		setlocale(LC_CTYPE, "C.UTF-8");
	screen = open_terminal();
	if (!screen) {
		log_error("the terminal \"%s\" is not known here: set TERM=xterm",
			getenv("TERM") ?: "");
		return -ENOTTY;
	}
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	with_color = color && has_colors() && start_color() == OK && use_default_colors() == OK;
	if (with_color) {
		init_pair(PAIR_RED, COLOR_RED, -1);
		init_pair(PAIR_YELLOW, COLOR_YELLOW, -1);
		init_pair(PAIR_GREEN, COLOR_GREEN, -1);
		init_pair(PAIR_CYAN, COLOR_CYAN, -1);
	}
	return 0;
}

void top_screen_close(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
}

int top_screen_key(void)
{
	return getch();
}

size_t top_screen_rows(void)
{
	return LINES > HEAD_ROWS + FOOT_ROWS ? (size_t)(LINES - HEAD_ROWS - FOOT_ROWS) : 1;
}

struct terminal_style top_screen_style(void)
{
	return (struct terminal_style){ .color = true, .width = COLS };
}

/* Neutralised text in the rest of a row; what does not fit is cut. */
static void put(int y, int x, const char *text, attr_t attributes)
{
	_cleanup_strbuf_ struct strbuf cut = STRBUF_INIT;

	if (y >= LINES || x >= COLS)
		return;
	terminal_cut(&cut, text, (size_t)(COLS - x));
	attrset((int)attributes);
	mvaddstr(y, x, cut.data ? cut.data : "");
	attrset(A_NORMAL);
}

/* Our own colour codes (terminal_parts.c) as attributes; there are no others in neutralised text. */
static attr_t attributes_of(int code)
{
	switch (code) {
	case 1:
		return A_BOLD;
	case 2:
		return A_DIM;
	case 31:
		return ink(PAIR_RED, A_BOLD);
	case 33:
		return ink(PAIR_YELLOW, A_NORMAL);
	case 32:
		return ink(PAIR_GREEN, A_NORMAL);
	case 36:
		return ink(PAIR_CYAN, A_NORMAL);
	default:
		return A_NORMAL;
	}
}

static void put_colored(int y, const char *line, size_t len)
{
	attr_t attributes = A_NORMAL;

	move(y, 0);
	for (size_t i = 0; i < len;) {
		const char *escape = memchr(line + i, 033, len - i);
		size_t n = escape ? (size_t)(escape - line) - i : len - i;

		attrset((int)attributes);
		addnstr(line + i, (int)n);
		i += n;
		if (escape) {
			attributes = attributes_of(atoi(escape + 2));
			i += 2 + strcspn(escape + 2, "m") + 1;
		}
	}
	attrset(A_NORMAL);
}

static void put_head(const struct top_state *s)
{
	static const struct {
		const char *name;
		short pair;
	} states[ROW_RANKS] = { [ROW_FAILING] = { "failing", PAIR_RED },
		[ROW_STARTING] = { "starting", PAIR_YELLOW },
		[ROW_RUNNING] = { "running", PAIR_GREEN },
		[ROW_ENDED] = { "ended", PAIR_NONE } };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const struct container_row *any = s->list.n ? &s->list.rows[0] : NULL;

	strbuf_printf(&text, "%s: %zu container%s", any ? any->node : "ktrace top", s->list.n,
		s->list.n == 1 ? "" : "s");
	put(0, 0, text.data ? text.data : "", A_BOLD);
	int x = (int)terminal_columns(text.data ? text.data : "");
	for (int rank = 0; rank < ROW_RANKS; rank++) {
		strbuf_reset(&text);
		strbuf_printf(&text, "%s%zu %s", rank ? ", " : "  ", s->list.counts[rank],
			states[rank].name);
		put(0, x, text.data ? text.data : "",
			s->list.counts[rank]
				? ink(states[rank].pair, rank == ROW_FAILING ? A_BOLD : 0)
				: A_DIM);
		x += (int)terminal_columns(text.data ? text.data : "");
	}
}

enum list_column {
	LIST_MARK,
	LIST_NAME,
	LIST_STATE,
	LIST_LONG_STATE,
	LIST_AGE,
	LIST_RESTARTS,
	LIST_LISTEN,
	LIST_CAUSE,
	LIST_BRIEF,
	LIST_WRONG,
	LIST_COLUMNS
};

static const struct {
	const char *title;
	int width;       /* 0: what is left; the name gets what it needs of a third */
	int least, most; /* columns of screens that have it */
} columns[LIST_COLUMNS] = {
	[LIST_MARK] = { "", 1, 0, SHRT_MAX },
	[LIST_NAME] = { "CONTAINER", 0, 0, SHRT_MAX },
	[LIST_STATE] = { "STATE", 16, 0, 109 },
	[LIST_LONG_STATE] = { "STATE", 32, 110, SHRT_MAX },
	[LIST_AGE] = { "AGE", 4, 90, SHRT_MAX },
	[LIST_RESTARTS] = { "RST", 3, 0, SHRT_MAX },
	[LIST_LISTEN] = { "LISTENS", 7, 0, SHRT_MAX },
	[LIST_CAUSE] = { "CAUSE", 22, 150, SHRT_MAX },
	/* Where there is no room for a sentence the last but one line has it, of the selected one. */
	[LIST_BRIEF] = { "CAUSE", 0, 0, 109 },
	[LIST_WRONG] = { "DIAGNOSIS", 0, 110, SHRT_MAX },
};

static void add_cell(struct strbuf *out, const struct container_row *row, int column)
{
	static const char marks[ROW_RANKS] = { '!', '*', ' ', '-' };
	static const enum row_column cells[LIST_COLUMNS] = { [LIST_NAME] = COLUMN_NAME,
		[LIST_STATE] = COLUMN_STATE,
		[LIST_LONG_STATE] = COLUMN_STATE,
		[LIST_AGE] = COLUMN_AGE,
		[LIST_RESTARTS] = COLUMN_RESTARTS,
		[LIST_LISTEN] = COLUMN_LISTEN,
		[LIST_WRONG] = COLUMN_WRONG };

	if (column == LIST_MARK)
		strbuf_putc(out, marks[row->rank]);
	else if (column == LIST_CAUSE || column == LIST_BRIEF)
		strbuf_puts(out, row->root_cause[0] ? row->root_cause : "-");
	else
		strbuf_puts(out, row_cell(row, cells[column]));
}

/* It has what the others leave. */
static bool is_last(int column)
{
	return column == LIST_BRIEF || column == LIST_WRONG;
}

/* Widths for this screen; -1: not shown. */
static void lay_out(const struct top_list *l, int widths[LIST_COLUMNS])
{
	int taken = 0, name = (int)strlen(columns[LIST_NAME].title);

	for (size_t i = 0; i < l->n; i++) {
		int needed = (int)terminal_columns(row_cell(&l->rows[i], COLUMN_NAME));

		name = needed > name ? needed : name;
	}
	name = name > COLS / 3 ? COLS / 3 : name;
	for (int c = 0; c < LIST_COLUMNS; c++) {
		bool shown = COLS >= columns[c].least && COLS <= columns[c].most;

		widths[c] = !shown ? -1 : c == LIST_NAME ? name : columns[c].width;
		taken += shown && is_last(c) ? 0 : shown ? widths[c] + 1 : 0;
	}
	for (int c = 0; c < LIST_COLUMNS; c++)
		if (is_last(c) && widths[c] >= 0)
			widths[c] = COLS > taken ? COLS - taken : 1;
}

static attr_t row_ink(const struct container_row *row)
{
	static const short pairs[ROW_RANKS] = { PAIR_RED, PAIR_YELLOW, PAIR_NONE, PAIR_NONE };

	if (row->rank == ROW_ENDED)
		return A_DIM;
	return ink(pairs[row->rank], row->rank == ROW_FAILING ? A_BOLD : A_NORMAL);
}

/* A row of the table; NULL: the titles. */
static void put_row(
	int y, const struct container_row *row, const int widths[LIST_COLUMNS], attr_t attributes)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	for (int c = 0; c < LIST_COLUMNS; c++) {
		_cleanup_strbuf_ struct strbuf cell = STRBUF_INIT, cut = STRBUF_INIT;

		if (widths[c] < 0)
			continue;
		if (row)
			add_cell(&cell, row, c);
		else
			strbuf_puts(&cell, columns[c].title);
		if (is_last(c))
			terminal_cut(&cut, cell.data ? cell.data : "", (size_t)widths[c]);
		terminal_fit(&line,
			cut.data    ? cut.data
			: cell.data ? cell.data
				    : "",
			(size_t)widths[c]);
		strbuf_puts(&line, is_last(c) ? "" : " ");
	}
	put(y, 0, line.data ? line.data : "", attributes);
}

static void put_list(struct top_state *s)
{
	int widths[LIST_COLUMNS];
	size_t rows = top_screen_rows();

	lay_out(&s->list, widths);
	put_row(1, NULL, widths, A_BOLD | A_UNDERLINE);
	if (s->list.cursor < s->first)
		s->first = s->list.cursor;
	if (s->list.cursor >= s->first + rows)
		s->first = s->list.cursor - rows + 1;
	for (size_t i = 0; i < rows && s->first + i < s->list.n_shown; i++) {
		const struct container_row *row = &s->list.rows[s->list.shown[s->first + i]];
		bool selected = s->first + i == s->list.cursor;

		put_row(HEAD_ROWS + (int)i, row, widths, row_ink(row) | (selected ? A_REVERSE : 0));
	}
	if (!s->list.n_shown && !s->away)
		put(HEAD_ROWS, 0, s->list.n ? "No container matches." : "No containers yet.",
			A_DIM);
}

static void put_view(const struct top_state *s)
{
	static const char *const titles[] = { [VIEW_EXPLANATION] = "explanation",
		[VIEW_EVENTS] = "all events",
		[VIEW_WHY] = "how the answer was chosen" };
	_cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
	size_t rows = top_screen_rows() + 2, len = 0;

	strbuf_printf(&head, "%s: %s", s->view.name, titles[s->view.mode]);
	if (s->view.n_lines > rows)
		strbuf_printf(&head, " (line %zu of %zu)", s->view.first + 1, s->view.n_lines);
	put(0, 0, head.data ? head.data : "", A_BOLD | A_UNDERLINE);
	for (size_t i = 0; i < rows; i++) {
		const char *line = top_view_line(&s->view, s->view.first + i, &len);

		if (line)
			put_colored(1 + (int)i, line, len);
	}
}

/* All of the sentence that the table may have cut. */
static void put_wrong(const struct top_state *s)
{
	const struct container_row *row = top_list_selected(&s->list);

	if (row && row->rank == ROW_FAILING)
		put(LINES - 2, 0, row_cell(row, COLUMN_WRONG), ink(PAIR_RED, A_BOLD));
}

static void put_foot(const struct top_state *s)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	bool list = s->view.mode == VIEW_LIST;

	if (list && (s->searching || (s->list.filter[0] && !s->status[0])))
		strbuf_printf(&text, "/%s%s  (%zu match)  ", s->list.filter,
			s->searching ? "_" : "", s->list.n_shown);
	if (!s->searching)
		strbuf_puts(&text,
			s->status[0] ? s->status
			: list ? "Enter explain  e events  w why  y copy fragment  / search  q quit"
			       : "Enter explanation  e events  w why  y copy fragment  q back");
	attr_t attributes = s->away ? ink(PAIR_YELLOW, A_BOLD) : A_NORMAL;
	put(LINES - 1, 0, text.data ? text.data : "", s->searching ? A_BOLD : attributes);
}

void top_screen_draw(struct top_state *s)
{
	erase();
	if (s->view.mode == VIEW_LIST) {
		put_head(s);
		put_list(s);
		put_wrong(s);
	} else {
		put_view(s);
	}
	put_foot(s);
	refresh();
}
