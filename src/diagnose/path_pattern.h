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
	char last;          /* that a path must end with; 0: any */
};
#define PATTERN_BYTE(text, n) (text)[(n) + ((text)[0] == '/')]
#define PATTERN_FROM_END(text, n) (text)[sizeof(text) - 1 - (n)]
#define PATH_PATTERN(text) \
	{ \
		text, \
			PATTERN_BYTE(text, 0) == '*' || PATTERN_BYTE(text, 1) == '*' \
				? ~0ull \
				: PATH_BEGINNING(PATTERN_BYTE(text, 0), PATTERN_BYTE(text, 1)), \
			PATTERN_FROM_END(text, 1) == '$' && PATTERN_FROM_END(text, 2) != '*' \
				? PATTERN_FROM_END(text, 2) \
				: '\0' \
	}

#define PATH_COMPONENTS 16 /* a path with more is one that no pattern is about */

/* A path that many patterns are tried on: most of them are ruled out by how its components begin and it ends. */
struct pattern_path {
	const char *components[PATH_COMPONENTS]; /* in the path, which is borrowed */
	unsigned n;
	uint64_t first;      /* of its first component; 0: the path is not absolute */
	uint64_t beginnings; /* of all of them */
	char last;           /* byte of the last one; a slash behind it is none */
};

struct pattern_path pattern_path_of(const char *path);

bool pattern_matches_text(const char *pattern, const char *path);
bool pattern_matches_one(const char *pattern, const struct pattern_path *of);

static inline bool pattern_matches(
	const struct path_pattern *pattern, const struct pattern_path *of)
{
	uint64_t beginnings = *pattern->text == '/' ? of->first : of->beginnings;

	return pattern->beginning & beginnings && (!pattern->last || pattern->last == of->last) &&
	       pattern_matches_one(pattern->text, of);
}

#endif
