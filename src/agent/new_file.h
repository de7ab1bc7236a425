/* SPDX-License-Identifier: MIT */
/*
 * A file that is written in pieces beside another one and takes its place, so that whoever opens that finds the old one or the
 * new one, and never a part. Waiting for the disk, which may take seconds, is a thread's work.
 */
#ifndef KTRACE_AGENT_NEW_FILE_H
#define KTRACE_AGENT_NEW_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct new_file;

/* PATH.new, locked as the old one is. 0 with *out or a negative errno. */
int new_file_begin(const char *path, struct new_file **out);
/* Also while it is being synced. All of it, or nothing and a negative errno. */
int new_file_add(struct new_file *f, const char *data, size_t len);
/* All is in it that was to be: from now on it is synced, and takes the other one's place. 0 or a negative errno. */
int new_file_finish(struct new_file *f);
/* 1: not yet; 0: it has taken the place; or the negative errno for which it will not. */
int new_file_poll(const struct new_file *f);
bool new_file_is_finished(const struct new_file *f); /* new_file_finish() was called */

/* Its descriptor, the caller's from now on, and its size. */
int new_file_take(struct new_file *f, uint64_t *size);
/* One that was not finished is removed. NULL is fine. */
void new_file_free(struct new_file *f);

/* At the end of a file of that size, which grows by it: all, or a negative errno with the file as long as before. */
int file_append(int fd, uint64_t *size, const char *data, size_t len);

#endif
