// SPDX-License-Identifier: MIT
/*
 * A container may wait for a minute and then fail within two milliseconds. On a scale that is true to time all
 * that matters would be one dot. So each instant that matters is a point, points keep a distance that leaves room for
 * their marks, and what width is left goes to the spans between them by the logarithm of their length: what took
 * longer is longer, but never so much that it pushes the rest together.
 */
#include "page/axis.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define STEP_GAP_MAX 90      /* a step, and a few words beside it */
#define STEPS_WIDTH 500      /* what many steps share */
#define NEAR_STEP 15         /* from a step to anything else */
#define NEAR 8               /* between other points */
#define OTHERS_MAX 8         /* marks, beside the steps, that are points */
#define SPAN_UNIT 1000000ULL /* a millisecond: shorter spans look alike */

/* One more for each doubling, and between those in proportion. */
static double span_weight(uint64_t ns)
{
	uint64_t doublings = 0;

	for (uint64_t units = ns / SPAN_UNIT; units; units /= 2)
		doublings++;
	return (double)doublings +
	       (double)ns / (double)(SPAN_UNIT << (doublings < 40 ? doublings : 40));
}

static double least_gap(
	const struct axis *axis, const struct axis_point *a, const struct axis_point *b)
{
	if (a->step && b->step)
		return axis->step_gap;
	return a->step || b->step ? NEAR_STEP : NEAR;
}

static void add_point(struct axis *a, uint64_t time, size_t step, bool notable)
{
	for (size_t i = 0; !step && i < a->n; i++)
		if (a->points[i].time == time && !a->points[i].step) {
			a->points[i].notable |= notable;
			return;
		}
	a->points[a->n++] =
		(struct axis_point){ .time = time, .step = step, .notable = notable || step };
}

static int by_time(const void *a, const void *b)
{
	const struct axis_point *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time)
		       ?: (x->step > y->step) - (x->step < y->step);
}

static void collect(struct axis *a, const struct lanes *l)
{
	size_t others = 0, steps = 0;

	add_point(a, l->from, 0, true);
	add_point(a, l->to, 0, true);
	for (size_t i = 0; i < l->n; i++) {
		add_point(a, l->lanes[i].from, 0, false);
		if (l->lanes[i].to)
			add_point(a, l->lanes[i].to, 0, true);
	}
	for (size_t i = 0; i < l->n_marks; i++) {
		const struct mark *m = &l->marks[i];
		bool step = m->step && m->step <= STEPS_MAX;

		steps += step;
		if (step)
			add_point(a, m->time, m->step, true);
		else if (m->kind < MARK_FAILURE && others++ < OTHERS_MAX)
			add_point(a, m->time, 0, true);
	}
	a->step_gap = steps * STEP_GAP_MAX > STEPS_WIDTH ? (double)STEPS_WIDTH / (double)steps
							 : STEP_GAP_MAX;
	qsort(a->points, a->n, sizeof(*a->points), by_time);
}

static void lay_out(struct axis *a, double x, double width)
{
	double least = 0, weights = 0;

	for (size_t i = 1; i < a->n; i++) {
		least += least_gap(a, &a->points[i - 1], &a->points[i]);
		weights += span_weight(a->points[i].time - a->points[i - 1].time);
	}
	double shrink = least > width ? width / least : 1;
	double unit = weights > 0 && least < width ? (width - least) / weights : 0;
	a->points[0].x = x;
	for (size_t i = 1; i < a->n; i++)
		a->points[i].x = a->points[i - 1].x +
				 least_gap(a, &a->points[i - 1], &a->points[i]) * shrink +
				 unit * span_weight(a->points[i].time - a->points[i - 1].time);
}

double axis_x(const struct axis *a, uint64_t time, bool last)
{
	size_t i = 0;

	while (i + 1 < a->n &&
		(a->points[i + 1].time < time ||
			(last ? a->points[i + 1].time == time : a->points[i].time < time)))
		i++;
	const struct axis_point *p = &a->points[i];
	if (p->time >= time || i + 1 == a->n)
		return p->x;
	double share = (double)(time - p->time) / (double)(p[1].time - p->time);
	return p->x + share * (p[1].x - p->x);
}

int axis_make(struct axis *a, struct lanes *l, double x, double width)
{
	a->points = calloc(2 + 2 * l->n + l->n_marks, sizeof(*a->points));
	if (!a->points)
		return -ENOMEM;
	collect(a, l);
	lay_out(a, x, width);
	for (size_t i = 0; i < l->n_marks; i++) {
		struct mark *m = &l->marks[i];

		m->x = axis_x(a, m->time, false);
		for (size_t k = 0; m->step && k < a->n; k++)
			if (a->points[k].step == m->step)
				m->x = a->points[k].x;
	}
	return 0;
}

void axis_free(struct axis *a)
{
	free(a->points);
	*a = (struct axis){ 0 };
}
