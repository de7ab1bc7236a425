/* SPDX-License-Identifier: MIT */
/* The start of a container as a picture: SVG inside the page, and a legend of the marks in it. Pure. */
#ifndef KTRACE_PAGE_PICTURE_H
#define KTRACE_PAGE_PICTURE_H

#include "page/lanes.h"

/* Appends a figure; nothing when there is nothing to show. 0 or -ENOMEM. */
int picture_append(struct strbuf *out, const struct page_container *c);

/* One mark's shape around x, y, some 12 units in size. */
void picture_shape(struct strbuf *out, enum mark_kind kind, double x, double y);

const char *picture_shape_name(enum mark_kind kind); /* "failed call" */

#endif
