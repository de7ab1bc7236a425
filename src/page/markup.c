// SPDX-License-Identifier: MIT
#include "page/markup.h"

#include <stdio.h>
#include <string.h>

#include "record/terminal_text.h"
#include "util/cleanup.h"

void markup_escape(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			strbuf_puts(out, "&amp;");
			break;
		case '<':
			strbuf_puts(out, "&lt;");
			break;
		case '>':
			strbuf_puts(out, "&gt;");
			break;
		case '"':
			strbuf_puts(out, "&quot;");
			break;
		case '\'':
			strbuf_puts(out, "&#39;");
			break;
		default:
			strbuf_putc(out, *text);
		}
	}
}

void markup_text(struct strbuf *out, const char *text)
{
	_cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;

	terminal_text(&safe, text ? text : "");
	markup_escape(out, safe.data ? safe.data : "");
	out->failed |= safe.failed;
}

void markup_prose(struct strbuf *out, const char *text)
{
	const char *open, *close;

	while (text && (open = strchr(text, '`')) && (close = strchr(open + 1, '`'))) {
		_cleanup_free_ char *before = strndup(text, (size_t)(open - text));
		_cleanup_free_ char *name = strndup(open + 1, (size_t)(close - open - 1));

		out->failed |= !before || !name;
		markup_text(out, before);
		strbuf_puts(out, "<code>");
		markup_text(out, name);
		strbuf_puts(out, "</code>");
		text = close + 1;
	}
	markup_text(out, text);
}

void markup_cut(struct strbuf *out, const char *text, size_t columns, bool middle)
{
	_cleanup_strbuf_ struct strbuf safe = STRBUF_INIT, cut = STRBUF_INIT;

	terminal_text(&safe, text ? text : "");
	if (middle)
		terminal_shorten(&cut, safe.data ? safe.data : "", columns);
	else
		terminal_cut(&cut, safe.data ? safe.data : "", columns);
	markup_escape(out, cut.data ? cut.data : "");
	out->failed |= safe.failed || cut.failed;
}

void markup_lines(struct strbuf *out, const char *text)
{
	while (text && *text) {
		size_t len = strcspn(text, "\n");
		_cleanup_free_ char *line = strndup(text, len);

		out->failed |= !line;
		markup_text(out, line);
		strbuf_putc(out, '\n');
		text += len + (text[len] == '\n');
	}
}

void markup_offset(char out[OFFSET_SIZE], uint64_t time, uint64_t origin)
{
	bool before = time < origin;

	snprintf(out, OFFSET_SIZE, "%c%.3f s", before ? '-' : '+',
		(double)(before ? origin - time : time - origin) / 1e9);
}
