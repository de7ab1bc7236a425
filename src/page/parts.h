/* SPDX-License-Identifier: MIT */
/* The parts of the page below the picture. Only page.c uses this. */
#ifndef KTRACE_PAGE_PARTS_H
#define KTRACE_PAGE_PARTS_H

#include "page/page.h"

/* Evidence, advice, what else it could be, what was not seen, and what it is filed under. */
void page_diagnosis(struct strbuf *out, const struct page_container *c);

void page_lines(struct strbuf *out, const struct page_container *c); /* the time line */

void page_name(struct strbuf *out, const struct container *c);
void page_when(struct strbuf *out, uint64_t time);

#endif
