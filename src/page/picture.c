// SPDX-License-Identifier: MIT
/*
 * Each lane has two rows. The lower one is the life of its process, a bar, with the numbered steps of the cause on it:
 * the axis keeps those apart. The upper one has the marks of what happened, and words beside the steps where there is
 * room. A mark that would cover another is left out, and counted, so that nothing overlaps.
 */
#include "page/picture.h"

#include <errno.h>
#include <string.h>

#include "page/axis.h"
#include "page/markup.h"
#include "record/diagnosis_text.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

#define WIDTH 1060
#define PLOT_X 276 /* where times begin; the names are left of it */
#define PLOT_WIDTH 764
#define HEAD 34 /* the axis above the lanes */
#define LANE 50
#define MARK_Y 13 /* rows of a lane */
#define BAR_Y 34
#define INDENT 14
#define MARK_ROOM 8.0  /* half of what a mark takes */
#define STEP_ROOM 11.0 /* and a step */
#define LETTER 6.9     /* a character's width at 11 px, generously */
#define TICK_LETTER 6.4
#define NAME_LETTER 8.0
#define LEAST_WORDS 5 /* characters: a shorter stump says nothing */

struct picture {
	struct strbuf *out;
	const struct page_container *c;
	struct lanes lanes;
	struct axis axis;
	uint64_t origin;
	size_t covered; /* marks that had no room */
};

static void cleanup_picture(struct picture *p)
{
	lanes_free(&p->lanes);
	axis_free(&p->axis);
}

static double lane_y(size_t lane)
{
	return HEAD + (double)lane * LANE;
}

/* Times on the scale: the steps' first, then others, where they do not touch. */
static void put_ticks(struct picture *p, bool steps, double *taken, size_t *n)
{
	for (size_t i = 0; i < p->axis.n; i++) {
		const struct axis_point *point = &p->axis.points[i];
		char text[OFFSET_SIZE];
		bool free = true;

		if (!point->notable || !!point->step != steps)
			continue;
		markup_offset(text, point->time, p->origin);
		double half = (double)strlen(text) * TICK_LETTER / 2 + 4, x = point->x;
		x = x + half > WIDTH ? WIDTH - half : x;
		for (size_t k = 0; k < *n; k += 2)
			free &= x + half < taken[k] || x - half > taken[k + 1];
		if (!free)
			continue;
		taken[(*n)++] = x - half;
		taken[(*n)++] = x + half;
		strbuf_printf(p->out,
			"<path class=\"grid\" d=\"M%.1f %d V%.0f\"/>"
			"<text class=\"tick\" x=\"%.1f\" y=\"14\">%s</text>\n",
			point->x, HEAD - 12, lane_y(p->lanes.n), x, text);
	}
}

static int put_scale(struct picture *p)
{
	_cleanup_free_ double *taken = calloc(2 * p->axis.n + 1, sizeof(*taken));
	size_t n = 0;

	if (!taken)
		return -ENOMEM;
	put_ticks(p, true, taken, &n);
	put_ticks(p, false, taken, &n);
	return 0;
}

/* "exit 1", "SIGKILL", "running". */
static void format_end(char out[32], const struct lane *lane)
{
	int signo = status_signal(lane->status);

	if (!lane->to)
		snprintf(out, 32, "running");
	else if (signo)
		snprintf(out, 32, "%s", signal_name(signo));
	else
		snprintf(out, 32, "exit %d", status_exit_code(lane->status));
}

static void put_command(struct picture *p, const struct lane *lane, double x, double y)
{
	const struct event *exec = lane->process ? lane->process->exec : NULL;
	const struct container *c = p->c->container;
	_cleanup_strbuf_ struct strbuf command = STRBUF_INIT;

	for (uint32_t i = 0; exec && i < exec->argc; i++)
		strbuf_printf(&command, "%s%s", i ? " " : "", exec->args[i]);
	if (!lane->name)
		strbuf_puts(&command, c->image);
	if (!command.len)
		return;
	strbuf_printf(p->out, "<text class=\"command\" x=\"%.0f\" y=\"%.0f\">", x, y);
	markup_cut(p->out, command.data, (size_t)((PLOT_X - 20 - x) / LETTER), !lane->name);
	strbuf_puts(p->out, "</text>");
}

static void put_name(struct picture *p, size_t i)
{
	const struct lane *lane = &p->lanes.lanes[i];
	double x = 8 + INDENT * (lane->depth < 6 ? lane->depth : 6), y = lane_y(i);
	char end[32], pid[16] = "";

	format_end(end, lane);
	if (lane->pid)
		snprintf(pid, sizeof(pid), " %u", lane->pid);
	double room = PLOT_X - 26 - x - (double)strlen(end) * LETTER - (double)strlen(pid) * LETTER;
	strbuf_printf(p->out, "<text class=\"name\" x=\"%.0f\" y=\"%.0f\">", x, y + 21);
	markup_cut(
		p->out, lane->name ? lane->name : "container", (size_t)(room / NAME_LETTER), false);
	strbuf_printf(p->out, "<tspan class=\"pid\">%s</tspan></text>", pid);
	strbuf_printf(p->out, "<text class=\"end%s\" x=\"%d\" y=\"%.0f\">%s</text>",
		lane->to && lane->status ? " bad" : "", PLOT_X - 18, y + 21, end);
	put_command(p, lane, x, y + 37);
	strbuf_putc(p->out, '\n');
}

static void put_bar(struct picture *p, size_t i)
{
	const struct lane *lane = &p->lanes.lanes[i];
	double from = axis_x(&p->axis, lane->from, false), y = lane_y(i) + BAR_Y;
	double to = lane->to ? axis_x(&p->axis, lane->to, true) : PLOT_X + PLOT_WIDTH;

	to = to < from + 3 ? from + 3 : to;
	strbuf_printf(p->out,
		"<rect class=\"bar%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"10\" "
		"rx=\"2\"/>",
		lane->name ? "" : " whole", from, y - 5, to - from);
	if (!lane->to)
		strbuf_printf(p->out, "<path class=\"goes-on\" d=\"M%.1f %.1f l9 7 l-9 7z\"/>", to,
			y - 7);
	else
		strbuf_printf(p->out,
			"<rect class=\"cap%s\" x=\"%.1f\" y=\"%.1f\" width=\"4\" height=\"18\"/>",
			lane->status ? " bad" : "", to - 2, y - 9);
	strbuf_putc(p->out, '\n');
}

static const struct mark *step_mark(const struct picture *p, size_t step)
{
	for (size_t i = 0; i < p->lanes.n_marks; i++)
		if (p->lanes.marks[i].step == step)
			return &p->lanes.marks[i];
	return NULL;
}

/* From each step to the next one. */
static void put_chain(struct picture *p)
{
	const struct mark *a = step_mark(p, 1), *b;

	for (size_t step = 2; a && step <= STEPS_MAX && (b = step_mark(p, step)); step++, a = b) {
		double ay = lane_y(a->lane) + BAR_Y, by = lane_y(b->lane) + BAR_Y;
		double bend = (b->x - a->x) / 2;

		bend = bend < 15 ? 15 : bend > 60 ? 60 : bend;
		strbuf_printf(p->out,
			"<path class=\"chain\" d=\"M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n",
			a->x, ay, a->x + bend, ay, b->x - bend, by, b->x, by);
	}
}

static double room_of(const struct mark *m)
{
	return m->step ? STEP_ROOM : MARK_ROOM;
}

/* Whether a mark would touch none of those that are drawn on its lane. */
static bool has_room(const struct lanes *l, const struct mark *m)
{
	if (m->step > STEPS_MAX)
		return false;
	for (size_t i = 0; i < l->n_marks; i++) {
		const struct mark *o = &l->marks[i];
		double apart = o->x > m->x ? o->x - m->x : m->x - o->x;

		if (!o->is_left && o->lane == m->lane && apart < room_of(m) + room_of(o))
			return false;
	}
	return true;
}

/* Which marks are drawn: of two that would touch the weightier one. */
static void choose_marks(struct picture *p)
{
	struct lanes *l = &p->lanes;

	for (size_t i = 0; i < l->n_marks; i++)
		l->marks[i].is_left = true;
	for (int kind = 0; kind < MARK_KINDS; kind++)
		for (size_t i = 0; i < l->n_marks; i++)
			if ((int)l->marks[i].kind == kind)
				l->marks[i].is_left = !has_room(l, &l->marks[i]);
	for (size_t i = 0; i < l->n_marks; i++)
		p->covered += l->marks[i].is_left;
}

static bool is_end(const struct evidence *e)
{
	return e->action && !strcmp(e->action, event_action(EVENT_CONTAINER_EXITED));
}

/* The few words beside a step: what was said, the error, how it ended. */
static void step_words(struct strbuf *out, const struct picture *p, const struct mark *m)
{
	const struct evidence *e = m->evidence;
	const char *name;

	if (evidence_is_quote(e))
		strbuf_printf(out, "\"%s\"", e->text ? e->text : "");
	else if (e->error && e->error[0])
		strbuf_puts(out, e->error);
	else if (is_end(e))
		strbuf_printf(out, "exit %d", p->c->diagnosis->exit_code);
	else if (m->shape == MARK_SIGNAL && (name = strstr(e->text ? e->text : "", "SIG")))
		strbuf_append(out, name, strcspn(name, " ,;"));
	else if (m->shape != MARK_STEP)
		strbuf_puts(out, picture_shape_name(m->shape));
}

static void put_words(struct picture *p, const struct mark *m)
{
	_cleanup_strbuf_ struct strbuf words = STRBUF_INIT;
	double x = m->shape == MARK_STEP ? m->x - 6 : m->x + MARK_ROOM + 2;
	double end = WIDTH - 4;

	for (size_t i = 0; i < p->lanes.n_marks; i++) {
		const struct mark *o = &p->lanes.marks[i];

		if (!o->is_left && o->lane == m->lane && o->x > m->x && o->x - STEP_ROOM < end)
			end = o->x - STEP_ROOM;
	}
	step_words(&words, p, m);
	size_t room = end > x ? (size_t)((end - x) / LETTER) : 0;
	size_t columns = words.len ? terminal_columns(words.data) : 0;
	if (!columns || room < (columns < LEAST_WORDS ? columns : LEAST_WORDS))
		return;
	strbuf_printf(p->out, "<text class=\"words\" x=\"%.1f\" y=\"%.1f\">", x,
		lane_y(m->lane) + MARK_Y + 4);
	markup_cut(p->out, words.data, room, false);
	strbuf_puts(p->out, "</text>");
}

static void put_step(struct picture *p, const struct mark *m)
{
	double y = lane_y(m->lane) + BAR_Y;

	strbuf_printf(p->out,
		"<g class=\"step%s\"><circle cx=\"%.1f\" cy=\"%.1f\" r=\"9.5\"/>"
		"<text x=\"%.1f\" y=\"%.1f\">%zu</text></g>",
		m->step == 1 ? " root" : "", m->x, y, m->x, y + 4, m->step);
	put_words(p, m);
}

static void put_marks(struct picture *p)
{
	for (size_t i = 0; i < p->lanes.n_marks; i++) {
		const struct mark *m = &p->lanes.marks[i];

		if (m->is_left)
			continue;
		if (m->shape != MARK_STEP)
			picture_shape(p->out, m->shape, m->x, lane_y(m->lane) + MARK_Y);
		if (m->step)
			put_step(p, m);
		strbuf_putc(p->out, '\n');
	}
}

static void put_legend(struct picture *p)
{
	bool seen[MARK_KINDS] = { false };

	strbuf_puts(p->out, "<figcaption><ul class=\"legend\">\n");
	for (size_t i = 0; i < p->lanes.n_marks; i++) {
		if (p->lanes.marks[i].is_left)
			continue;
		seen[p->lanes.marks[i].shape] = true;
		seen[MARK_STEP] |= p->lanes.marks[i].step > 0;
	}
	for (int kind = 0; kind < MARK_KINDS; kind++) {
		if (!seen[kind])
			continue;
		strbuf_puts(p->out, "<li><svg width=\"18\" height=\"18\" aria-hidden=\"true\">");
		if (kind == MARK_STEP)
			strbuf_puts(p->out,
				"<g class=\"step root\"><circle cx=\"9\" cy=\"9\" r=\"6\"/></g>");
		else
			picture_shape(p->out, (enum mark_kind)kind, 9, 9);
		strbuf_printf(p->out, "</svg>%s</li>\n", picture_shape_name((enum mark_kind)kind));
	}
	strbuf_puts(
		p->out, "</ul><p>Times count from the first event; long waits are drawn shorter.");
	if (p->lanes.processes_left_out)
		strbuf_printf(p->out, " Processes not drawn: %zu.", p->lanes.processes_left_out);
	if (p->lanes.harmless_left_out)
		strbuf_printf(p->out, " Failures that did no harm, not drawn: %zu.",
			p->lanes.harmless_left_out);
	if (p->covered)
		strbuf_printf(p->out, " Marks without room: %zu.", p->covered);
	strbuf_puts(p->out, "</p></figcaption>\n");
}

static int draw(struct picture *p)
{
	double height = lane_y(p->lanes.n) + 6;

	strbuf_printf(p->out,
		"<figure class=\"picture\"><div class=\"scroll\"><svg viewBox=\"0 0 %d %.0f\" "
		"role=\"img\" "
		"aria-label=\"Processes over time, with the steps of the cause\">\n",
		WIDTH, height);
	for (size_t i = 0; i < p->lanes.n; i++)
		strbuf_printf(p->out, "<path class=\"row\" d=\"M0 %.1f H%d\"/>", lane_y(i), WIDTH);
	if (put_scale(p) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < p->lanes.n; i++)
		put_bar(p, i);
	put_chain(p);
	for (size_t i = 0; i < p->lanes.n; i++)
		put_name(p, i);
	choose_marks(p);
	put_marks(p);
	strbuf_puts(p->out, "</svg></div>\n");
	put_legend(p);
	strbuf_puts(p->out, "</figure>\n");
	return 0;
}

int picture_append(struct strbuf *out, const struct page_container *c)
{
	_cleanup_(cleanup_picture) struct picture p = { .out = out, .c = c };

	if (lanes_make(&p.lanes, c) < 0)
		return -ENOMEM;
	if (!p.lanes.n_marks && p.lanes.n < 2)
		return 0;
	p.origin = c->n_events ? c->events[0]->time : p.lanes.from;
	if (axis_make(&p.axis, &p.lanes, PLOT_X, PLOT_WIDTH) < 0)
		return -ENOMEM;
	return draw(&p);
}
