// SPDX-License-Identifier: MIT
#include "container/runtimes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "container/bundle.h"
#include "container/bundle_names.h"
#include "container/hostfile.h"
#include "container/runtime_state.h"
#include "util/cleanup.h"
#include "util/read_link.h"

#define LOGS_MAX 20000 /* entries of a directory of logs that are looked at */

/* Directories that hold config.json, by container id. */
static const struct {
	const char *format, *runtime;
} bundles[] = {
	{ "/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s", "containerd" },
	{ "/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/%s",
		"containerd" }, /* and RKE2 */
	{ "/run/k0s/containerd/io.containerd.runtime.v2.task/k8s.io/%s", "containerd" },
	{ "/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s",
		"containerd" },
	{ "/run/containerd/io.containerd.runtime.v2.task/moby/%s", "docker" },
	{ "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/%s", "docker" },
	{ "/run/containerd/io.containerd.runtime.v2.task/default/%s", "containerd" },
	{ "/run/containers/storage/overlay-containers/%s/userdata", "cri-o" },
	{ "/var/lib/containers/storage/overlay-containers/%s/userdata", "podman" },
};

/* State files that name the bundle, by container id. */
static const struct {
	const char *format, *runtime;
} states[] = {
	{ "/run/runc/%s/state.json", "runc" },
	{ "/run/containerd/runc/k8s.io/%s/state.json", "containerd" },
	{ "/run/containerd/runc/k8s.io/%s/status", "containerd" }, /* crun in runc's place */
	{ "/run/docker/runtime-runc/moby/%s/state.json", "docker" },
	{ "/run/containerd/runc/default/%s/state.json", "containerd" },
	{ "/run/crun/%s/status", "runc" },
	{ "/run/youki/%s/state.json", "runc" },
};

/* An id becomes part of paths: nothing that could lead out of a directory. */
static bool is_plain(const char *id)
{
	return *id && *id != '.' && !strchr(id, '/') && strlen(id) < RUNTIME_ID_MAX;
}

/* format is one of the constants above, with one %s. */
static int read_by_id(
	const char *host_root, const char *format, const char *id, char **json, size_t *len)
{
	char path[RUNTIME_PATH_MAX];
	const char *at = strstr(format, "%s");

	snprintf(path, sizeof(path), "%.*s%s%s", (int)(at - format), format, id, at + 2);
	return host_read(host_root, path, BUNDLE_JSON_MAX, json, len);
}

static int describe_with(struct container *c, const char *json, size_t len, const char *runtime)
{
	int rc = bundle_describe(c, json, len);

	if (!rc && !*c->runtime)
		rc = container_set(&c->runtime, runtime);
	return rc;
}

/* What a call named has to be whose the cgroup is: nobody makes his container out of what lies in another's directories. */
static int describe_from_call(struct container *c, const char *host_root)
{
	_cleanup_free_ char *json = NULL;
	size_t len;
	int rc = host_read_of(
		host_root, c->bundle, "config.json", c->made_by, BUNDLE_JSON_MAX, &json, &len);

	return rc ?: describe_with(c, json, len, "runc");
}

/* From where runtimes that root runs keep it, which nobody else can write to. */
static int describe_from_place(struct container *c, const char *host_root, const char *runtime)
{
	_cleanup_free_ char *json = NULL, *path = NULL;
	size_t len;

	if (asprintf(&path, "%s/config.json", c->bundle) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	int rc = host_read(host_root, path, BUNDLE_JSON_MAX, &json, &len);
	return rc ?: describe_with(c, json, len, runtime);
}

/* Tries every known place. A damaged file may be one that is being written: the next try may do. */
static int describe_by_id(struct container *c, const char *host_root)
{
	for (size_t i = 0; i < ARRAY_SIZE(bundles); i++) {
		char bundle[RUNTIME_PATH_MAX];
		const char *at = strstr(bundles[i].format, "%s");
		snprintf(bundle, sizeof(bundle), "%.*s%s%s", (int)(at - bundles[i].format),
			bundles[i].format, c->id, at + 2);
		if (container_set(&c->bundle, bundle))
			return -ENOMEM;
		int rc = describe_from_place(c, host_root, bundles[i].runtime);
		if (!rc || rc == -ENOMEM)
			return rc;
	}
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		_cleanup_free_ char *json = NULL, *bundle = NULL;
		size_t len;
		int rc = read_by_id(host_root, states[i].format, c->id, &json, &len);
		rc = rc ?: runtime_state_bundle(json, len, &bundle);
		rc = rc ?: container_set(&c->bundle, bundle);
		rc = rc ?: describe_from_place(c, host_root, states[i].runtime);
		if (!rc || rc == -ENOMEM)
			return rc;
	}
	return container_set(&c->bundle, "") ?: -ENOENT;
}

bool runtimes_have(const char *host_root, const char *id, const char *cgroup_root, const char *path)
{
	for (size_t i = 0; is_plain(id) && i < ARRAY_SIZE(states); i++) {
		_cleanup_free_ char *json = NULL;
		size_t len;

		if (!read_by_id(host_root, states[i].format, id, &json, &len) &&
			runtime_state_has_cgroup(json, len, cgroup_root, path))
			return true;
	}
	return false;
}

/* Where "<id>/..." begins in the path of a file of Docker's own, ".../containers/<id>/..."; or NULL. */
static const char *after_docker_directory(const char *path)
{
	static const char containers[] = "/containers/";

	for (const char *p = path; (p = strstr(p, containers)); p++) {
		const char *id = p + strlen(containers);
		if (strspn(id, "0123456789abcdef") == 64 && id[64] == '/')
			return id;
	}
	return NULL;
}

/*
 * Docker's directory of containers, wherever its data root is: each container has files of it mounted, in
 * a pod those of the sandbox.
 */
static int docker_directory(const struct container *c, char **directory)
{
	static const char usual[] = "/var/lib/docker/containers/";

	*directory = NULL;
	for (size_t i = 0; i < c->n_mounts && !*directory; i++) {
		const struct mount *m = &c->mounts[i];
		const char *id = after_docker_directory(m->source);
		if (id && !strcmp(m->destination, "/etc/resolv.conf"))
			*directory = strndup(m->source, (size_t)(id - m->source));
	}
	if (!*directory)
		*directory = strdup(usual);
	return *directory ? 0 : -ENOMEM;
}

static int describe_docker(struct container *c, const char *host_root)
{
	_cleanup_free_ char *directory = NULL, *path = NULL, *json = NULL;
	size_t len;

	if (docker_directory(c, &directory))
		return -ENOMEM;
	if (asprintf(&path, "%s%s/config.v2.json", directory, c->id) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	int rc = host_read(host_root, path, BUNDLE_JSON_MAX, &json, &len);
	return rc ?: bundle_describe_docker(c, json, len);
}

/* The list lies beside the directories of the containers, whose bundles are "<directory>/<id>/userdata". */
static int describe_podman(struct container *c, const char *host_root)
{
	const char *at = strstr(c->bundle, c->id);
	_cleanup_free_ char *directory = at ? strndup(c->bundle, (size_t)(at - c->bundle)) : NULL;
	_cleanup_free_ char *json = NULL;
	size_t len;

	if (!directory)
		return at ? -ENOMEM : -ENOENT;
	int rc = host_read_of(
		host_root, directory, "containers.json", c->made_by, BUNDLE_JSON_MAX, &json, &len);
	return rc ?: bundle_describe_podman(c, json, len);
}

/* Docker and podman keep names apart from the bundle, which is good without them. */
static int describe_names(struct container *c, const char *host_root)
{
	bool podman = !strcmp(c->runtime, "podman");
	int rc = podman       ? describe_podman(c, host_root)
		 : c->by_root ? describe_docker(c, host_root)
			      : 0;

	return rc == -ENOMEM ? rc : 0;
}

/* Pods are made by root: a user's container may be called as it likes, but it is none of Kubernetes. */
static int forget_pod(struct container *c)
{
	char **const members[] = { &c->k8s_namespace, &c->pod, &c->pod_uid, &c->k8s_container,
		&c->sandbox_id, &c->workload, &c->job };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (container_set(members[i], ""))
			return -ENOMEM;
	c->type = CONTAINER_UNKNOWN;
	return 0;
}

int runtimes_describe(struct container *c, const char *host_root)
{
	int rc = -ENOENT;

	if (!is_plain(c->id))
		return -ENOENT;
	if (*c->bundle)
		rc = describe_from_call(c, host_root);
	if (rc && rc != -ENOMEM && c->by_root)
		rc = describe_by_id(c, host_root);
	rc = rc ?: describe_names(c, host_root);
	return rc || c->by_root ? rc : forget_pod(c);
}

/* /var/log/containers/<pod>_<ns>_<container>-<id>.log is a link to the log of that id's run. */
static int names_from_link(struct container *c, const char *host_root)
{
	_cleanup_dir_ DIR *dir = host_opendir(host_root, "/var/log/containers");
	const struct dirent *entry;
	char suffix[RUNTIME_ID_MAX + 8], target[RUNTIME_PATH_MAX];

	int suffix_len = snprintf(suffix, sizeof(suffix), "-%s.log", c->id);
	for (int i = 0; dir && i < LOGS_MAX && (entry = readdir(dir)); i++) {
		size_t len = strlen(entry->d_name);
		if (len < (size_t)suffix_len || strcmp(entry->d_name + len - suffix_len, suffix))
			continue;
		if (read_link(dirfd(dir), entry->d_name, target, sizeof(target)) < 0)
			return 0;
		return names_from_log_path(c, target);
	}
	return 0;
}

/* The link comes after the start, the pod's directory of logs before it: it has the uid in its name. */
static int names_from_directory(struct container *c, const char *host_root)
{
	_cleanup_dir_ DIR *dir = host_opendir(host_root, "/var/log/pods");
	const struct dirent *entry;

	for (int i = 0; dir && i < LOGS_MAX && (entry = readdir(dir)); i++) {
		const char *uid = strrchr(entry->d_name, '_');
		if (uid && !strcmp(uid + 1, c->pod_uid))
			return names_from_log_directory(c, entry->d_name);
	}
	return 0;
}

/* The highest N of <N>.log in the container's log directory is the run that goes on now. */
static int restarts_from_logs(const struct container *c, const char *host_root)
{
	_cleanup_free_ char *path = NULL;
	const struct dirent *entry;
	int most = -1;

	if (asprintf(&path, "/var/log/pods/%s_%s_%s/%s", c->k8s_namespace, c->pod, c->pod_uid,
		    c->k8s_container) < 0) {
		path = NULL;
		return -1;
	}
	_cleanup_dir_ DIR *dir = host_opendir(host_root, path);
	for (int i = 0; dir && i < LOGS_MAX && (entry = readdir(dir)); i++) {
		int n, end = 0;
		if (sscanf(entry->d_name, "%9d.log%n", &n, &end) == 1 && end &&
			!entry->d_name[end] && n > most)
			most = n;
	}
	return most;
}

int runtimes_names_from_logs(struct container *c, const char *host_root)
{
	if (!c->by_root)
		return 0;
	if (!*c->k8s_container && c->type != CONTAINER_SANDBOX && is_plain(c->id)) {
		int rc = names_from_link(c, host_root);
		if (rc)
			return rc;
	}
	if (!*c->pod && *c->pod_uid) {
		int rc = names_from_directory(c, host_root);
		if (rc)
			return rc;
	}
	if (c->restart_count < 0 && is_plain(c->k8s_container) && is_plain(c->pod))
		c->restart_count = restarts_from_logs(c, host_root);
	return 0;
}
