/* SPDX-License-Identifier: MIT */
/* What the state file says that runc, crun and youki keep of a container. Pure; damaged text is safe. */
#ifndef KTRACE_CONTAINER_RUNTIME_STATE_H
#define KTRACE_CONTAINER_RUNTIME_STATE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The bundle's directory, the caller's to free: runc's "bundle=" label, crun's and youki's "bundle". 0, -ENOENT or
 * -ENOMEM.
 */
int runtime_state_bundle(const char *json, size_t len, char **bundle);

/* The container's cgroup is `path` in the hierarchy that is mounted at `root`. */
bool runtime_state_has_cgroup(const char *json, size_t len, const char *root, const char *path);

#endif
