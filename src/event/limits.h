/* SPDX-License-Identifier: MIT */
/*
 * The one table of limits that a failed call can run into: (call, errno, what was asked for) to the limit.
 * The container stage looks up how high it is, the diagnosis says whose it is and who raises it. Pure.
 */
#ifndef KTRACE_EVENT_LIMITS_H
#define KTRACE_EVENT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "ktrace/event.h"

enum limit_source {
	LIMIT_SYSCTL,   /* of the node's kernel: /proc/sys */
	LIMIT_RLIMIT,   /* of the process: getrlimit(2) */
	LIMIT_CGROUP,   /* of the container, its pod or what is above them */
	LIMIT_CONSTANT, /* built into the kernel */
	LIMIT_PORTS, /* a sysctl of the network namespace: the kernel side reads it (wire_syscall.ports) */
};

struct limit {
	const char *name; /* "fs.file-max", "RLIMIT_NOFILE", "pids.max" */
	enum limit_source source;
	/* a sysctl that each network or IPC namespace has for itself: a pod spec may set it */
	bool namespaced;
};

#define LIMITS_OF_A_CALL 3

#define LIMIT_LOCAL_PORTS "net.ipv4.ip_local_port_range" /* its height: how many ports are in it */
#define LIMIT_PORT_START \
	"net.ipv4.ip_unprivileged_port_start" /* its height: the first of them, or 0 */

/*
 * The limits that may have made this event fail, the likeliest first; returns how many, 0 when it is no
 * limit that the table knows.
 */
size_t limits_of(const struct event *e, const struct limit *out[LIMITS_OF_A_CALL]);

const struct limit *limit_by_name(const char *name); /* NULL when there is none */

/* All limits of the table. */
size_t limits_all(const struct limit **out);

#endif
