// SPDX-License-Identifier: MIT
#include "container/hierarchy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "container/hostfile.h"
#include "util/cleanup.h"
#include "util/read_link.h"

#define DEPTH_MAX 32

/*
 * kernfs, where cgroups live, has the 64-bit id itself as file handle; up to 5.4 the inode's number, with a generation of which
 * 0 is any (include/linux/exportfs.h).
 */
#define FILEID_KERNFS 0xfe
#define FILEID_INO32_GEN 1

/* One line of mountinfo: "36 35 98:0 /root /mount/point rw,... [tags] - fstype source options". */
struct mount_line {
	char *root, *point, *fstype, *options;
};

static bool parse_line(char *line, struct mount_line *m)
{
	char *dash = strstr(line, " - "), *save;

	if (!dash)
		return false;
	*dash = '\0';
	strtok_r(line, " ", &save);
	strtok_r(NULL, " ", &save);
	strtok_r(NULL, " ", &save);
	m->root = strtok_r(NULL, " ", &save);
	m->point = strtok_r(NULL, " ", &save);
	m->fstype = strtok_r(dash + 3, " ", &save);
	strtok_r(NULL, " ", &save);
	m->options = strtok_r(NULL, " \n", &save);
	return m->root && m->point && m->fstype && m->options;
}

static bool has_option(const char *options, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = options; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (!strncmp(p, name, len) && (p[len] == ',' || !p[len]))
			return true;
	}
	return false;
}

int hierarchy_find(const char *mountinfo, struct hierarchy *out)
{
	_cleanup_file_ FILE *f = fopen(mountinfo ?: "/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	char v2[PATH_MAX] = "", memory[PATH_MAX] = "";
	bool v1 = false;
	size_t capacity = 0;

	if (!f)
		return -errno;
	while (getline(&line, &capacity, f) > 0) {
		struct mount_line m;
		if (!parse_line(line, &m))
			continue;
		if (!strcmp(m.fstype, "cgroup2") && !*v2) {
			snprintf(v2, sizeof(v2), "%s", m.point);
		} else if (!strcmp(m.fstype, "cgroup")) {
			v1 |= !strstr(m.options, "name=");
			if (has_option(m.options, "memory") && !*memory)
				snprintf(memory, sizeof(memory), "%s", m.point);
		}
	}
	if (!*v2 && !*memory)
		return -ENOENT;
	out->layout = !*v2 ? HIERARCHY_V1 : v1 ? HIERARCHY_HYBRID : HIERARCHY_V2;
	memcpy(out->root, *v2 ? v2 : memory, sizeof(out->root));
	return 0;
}

const char *hierarchy_layout_name(enum hierarchy_layout layout)
{
	static const char *const names[] = {
		[HIERARCHY_V2] = "v2",
		[HIERARCHY_HYBRID] = "hybrid",
		[HIERARCHY_V1] = "v1",
	};
	return names[layout];
}

int hierarchy_id(const char *root, const char *path, uint64_t *id)
{
	_cleanup_free_ char *full = NULL;
	struct stat st;

	if (asprintf(&full, "%s%s", root, path) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	/*
	 * On 64-bit machines the inode number of a kernfs node is its whole id; up to 5.4 the id has a generation
	 * above it, which bpf/common.h cuts off.
	 */
	if (stat(full, &st))
		return -errno;
	*id = st.st_ino;
	return 0;
}

int hierarchy_maker(const char *root, const char *path, uint32_t *uid)
{
	_cleanup_free_ char *above = NULL;
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (asprintf(&above, "%s%.*s", root, slash ? (int)(slash - path) : 0, path) < 0) {
		above = NULL;
		return -ENOMEM;
	}
	if (stat(above, &st))
		return -errno;
	*uid = st.st_uid;
	return 0;
}

static int open_by_id(int mount, uint64_t id, int type)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(id)];
	} h = { .handle = { .handle_bytes = sizeof(id), .handle_type = type } };

	memcpy(h.handle.f_handle, &id, sizeof(id));
	return open_by_handle_at(mount, &h.handle, O_PATH | O_CLOEXEC);
}

int hierarchy_path(const char *root, uint64_t id, char *out, size_t size)
{
	_cleanup_fd_ int mount = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char link[64], full[PATH_MAX];

	if (mount < 0)
		return -errno;
	_cleanup_fd_ int fd = open_by_id(mount, id, FILEID_KERNFS);
	if (fd < 0 && errno == ESTALE)
		fd = open_by_id(mount, id, FILEID_INO32_GEN);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = read_link(AT_FDCWD, link, full, sizeof(full));
	if (n < 0)
		return n;
	size_t skip = strlen(root);
	if (strncmp(full, root, skip))
		return -EXDEV;
	if (n - skip >= size)
		return -ENAMETOOLONG;
	memcpy(out, full + skip, n - skip + 1);
	return 0;
}

int hierarchy_path_of_process(const char *text, bool v1, char *out, size_t size)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		/* "4:memory:/path", of version 2 "0::/path" */
		const char *controllers = strchr(line, ':');
		const char *path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path)
			return -ENOENT;
		char names[64];
		snprintf(names, sizeof(names), "%.*s", (int)(path - controllers - 1),
			controllers + 1);
		size_t len = strcspn(++path, "\n");
		if (v1 ? !has_option(names, "memory") : *names != '\0')
			continue;
		if (len >= size)
			return -ENAMETOOLONG;
		memcpy(out, path, len);
		out[len] = '\0';
		return 0;
	}
	return -ENOENT;
}

struct walk {
	int (*each)(void *ctx, const char *path, uint64_t id);
	void *ctx;
	char path[PATH_MAX];
};

static int walk_directory(struct walk *w, int parent, const char *name, size_t len, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		int err = errno;
		if (fd >= 0)
			close(fd);
		/* Groups come and go while we walk. */
		return depth ? 0 : -err;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || depth == DEPTH_MAX)
			continue;
		int n = snprintf(w->path + len, sizeof(w->path) - len, "/%s", entry->d_name);
		if ((size_t)n >= sizeof(w->path) - len)
			continue;
		int rc = w->each(w->ctx, w->path, entry->d_ino);
		rc = rc ?: walk_directory(w, dirfd(dir), entry->d_name, len + n, depth + 1);
		if (rc)
			return rc;
	}
	return 0;
}

int hierarchy_walk(
	const char *root, int (*each)(void *ctx, const char *path, uint64_t id), void *ctx)
{
	struct walk w = { .each = each, .ctx = ctx };

	return walk_directory(&w, AT_FDCWD, root, 0, 0);
}

/* Of v2, or of the memory controller's own hierarchy beside it. */
uint64_t hierarchy_peak_memory(const char *root, const char *path)
{
	const struct {
		const char *root, *file;
	} places[] = {
		{ root, "memory.peak" },
		{ "/sys/fs/cgroup/memory", "memory.max_usage_in_bytes" },
	};
	char file[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *text = NULL;

		snprintf(file, sizeof(file), "%s%s/%s", places[i].root, path, places[i].file);
		if (!host_read("", file, 64, &text, NULL))
			return strtoull(text, NULL, 10);
	}
	return 0;
}
