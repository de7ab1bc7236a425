/* SPDX-License-Identifier: MIT */
/*
 * What the screen of `top` lists: the rows of the agent's latest answer, one for each container of a pod however often
 * it was restarted, what fails first; the filter over them, and which one is selected. No terminal, no socket.
 */
#ifndef KTRACE_CLI_TOP_LIST_H
#define KTRACE_CLI_TOP_LIST_H

#include <stdbool.h>

#include "cli/container_row.h"

#define FILTER_MAX 512 /* bytes: a namespace, a pod and a container have 63, 253 and 63 at most */

struct top_list {
	struct container_row *rows; /* owned; in the order of the screen */
	size_t n;
	size_t *shown; /* those that the filter lets through */
	size_t n_shown;
	size_t cursor;            /* of shown */
	size_t counts[ROW_RANKS]; /* of all rows */
	char filter[FILTER_MAX];
	struct container_row *next; /* of the answer that is being read */
	size_t n_next, capacity;
};

void top_list_free(struct top_list *l);

/* One answer: lines one by one, then the whole takes the place of the one before; or it is dropped. */
int top_list_add(struct top_list *l, const char *line, size_t len); /* 0 or a negative errno */
int top_list_finish(struct top_list *l);                            /* 0 or -ENOMEM */
void top_list_drop(struct top_list *l);

void top_list_filter(struct top_list *l, const char *text); /* "": all */
void top_list_move(struct top_list *l, long by); /* the cursor, as far as there are rows */

const struct container_row *top_list_selected(const struct top_list *l); /* NULL: there is none */

#endif
