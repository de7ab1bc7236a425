/* SPDX-License-Identifier: MIT */
/*
 * Where an explanation may still be: with the agent, in its store of diagnoses, in the log and the files that the
 * log was rotated to. They are asked in this order, until one has a diagnosis: the agent knows the time line too,
 * the store has the diagnoses of days, and the log is the slowest to read.
 */
#ifndef KTRACE_CLI_EXPLAIN_SOURCES_H
#define KTRACE_CLI_EXPLAIN_SOURCES_H

#include "cli/container_records.h"

struct explain_sources {
	const char *target;
	const char *
		from; /* a log or recording, with what it was rotated to, and nothing else; NULL: the others */
	const char *socket, *store, *log_file; /* "off": not that one */
};

/*
 * Reads what they have into out; the reader must outlive it. 0, also where nothing is known (out->n is 0), which was
 * reported then; or a negative errno after a message.
 */
int explain_read(const struct explain_sources *sources, struct record_reader *reader,
	struct container_records_list *out);

#endif
