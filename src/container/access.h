/* SPDX-License-Identifier: MIT */
/* What owner, mode and access control list let a process do with a file. */
#ifndef KTRACE_CONTAINER_ACCESS_H
#define KTRACE_CONTAINER_ACCESS_H

#include "container/lookup.h"

/*
 * Looks for a POSIX access control list on an open file (O_PATH will do) and sets file->acl and acl_effective to the
 * entry that decides for this process; leaves both as they are where there is no list. file->uid and gid must be set.
 */
void access_list_of(
	int fd, const struct container *c, const struct identity *who, struct file_facts *file);

/* The same of the list's bytes, as the kernel hands them out (linux/posix_acl_xattr.h). Pure. */
void access_list_parse(const void *data, size_t len, const struct container *c,
	const struct identity *who, struct file_facts *file);

/* Whether the process may do all of `bits` (4 read, 2 write, 1 run or enter) there. Pure. */
bool access_allows(const struct file_facts *file, const struct container *c,
	const struct identity *who, uint32_t bits);

#endif
