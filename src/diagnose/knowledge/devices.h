/* SPDX-License-Identifier: MIT */
/* The devices of /dev that programs ask for and containers are not given: what for, and what else it takes. */
#ifndef KTRACE_KNOWLEDGE_DEVICES_H
#define KTRACE_KNOWLEDGE_DEVICES_H

#include "ktrace/container.h"

struct device {
	const char *prefix;     /* "/dev/fuse" */
	const char *what;       /* "file systems in user space (FUSE)" */
	const char *capability; /* that its use needs as well, or NULL */
	const char *module;     /* of the kernel, that makes it; or NULL */
	const char *instead;    /* what does without: an imperative, or NULL */
	bool gpu;
};

/* NULL for what is no device that is known: a file, a typing mistake. */
const struct device *device_of(const char *path);

enum device_right { DEVICE_UNKNOWN, DEVICE_ALLOWED, DEVICE_DENIED };

/* What the container's configuration says of reading and writing this device; UNKNOWN where it has no rule for it. */
enum device_right device_right_of(
	const struct container *c, bool block, uint32_t major, uint32_t minor);

#endif
