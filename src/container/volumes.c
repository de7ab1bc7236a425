// SPDX-License-Identifier: MIT
/*
 * The kubelet's directories, below /var/lib/kubelet or wherever --root-dir put it:
 *
 *   pods/<uid>/volumes/kubernetes.io~<kind>/<volume>[/mount][/sub/path]
 *   pods/<uid>/volume-subpaths/<volume>/<container>/<n>
 */
#include "container/volumes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "container/hostfile.h"
#include "container/looks.h"
#include "util/cleanup.h"

#define SUBPATHS "/volume-subpaths/"

/* Directory names of the kubelet's volume plugins; what is not here is some kind of storage. */
static enum mount_kind plugin_kind(const char *plugin, size_t len)
{
	static const struct {
		const char *plugin;
		enum mount_kind kind;
	} kinds[] = {
		{ "kubernetes.io~configmap", MOUNT_CONFIGMAP },
		{ "kubernetes.io~secret", MOUNT_SECRET },
		{ "kubernetes.io~projected", MOUNT_PROJECTED },
		{ "kubernetes.io~downward-api", MOUNT_PROJECTED },
		{ "kubernetes.io~empty-dir", MOUNT_EMPTYDIR },
		{ "kubernetes.io~git-repo", MOUNT_OTHER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].plugin) == len && !memcmp(kinds[i].plugin, plugin, len))
			return kinds[i].kind;
	return MOUNT_PVC;
}

static int set_name(struct mount *m, const char *name, size_t len)
{
	_cleanup_free_ char *copy = strndup(name, len);

	return copy ? container_set(&m->name, copy) : -ENOMEM;
}

/* What follows ".../pods/<uid>" in source; NULL when it is in no pod's directory. */
static const char *inside_pod(const char *source)
{
	const char *found = NULL;

	/* The last one counts: a test's own directory may look like a pod's, too. */
	for (const char *p = source; (p = strstr(p, "/pods/")); p++) {
		const char *uid = p + strlen("/pods/");
		size_t len = strcspn(uid, "/");
		if ((len == 36 || len == 32) && uid[len])
			found = uid + len;
	}
	return found;
}

static int classify_pod_volume(struct mount *m, const char *rest)
{
	static const char volumes[] = "/volumes/";

	if (!strncmp(rest, SUBPATHS, strlen(SUBPATHS))) {
		const char *name = rest + strlen(SUBPATHS);
		m->kind = MOUNT_OTHER; /* until volumes_resolve_subpaths() */
		m->subpath = true;
		return set_name(m, name, strcspn(name, "/"));
	}
	m->kind = MOUNT_OTHER; /* etc-hosts, containers/<name>/<termination log> */
	if (strncmp(rest, volumes, strlen(volumes)))
		return 0;
	const char *plugin = rest + strlen(volumes);
	size_t plugin_len = strcspn(plugin, "/");
	if (!memchr(plugin, '~', plugin_len) || !plugin[plugin_len])
		return 0;
	const char *name = plugin + plugin_len + 1;
	const char *below = name + strcspn(name, "/");
	m->kind = plugin_kind(plugin, plugin_len);
	/* CSI and some others put the file system itself one directory deeper. */
	if (m->kind == MOUNT_PVC && !strncmp(below, "/mount", 6) && (!below[6] || below[6] == '/'))
		m->subpath = below[6] != '\0';
	else
		m->subpath = *below != '\0';
	return set_name(m, name, strcspn(name, "/"));
}

/* "/var/lib/docker/volumes/<name>/_data": Docker and podman keep named volumes alike. */
static int classify_named_volume(struct mount *m, bool *is_one)
{
	static const char volumes[] = "/volumes/", data[] = "/_data";
	const char *p = strstr(m->source, volumes);
	const char *name = p ? p + strlen(volumes) : "";
	size_t len = strcspn(name, "/");
	const char *below = name + len;

	*is_one = len && !strncmp(below, data, strlen(data)) &&
		  (!below[strlen(data)] || below[strlen(data)] == '/');
	if (!*is_one)
		return 0;
	m->kind = MOUNT_PVC;
	m->subpath = below[strlen(data)] != '\0';
	return set_name(m, name, len);
}

/* Files that every runtime makes for its containers, wherever it keeps them. */
static bool is_runtimes_own(const struct mount *m)
{
	static const char *const destinations[] = { "/etc/hosts", "/etc/hostname",
		"/etc/resolv.conf", "/dev/shm", "/dev/mqueue", "/dev/termination-log",
		"/run/.containerenv", "/run/secrets", "/sbin/docker-init", "/dev/init" };

	for (size_t i = 0; i < ARRAY_SIZE(destinations); i++)
		if (!strcmp(m->destination, destinations[i]))
			return true;
	return false;
}

int volume_classify(struct mount *m)
{
	bool named;

	m->kind = MOUNT_OTHER;
	if (!strcmp(m->fstype, "tmpfs"))
		m->kind = MOUNT_TMPFS;
	if (strcmp(m->fstype, "bind"))
		return 0;
	const char *rest = inside_pod(m->source);
	if (rest)
		return classify_pod_volume(m, rest);
	int rc = classify_named_volume(m, &named);
	if (rc || named)
		return rc;
	m->kind = is_runtimes_own(m) ? MOUNT_OTHER : MOUNT_HOSTPATH;
	return 0;
}

/* By the names alone: what is mounted there may never answer. */
static bool holds(const char *host_root, const char *directory, const char *name)
{
	_cleanup_dir_ DIR *dir = host_opendir(host_root, directory);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (!strcmp(entry->d_name, name))
			return true;
	return false;
}

/* Which plugin's directory below pods/<uid>/volumes holds a volume of that name. */
static enum mount_kind kind_on_host(const char *host_root, const char *volumes, const char *name)
{
	_cleanup_dir_ DIR *dir = host_opendir(host_root, volumes);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_cleanup_free_ char *path = NULL;
		if (!strchr(entry->d_name, '~'))
			continue;
		if (asprintf(&path, "%s/%s", volumes, entry->d_name) < 0) {
			path = NULL;
			break;
		}
		if (holds(host_root, path, name))
			return plugin_kind(entry->d_name, strlen(entry->d_name));
	}
	return MOUNT_OTHER;
}

int volumes_resolve_subpaths(struct container *c, const char *host_root)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		struct mount *m = &c->mounts[i];
		m->directory = m->subpath && look_is_directory(host_root, m->source);
		const char *rest =
			m->kind == MOUNT_OTHER && m->subpath ? inside_pod(m->source) : NULL;
		if (!rest)
			continue;
		for (size_t j = 0; j < c->n_mounts && m->kind == MOUNT_OTHER; j++)
			if (*m->name && !strcmp(c->mounts[j].name, m->name))
				m->kind = c->mounts[j].kind;
		if (m->kind != MOUNT_OTHER)
			continue;
		_cleanup_free_ char *volumes = NULL;
		if (asprintf(&volumes, "%.*s/volumes", (int)(rest - m->source), m->source) < 0) {
			volumes = NULL;
			return -ENOMEM;
		}
		m->kind = kind_on_host(host_root, volumes, m->name);
	}
	return 0;
}

#define KEYS_MAX 256  /* of one volume */
#define EMPTY_MAX 512 /* bytes of the list */

static void note_if_empty(struct container *c, int fd, const char *path)
{
	char list[EMPTY_MAX];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size || strchr(path, ' '))
		return;
	if ((size_t)snprintf(list, sizeof(list), "%s%s%s", c->keys_empty, *c->keys_empty ? " " : "",
		    path) < sizeof(list))
		(void)container_set(&c->keys_empty, list);
}

/* Through the links that the kubelet makes (KEY -> ..data/KEY), but inside of the volume only. */
static void find_empty_keys(struct container *c, const struct mount *m, DIR *dir)
{
	const struct dirent *entry;

	for (int i = 0; i < KEYS_MAX && (entry = readdir(dir)); i++) {
		_cleanup_free_ char *path = NULL;
		if (entry->d_name[0] == '.')
			continue;
		_cleanup_fd_ int fd =
			open_below(dirfd(dir), entry->d_name, O_PATH, RESOLVE_BENEATH);
		if (asprintf(&path, "%s/%s", m->destination, entry->d_name) < 0) {
			path = NULL;
			return;
		}
		note_if_empty(c, fd, path);
	}
}

void volumes_find_empty(struct container *c, const char *host_root)
{
	(void)container_set(&c->keys_empty, "");
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct mount *m = &c->mounts[i];
		if (m->kind != MOUNT_CONFIGMAP && m->kind != MOUNT_SECRET &&
			m->kind != MOUNT_PROJECTED)
			continue;
		_cleanup_dir_ DIR *dir = host_opendir(host_root, m->source);
		if (dir) {
			find_empty_keys(c, m, dir);
			continue;
		}
		_cleanup_fd_ int fd = host_open(host_root, m->source, O_PATH);
		note_if_empty(c, fd, m->destination);
	}
}
