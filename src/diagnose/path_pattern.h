/* SPDX-License-Identifier: MIT */
/*
 * Places by pattern, as knowledge/noise_list.h writes them: whole components with at most one star in each; from the root
 * with a slash before it, else below any directory; and all that is below, but for a "$", which is the path's end too. Pure.
 */
#ifndef KTRACE_DIAGNOSE_PATH_PATTERN_H
#define KTRACE_DIAGNOSE_PATH_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

/* A bit for the first two bytes of a component. Others may share it: it rules out, and proves nothing. */
#define PATH_BEGINNING(first, second) \
	(1ull << ((5 * (unsigned char)(first) + (unsigned char)(second)) & 63))

struct path_pattern {
	const char *text;
	uint64_t beginning; /* of its first component; all bits where that has a star there */
};
#define PATTERN_BYTE(text, n) (text)[(n) + ((text)[0] == '/')]
#define PATH_PATTERN(text) \
	{ \
		text, PATTERN_BYTE(text, 0) == '*' || PATTERN_BYTE(text, 1) == '*' \
			      ? ~0ull \
			      : PATH_BEGINNING(PATTERN_BYTE(text, 0), PATTERN_BYTE(text, 1)) \
	}

/* A path that many patterns are tried on: most of them are ruled out by how its components begin. */
struct pattern_path {
	const char *path;    /* borrowed */
	uint64_t beginnings; /* of all its components */
};

struct pattern_path pattern_path_of(const char *path);

bool pattern_matches_text(const char *pattern, const char *path);

static inline bool pattern_matches(
	const struct path_pattern *pattern, const struct pattern_path *of)
{
	return pattern->beginning & of->beginnings && pattern_matches_text(pattern->text, of->path);
}

#endif
