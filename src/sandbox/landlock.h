/* SPDX-License-Identifier: MIT */
/* Landlock: where a process may change files, whatever its user and capabilities allow. */
#ifndef KTRACE_SANDBOX_LANDLOCK_H
#define KTRACE_SANDBOX_LANDLOCK_H

/* The version of this kernel's Landlock (1 is that of Linux 5.13), or a negative errno: -ENOSYS and -EOPNOTSUPP where it has none. */
int landlock_version(void);

struct landlock_places {
	/*
	 * Files and directories, ends with NULL. Of a directory, and of the one that holds a regular file, a socket or a file that
	 * is not there: files can be made, written, renamed and removed in it. Of anything else (a device, a FIFO): written.
	 */
	const char *const *written;
	/* A directory below which files that are there can be written, and nothing else; -1: none. */
	int overwritten;
};

/*
 * From now on, for this thread and all that it starts, nothing else on any file system can be written, made, renamed, removed
 * or executed, and /proc shows nothing of processes outside that tracing them would show (root, fd, mem, ns). What is open
 * stays open. A directory that is removed and made again is another one, and not among the places. For good. Wants
 * no_new_privs set. 0 or a negative errno, as landlock_version().
 */
int landlock_confine(const struct landlock_places *places);

#endif
