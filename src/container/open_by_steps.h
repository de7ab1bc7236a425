/* SPDX-License-Identifier: MIT */
/*
 * What openat2(2) does with RESOLVE_IN_ROOT or RESOLVE_BENEATH, and RESOLVE_NO_SYMLINKS, by openat(2) alone, for the
 * helper: a filter of system calls sees the flags of openat(2) and can refuse to write; those of openat2(2) lie in memory.
 */
#ifndef KTRACE_CONTAINER_OPEN_BY_STEPS_H
#define KTRACE_CONTAINER_OPEN_BY_STEPS_H

#include <stdint.h>

/* A file descriptor or a negative errno. Links of /proc that are none are not followed. */
int open_by_steps(int directory, const char *path, int flags, uint64_t resolve);

#endif
