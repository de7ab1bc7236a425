/* SPDX-License-Identifier: MIT */
/* What both human forms, lines of events and blocks of diagnoses, are set with. */
#ifndef KTRACE_SINKS_TERMINAL_PARTS_H
#define KTRACE_SINKS_TERMINAL_PARTS_H

#include "sinks/terminal.h"

enum ink { INK_PLAIN, INK_DIM, INK_BOLD, INK_RED, INK_YELLOW, INK_GREEN, INK_CYAN };

/* text in a colour, or as it is where the style has none. text is neutralised already. */
void terminal_ink(
	struct strbuf *out, const struct terminal_style *style, enum ink ink, const char *text);

/* Columns for running text: the terminal's, or 100 where that is not known. */
size_t terminal_width(const struct terminal_style *style);

#endif
