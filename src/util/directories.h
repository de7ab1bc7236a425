/* SPDX-License-Identifier: MIT */
/* The directories that hold what the agent writes. Records can hold secrets: they are for root and its group alone. */
#ifndef KTRACE_UTIL_DIRECTORIES_H
#define KTRACE_UTIL_DIRECTORIES_H

#include <stdbool.h>
#include <sys/types.h>

/* Makes the directories above a file that are not there, with mode 0750 and a group (NULL: our own). 0 or a negative errno. */
int directories_make(const char *path, const gid_t *group);

/*
 * Shuts others out (0750) of the directory of a log that is yet to be written, where that directory is our own user's, empty,
 * 0755 and named ktrace: so the kubelet and Docker make the node's directory of a mount. One that somebody uses already, or gave
 * another mode, is left as it is. A failure is logged on stderr: the log itself is 0640 anyway.
 */
void directories_close(const char *path);

/* Whether a file can be written, or made anew as rotation does, with the rights in effect. */
bool directories_may_write(const char *path);

#endif
