/* SPDX-License-Identifier: MIT */
/*
 * Recommendations as data. A text has blanks in braces, "{path}", that are filled in for the place where they
 * stand: as they are in a sentence, as a shell word between backticks, as a scalar in YAML. What stands in
 * brackets is left out when a blank in it has no value or cannot be shown there.
 */
#ifndef KTRACE_DIAGNOSE_TEXT_RECOMMEND_H
#define KTRACE_DIAGNOSE_TEXT_RECOMMEND_H

#include "diagnose/report.h"

struct advice {
	const char *text;
	const char *manifest; /* YAML for the pod spec, NULL for none */
};

/* What fills the blanks: strings that are NULL or empty, and numbers that are 0 where not `has_uid`, have no value. */
struct blanks {
	const char *path, *directory, *name, *program, *volume, *mount, *kind, *field, *other,
		*target, *host, *value, *option;
	const char *yaml; /* goes into a manifest as it is: made with quote_yaml() */
	const struct container *container; /* set by recommend() */
	uint32_t uid, gid, owner, group;
	uint64_t port, number;
};

/* Adds the recommendation; one whose text needs a blank that has no value is not given: then false. */
bool recommend(struct report *r, const struct advice *a, const struct blanks *b);

#endif
