/* SPDX-License-Identifier: MIT */
/* What the files about failures of healthy programs share; all others read diagnose/context.h. */
#ifndef KTRACE_DIAGNOSE_NOISE_H
#define KTRACE_DIAGNOSE_NOISE_H

#include "diagnose/context.h"

/* So much noise, and the clue that says why. */
static inline enum noise noise_because(enum clue *clue, enum clue which, enum noise noise)
{
	*clue = which;
	return noise;
}

/* A place where this program looks although nothing need be there. */
bool noise_optional_place(const char *path, const struct event *exec);

/* Of a failed call of the network; *clue: why, unset where nothing is to be said. */
enum noise noise_of_network(const struct context *q, const struct failure *f, enum clue *clue);

#endif
