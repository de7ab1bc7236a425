/* SPDX-License-Identifier: MIT */
/* What /proc says about a process. Answers may be stale at once. */
#ifndef KTRACE_CONTAINER_PROCESS_H
#define KTRACE_CONTAINER_PROCESS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ktrace/wire.h"

#define COMM_SIZE 16

struct process {
	uint32_t pid, vpid, parent_pid, uid, gid; /* vpid: in its innermost pid namespace */
	char comm[COMM_SIZE];
	uint64_t age_ns; /* since it was started */
};

/* 0, -ESRCH when there is none, or a negative errno. */
int process_read(uint32_t pid, struct process *out);

/* What a process was started as; strings lie within the struct. */
struct command {
	char executable[PATH_MAX],
		cwd[PATH_MAX]; /* as its container sees them, "" when not known */
	char text[WIRE_ARGS_MAX + 1];
	const char *args[WIRE_ARGS_MAX];
	uint32_t argc;
	bool cut; /* there are more arguments than are here */
};

/* The caller's to free. 0, -ESRCH when there is no such process or nothing is known, or a negative errno. */
int process_command(uint32_t pid, struct command **out);

/*
 * The processes of a cgroup, not of those nested in it; returns how many, max at most, or a negative
 * errno.
 */
int processes_of_cgroup(const char *cgroup_root, const char *path, uint32_t *pids, size_t max);

/*
 * Who holds a TCP or UDP port in the network namespace of process `pid`. Looks at a bounded number of
 * processes. 0, -ENOENT when nobody is found, or a negative errno.
 */
int port_holder(uint32_t pid, uint16_t port, int sock_type, struct process *out);

/* The same for a Unix socket that is bound to this path. */
int socket_file_holder(uint32_t pid, const char *path, struct process *out);

#endif
