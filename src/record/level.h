/* SPDX-License-Identifier: MIT */
/* How much an output gets: `--events` of the agent, and of a client of its socket. Pure. */
#ifndef KTRACE_RECORD_LEVEL_H
#define KTRACE_RECORD_LEVEL_H

#include "record/record.h"

/* Each holds the ones before it. */
enum level {
	LEVEL_DIAGNOSES, /* and the agent's own records */
	LEVEL_ERRORS,    /* failures, OOM kills, signals, and the containers' lives */
	LEVEL_ALL,
};

bool level_takes(enum level level, const struct record *r);

const char *level_name(enum level level);               /* "errors" */
int level_from_name(const char *name, enum level *out); /* 0 or -EINVAL */

#endif
