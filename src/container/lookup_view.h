/* SPDX-License-Identifier: MIT */
/* A container's files as one look sees them: by its bundle on the host, else below its process' root. Only for lookup.c. */
#ifndef KTRACE_CONTAINER_LOOKUP_VIEW_H
#define KTRACE_CONTAINER_LOOKUP_VIEW_H

#include "container/lookup.h"
#include "container/remote.h"

struct view {
	/* set by the caller, borrowed */
	const struct container *c;
	const char *host_root;
	const struct identity *who;
	struct path_facts *out;

	bool by_bundle; /* else what root holds is all there is */
	bool unmounted; /* the root file system is not there any more, its volumes may be */
	int root; /* the process' root, or the host's for `ktrace run`; -1 when there is none */
	/* Where a mount's files, or those of the container's root, lie on the host: paths come in runs. */
	const struct mount *base_of;
	int base;  /* or a negative errno */
	int steps; /* places that were opened since the caller set it to 0 */
	struct remote remote;
};

void view_start(struct view *v);
void view_end(struct view *v);

/* A descriptor of what lies at a mount's source, or of the root file system; the view's own. Or a negative errno. */
int view_base(struct view *v, const struct mount *m);

/*
 * Opens a path without links in it as the container sees it, itself not followed, with O_PATH. A file descriptor; -ELOOP after too
 * many of them, -EREMOTE for what lies on a network file system, -ESRCH where neither bundle nor process shows it, or another errno.
 */
int view_open(struct view *v, const char *path);

#endif
