/* SPDX-License-Identifier: MIT */
/*
 * The explanation where people look first: the container's termination message, which `kubectl describe pod` shows.
 *
 * For each start of a container the kubelet makes an empty file (pods/UID/containers/NAME/8 hex digits, mode 0666) and
 * mounts it into the container; some milliseconds after the exit it reads what is in there. A message of the program's
 * own is left alone: only an empty file is written, or one that holds what ktrace wrote itself for the same end.
 */
#ifndef KTRACE_SINKS_TERMINATION_MESSAGE_H
#define KTRACE_SINKS_TERMINATION_MESSAGE_H

#include "record/record.h"
#include "util/strbuf.h"

#define TERMINATION_MESSAGE_MAX 2048 /* bytes; the kubelet reads the last 4096, 12 KiB for a pod */

/*
 * An output that takes diagnoses and leaves all other records alone. host_root: where the node's root is seen, "" for
 * "/"; borrowed. 0 or -ENOMEM.
 */
int termination_message_new(const char *host_root, struct output **out);

/* What is written: title, summary, first recommendation and how to see more; whole lines, neutralised. */
void termination_message_text(struct strbuf *out, const struct diagnosis *d);

#endif
