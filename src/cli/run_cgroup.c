// SPDX-License-Identifier: MIT
#include "cli/run_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/log.h"

/* Directories of cgroups, with the hierarchy's mount in front. */
struct group {
	char origin[2 * PATH_MAX];   /* where our processes come from and go back to */
	char own[2 * PATH_MAX + 32]; /* "" when there is none */
};

struct run_cgroup {
	struct group watched, memory; /* memory: only when the watched one cannot limit it */
	const char *path;             /* in watched.own */
	uint64_t id;
};

static int read_file(const char *path, char *out, size_t size)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (len < size - 1 && (n = read(fd, out + len, size - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	return (int)len;
}

static int write_file(const char *directory, const char *name, const char *text)
{
	char path[3 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int write_number(const char *directory, const char *name, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	return write_file(directory, name, text);
}

static int own_path(bool v1, char *out, size_t size)
{
	char text[8192];
	int n = read_file("/proc/self/cgroup", text, sizeof(text));

	return n < 0 ? n : hierarchy_path_of_process(text, v1, out, size);
}

static const char *below(const char *path)
{
	return strcmp(path, "/") ? path : "";
}

static int make_group(struct group *g, const char *root, const char *origin, const char *parent)
{
	snprintf(g->origin, sizeof(g->origin), "%s%s", root, below(origin));
	snprintf(g->own, sizeof(g->own), "%s%s/ktrace-run-%d", root, below(parent), (int)getpid());
	if (mkdir(g->own, 0755) < 0 && errno != EEXIST) {
		int err = -errno;

		log_error("cannot make the cgroup %s: %s; run ktrace as root, with the cgroup file "
			  "system mounted for writing",
			g->own, strerror(-err));
		g->own[0] = '\0';
		return err;
	}
	return 0;
}

static bool file_has_word(const char *directory, const char *name, const char *word)
{
	char path[3 * PATH_MAX], text[1024], *at = text;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (read_file(path, text, sizeof(text)) < 0)
		return false;
	for (char *w; (w = strsep(&at, " \n"));)
		if (!strcmp(w, word))
			return true;
	return false;
}

/*
 * With cgroup v2 a group has a memory limit only where its parent hands the controller down, and a
 * parent with processes of its own may not: so we go up to the nearest one that does, or the root.
 */
static void climb_to_memory(const char *root, char *path)
{
	char directory[2 * PATH_MAX];

	for (;;) {
		snprintf(directory, sizeof(directory), "%s%s", root, path);
		if (file_has_word(directory, "cgroup.subtree_control", "memory"))
			return;
		char *slash = strrchr(path, '/');
		if (!slash || !path[1])
			break;
		slash[slash == path] = '\0';
	}
	write_file(root, "cgroup.subtree_control", "+memory");
}

static int limit_v2(const struct group *g, uint64_t bytes)
{
	int err = write_number(g->own, "memory.max", bytes);

	/* Else the kernel swaps for long before it kills; not every kernel has swap limits. */
	if (err == 0)
		write_number(g->own, "memory.swap.max", 0);
	return err;
}

static int limit_v1(const struct group *g, uint64_t bytes)
{
	int err = write_number(g->own, "memory.limit_in_bytes", bytes);

	if (err == 0)
		write_number(g->own, "memory.memsw.limit_in_bytes", bytes);
	return err;
}

static int limit_memory(struct run_cgroup *c, const struct hierarchy *h, uint64_t bytes)
{
	static const char v1_root[] = "/sys/fs/cgroup/memory"; /* where every distribution has it */
	char path[PATH_MAX];
	int err;

	if (h->layout == HIERARCHY_V2)
		err = limit_v2(&c->watched, bytes);
	else if (h->layout == HIERARCHY_V1)
		err = limit_v1(&c->watched, bytes);
	else if ((err = own_path(true, path, sizeof(path))) == 0 &&
		 (err = make_group(&c->memory, v1_root, path, path)) == 0)
		err = limit_v1(&c->memory, bytes);
	if (err < 0)
		log_error(
			"cannot limit the command's memory: %s; leave --memory out, or enable the "
			"memory controller for cgroups",
			strerror(-err));
	return err;
}

int run_cgroup_new(const struct hierarchy *h, uint64_t memory, struct run_cgroup **out)
{
	struct run_cgroup *c = calloc(1, sizeof(*c));
	char origin[PATH_MAX], parent[PATH_MAX];

	if (!c)
		return -ENOMEM;
	/* Where our own group lies outside of what is mounted here, the root must do. */
	if (own_path(h->layout == HIERARCHY_V1, origin, sizeof(origin)) < 0 ||
		strstr(origin, "/.."))
		strcpy(origin, "/");
	strcpy(parent, origin);
	if (memory && h->layout == HIERARCHY_V2)
		climb_to_memory(h->root, parent);
	int err = make_group(&c->watched, h->root, origin, parent);
	if (err == 0) {
		c->path = c->watched.own + strlen(h->root);
		err = hierarchy_id(h->root, c->path, &c->id);
	}
	if (err == 0 && memory)
		err = limit_memory(c, h, memory);
	if (err < 0) {
		run_cgroup_free(c);
		return err;
	}
	*out = c;
	return 0;
}

/* A pid each line; those that end meanwhile cannot be moved, and need not be. */
static void move_back(const struct group *g)
{
	char path[3 * PATH_MAX], text[8192], *at = text;

	snprintf(path, sizeof(path), "%s/cgroup.procs", g->own);
	if (read_file(path, text, sizeof(text)) <= 0)
		return;
	for (char *pid; (pid = strsep(&at, "\n"));)
		if (*pid)
			write_file(g->origin, "cgroup.procs", pid);
}

static void remove_group(const struct group *g)
{
	if (!*g->own)
		return;
	/* A group stays busy for a moment after its last process, and more may be forked meanwhile. */
	for (int tries = 0; tries < 50; tries++) {
		move_back(g);
		if (rmdir(g->own) == 0 || errno != EBUSY)
			return;
		usleep(2000);
	}
	log_warning("the cgroup %s could not be removed: %s", g->own, strerror(errno));
}

void run_cgroup_free(struct run_cgroup *c)
{
	if (!c)
		return;
	remove_group(&c->watched);
	remove_group(&c->memory);
	free(c);
}

uint64_t run_cgroup_id(const struct run_cgroup *c)
{
	return c->id;
}

const char *run_cgroup_path(const struct run_cgroup *c)
{
	return c->path;
}

int run_cgroup_enter(const struct run_cgroup *c, pid_t pid)
{
	int err = write_number(c->watched.own, "cgroup.procs", (uint64_t)pid);

	if (err == 0 && *c->memory.own)
		err = write_number(c->memory.own, "cgroup.procs", (uint64_t)pid);
	return err;
}
