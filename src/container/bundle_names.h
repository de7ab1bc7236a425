/* SPDX-License-Identifier: MIT */
/* Names in annotations and labels: one table for all runtimes. Pure. */
#ifndef KTRACE_CONTAINER_BUNDLE_NAMES_H
#define KTRACE_CONTAINER_BUNDLE_NAMES_H

#include <cjson/cJSON.h>

#include "ktrace/container.h"

/* From a bundle's annotations or a Docker container's labels; any JSON will do. 0 or -ENOMEM. */
int names_from_annotations(struct container *c, const cJSON *annotations);

/*
 * From the path of a container's log, "/var/log/pods/<ns>_<pod>_<uid>/<container>/<n>.log": sets
 * those that are not known yet, and the restart count. 0 (also when it is no such path) or -ENOMEM.
 */
int names_from_log_path(struct container *c, const char *path);
int names_from_log_directory(
	struct container *c, const char *directory); /* "<ns>_<pod>_<uid>", alike */

int capability_from_name(const char *name); /* "CAP_CHOWN" is 0; -1 when there is none */

#endif
