/* SPDX-License-Identifier: MIT */
/*
 * The looks at what a container's processes and files are, made by the helper where there is one. Each is the
 * function of the same kind that is called directly otherwise, and returns what that returns, or an error of
 * helper_ask().
 */
#ifndef KTRACE_CONTAINER_LOOKS_H
#define KTRACE_CONTAINER_LOOKS_H

#include "container/addresses.h"
#include "container/blocked.h"
#include "container/lookup.h"
#include "container/process.h"
#include "container/process_facts.h"
#include "container/resolver.h"

/* lookup_path() */
int look_at_path(const struct container *c, const char *host_root, const struct identity *who,
	const char *path, struct path_facts *out);
/* process_facts_add() */
void look_at_process(struct event *draft, char label[static PROCESS_LABEL_MAX]);
/* port_holder(), or socket_file_holder() of e->address where e->family is AF_UNIX */
int look_for_holder(const struct event *e, uint32_t pid, struct process *out);
/* process_command() */
int look_at_command(uint32_t pid, struct command **out);
/* resolver_read() */
int look_at_resolver(uint32_t pid, struct resolver *out);
/* addresses_read(); nothing where nobody answers */
void look_at_addresses(uint32_t pid, struct addresses *out);
/* blocked_read() */
int look_at_call(uint32_t pid, bool details, struct blocked_call *out);
/* Is that path of the host's a directory? */
bool look_is_directory(const char *host_root, const char *path);

/* The worker's side, for helper_start() and for the fuzzer. */
int looks_serve(unsigned kind, const void *question, size_t len, void *reply, size_t size);

#endif
