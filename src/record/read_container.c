// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

/* A log says how many containers there are: running out of memory on one is an error, not the end. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(entry) ((entry)->unhashed = true)
#include <uthash.h>

#include "record/read.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"

/*
 * Mounts that records name and the container's description does not (it was cut, or is not in this
 * log) find room behind those that it does: events point at mounts, so the array must never move.
 */
#define SPARE_MOUNTS 32

struct known {
	char *id;
	struct container *container;
	size_t mounts_capacity;
	bool described; /* by a container_created record */
	bool unhashed;
	UT_hash_handle hh;
};

struct read_containers {
	struct known *by_id, *latest; /* latest: that was asked for, or NULL */
};

struct read_containers *read_containers_new(void)
{
	return calloc(1, sizeof(struct read_containers));
}

static void known_free(struct known *k)
{
	if (!k)
		return;
	container_unref(k->container);
	free(k->id);
	free(k);
}

static void cleanup_known(struct known **k)
{
	known_free(*k);
}

void read_containers_free(struct read_containers *all)
{
	struct known *k, *next;

	if (!all)
		return;
	HASH_ITER(hh, all->by_id, k, next)
	{
		HASH_DEL(all->by_id, k);
		known_free(k);
	}
	free(all);
}

#define _cleanup_mount_ __attribute__((cleanup(mount_clear)))

static int read_mounts(const struct json_value *list, struct known *k, struct read_error *why)
{
	struct container *c = k->container;
	const struct json_value *item;

	k->mounts_capacity = json_count(list) + SPARE_MOUNTS;
	c->mounts = calloc(k->mounts_capacity, sizeof(*c->mounts));
	if (!c->mounts)
		return -ENOMEM;
	JSON_EACH(item, list)
	{
		/* Counted first: a half-read one is freed with its container. */
		int err = read_fields(item, &mount_fields, &c->mounts[c->n_mounts++], why);
		if (err)
			return err;
	}
	return 0;
}

static int read_args(const struct json_value *object, struct container *c, struct read_error *why)
{
	_cleanup_free_ const char **texts = NULL;
	size_t n = 0;
	int err = read_strings(object, "args", &texts, &n, why);

	if (err || n == 0)
		return err;
	c->args = calloc(n, sizeof(*c->args));
	if (!c->args)
		return -ENOMEM;
	while (c->n_args < n) {
		err = container_set(&c->args[c->n_args], texts[c->n_args]);
		if (err)
			return err;
		c->n_args++;
	}
	return 0;
}

static int read_groups(const struct json_value *object, struct container *c, struct read_error *why)
{
	const struct json_value *list = NULL, *item;
	int err = read_list(object, "groups", &list, why);

	if (err || !json_count(list))
		return err;
	c->groups = calloc(json_count(list), sizeof(*c->groups));
	if (!c->groups)
		return -ENOMEM;
	JSON_EACH(item, list)
	{
		uint64_t group = 0;
		err = read_u64(item, "", UINT32_MAX, &group, why);
		if (err)
			return read_fail(why, "ktrace.container.groups must contain only groups");
		c->groups[c->n_groups++] = (uint32_t)group;
	}
	return 0;
}

static int read_time(
	const struct json_value *object, const char *key, uint64_t *out, struct read_error *why)
{
	const char *text = "";
	int err = read_text(object, key, &text, why);

	if (!err && *text && rfc3339_parse(text, out))
		return read_fail(
			why, "ktrace.container.blind_since and .blind_until must be times");
	return err;
}

static int read_description(
	const struct json_value *object, struct known *k, struct read_error *why)
{
	struct container *c = k->container;
	const struct json_value *mounts = NULL;
	int err;

	if ((err = read_fields(object, &description_fields, c, why)) ||
		(err = read_time(object, "blind_since", &c->blind_since, why)) ||
		(err = read_time(object, "blind_until", &c->blind_until, why)) ||
		(err = read_fields(read_at(object, "root"), &mount_fields, &c->root, why)) ||
		(err = read_remembered(read_at(object, "remembered"), &c->remembered, why)) ||
		(err = read_args(object, c, why)) || (err = read_groups(object, c, why)) ||
		(err = read_list(object, "mounts", &mounts, why)))
		return err;
	return read_mounts(mounts, k, why);
}

/* What is sure has a member of its own, which only repeats the name. */
static int read_workload(const struct json_value *root, struct container *c, struct read_error *why)
{
	static const char *const sure[] = { "k8s.deployment", "k8s.statefulset", "k8s.daemonset",
		"k8s.job" };

	for (size_t i = 0; i < ARRAY_SIZE(sure); i++)
		c->workload_sure |= read_at(root, sure[i]) != NULL;
	return read_fields(read_at(root, "ktrace.workload"), &workload_fields, c, why);
}

static int known_new(const struct json_value *root, const char *id, bool created,
	struct known **out, struct read_error *why)
{
	_cleanup_(cleanup_known) struct known *k = calloc(1, sizeof(*k));
	const struct json_value *description = created ? read_at(root, "ktrace.container") : NULL;
	const struct json_value *pod = read_at(root, "k8s");
	int err;

	if (!k || !(k->id = strdup(id)) || !(k->container = container_new()))
		return -ENOMEM;
	k->described = description;
	if ((err = read_fields(read_at(root, "container"), &container_fields, k->container, why)) ||
		(err = read_fields(pod, &pod_fields, k->container, why)) ||
		(err = read_workload(root, k->container, why)) ||
		(err = read_description(description, k, why)))
		return err;
	*out = take(k);
	return 0;
}

static int adopt(struct read_containers *all, struct known *k, struct known *before)
{
	if (before) {
		all->latest = NULL;
		HASH_DEL(all->by_id, before);
		known_free(before);
	}
	HASH_ADD_KEYPTR(hh, all->by_id, k->id, strlen(k->id), k);
	if (!k->unhashed)
		return 0;
	known_free(k);
	return -ENOMEM;
}

static struct known *find(struct read_containers *all, const char *id)
{
	struct known *k = all->latest;

	/* Mostly that of the record before. */
	if (k && !strcmp(k->id, id))
		return k;
	HASH_FIND_STR(all->by_id, id, k);
	if (k)
		all->latest = k;
	return k;
}

int read_container(struct read_containers *all, const struct json_value *root, bool created,
	struct container **out, struct read_error *why)
{
	const char *id = "";
	struct known *k;
	int err;

	if (!read_at(root, "container")) {
		*out = NULL;
		return 0;
	}
	err = read_text(root, "container.id", &id, why);
	if (err)
		return err;
	k = find(all, id);
	if (!k || created) {
		struct known *before = k;
		err = known_new(root, id, created, &k, why);
		if (!err)
			err = adopt(all, k, before);
		if (err)
			return err;
	}
	err = read_int(root, "k8s.container.restart_count", &k->container->restart_count, why);
	if (err)
		return err;
	*out = k->container;
	return 0;
}

static bool mounts_equal(const struct mount *a, const struct mount *b)
{
	return strcmp(a->destination, b->destination) == 0 && strcmp(a->name, b->name) == 0 &&
	       a->kind == b->kind && a->read_only == b->read_only && a->noexec == b->noexec &&
	       a->subpath == b->subpath && a->directory == b->directory;
}

/* What most files of a container lie on. */
static bool is_root_file_system(const struct json_value *mount)
{
	const struct json_value *destination = read_at(mount, "destination"),
				*kind = read_at(mount, "kind");

	return json_is(destination, JSON_STRING) && !strcmp(destination->text, "/") &&
	       json_is(kind, JSON_STRING) && mount_kind_from_name(kind->text) == MOUNT_ROOTFS;
}

int read_mount(struct read_containers *all, struct container *c, const struct json_value *root,
	const struct mount **out, struct read_error *why)
{
	const struct json_value *object = read_at(root, "ktrace.mount");
	_cleanup_mount_ struct mount m = { 0 };

	*out = NULL;
	if (!object || !c)
		return 0;
	struct known *k = find(all, c->id);
	if (k && k->described && is_root_file_system(object)) {
		*out = &c->root;
		return 0;
	}
	int err = read_fields(object, &mount_fields, &m, why);
	if (err)
		return err;
	bool is_root = m.kind == MOUNT_ROOTFS && strcmp(m.destination, "/") == 0;
	if (is_root && k && !k->described) {
		c->root.read_only = m.read_only;
		c->root.noexec = m.noexec;
	}
	if (is_root) {
		*out = &c->root;
		return 0;
	}
	for (size_t i = 0; i < c->n_mounts && !*out; i++)
		if (mounts_equal(&c->mounts[i], &m))
			*out = &c->mounts[i];
	if (!*out && k && k->container == c && c->n_mounts < k->mounts_capacity) {
		c->mounts[c->n_mounts] = m;
		m = (struct mount){ 0 };
		*out = &c->mounts[c->n_mounts++];
	}
	return 0;
}
