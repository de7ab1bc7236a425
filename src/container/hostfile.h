/* SPDX-License-Identifier: MIT */
/*
 * Files of the host, wherever its root is seen from: links in a path lead to where they lead on the
 * host, not in the agent's own image. Paths are absolute, flags those of open(2); O_CLOEXEC is added.
 */
#ifndef KTRACE_CONTAINER_HOSTFILE_H
#define KTRACE_CONTAINER_HOSTFILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>

/* A file descriptor or a negative errno. host_root: "" is "/". */
int host_open(const char *host_root, const char *path, int flags);

/*
 * Keeps that root open, for this process: from now on it is used by a descriptor, where its name would ask for rights that are
 * given up (/proc/1/root: to trace others). One at a time. 0 or a negative errno.
 */
int host_hold(const char *host_root);
void host_release(void);

/* The same below an open directory; resolve: RESOLVE_* of openat2(2) that keep the walk inside of it. */
int open_below(int directory, const char *path, int flags, uint64_t resolve);

/*
 * The file of an O_PATH descriptor, opened with O_RDONLY or O_RDWR: no name is looked up that may lead elsewhere now. A
 * file descriptor or a negative errno. Only for a regular file: opening a device or a FIFO does things.
 */
int reopen(int fd, int access);

/*
 * The contents of a regular file with a NUL behind, the caller's to free; at most `max` bytes, more is
 * -EFBIG. *len may be NULL. What is not a regular file is not opened (-EINVAL). 0 or a negative errno.
 */
int host_read(const char *host_root, const char *path, size_t max, char **out, size_t *len);

/*
 * The same of a file of /proc, whose names only the kernel makes: no step on the way to it needs a look of its own.
 */
int proc_read(const char *path, size_t max, char **out);

/*
 * As host_read() of `name` in `directory`, where both belong to that user: -EPERM where one does not, -ELOOP or -ENOTDIR where one
 * is a link. Links on the way to the directory are followed where they are root's.
 */
int host_read_of(const char *host_root, const char *directory, const char *name, uint32_t uid,
	size_t max, char **out, size_t *len);

/* The text of "fs.file-max", without its newline, the caller's to free. 0 or a negative errno. */
int host_sysctl(const char *name, char **out);

/* NULL, with errno set, when it cannot be opened. */
DIR *host_opendir(const char *host_root, const char *path);

#endif
