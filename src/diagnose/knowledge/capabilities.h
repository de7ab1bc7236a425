/* SPDX-License-Identifier: MIT */
/*
 * Which capability a refused call needs, and what makes one effective: capabilities(7) and the sources that the
 * rows name. `capabilities.add` of a pod reaches root only; any other user needs it on the file, in the bounding
 * set, and no no_new_privs.
 */
#ifndef KTRACE_KNOWLEDGE_CAPABILITIES_H
#define KTRACE_KNOWLEDGE_CAPABILITIES_H

#include "ktrace/event.h"

struct capability_need {
	int capability;      /* CAP_*, linux/capability.h */
	const char *name;    /* "NET_ADMIN", as a pod spec has it */
	const char *also;    /* what the same program needs next: "NET_RAW"; or NULL */
	const char *instead; /* what does without: an imperative */
	const char *path;    /* the file that its tool writes, or NULL */
	bool avoid;          /* that is the better way */
	bool privileged;     /* security modules stand in the way as well */
};

/* What a call that was refused needs; NULL when it is no capability. `program`: the name of who called. */
const struct capability_need *capability_needed(const struct event *e, const char *program);

/* What a tool needs that asks the kernel by netlink, so that no call of it fails; or NULL. */
const struct capability_need *capability_of_tool(const char *program);

#endif
