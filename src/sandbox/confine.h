/* SPDX-License-Identifier: MIT */
/* What the agent gives up once it has started. */
#ifndef KTRACE_SANDBOX_CONFINE_H
#define KTRACE_SANDBOX_CONFINE_H

#include <stdbool.h>

struct confine_options {
	const char *const *written; /* files and sockets that are opened again; ends with NULL */
	int overwritten;            /* landlock.h */
	/* Another process looks at what containers have: this one has no need to. */
	bool has_helper;
	/* Whether BPF maps can be used with the capabilities that are left; ctx goes with it. */
	bool (*may_use_maps)(void *ctx);
	void *ctx;
};

/*
 * For good, and for all threads and children to come: capabilities that are not needed any more, rights that an
 * executable would bring (no_new_privs), where there is a helper all files but those of the options (landlock.h), and the
 * system calls that a running agent has no use for (seccomp.h). What the kernel refuses to give up is named in the log, and the
 * agent goes on. Before the first thread, but for those of confine_thread(). Whether Landlock holds: 0; -ENOSYS or -EOPNOTSUPP, which nobody is warned of: this
 * kernel has none; -ENOTCONN: there is no helper; or another negative errno.
 */
int confine(const struct confine_options *options);

/* The same for a thread that opens no file and uses no map: it keeps nothing. Before confine(), whose list of calls holds for it too. */
void confine_thread(void);

/* The same for the process that attaches what is left when the agent has started: it keeps the rights for that alone, and ends soon. */
void confine_attacher(void);

/* The same for the helper that looks at containers: it keeps the rights to look, and has no call that writes. */
void confine_helper(void);

#endif
