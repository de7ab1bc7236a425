// SPDX-License-Identifier: MIT
#include "cli/top_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/reader.h"
#include "util/cleanup.h"
#include "util/log.h"

void top_view_close(struct top_view *v)
{
	container_records_free(&v->records);
	record_reader_free(v->reader);
	strbuf_free(&v->text);
	free(v->name);
	*v = (struct top_view){ 0 };
}

int top_view_open(struct top_view *v, const struct explain_sources *sources, const char *name)
{
	top_view_close(v);
	v->reader = record_reader_new();
	v->name = strdup(name);
	int err = v->reader && v->name ? explain_read(sources, v->reader, &v->records) : -ENOMEM;
	if (err == 0 && v->records.n)
		err = container_records_rank(&v->records);
	else if (err == 0)
		err = -ENOENT; /* which was reported */
	if (err < 0)
		top_view_close(v);
	return err;
}

static int append_why(struct top_view *v, struct container_records *d)
{
	int err = d->diagnosis && !d->diagnosis->why ? explain_why(d) : 0;

	if (err < 0)
		return err;
	if (!d->diagnosis || !d->diagnosis->why) {
		strbuf_puts(&v->text, "Nothing that went wrong was seen.\n");
		return 0;
	}
	terminal_why(&v->text, d->diagnosis->why);
	/* No part of the explanation, which may be shown next. */
	free(d->diagnosis->why);
	d->diagnosis->why = NULL;
	return 0;
}

static int append_container(struct top_view *v, struct container_records *d, enum top_mode mode,
	const struct terminal_style *style, uint64_t now)
{
	const struct explain_view view = {
		.all = mode == VIEW_EVENTS,
		.hint = "press e to see them",
		.style = *style,
		.now = now,
	};

	if (mode == VIEW_WHY)
		return append_why(v, d);
	if (mode == VIEW_EXPLANATION) {
		/* The answer first: what led to it is a page further down where it is long. */
		explain_cause(&v->text, d, &view);
		strbuf_putc(&v->text, '\n');
	}
	explain_lines(&v->text, d, &view);
	return 0;
}

int top_view_show(
	struct top_view *v, enum top_mode mode, const struct terminal_style *style, uint64_t now)
{
	int err = 0;

	v->mode = mode;
	v->first = 0;
	strbuf_reset(&v->text);
	for (size_t i = 0; err == 0 && i < v->records.n; i++) {
		if (v->records.items[i].superseded)
			continue;
		if (v->text.len)
			strbuf_putc(&v->text, '\n');
		err = append_container(v, &v->records.items[i], mode, style, now);
	}
	v->n_lines = 0;
	for (size_t i = 0; i < v->text.len; i++)
		v->n_lines += v->text.data[i] == '\n';
	return err < 0 ? err : v->text.failed ? -ENOMEM : 0;
}

void top_view_scroll(struct top_view *v, long by, size_t rows)
{
	long last = (long)v->n_lines - (long)rows, wanted = (long)v->first + by;

	wanted = wanted > last ? last : wanted;
	v->first = wanted < 0 ? 0 : (size_t)wanted;
}

const char *top_view_line(const struct top_view *v, size_t n, size_t *len)
{
	const char *line = v->text.data;

	for (; line && n; n--) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (!line || !*line)
		return NULL;
	*len = strcspn(line, "\n");
	return line;
}

const char *top_view_fragment(const struct top_view *v)
{
	for (size_t i = 0; i < v->records.n; i++) {
		const struct diagnosis *d = v->records.items[i].diagnosis;

		if (v->records.items[i].superseded)
			continue;
		for (size_t k = 0; d && k < d->n_recommendations; k++)
			if (d->recommendations[k].manifest && d->recommendations[k].manifest[0])
				return d->recommendations[k].manifest;
	}
	return NULL;
}

void clipboard_sequence(struct strbuf *out, const char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text);

	strbuf_puts(out, "\033]52;c;");
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? (unsigned char)text[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			strbuf_putc(out, k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
	strbuf_putc(out, '\a');
}
