/* SPDX-License-Identifier: MIT */
/* What the latest record of a log says of when somebody still wrote it. */
#ifndef KTRACE_SINKS_LOG_END_H
#define KTRACE_SINKS_LOG_END_H

#include <stdint.h>

/*
 * The time of the last whole record in the log at `path`, or in PATH.1 where it was just rotated. 0 with *ns, -ENOENT where
 * there is none (no file, an empty one, or one that is no log of ktrace's), or another negative errno.
 */
int log_last_time(const char *path, uint64_t *ns);

#endif
