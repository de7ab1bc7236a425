/* SPDX-License-Identifier: MIT */
/*
 * A container's files as one look sees them, or a run of looks: by its bundle on the host, else below its process' root. Only for
 * those who look.
 */
#ifndef KTRACE_CONTAINER_LOOKUP_VIEW_H
#define KTRACE_CONTAINER_LOOKUP_VIEW_H

#include <limits.h>

#include "container/lookup.h"
#include "container/remote.h"

struct view {
	/* set by the caller, borrowed */
	const struct container *c;
	const char *host_root;
	struct known_directories *known; /* of a run of looks (lookup_known.h); or NULL */
	/* of one look */
	const struct identity *who;
	struct path_facts *out;

	bool by_bundle; /* else what root holds is all there is */
	bool unmounted; /* the root file system is not there any more, its volumes may be */
	int root;     /* the process' root, or the host's for `ktrace run`; -1 when there is none */
	uint32_t pid; /* whose root that is; 0: no process' */
	/* Where the container's root, or a mount's files, lie on the host: paths come in runs. */
	int rootfs; /* or a negative errno */
	const struct mount *base_of;
	int base; /* or a negative errno */
	/* What was opened last, below one of these three: the next one mostly lies in it. */
	struct place {
		int below;
		int fd;              /* -1: `below` itself */
		char path[PATH_MAX]; /* "usr/bin" */
		bool known;
		struct file_facts facts;
	} place;
	int steps; /* places that were opened since the caller set it to 0 */
	struct remote remote;
};

/* As the process sees it; 0: there is none. To be ended in any case. */
void view_start(struct view *v, uint32_t pid);
void view_end(struct view *v);

/* Whether the process has still the root that it had: a runtime's gets its own before it becomes the container's. */
bool view_is_current(const struct view *v);

/* For the next look: what was opened below the bases is not known any more, as it may have been moved. */
void view_forget_place(struct view *v);

/* A descriptor of what lies at a mount's source, or of the root file system; the view's own. Or a negative errno. */
int view_base(struct view *v, const struct mount *m);

/*
 * Opens a path without links in it as the container sees it, itself not followed, with O_PATH. A file descriptor, the view's own
 * until the next call; -ELOOP after too many of them, -EREMOTE for what lies on a network file system, -ESRCH where neither
 * bundle nor process shows it, or another errno.
 */
int view_open(struct view *v, const char *path);

/* Of what was opened last, without its access control list. 0 or a negative errno. */
int view_facts(struct view *v, struct file_facts *out);

/* Adds the access control list to these facts of what was opened last. */
void view_access(const struct view *v, struct file_facts *facts);

#endif
