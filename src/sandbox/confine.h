/* SPDX-License-Identifier: MIT */
/* What the agent gives up once it has started. */
#ifndef KTRACE_SANDBOX_CONFINE_H
#define KTRACE_SANDBOX_CONFINE_H

#include <stdbool.h>

struct confine_options {
	const char *const *written; /* files and sockets that are opened again; ends with NULL */
	/* Whether BPF maps can be used with the capabilities that are left; ctx goes with it. */
	bool (*may_use_maps)(void *ctx);
	void *ctx;
};

/*
 * For good, and for all threads and children to come: capabilities that are not needed any more, rights that an
 * executable would bring (no_new_privs), and the system calls that a running agent has no use for (seccomp.h).
 * What the kernel refuses to give up is named in the log, and the agent goes on. Before the first thread.
 */
void confine(const struct confine_options *options);

/* The same for the helper that looks at containers: it keeps the rights to look, and has no call that writes. */
void confine_helper(void);

#endif
