/* SPDX-License-Identifier: MIT */
/* Records on their way to a page of HTML (page/page.h), which is made when the last has come. */
#ifndef KTRACE_CLI_PAGE_RECORDS_H
#define KTRACE_CLI_PAGE_RECORDS_H

#include "cli/container_records.h"
#include "util/strbuf.h"

/*
 * Appends the page of all containers that are not superseded, with diagnosed_only of those that failed. all: their time
 * lines whole. 0 or -ENOMEM.
 */
int page_of_records(struct strbuf *out, const struct container_records_list *list, bool all,
	bool diagnosed_only);

/* The same of records that are written by this process, for an output. */
struct page_records;
struct page_records *page_records_new(void); /* NULL when out of memory */
void page_records_free(struct page_records *p);
int page_records_add(struct page_records *p, const struct record *r); /* 0 or a negative errno */
int page_records_print(struct page_records *p, struct strbuf *out);   /* 0 or -ENOMEM */

#endif
