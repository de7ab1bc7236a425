/* SPDX-License-Identifier: MIT */
/* Of a process whose call just failed: what it may do, and how high the limit is that it ran into. */
#ifndef KTRACE_CONTAINER_PROCESS_FACTS_H
#define KTRACE_CONTAINER_PROCESS_FACTS_H

#include "ktrace/event.h"

#define PROCESS_LABEL_MAX 128

/* Whether a failure's reason may lie in what its process may do, or in a limit. Pure. */
bool process_facts_matter(const struct event *e);

/*
 * Reads /proc of draft->pid: sets draft->process, and label and limit_name where they are known. `label`
 * is kept by draft: it must live as long. A process that is gone leaves everything as it is.
 */
void process_facts_add(struct event *draft, char label[static PROCESS_LABEL_MAX]);

/* The parts of it, for tests; what is not in the text is left as it is. */
void process_facts_parse_status(const char *status, struct process_facts *out);
/* The soft limit on a line of /proc/PID/limits; 0 when there is none or it is not known. */
uint64_t process_facts_rlimit(const char *limits, const char *name);

#endif
