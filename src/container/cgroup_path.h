/* SPDX-License-Identifier: MIT */
/* What the path of a cgroup says about the container in it. Pure. */
#ifndef KTRACE_CONTAINER_CGROUP_PATH_H
#define KTRACE_CONTAINER_CGROUP_PATH_H

#include <stddef.h>

#define CONTAINER_ID_LEN 64 /* hexadecimal digits */
#define POD_UID_LEN 36      /* in dashed form */

#define CONTAINER_NAME_SIZE 128 /* of an id that a person chose, with the NUL; as in bpf/calls.h */

struct cgroup_path {
	char id[CONTAINER_NAME_SIZE];
	char pod_uid[POD_UID_LEN +
		     1]; /* "" outside of Kubernetes; 32 digits without dashes for a static pod */
	const char *runtime; /* static; "" where the name does not say */
};

/*
 * Finds the container that a process in this cgroup belongs to: the first component that names one, as
 * what lies below it is that container's to make and name. Returns how many bytes of the
 * path lead to the container's own cgroup (all of them: it is the cgroup itself; fewer: a cgroup
 * nested in it), or 0 and leaves *out alone when no container is named.
 */
size_t cgroup_path_parse(const char *path, struct cgroup_path *out);

/*
 * What else the container may be called whose own cgroup this is, where a runtime says that there is one: the last
 * component without ".scope", and the same without its prefix ("runc-web.scope": "runc-web", "web"). Returns how many.
 */
#define PLAIN_NAMES_MAX 2
int cgroup_path_plain_names(const char *path, char out[PLAIN_NAMES_MAX][CONTAINER_NAME_SIZE]);

#endif
