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
	const struct mount_list *mounts; /* NULL: not known */
	bool inside;                     /* they are the process' */
};

/*
 * pid 0, or of a process that is gone: the host's mounts. root: the process' root directory, or -1; where its mounts were read a
 * moment ago they are not read again. What r->mounts is stays until the next call.
 */
void remote_read(struct remote *r, int root, uint32_t pid, const char *host_root);

/*
 * Whether a path lies on such a file system, as the process or, by the mounts of `c`, as the host sees it; c NULL: a path
 * of the host's. The root of either is taken for a local one: all else would lie on it.
 */
bool remote_holds(const struct remote *r, const struct container *c, const char *path);

/* The text of a mountinfo file, see proc_pid_mountinfo(5); NULL when memory ran out. mount_list_free(NULL) does nothing. */
struct mount_list *mount_list_parse(const char *mountinfo);
void mount_list_free(struct mount_list *list);

/*
 * Where the mount lies that holds a path, NULL where there is none; *type is then, and for the root, "". Both live as long as the
 * list.
 */
const char *mount_place(const struct mount_list *list, const char *path, const char **type);
bool is_remote_type(const char *type);

#endif
