/* SPDX-License-Identifier: MIT */
/* One container as `ps` and `top` show it: a line of the agent's answer to "ps" as the cells of a table. */
#ifndef KTRACE_CLI_CONTAINER_ROW_H
#define KTRACE_CLI_CONTAINER_ROW_H

#include <stdint.h>

#include "util/strbuf.h"

enum row_column {
	COLUMN_NAME,
	COLUMN_ID,
	COLUMN_STATE,
	COLUMN_AGE,
	COLUMN_RESTARTS,
	COLUMN_LISTEN,
	COLUMN_WRONG,
	COLUMNS
};

extern const char *const row_titles[COLUMNS];

/* What wants to be looked at first. */
enum row_rank {
	ROW_FAILING,  /* it has a diagnosis */
	ROW_STARTING, /* it began a moment ago, and does not listen yet */
	ROW_RUNNING,
	ROW_ENDED,
	ROW_RANKS
};

struct container_row {
	struct strbuf cells[COLUMNS]; /* neutralised; "-" where there is nothing to say */
	char *id;                     /* the whole of it, as the agent has it */
	char *root_cause;             /* neutralised; "" */
	char *node;                   /* neutralised */
	enum row_rank rank;
	bool is_pod, is_sandbox, listens;
	uint64_t created; /* nanoseconds since 1970, or 0 */
	int restarts;
};

/* Takes one line, as client_next() gives it. 0, -EBADMSG or -ENOMEM; *row is to be freed only after 0. */
int container_row_read(struct container_row *row, const char *line, size_t len);
void container_row_free(struct container_row *row);

/* The text of a cell, never NULL. */
const char *row_cell(const struct container_row *row, enum row_column column);

#endif
