// SPDX-License-Identifier: MIT
#include "diagnose/path_pattern.h"

#include <string.h>

struct pattern_path pattern_path_of(const char *path)
{
	struct pattern_path p = { .n = 0 };

	for (const char *at = strchr(path, '/'); at && at[1] && p.n < PATH_COMPONENTS;
		at = strchr(at + 1, '/')) {
		p.components[p.n++] = at + 1;
		p.beginnings |= PATH_BEGINNING(at[1], at[2]);
	}
	if (*path == '/' && p.n)
		p.first = PATH_BEGINNING(path[1], path[2]);
	if (p.n) {
		const char *end = p.components[p.n - 1];
		end += strlen(end);
		p.last = end[-1] == '/' ? end[-2] : end[-1];
	}
	return p;
}

/* What stands behind a star, against the end of the component; steps over both. */
static bool matches_tail(const char **path, const char **pattern)
{
	const char *end = strchrnul(*path, '/'), *tail = *pattern + 1;
	size_t len = strcspn(tail, "/$");

	if ((size_t)(end - *path) < len || memcmp(end - len, tail, len))
		return false;
	*path = end;
	*pattern = tail + len;
	return true;
}

/* Does the pattern match from here, which is the beginning of a component? */
static bool matches_here(const char *path, const char *pattern)
{
	for (;; pattern++) {
		const char *component = path;
		while (*pattern == *path && *path && *path != '/' && *pattern != '*' &&
			*pattern != '$') {
			pattern++;
			path++;
		}
		if (*pattern == '*' && !matches_tail(&path, &pattern))
			return false;
		if (path == component || (*path && *path != '/'))
			return false;
		path += *path == '/';
		if (*pattern != '/')
			return !*pattern || (*pattern == '$' && !*path);
	}
}

bool pattern_matches_one(const char *pattern, const struct pattern_path *of)
{
	if (*pattern == '/')
		return of->first && matches_here(of->components[0], pattern + 1);
	for (unsigned i = 0; i < of->n; i++)
		if ((*of->components[i] == *pattern || *pattern == '*') &&
			matches_here(of->components[i], pattern))
			return true;
	return false;
}

bool pattern_matches_text(const char *pattern, const char *path)
{
	struct pattern_path of = pattern_path_of(path);

	return pattern_matches_one(pattern, &of);
}
