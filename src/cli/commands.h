/* SPDX-License-Identifier: MIT */
/* One file a command; the list that names them all is in main.c. */
#ifndef KTRACE_CLI_COMMANDS_H
#define KTRACE_CLI_COMMANDS_H

#include "cli/options.h"

extern const struct command agent_command, completion_command, diff_command, doctor_command,
	explain_command, live_command, mcp_command, ps_command, record_command, replay_command,
	rules_command, run_command, top_command;

extern const struct command *const commands[]; /* ends with NULL */

#endif
