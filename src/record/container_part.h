/* SPDX-License-Identifier: MIT */
/*
 * The part of a record that is the same in all of one container. It is made with the first record and kept with the
 * container, which does not change once events point at it. Pure.
 */
#ifndef KTRACE_RECORD_CONTAINER_PART_H
#define KTRACE_RECORD_CONTAINER_PART_H

#include "ktrace/container.h"
#include "record/writer.h"

/* NULL: it cannot be kept (no memory, or not a container of container_new()), and has to be written anew. */
const struct container_part *container_part(const struct container *c, const char *node);

/* The same without a copy: writes the members container and k8s, and those that the object ktrace begins with. */
void container_part_identity(struct writer *w, const struct container *c, const char *node);
void container_part_ktrace(struct writer *w, const struct container *c);

#endif
