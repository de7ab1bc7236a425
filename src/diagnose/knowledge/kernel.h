/* SPDX-License-Identifier: MIT */
/* What a kernel may not offer: built without it, too old, switched off, or its module not loaded. */
#ifndef KTRACE_KNOWLEDGE_KERNEL_H
#define KTRACE_KNOWLEDGE_KERNEL_H

#include "ktrace/event.h"

struct kernel_feature {
	const char *what;    /* "io_uring" */
	const char *module;  /* that offers it, or NULL */
	const char *node;    /* what the node's owner does: a sentence without its stop, or NULL */
	const char *instead; /* what does without: an imperative, or NULL */
};

/* What a failed call says that the kernel lacks; NULL when it says no such thing. */
const struct kernel_feature *kernel_feature_of(const struct event *e);

/* What a message says that it lacks, or NULL. */
const struct kernel_feature *kernel_feature_in_line(const char *line);

#endif
