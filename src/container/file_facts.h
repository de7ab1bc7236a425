/* SPDX-License-Identifier: MIT */
/* What one open file is: owner, mode, and what would run it. */
#ifndef KTRACE_CONTAINER_FILE_FACTS_H
#define KTRACE_CONTAINER_FILE_FACTS_H

#include "ktrace/event.h"

/*
 * fd may be an O_PATH descriptor. Of regular files outside of /proc and /sys the first bytes are read,
 * nothing else is opened. interpreter_exists is not answered here. 0 or a negative errno.
 */
int file_facts_of(int fd, struct file_facts *out);

/* The file system that an open file (O_PATH will do) lies on, and what is left of it. */
void filesystem_facts_of(int fd, struct filesystem_facts *out, bool *noexec);

/*
 * What the first bytes of a file show: the words after "#!" with their CR, or an ELF file's machine;
 * *interp_at and *interp_len say where PT_INTERP's text lies in the file, 0 when there is none. Pure.
 */
void file_facts_parse(const unsigned char *data, size_t len, struct file_facts *out,
	uint64_t *interp_at, uint64_t *interp_len);

#endif
