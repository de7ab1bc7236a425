/* SPDX-License-Identifier: MIT */
/* From the JSON that runtimes write to a struct container. Pure; hostile and damaged text is safe. */
#ifndef KTRACE_CONTAINER_BUNDLE_H
#define KTRACE_CONTAINER_BUNDLE_H

#include "ktrace/container.h"

struct cJSON;

#define BUNDLE_JSON_MAX (4u << 20) /* a config.json larger than this is not read */

/* The caller's to delete; NULL when it is no JSON, or one of more than 65536 values. */
struct cJSON *bundle_parse(const char *json, size_t len);

/*
 * Describes the container from an OCI config.json; c->bundle must be set, as paths in it may be
 * relative. What the text does not have stays as it is. Call it once for a container. 0, -EBADMSG when
 * it is not a JSON object, or one of more than 65536 values (c is then unchanged), or -ENOMEM (c is then incomplete, but whole).
 */
int bundle_describe(struct container *c, const char *json, size_t len);

/* Adds names, image and pod from Docker's own config.v2.json. As above. */
int bundle_describe_docker(struct container *c, const char *json, size_t len);

/*
 * Adds names and image from podman's containers.json, the list of all its containers; c->id says which
 * one. 0, -EBADMSG when it is no list, -ENOENT or -ENOMEM.
 */
int bundle_describe_podman(struct container *c, const char *json, size_t len);

/* bundle_environment.c: which of the "NAME=value" strings have a value that programs stumble over. 0 or -ENOMEM. */
int bundle_environment(struct container *c, const struct cJSON *env);

/* bundle_devices.c: sets c->devices from linux.resources.devices. 0 or -ENOMEM. */
int bundle_devices(struct container *c, const struct cJSON *rules);

#endif
