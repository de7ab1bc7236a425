/* SPDX-License-Identifier: MIT */
/* What kind of volume a mount is, known by where on the host it comes from. */
#ifndef KTRACE_CONTAINER_VOLUMES_H
#define KTRACE_CONTAINER_VOLUMES_H

#include "ktrace/container.h"

/* Sets kind, name and subpath of a mount whose other members are set. Pure. 0 or -ENOMEM. */
int volume_classify(struct mount *m);

/*
 * The kubelet's subPath mounts do not say what kind of volume they are cut from: finds it among the
 * container's other mounts, then in the pod's directory on the host. 0 or -ENOMEM.
 */
int volumes_resolve_subpaths(struct container *c, const char *host_root);

/*
 * Fills c->keys_empty from the directories of its ConfigMaps, Secrets and projected volumes: by the files' sizes, none is
 * read. What cannot be looked at is left out.
 */
void volumes_find_empty(struct container *c, const char *host_root);

#endif
