// SPDX-License-Identifier: MIT
#include "ktrace/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/utf8.h"

int container_set(char **member, const char *value)
{
	size_t len = strlen(value);
	char *copy = malloc(UTF8_SANITISED_MAX(len));

	if (!copy)
		return -ENOMEM;
	utf8_sanitise(copy, value, len);
	free(*member);
	*member = copy;
	return 0;
}

struct container *container_new(void)
{
	struct container *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->refs = 1;
	c->part = calloc(1, sizeof(*c->part));
	if (!c->part) {
		free(c);
		return NULL;
	}
	c->restart_count = -1;
	c->root.kind = MOUNT_ROOTFS;
	char **members[] = { &c->cgroup_path, &c->id, &c->runtime, &c->name, &c->image,
		&c->k8s_namespace, &c->pod, &c->pod_uid, &c->k8s_container, &c->sandbox_id,
		&c->workload, &c->job, &c->bundle, &c->rootfs, &c->root.source, &c->root.fstype,
		&c->root.name, &c->cwd, &c->path_env, &c->env_empty, &c->env_line_break,
		&c->env_host, &c->env_long, &c->env_placeholder, &c->env_service, &c->keys_empty,
		&c->devices };
	int rc = container_set(&c->root.destination, "/");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		rc = rc ?: container_set(members[i], "");
	if (rc) {
		container_unref(c);
		return NULL;
	}
	return c;
}

struct container *container_ref(struct container *c)
{
	c->refs++;
	return c;
}

static void mount_clear(struct mount *m)
{
	free(m->destination);
	free(m->source);
	free(m->fstype);
	free(m->name);
}

void container_part_clear(struct container_part *part)
{
	free(part->node);
	free(part->identity);
	free(part->ktrace);
	free(part->message);
	*part = (struct container_part){ 0 };
}

void container_unref(struct container *c)
{
	if (!c || --c->refs)
		return;
	char *members[] = { c->cgroup_path, c->id, c->runtime, c->name, c->image, c->k8s_namespace,
		c->pod, c->pod_uid, c->k8s_container, c->sandbox_id, c->workload, c->job, c->bundle,
		c->rootfs, c->cwd, c->path_env, c->env_empty, c->env_line_break, c->env_host,
		c->env_long, c->env_placeholder, c->env_service, c->keys_empty, c->devices };
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		free(members[i]);
	for (size_t i = 0; i < c->n_mounts; i++)
		mount_clear(&c->mounts[i]);
	free(c->mounts);
	mount_clear(&c->root);
	for (size_t i = 0; i < c->n_args; i++)
		free(c->args[i]);
	free(c->args);
	free(c->groups);
	container_part_clear(c->part);
	free(c->part);
	snapshot_unref(c->start);
	remembered_free(c->remembered);
	free(c);
}

const struct mount *container_mount_of(const struct container *c, const char *path)
{
	const struct mount *best = &c->root;
	size_t best_len = 0;

	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct mount *m = &c->mounts[i];
		size_t len = strlen(m->destination);

		/* Of two mounts on one place the later one hides the earlier one. */
		if (len < 2 || len < best_len || strncmp(path, m->destination, len))
			continue;
		if (path[len] && path[len] != '/')
			continue;
		best = m;
		best_len = len;
	}
	return best;
}

const char *container_type_name(enum container_type type)
{
	static const char *const names[] = {
		[CONTAINER_UNKNOWN] = "",
		[CONTAINER_MAIN] = "container",
		[CONTAINER_INIT] = "init",
		[CONTAINER_SANDBOX] = "sandbox",
	};
	return (size_t)type < ARRAY_SIZE(names) ? names[type] : "";
}

const char *workload_kind_name(enum workload_kind kind)
{
	static const char *const names[WORKLOAD_KINDS] = {
		[WORKLOAD_UNKNOWN] = "",
		[WORKLOAD_POD] = "Pod",
		[WORKLOAD_DEPLOYMENT] = "Deployment",
		[WORKLOAD_STATEFULSET] = "StatefulSet",
		[WORKLOAD_DAEMONSET] = "DaemonSet",
		[WORKLOAD_JOB] = "Job",
		[WORKLOAD_CRONJOB] = "CronJob",
	};
	return (size_t)kind < WORKLOAD_KINDS ? names[kind] : "";
}
