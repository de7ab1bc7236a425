/* SPDX-License-Identifier: MIT */
/*
 * One line for each diagnosis, on the agent's own standard output: `kubectl logs -n ktrace ds/ktrace` and a service
 * manager's journal then answer as well. Who reads that may be slow or gone, and a watching agent must not wait: a line
 * that does not fit now is lost, and counted.
 */
#ifndef KTRACE_SINKS_SUMMARY_H
#define KTRACE_SINKS_SUMMARY_H

#include "record/record.h"
#include "util/strbuf.h"

/* "shop/web-0/web: read_only_copy: Copy failed: ..." and a newline; neutralised, less than 2 KiB. */
void summary_line(struct strbuf *out, const struct diagnosis *d);

/* An output that takes diagnoses and leaves all other records alone; fd stays the caller's. 0 or -ENOMEM. */
int summary_new(int fd, struct output **out);

#endif
