// SPDX-License-Identifier: MIT
#include "cli/page_records.h"

#include <errno.h>
#include <stdlib.h>

#include "page/page.h"
#include "record/ndjson.h"
#include "record/reader.h"
#include "util/cleanup.h"

struct page_records {
	struct container_records_list list;
	struct record_reader *reader;
	struct strbuf line;
};

static size_t choose_lines(const struct container_records *d, bool all, struct event **lines)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_events; i++)
		if (container_records_shows(d, d->events[i], all))
			lines[n++] = d->events[i];
	return n;
}

int page_of_records(struct strbuf *out, const struct container_records_list *list, bool all,
	bool diagnosed_only)
{
	_cleanup_free_ struct page_container *pages = calloc(list->n + 1, sizeof(*pages));
	_cleanup_free_ struct event **lines = NULL;
	size_t n = 0, n_lines = 0;

	for (size_t i = 0; i < list->n; i++)
		n_lines += list->items[i].n_events;
	lines = calloc(n_lines + 1, sizeof(struct event *));
	if (!pages || !lines)
		return -ENOMEM;
	n_lines = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct container_records *d = &list->items[i];

		if (d->superseded || (diagnosed_only && !d->diagnosis))
			continue;
		size_t shown = choose_lines(d, all, lines + n_lines);
		pages[n++] = (struct page_container){ .container = d->container,
			.node = d->node,
			.events = d->events,
			.n_events = d->n_events,
			.lines = lines + n_lines,
			.n_lines = shown,
			.diagnosis = d->diagnosis,
			.times = d->times,
			.first = d->first };
		n_lines += shown;
	}
	return page_append(out, pages, n);
}

struct page_records *page_records_new(void)
{
	struct page_records *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->reader = record_reader_new();
	if (p->reader)
		return p;
	free(p);
	return NULL;
}

void page_records_free(struct page_records *p)
{
	if (!p)
		return;
	container_records_free(&p->list);
	record_reader_free(p->reader);
	strbuf_free(&p->line);
	free(p);
}

/* Events and diagnoses belong to the pipeline: what is read back from their lines is ours to keep. */
int page_records_add(struct page_records *p, const struct record *r)
{
	struct record copy;

	strbuf_reset(&p->line);
	int err = ndjson_append(&p->line, r);
	if (err < 0)
		return err;
	err = record_reader_line(p->reader, p->line.data, p->line.len, &copy);
	return err > 0 ? container_records_add(&p->list, NULL, p->reader, &copy) : err;
}

int page_records_print(struct page_records *p, struct strbuf *out)
{
	int err = container_records_rank(&p->list);

	return err < 0 ? err : page_of_records(out, &p->list, false, true);
}
