/* SPDX-License-Identifier: MIT */
/*
 * Directories in which a run of looks found nothing: what was found out about them holds for the next name that is missing
 * in them too. Only for those who look.
 */
#ifndef KTRACE_CONTAINER_LOOKUP_KNOWN_H
#define KTRACE_CONTAINER_LOOKUP_KNOWN_H

#include "container/lookup_view.h"

struct known_directories;

/* NULL when out of memory. Freed with free(). */
struct known_directories *known_new(void);

/* Sets *out to what a look at `path` would find, where it is missing in a known directory. False: look. */
bool known_missing(struct view *v, const char *path, struct path_facts *out);

/* Remembers the directory that a look at `path` found it missing in. */
void known_add(struct view *v, const char *path, const struct path_facts *facts);

#endif
