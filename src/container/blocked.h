/* SPDX-License-Identifier: MIT */
/*
 * A call that does not come back. The kernel tells of calls when they end, so nothing is ever heard of one that
 * waits for ever: an open of a FIFO that nobody opens at the other end, a lock that somebody holds, a
 * connection that is not answered. Such a process has to be looked at, in /proc: which call it is in, and
 * whether it has run since the last look.
 */
#ifndef KTRACE_CONTAINER_BLOCKED_H
#define KTRACE_CONTAINER_BLOCKED_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "container/process.h"

/* What /proc/PID/syscall says. */
struct call_state {
	long nr; /* -1: in none */
	uint64_t args[6];
};

/* "257 0xffffff9c 0x7f... ... SP PC"; false when it runs, or waits outside of a call. Pure. */
bool call_state_parse(const char *text, struct call_state *out);

/* The last of the numbers that /proc/PID/task/TID/children lists; 0: none. Pure. */
uint32_t last_number_parse(const char *text);

/* The holder of the lock that process `pid` waits for, as /proc/locks has it; 0: none, or not known. Pure. */
uint32_t lock_holder_parse(const char *locks, uint32_t pid);

struct blocked_call {
	struct process process;
	struct call_state call;
	uint64_t
		switches; /* how often it gave up the processor: the same at two looks, it did not run between */
	const char *
		syscall; /* "openat", "flock", "fcntl", "connect"; NULL: in no call that waits for somebody */
	char path[PATH_MAX]; /* of the FIFO or the locked file, as the container sees it; "" */
	char address[64];    /* connect: who does not answer */
	uint16_t port;
	int family;
	struct process holder; /* of the lock; pid 0: not known */
};

/* "openat": of those calls that wait for somebody; NULL: it is none of them. */
const char *blocked_call_name(long nr);

/*
 * What the process, or the step of a script that it waits for, is blocked in. 0 or a negative errno. Reads a
 * handful of files below /proc; details only where `details`.
 */
int blocked_read(uint32_t pid, bool details, struct blocked_call *out);

#endif
