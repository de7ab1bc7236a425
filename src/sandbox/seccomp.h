/* SPDX-License-Identifier: MIT */
/* The system calls that a running agent may make. */
#ifndef KTRACE_SANDBOX_SECCOMP_H
#define KTRACE_SANDBOX_SECCOMP_H

/*
 * From now on, and in all threads and children, other calls than those of the list fail with ENOSYS, as on a
 * kernel that lacks them. For good. Wants no_new_privs set. 0; -ENOTSUP: the kernel has no seccomp filters; or
 * another negative errno.
 */
int seccomp_confine(void);

#endif
