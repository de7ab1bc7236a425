/* SPDX-License-Identifier: MIT */
/* Where on the picture a time is. Pure. */
#ifndef KTRACE_PAGE_AXIS_H
#define KTRACE_PAGE_AXIS_H

#include "page/lanes.h"

#define STEPS_MAX 14 /* that the picture has room for */

struct axis_point {
	uint64_t time;
	double x;
	size_t step;  /* not 0: the number of the piece of evidence that it is for */
	bool notable; /* worth a time on the scale */
};

struct axis {
	struct axis_point *points; /* owned; by time, and x rises with it */
	size_t n;
	double step_gap; /* between two steps at least */
};

/* Lays the lanes' times out from x to x + width, and sets the marks' x. 0 or -ENOMEM. */
int axis_make(struct axis *a, struct lanes *l, double x, double width);
void axis_free(struct axis *a);

/* Of a time that may have several points, the first or the last of them. */
double axis_x(const struct axis *a, uint64_t time, bool last);

#endif
