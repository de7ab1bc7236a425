/* SPDX-License-Identifier: MIT */
/*
 * File systems whose answers come from elsewhere: another machine, or a program (FUSE). A look at one may never
 * return, so it is known by the list of mounts alone, before anything on it is touched.
 */
#ifndef KTRACE_CONTAINER_REMOTE_H
#define KTRACE_CONTAINER_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ktrace/container.h"

#define REMOTE_TYPE_MAX 16

/* Mounts as a process sees them, or as the host does when that one is gone. */
struct remote {
	char *mounts; /* the text of a mountinfo file; NULL: not known */
	bool inside;  /* it is the process' */
};

/* pid 0, or of a process that is gone: the host's mounts. */
void remote_read(struct remote *r, uint32_t pid, const char *host_root);
void remote_free(struct remote *r);

/*
 * Whether a path lies on such a file system, as the process or, by the mounts of `c`, as the host sees it; c NULL: a path
 * of the host's. The root of either is taken for a local one: all else would lie on it.
 */
bool remote_holds(const struct remote *r, const struct container *c, const char *path);

/* The type of the mount that holds a path, "" where there is none. Pure; see proc_pid_mountinfo(5). */
void mount_type(const char *mountinfo, const char *path, char type[static REMOTE_TYPE_MAX]);
bool is_remote_type(const char *type);

#endif
