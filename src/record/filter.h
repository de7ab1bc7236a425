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

/*
 * TARGET: an id's prefix, POD, NAMESPACE/POD, NAMESPACE/POD/CONTAINER, a name outside of Kubernetes, or a workload,
 * [NAMESPACE/]KIND/NAME[/CONTAINER] with KIND deploy, sts, ds, rs, job or cronjob, known by its pods' names (target.c).
 */
bool target_is_valid(const char *target);
bool target_is_workload(const char *target);
bool target_matches(const char *target, const struct container *c);

/*
 * The part that each record of a container that matches has in it, the pod's name or its beginning: its length, 0
 * where the target is not valid. Borrowed from target.
 */
size_t target_name(const char *target, const char **out);

const struct container *record_container(const struct record *r); /* whose it is, or NULL */
const char *record_action(const struct record *r); /* "file_error", "diagnosis"; static */

#endif
