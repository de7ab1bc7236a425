// SPDX-License-Identifier: MIT
/* The part of a snapshot that stands on the node: what is in the volumes at this moment, the kernel, its limits. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "container/hostfile.h"
#include "container/snapshot.h"
#include "event/limits.h"
#include "util/cleanup.h"
#include "util/read_link.h"
#include "util/strbuf.h"

#define KEYS_MAX 256 /* of one volume; a ConfigMap is 1 MiB at most */
#define PATH_SIZE 4096
#define KERNEL_NS 10000000000ull

static const char *volume_word(enum mount_kind kind)
{
	static const char *const words[MOUNT_KINDS] = {
		[MOUNT_CONFIGMAP] = "ConfigMap",
		[MOUNT_SECRET] = "Secret",
		[MOUNT_PROJECTED] = "projected volume",
		[MOUNT_EMPTYDIR] = "emptyDir",
		[MOUNT_PVC] = "volume",
		[MOUNT_HOSTPATH] = "hostPath",
		[MOUNT_TMPFS] = "tmpfs",
		[MOUNT_OTHER] = "mount",
	};

	return (size_t)kind < MOUNT_KINDS && words[kind] ? words[kind] : "mount";
}

static bool is_written_by_kubelet(const struct mount *m)
{
	return m->kind == MOUNT_CONFIGMAP || m->kind == MOUNT_SECRET || m->kind == MOUNT_PROJECTED;
}

/* A path that holds the pod's uid or the container's id is new each time. */
static bool is_lasting(const struct container *c, const char *path)
{
	char id[16];

	snprintf(id, sizeof(id), "%.12s", c->id);
	return *path && !(*c->pod_uid && strstr(path, c->pod_uid)) && !(*id && strstr(path, id));
}

static int add_mount(struct container *c, const struct mount *m)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	strbuf_puts(&text, volume_word(m->kind));
	if (*m->name)
		strbuf_printf(&text, " `%s`", m->name);
	else if (m->kind == MOUNT_HOSTPATH && is_lasting(c, m->source))
		strbuf_printf(&text, " `%s`", m->source);
	strbuf_printf(&text, ", %s%s%s", m->read_only ? "read-only" : "read-write",
		m->noexec ? ", noexec" : "", m->subpath ? ", a part of it" : "");
	return text.failed ? -ENOMEM
			   : snapshot_add(c->start, FACT_MOUNT, m->destination, text.data);
}

static int add_key(struct snapshot *s, const char *path, const struct stat *st)
{
	char text[96];

	/* A directory has the size that its file system likes. */
	if (S_ISDIR(st->st_mode))
		snprintf(text, sizeof(text), "a directory, mode %04o",
			(unsigned)st->st_mode & 07777);
	else
		snprintf(text, sizeof(text), "%" PRIu64 " bytes, mode %04o", (uint64_t)st->st_size,
			(unsigned)st->st_mode & 07777);
	return snapshot_add(s, FACT_KEY, path, text);
}

/* Names that are there, through the links that the kubelet makes (KEY -> ..data/KEY), but inside of the volume only. */
static int add_keys(struct snapshot *s, const struct mount *m, DIR *dir)
{
	const struct dirent *entry;
	char path[PATH_SIZE];
	struct stat st;

	for (int i = 0; i < KEYS_MAX && (entry = readdir(dir)); i++) {
		if (!strncmp(entry->d_name, "..", 2) || !strcmp(entry->d_name, "."))
			continue;
		_cleanup_fd_ int fd =
			open_below(dirfd(dir), entry->d_name, O_PATH, RESOLVE_BENEATH);
		if (fd < 0 || fstat(fd, &st) ||
			(size_t)snprintf(path, sizeof(path), "%s/%s", m->destination,
				entry->d_name) >= sizeof(path))
			continue;
		if (add_key(s, path, &st))
			return -ENOMEM;
	}
	return 0;
}

static int add_volume(struct container *c, const struct mount *m, const char *host_root)
{
	char generation[256];
	struct stat st;

	_cleanup_fd_ int fd = host_open(host_root, m->source, O_PATH);
	if (fd < 0 || fstat(fd, &st))
		return 0;
	if (S_ISREG(st.st_mode))
		return add_key(c->start, m->destination, &st);
	_cleanup_dir_ DIR *dir = host_opendir(host_root, m->source);
	if (!dir)
		return 0;
	if (read_link(dirfd(dir), "..data", generation, sizeof(generation)) > 0 &&
		snapshot_add(c->start, FACT_GENERATION, m->destination, generation))
		return -ENOMEM;
	return add_keys(c->start, m, dir);
}

static int add_mounts(struct container *c, const char *host_root)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct mount *m = &c->mounts[i];
		int rc = add_mount(c, m);

		rc = rc ?: is_written_by_kubelet(m) ? add_volume(c, m, host_root) : 0;
		if (rc)
			return rc;
	}
	return 0;
}

static int add_number(struct snapshot *s, enum fact_kind kind, const char *name, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	return snapshot_add(s, kind, name, text);
}

static int add_limit(struct snapshot *s, const char *name, uint64_t limit)
{
	return limit ? add_number(s, FACT_LIMIT, name, limit) : 0;
}

static int add_groups(struct container *c)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < c->n_groups; i++)
		strbuf_printf(&text, "%s%u", i ? "," : "", c->groups[i]);
	return text.failed ? -ENOMEM : snapshot_add(c->start, FACT_GROUPS, "", text.data ?: "none");
}

static int add_description(struct container *c)
{
	const struct {
		enum fact_kind kind;
		bool on;
	} switches[] = {
		{ FACT_PRIVILEGES, c->no_new_privileges },
		{ FACT_READ_ONLY, c->root.read_only },
		{ FACT_HOST_NETWORK, c->host_network },
		{ FACT_HOST_PID, c->host_pid },
	};
	struct snapshot *s = c->start;
	char capabilities[24];

	snprintf(capabilities, sizeof(capabilities), "0x%" PRIx64, c->capabilities);
	int rc = *c->image ? snapshot_add(s, FACT_IMAGE, "", c->image) : 0;
	rc = rc ?: *c->cwd ? snapshot_add(s, FACT_DIRECTORY, "", c->cwd) : 0;
	rc = rc ?: add_number(s, FACT_UID, "", c->uid);
	rc = rc ?: add_number(s, FACT_GID, "", c->gid);
	rc = rc ?: add_groups(c);
	rc = rc ?: snapshot_add(s, FACT_CAPABILITIES, "", capabilities);
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		rc = rc ?: snapshot_add(s, switches[i].kind, "", switches[i].on ? "on" : "off");
	rc = rc ?: add_limit(s, "memory", c->memory_limit);
	rc = rc ?: add_limit(s, "processes", c->pids_limit);
	return rc ?: add_limit(s, "open files", c->nofile_limit);
}

static int add_sysctl(struct snapshot *s, const char *name)
{
	_cleanup_free_ char *text = NULL;

	return host_sysctl(name, &text) ? 0 : snapshot_add(s, FACT_NODE_LIMIT, name, text);
}

/* A limit that each network or IPC namespace has for itself is not to be seen from here. */
static int read_kernel(struct snapshot *s)
{
	const struct limit *limits;
	size_t n = limits_all(&limits);
	struct utsname names;
	int rc = uname(&names) ? 0 : snapshot_add(s, FACT_KERNEL, "", names.release);

	for (size_t i = 0; i < n && !rc; i++)
		if (limits[i].source == LIMIT_SYSCTL && !limits[i].namespaced)
			rc = add_sysctl(s, limits[i].name);
	return rc;
}

/* Reading twenty files for each container would take longer than all else. */
const struct snapshot *snapshot_kernel(struct kernel_facts *k, const uint8_t *salt, uint64_t now)
{
	if (!salt || (k->facts && now >= k->at && now < k->at + KERNEL_NS))
		return k->facts;
	snapshot_unref(k->facts);
	k->facts = snapshot_new(salt);
	k->at = now;
	if (k->facts && read_kernel(k->facts) < 0)
		snapshot_unref(take(k->facts));
	return k->facts;
}

static int add_all(struct snapshot *s, const struct snapshot *from)
{
	int rc = 0;

	for (size_t i = 0; from && i < from->n && !rc; i++)
		rc = snapshot_add(
			s, from->facts[i].kind, from->facts[i].name, from->facts[i].value);
	return rc;
}

int snapshot_finish(struct container *c, const char *host_root, const struct snapshot *kernel)
{
	struct snapshot *s = c->start;
	_cleanup_free_ char *uid = NULL;

	if (!s)
		return 0;
	uid = strdup(c->pod_uid);
	if (!uid)
		return -ENOMEM;
	free(s->pod_uid);
	s->pod_uid = take(uid);
	int rc = add_description(c);
	rc = rc ?: add_mounts(c, host_root);
	rc = rc ?: add_all(s, kernel);
	snapshot_sort(s);
	return rc;
}
