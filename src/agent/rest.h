/* SPDX-License-Identifier: MIT */
/* What the kernel side attaches when the agent has started (capture_rest_fd()): begun, waited for and told of. */
#ifndef KTRACE_AGENT_REST_H
#define KTRACE_AGENT_REST_H

#include "capture/capture.h"
#include "util/loop.h"

struct rest_watch {
	struct capture *capture;  /* borrowed */
	struct loop_watch *watch; /* NULL: nothing is waited for */
};

/* Begins it, and names in the log what is not seen until then, and what is not seen after. 0 or a negative errno. */
int rest_watch(struct rest_watch *w, struct capture *c, struct loop *l);
/* Before the capture is detached. */
void rest_unwatch(struct rest_watch *w);

#endif
