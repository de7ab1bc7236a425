/* SPDX-License-Identifier: MIT */
/*
 * One command, run in the foreground in a cgroup of its own and watched from its first instruction to
 * its end: `ktrace run`, and `ktrace record -- COMMAND`. Terminal, standard streams and process group
 * are the command's as if ktrace were not there.
 */
#ifndef KTRACE_CLI_SUPERVISE_H
#define KTRACE_CLI_SUPERVISE_H

#include "agent/pipeline.h"
#include "cli/options.h"

struct supervise_options {
	char **argv;               /* ends with NULL */
	struct pipeline *pipeline; /* borrowed: takes the command's events */
	const struct option_list *disabled;
	const char *btf;
	bool no_output, no_args, unredacted;
	uint64_t memory; /* bytes, 0: no limit */
};

/*
 * 0 with *status as wait(2) has it, all events of the command through the pipeline; or a negative
 * errno after a message, when the command could not be watched and was not run.
 */
int supervise(const struct supervise_options *options, int *status);

#endif
