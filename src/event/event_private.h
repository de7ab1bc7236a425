/* SPDX-License-Identifier: MIT */
/* How an event lies in memory. Only for event.c and packed.c. */
#ifndef KTRACE_EVENT_EVENT_PRIVATE_H
#define KTRACE_EVENT_EVENT_PRIVATE_H

#include "ktrace/event.h"

/* One allocation: this, pointers to the arguments, and all strings that are not "". */
struct block {
	struct event event; /* first: an event's address is its block's */
	size_t size;
};

/* All strings of an event. Each place that goes through all of them is written out: it is in every event's way. */
#define STRINGS(X) \
	X(comm) \
	X(parent_comm) \
	X(executable) \
	X(interpreter) \
	X(cwd) \
	X(syscall) \
	X(flags) \
	X(path) \
	X(requested) \
	X(path2) \
	X(address) \
	X(dns_name) \
	X(dns_type) \
	X(dns_rcode) \
	X(dns_search) \
	X(holder_comm) \
	X(sender_comm) \
	X(text) \
	X(label) \
	X(limit_name) \
	X(root_cause)

#endif
