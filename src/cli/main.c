// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "cli/commands.h"

static int print_manual(const void *options, int argc, char **argv)
{
	(void)options, (void)argc, (void)argv;
	manual_print(stdout, commands);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const struct command man_command = {
	.name = "man",
	.operands = "",
	.summary = "print the manual page",
	.description = "Prints the manual page, ktrace(8), in roff.",
	.hidden = true,
	.run = print_manual,
};

const struct command *const commands[] = {
	&run_command,
	&live_command,
	&explain_command,
	&diff_command,
	&ps_command,
	&top_command,
	&agent_command,
	&record_command,
	&replay_command,
	&doctor_command,
	&rules_command,
	&mcp_command,
	&completion_command,
	&man_command,
	NULL,
};

int main(int argc, char **argv)
{
	return commands_run(commands, argc, argv);
}
