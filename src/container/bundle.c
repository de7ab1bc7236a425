// SPDX-License-Identifier: MIT
#include "container/bundle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "container/bundle_names.h"
#include "container/snapshot.h"
#include "container/volumes.h"
#include "event/decode.h"
#include "util/cleanup.h"

#define LIST_MAX 4096    /* entries of any list: more is an attack, not a container */
#define VALUES_MAX 65536 /* of one text; parsed, each takes some 100 bytes */
#define PATH_SIZE 4096

/*
 * Whoever may start a container chooses its arguments and labels: four megabytes of short ones would take
 * 150 MiB once parsed. There is a comma before each value but the first ones of lists and objects.
 */
static bool is_modest(const char *json, size_t len)
{
	size_t values = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (json[i] == '"')
			quoted = !quoted;
		else if (json[i] == '\\')
			i++;
		else if (!quoted && (json[i] == ',' || json[i] == '[' || json[i] == '{'))
			values++;
	}
	return values <= VALUES_MAX;
}

cJSON *bundle_parse(const char *json, size_t len)
{
	return is_modest(json, len) ? cJSON_ParseWithLength(json, len) : NULL;
}

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(member(object, name)) ?: "";
}

/* Doubles hold what limits there are; "unlimited" is written as -1, 0 or close to 2^63. */
static uint64_t limit_of(const cJSON *object, const char *name)
{
	const cJSON *item = member(object, name);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 1) || item->valuedouble > 1e18)
		return 0;
	return (uint64_t)item->valuedouble;
}

static uint32_t id_of(const cJSON *item)
{
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > UINT32_MAX)
		return 0;
	return (uint32_t)item->valuedouble;
}

static size_t list_size(const cJSON *list)
{
	size_t n = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;

	return n > LIST_MAX ? LIST_MAX : n;
}

static bool has_option(const cJSON *options, const char *name)
{
	const cJSON *option;

	cJSON_ArrayForEach (option, options)
		if (cJSON_IsString(option) && !strcmp(option->valuestring, name))
			return true;
	return false;
}

/* Makes a path of the bundle absolute and normal. 0, -ENAMETOOLONG or -ENOMEM. */
static int set_path(char **out, const char *dir, const char *path)
{
	char joined[PATH_SIZE];
	int rc = path_join(joined, sizeof(joined), dir, path);

	return rc < 0 ? rc : container_set(out, joined);
}

static int describe_mount(const struct container *c, const cJSON *json, struct mount *m)
{
	const cJSON *options = member(json, "options");
	const char *source = text_of(json, "source");
	bool bind = !strcmp(text_of(json, "type"), "bind") || has_option(options, "bind") ||
		    has_option(options, "rbind");

	int rc = set_path(&m->destination, "/", text_of(json, "destination"));
	rc = rc ?: container_set(&m->fstype, bind ? "bind" : text_of(json, "type"));
	rc = rc ?: bind ? set_path(&m->source, c->bundle, source) : container_set(&m->source, "");
	rc = rc ?: container_set(&m->name, "");
	if (rc)
		return rc;
	m->read_only = has_option(options, "ro");
	m->noexec = has_option(options, "noexec");
	return volume_classify(m);
}

static int describe_mounts(struct container *c, const cJSON *list)
{
	size_t n = list_size(list);
	const cJSON *item;

	if (!n || c->n_mounts)
		return 0;
	c->mounts = calloc(n, sizeof(*c->mounts));
	if (!c->mounts)
		return -ENOMEM;
	cJSON_ArrayForEach (item, list) {
		if (c->n_mounts == n)
			break;
		struct mount *m = &c->mounts[c->n_mounts];
		int rc = describe_mount(c, item, m);
		if (rc == -ENAMETOOLONG) {
			mount_clear(m);
			continue;
		}
		/* Counted even when it failed, so that container_unref() finds what it holds. */
		c->n_mounts++;
		if (rc)
			return rc;
	}
	return 0;
}

static int describe_root(struct container *c, const cJSON *root)
{
	const char *path = text_of(root, "path");

	c->root.read_only = cJSON_IsTrue(member(root, "readonly"));
	if (!*path)
		return 0;
	int rc = set_path(&c->rootfs, c->bundle, path);
	if (rc == -ENAMETOOLONG)
		return 0;
	return rc ?: container_set(&c->root.source, c->rootfs);
}

static int describe_args(struct container *c, const cJSON *list)
{
	size_t n = list_size(list);
	const cJSON *item;

	if (!n || c->n_args)
		return 0;
	c->args = calloc(n, sizeof(*c->args));
	if (!c->args)
		return -ENOMEM;
	cJSON_ArrayForEach (item, list) {
		if (c->n_args == n)
			break;
		int rc = container_set(&c->args[c->n_args], cJSON_GetStringValue(item) ?: "");
		if (rc)
			return rc;
		c->n_args++;
	}
	return 0;
}

static int describe_user(struct container *c, const cJSON *user)
{
	const cJSON *list = member(user, "additionalGids"), *item;
	size_t n = list_size(list);

	c->uid = id_of(member(user, "uid"));
	c->gid = id_of(member(user, "gid"));
	if (!n || c->n_groups)
		return 0;
	c->groups = calloc(n, sizeof(*c->groups));
	if (!c->groups)
		return -ENOMEM;
	cJSON_ArrayForEach (item, list)
		if (c->n_groups < n)
			c->groups[c->n_groups++] = id_of(item);
	return 0;
}

/*
 * What the program can use once it runs. execve(2) leaves a user that is not root the ambient set only,
 * and gives root what its bounding set allows (capabilities(7)).
 */
static uint64_t effective_capabilities(const cJSON *sets, bool root)
{
	const cJSON *list = member(sets, root ? "effective" : "ambient"), *item;
	uint64_t caps = 0;

	if (root && !list)
		list = member(sets, "bounding");
	cJSON_ArrayForEach (item, list) {
		int bit = capability_from_name(cJSON_GetStringValue(item) ?: "");
		caps |= bit < 0 ? 0 : 1ull << bit;
	}
	return caps;
}

/* The value of a variable in "NAME=value" strings. Of two the last one wins, as it does in execve(). */
static const char *variable(const cJSON *env, const char *name)
{
	size_t len = strlen(name);
	const char *found = NULL;
	const cJSON *item;

	cJSON_ArrayForEach (item, env)
		if (cJSON_IsString(item) && !strncmp(item->valuestring, name, len) &&
			item->valuestring[len] == '=')
			found = item->valuestring + len + 1;
	return found;
}

static int describe_process(struct container *c, const cJSON *process)
{
	const cJSON *item;
	int rc = describe_user(c, member(process, "user"));

	rc = rc ?: bundle_environment(c, member(process, "env"));

	rc = rc ?: describe_args(c, member(process, "args"));
	rc = rc ?: container_set(&c->cwd, text_of(process, "cwd"));
	const char *path = variable(member(process, "env"), "PATH");
	if (!rc && path)
		rc = container_set(&c->path_env, path);
	c->capabilities = effective_capabilities(member(process, "capabilities"), !c->uid);
	c->no_new_privileges = cJSON_IsTrue(member(process, "noNewPrivileges"));
	c->terminal = cJSON_IsTrue(member(process, "terminal"));
	cJSON_ArrayForEach (item, member(process, "rlimits"))
		if (!strcmp(text_of(item, "type"), "RLIMIT_NOFILE"))
			c->nofile_limit = limit_of(item, "soft");
	return rc;
}

static void describe_linux(struct container *c, const cJSON *json)
{
	const cJSON *resources = member(json, "resources"), *item;
	bool own_network = false, own_pid = false;

	c->seccomp = cJSON_IsObject(member(json, "seccomp"));
	c->memory_limit = limit_of(member(resources, "memory"), "limit");
	c->pids_limit = limit_of(member(resources, "pids"), "limit");
	cJSON_ArrayForEach (item, member(json, "namespaces")) {
		own_pid |= !strcmp(text_of(item, "type"), "pid");
		/* Docker's name for the host's own network is a file called "default". */
		own_network |= !strcmp(text_of(item, "type"), "network") &&
			       !strstr(text_of(item, "path"), "/netns/default");
	}
	c->host_pid = !own_pid;
	c->host_network = !own_network;
}

/* Containers of a podman pod share its host name; bundle_describe_podman() sees whether it is the name. */
static int guess_podman_pod(struct container *c, const cJSON *env)
{
	const char *host = variable(env, "HOSTNAME");

	if (strcmp(c->runtime, "podman") || !*c->sandbox_id || *c->pod || !host)
		return 0;
	return container_set(&c->pod, host);
}

int bundle_describe(struct container *c, const char *json, size_t len)
{
	_cleanup_json_ cJSON *config = bundle_parse(json, len);

	if (!cJSON_IsObject(config))
		return -EBADMSG;
	describe_linux(c, member(config, "linux"));
	int rc = describe_process(c, member(config, "process"));
	rc = rc
		     ?: bundle_devices(
				c, member(member(member(config, "linux"), "resources"), "devices"));
	rc = rc ?: describe_root(c, member(config, "root"));
	rc = rc ?: describe_mounts(c, member(config, "mounts"));
	rc = rc ?: names_from_annotations(c, member(config, "annotations"));
	rc = rc ?: guess_podman_pod(c, member(member(config, "process"), "env"));
	rc = rc ?: snapshot_config(c, config);
	c->described = !rc;
	return rc;
}

int bundle_describe_docker(struct container *c, const char *json, size_t len)
{
	_cleanup_json_ cJSON *docker = bundle_parse(json, len);

	if (!cJSON_IsObject(docker))
		return -EBADMSG;
	const cJSON *config = member(docker, "Config");
	const char *name = text_of(docker, "Name"), *image = text_of(config, "Image");
	int rc = container_set(&c->runtime, "docker");
	rc = rc ?: snapshot_digest(c, text_of(docker, "Image"));
	if (!rc && *image)
		rc = container_set(&c->image, image);
	if (!rc && *name)
		rc = container_set(&c->name, name + (*name == '/'));
	/* By Docker's own restart policy; the kubelet's label counts more. */
	const cJSON *restarts = member(docker, "RestartCount");
	if (cJSON_IsNumber(restarts) && restarts->valueint >= 0)
		c->restart_count = restarts->valueint;
	return rc ?: names_from_annotations(c, member(config, "Labels"));
}

/* podman calls a pod's sandbox "<first 12 digits of the pod's id>-infra". */
static bool is_podman_sandbox(const struct container *c, const char *name)
{
	char pod[16];

	if (strlen(name) != 18 || strcmp(name + 12, "-infra"))
		return false;
	snprintf(pod, sizeof(pod), "/%.12s", name);
	return strstr(c->cgroup_path, pod) != NULL;
}

/*
 * `podman kube play` calls a container "<pod>-<container>", and the pod is its host name as well. Where
 * the two do not agree it is no such pod, or one with a host name of its own: its name is not known.
 */
static int split_podman_name(struct container *c, const char *name)
{
	size_t len = strlen(c->pod);

	if (is_podman_sandbox(c, name))
		c->type = CONTAINER_SANDBOX;
	else if (len && !strncmp(name, c->pod, len) && name[len] == '-' && name[len + 1])
		return container_set(&c->k8s_container, name + len + 1);
	return container_set(&c->pod, "");
}

static int describe_podman_entry(struct container *c, const cJSON *entry)
{
	const char *name =
		cJSON_GetStringValue(cJSON_GetArrayItem(member(entry, "names"), 0)) ?: "";
	const char *text = text_of(entry, "metadata");
	_cleanup_json_ cJSON *metadata = bundle_parse(text, strlen(text));
	const char *image = text_of(metadata, "image-name");
	int rc = *image ? container_set(&c->image, image) : 0;

	rc = rc ?: container_set(&c->name, name);
	rc = rc ?: snapshot_digest(c, text_of(entry, "image"));
	return rc ?: split_podman_name(c, name);
}

int bundle_describe_podman(struct container *c, const char *json, size_t len)
{
	_cleanup_json_ cJSON *list = bundle_parse(json, len);
	const cJSON *entry;

	if (!cJSON_IsArray(list))
		return -EBADMSG;
	cJSON_ArrayForEach (entry, list)
		if (!strcmp(text_of(entry, "id"), c->id))
			return describe_podman_entry(c, entry);
	return -ENOENT;
}
