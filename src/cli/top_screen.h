/* SPDX-License-Identifier: MIT */
/* The screen of `top`, by ncurses: it sends the terminal only what changed, so that nothing flickers. */
#ifndef KTRACE_CLI_TOP_SCREEN_H
#define KTRACE_CLI_TOP_SCREEN_H

#include "cli/top_list.h"
#include "cli/top_view.h"

/* What is drawn; borrowed. */
struct top_state {
	struct top_list list;
	struct top_view view;
	bool searching;     /* keys go into the filter */
	bool away;          /* no agent answers: what is shown is old */
	const char *status; /* a line for people; "" */
	size_t first;       /* row of the list at the top of the screen */
};

int top_screen_open(bool color); /* 0, or -ENOTTY after a message */
void top_screen_close(void);     /* the terminal is as it was; also when it never was opened */

void top_screen_draw(struct top_state *s);
int top_screen_key(void); /* ncurses' code of the next key; negative: there is none */
/* Rows for the list or the text, and the style of what is written for them. */
size_t top_screen_rows(void);
struct terminal_style top_screen_style(void);

#endif
