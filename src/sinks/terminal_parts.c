// SPDX-License-Identifier: MIT
#include "sinks/terminal_parts.h"

#define WIDTH_UNKNOWN 100 /* columns */

void terminal_ink(
	struct strbuf *out, const struct terminal_style *style, enum ink ink, const char *text)
{
	static const char *const codes[] = {
		[INK_PLAIN] = "",
		[INK_DIM] = "\033[2m",
		[INK_BOLD] = "\033[1m",
		[INK_RED] = "\033[31m",
		[INK_YELLOW] = "\033[33m",
		[INK_GREEN] = "\033[32m",
		[INK_CYAN] = "\033[36m",
	};
	bool colored = style->color && ink != INK_PLAIN;

	if (colored)
		strbuf_puts(out, codes[ink]);
	strbuf_puts(out, text);
	if (colored)
		strbuf_puts(out, "\033[0m");
}

size_t terminal_width(const struct terminal_style *style)
{
	return style->width > 0 ? (size_t)style->width : WIDTH_UNKNOWN;
}
