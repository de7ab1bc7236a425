/* SPDX-License-Identifier: MIT */
/* What an assistant may ask ktrace: three tools, each a table row with its schema. They read, and change nothing. */
#ifndef KTRACE_CLI_MCP_TOOLS_H
#define KTRACE_CLI_MCP_TOOLS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "util/strbuf.h"

struct mcp_tool {
	const char *name, *title, *description;
	const char *argument, *argument_help; /* the one that it takes, a string */
	bool required;
	/* Appends the answer, or why there is none. 0 or a negative errno. */
	int (*call)(const char *socket, const char *argument, struct strbuf *out);
};

extern const struct mcp_tool mcp_tools[]; /* ends with a row without a name */

#endif
