/* SPDX-License-Identifier: MIT */
/* The system calls that a running agent may make. */
#ifndef KTRACE_SANDBOX_SECCOMP_H
#define KTRACE_SANDBOX_SECCOMP_H

#include <stddef.h>
#include <stdint.h>

/*
 * From now on, and in all threads and children, other calls than those of the list fail with ENOSYS, as on a
 * kernel that lacks them. For good. Wants no_new_privs set. 0; -ENOTSUP: the kernel has no seccomp filters; or
 * another negative errno.
 */
int seccomp_confine(void);

/* The same with the list of the helper that looks at containers: it reads, and answers; it writes nothing. */
int seccomp_confine_helper(void);

/* A call that is allowed with some values of one argument: (argument & mask) == value. */
struct seccomp_call {
	int call;
	unsigned argument;
	uint64_t mask, value;
};

struct seccomp_list {
	const int *allowed;
	size_t n_allowed;
	const struct seccomp_call *restricted;
	size_t n_restricted;
};

int seccomp_apply(const struct seccomp_list *list);

#endif
