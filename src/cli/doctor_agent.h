/* SPDX-License-Identifier: MIT */
/* What `ktrace doctor` says of a running agent: what it holds, and what it has given up. */
#ifndef KTRACE_CLI_DOCTOR_AGENT_H
#define KTRACE_CLI_DOCTOR_AGENT_H

#include "record/json.h"
#include "sandbox/rights.h"
#include "util/strbuf.h"

struct agent_finding {
	pid_t pid; /* 0: none runs */
	struct rights rights;
	bool landlock;           /* it can write its own files alone */
	char landlock_error[64]; /* why not; "": it has not said */
};

void doctor_find_agent(const char *socket, struct agent_finding *out);
void doctor_write_agent(struct json *j, const struct agent_finding *a);
/* column: where the lines below the first one start */
void doctor_print_agent(struct strbuf *out, const struct agent_finding *a, int column);

#endif
