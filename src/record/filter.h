/* SPDX-License-Identifier: MIT */
/* Which records somebody wants to see, and which container a TARGET is. Pure. */
#ifndef KTRACE_RECORD_FILTER_H
#define KTRACE_RECORD_FILTER_H

#include "record/level.h"
#include "record/record.h"

/* NULL and 0: whatever it is. Strings are borrowed. */
struct filter {
	const char *target, *container, *pod, *k8s_namespace, *action;
	int error; /* errno */
	enum level level;
	bool spare_harmless; /* leave out the failures that healthy programs make too */
};

bool filter_takes(const struct filter *f, const struct record *r);

/* Of a record that filter_takes(): left out nevertheless, for being harmless. */
bool filter_spares(const struct filter *f, const struct record *r);

/* TARGET: an id's prefix, POD, NAMESPACE/POD, NAMESPACE/POD/CONTAINER, or a name outside of Kubernetes. */
bool target_is_valid(const char *target);
bool target_matches(const char *target, const struct container *c);

const char *record_action(const struct record *r); /* "file_error", "diagnosis"; static */

#endif
