/* SPDX-License-Identifier: MIT */
/* What this process may do. */
#ifndef KTRACE_SANDBOX_RIGHTS_H
#define KTRACE_SANDBOX_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RIGHT(number) (1ULL << (number))

uint64_t rights_effective(void); /* bit N is capability N; 0 when it is not known */

struct rights {
	uint64_t effective;
	bool no_new;   /* it can get no more (no_new_privs) */
	bool filtered; /* its system calls pass a seccomp filter */
};

/* Those of another process. 0 or a negative errno. */
int rights_of(pid_t pid, struct rights *out);

const char *right_name(unsigned number); /* "CAP_BPF"; NULL: newer than ktrace */

/*
 * Of what this thread was given, only the rights in `set` stay in effect: rights_use() can be called
 * again with more, after rights_drop() they are gone for good, for what is executed too. Threads that
 * are started later inherit it. 0 or a negative errno.
 */
int rights_use(uint64_t set);
int rights_drop(uint64_t set);

/* Says so, with the way out, when it is not enough to load programs into the kernel. */
bool rights_suffice(const char *command);

struct right {
	const char *name; /* "CAP_BPF" */
	int number;
	const char *wanted_for;
	unsigned before; /* only by kernels before this version; 0: by all */
	int unless;      /* only by kernels that do not know this one yet; 0: by all */
};
extern const struct right rights_wanted[]; /* ends with a row without a name */

/* Whether this kernel, of that release (uname -r), wants it. */
bool right_is_wanted(const struct right *right, const char *release);

#endif
