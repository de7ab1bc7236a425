// SPDX-License-Identifier: MIT
#include "page/page.h"

#include <errno.h>
#include <string.h>

#include "page/markup.h"
#include "page/parts.h"
#include "page/picture.h"
#include "page/style.h"
#include "record/diagnosis_text.h"
#include "record/rfc3339.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

void page_name(struct strbuf *out, const struct container *c)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	terminal_container(&name, c);
	markup_escape(out, name.data ? name.data : "");
	out->failed |= name.failed;
}

void page_when(struct strbuf *out, uint64_t time)
{
	char when[RFC3339_SIZE];

	rfc3339_format(when, time);
	strbuf_printf(out, "<time datetime=\"%s\">%.10s %.8s UTC</time>", when, when, when + 11);
}

static void put_where(struct strbuf *out, const struct page_container *c)
{
	strbuf_puts(out, "<p class=\"where\"><b>");
	page_name(out, c->container);
	strbuf_puts(out, "</b>");
	if (c->node && c->node[0]) {
		strbuf_puts(out, " on node ");
		markup_text(out, c->node);
	}
	if (c->diagnosis) {
		strbuf_puts(out, " at ");
		page_when(out, c->diagnosis->time);
	}
	strbuf_puts(out, "</p>\n");
}

static void put_facts(struct strbuf *out, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf end = STRBUF_INIT;
	int percent = (int)(d->confidence * 100 + 0.5);

	diagnosis_end_text(&end, d);
	strbuf_puts(out, "<ul class=\"facts\"><li class=\"cause mono\">");
	markup_text(out, d->root_cause);
	strbuf_puts(out, "</li><li>");
	markup_text(out, end.data);
	strbuf_printf(out,
		"</li><li>this cause is %s: %d%%<span class=\"meter\"><i style=\"width:%d%%\">"
		"</i></span></li></ul>\n",
		confidence_words(d->confidence), percent, percent);
}

static int put_container(struct strbuf *out, const struct page_container *c)
{
	const struct diagnosis *d = c->diagnosis;

	strbuf_puts(out, "<article>\n<header>\n");
	put_where(out, c);
	strbuf_puts(out, "<h1>");
	markup_prose(out, d ? d->title : "Nothing that went wrong was seen");
	strbuf_puts(out, "</h1>\n");
	if (d)
		put_facts(out, d);
	strbuf_puts(out, "</header>\n");
	if (d && d->summary) {
		strbuf_puts(out, "<p class=\"summary\">");
		markup_prose(out, d->summary);
		strbuf_puts(out, "</p>\n");
	}
	if (picture_append(out, c) < 0)
		return -ENOMEM;
	if (d)
		page_diagnosis(out, c);
	page_lines(out, c);
	if (d && d->why) {
		strbuf_puts(out, "<details><summary>How the answer was chosen</summary>\n<pre>");
		markup_lines(out, d->why);
		strbuf_puts(out, "</pre></details>\n");
	}
	strbuf_puts(out, "</article>\n");
	return 0;
}

static void put_title(struct strbuf *out, const struct page_container *containers, size_t n)
{
	for (size_t i = 0; i < n && i < 3; i++) {
		strbuf_puts(out, i ? ", " : "");
		page_name(out, containers[i].container);
	}
	if (n > 3)
		strbuf_printf(out, " and %zu more", n - 3);
	if (n == 1 && containers[0].diagnosis) {
		strbuf_puts(out, ": ");
		markup_text(out, containers[0].diagnosis->title);
	}
}

int page_append(struct strbuf *out, const struct page_container *containers, size_t n)
{
	strbuf_puts(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		/* The text is escaped; this keeps a browser from running anything all the same. */
		"<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"generator\" content=\"ktrace " KTRACE_VERSION "\">\n<title>");
	put_title(out, containers, n);
	strbuf_printf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", page_style);
	if (!n)
		strbuf_puts(out, "<h1>Nothing that went wrong was seen</h1>\n");
	for (size_t i = 0; i < n; i++)
		if (put_container(out, &containers[i]) < 0)
			return -ENOMEM;
	strbuf_puts(out, "</main>\n<footer>Made by ktrace " KTRACE_VERSION
			 " from what the kernel saw; nothing in this page is loaded from "
			 "elsewhere.</footer>\n</body>\n</html>\n");
	return out->failed ? -ENOMEM : 0;
}
