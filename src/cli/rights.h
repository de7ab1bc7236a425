/* SPDX-License-Identifier: MIT */
/* What this process may do. */
#ifndef KTRACE_RIGHTS_H
#define KTRACE_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

uint64_t rights_effective(void); /* bit N is capability N; 0 when it cannot be told */

/* Says so, with the way out, when it is not enough to load programs into the kernel. */
bool rights_suffice(const char *command);

struct right {
	const char *name; /* "CAP_BPF" */
	int number;
	const char *wanted_for;
};
extern const struct right rights_wanted[]; /* ends with a row without a name */

#endif
