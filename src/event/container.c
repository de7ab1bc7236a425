// SPDX-License-Identifier: MIT
#include "ktrace/container.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/utf8.h"

/* What most strings of a container are that little is known of: in one place for all, never written, and nobody's to free. */
static const char nothing[] = "";
#define EMPTY ((char *)nothing)

static void string_free(char *s)
{
	if (s != nothing)
		free(s);
}

int container_set(char **member, const char *value)
{
	char *copy = utf8_sanitised(value, strlen(value));

	if (!copy)
		return -ENOMEM;
	string_free(*member);
	*member = copy;
	return 0;
}

#define MEMBER(name) offsetof(struct container, name)

static const size_t strings[] = { MEMBER(cgroup_path), MEMBER(id), MEMBER(runtime), MEMBER(name),
	MEMBER(image), MEMBER(k8s_namespace), MEMBER(pod), MEMBER(pod_uid), MEMBER(k8s_container),
	MEMBER(sandbox_id), MEMBER(workload), MEMBER(job), MEMBER(bundle), MEMBER(rootfs),
	MEMBER(cwd), MEMBER(path_env), MEMBER(env_empty), MEMBER(env_line_break), MEMBER(env_host),
	MEMBER(env_long), MEMBER(env_placeholder), MEMBER(env_service), MEMBER(keys_empty),
	MEMBER(devices) };

static char **string_of(struct container *c, size_t i)
{
	return (char **)((char *)c + strings[i]);
}

struct container *container_new(void)
{
	struct container *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->refs = 1;
	c->restart_count = -1;
	c->root = (struct mount){
		.kind = MOUNT_ROOTFS, .source = EMPTY, .fstype = EMPTY, .name = EMPTY
	};
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		*string_of(c, i) = EMPTY;
	c->part = calloc(1, sizeof(*c->part));
	if (!c->part || container_set(&c->root.destination, "/")) {
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

void mount_clear(struct mount *m)
{
	string_free(m->destination);
	string_free(m->source);
	string_free(m->fstype);
	string_free(m->name);
	*m = (struct mount){ 0 };
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
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		string_free(*string_of(c, i));
	for (size_t i = 0; i < c->n_mounts; i++)
		mount_clear(&c->mounts[i]);
	free(c->mounts);
	mount_clear(&c->root);
	for (size_t i = 0; i < c->n_args; i++)
		free(c->args[i]);
	free(c->args);
	free(c->groups);
	if (c->part)
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
