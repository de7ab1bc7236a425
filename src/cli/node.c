// SPDX-License-Identifier: MIT
#include "cli/node.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "container/hostfile.h"
#include "util/cleanup.h"

static const struct {
	const char *name;
	const char *sockets[3];
} known[] = {
	{ "containerd", { "/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock",
				NULL } },
	{ "crio", { "/run/crio/crio.sock", NULL } },
	{ "dockerd", { "/run/docker.sock", "/var/run/docker.sock", NULL } },
	{ "podman", { "/run/podman/podman.sock", NULL } },
	{ "runc", { NULL } },
	{ "crun", { NULL } },
	{ "youki", { NULL } },
};
_Static_assert(ARRAY_SIZE(known) <= NODE_RUNTIMES, "node.runtimes is too small");

/* What is there, as the node sees the path: its links lead where they lead there. */
static bool is_there(const char *host_root, const char *path, mode_t type, mode_t permission)
{
	_cleanup_fd_ int fd = host_open(host_root, path, O_PATH);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	       (st.st_mode & permission) == permission;
}

static void find_binary(const char *host_root, const char *name, char *out, size_t size)
{
	static const char *const directories[] = { "/usr/bin", "/usr/sbin", "/usr/local/bin",
		"/usr/local/sbin" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		snprintf(out, size, "%s/%s", directories[i], name);
		if (is_there(host_root, out, S_IFREG, S_IXUSR))
			return;
	}
	*out = '\0';
}

static const char *find_socket(const char *host_root, const char *const *paths)
{
	for (; *paths; paths++)
		if (is_there(host_root, *paths, S_IFSOCK, 0))
			return *paths;
	return "";
}

static void find_runtimes(const char *host_root, struct node *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct node_runtime *r = &n->runtimes[n->n_runtimes];

		r->name = known[i].name;
		find_binary(host_root, known[i].name, r->binary, sizeof(r->binary));
		r->socket = find_socket(host_root, known[i].sockets);
		if (*r->binary || *r->socket)
			n->n_runtimes++;
	}
}

/* "none [integrity] confidentiality": what is in brackets holds. */
static void find_lockdown(struct node *n)
{
	_cleanup_file_ FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	char line[128];

	if (!f || !fgets(line, sizeof(line), f))
		return;
	const char *open = strchr(line, '[');
	if (open)
		snprintf(n->lockdown, sizeof(n->lockdown), "%.*s", (int)strcspn(open + 1, "]"),
			open + 1);
}

void node_look(const char *host_root, struct node *out)
{
	struct utsname u;

	memset(out, 0, sizeof(*out));
	if (uname(&u) == 0) {
		snprintf(out->kernel, sizeof(out->kernel), "%s", u.release);
		snprintf(out->machine, sizeof(out->machine), "%s", u.machine);
	}
	out->btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
	out->has_hierarchy = hierarchy_find(NULL, &out->hierarchy) == 0;
	find_lockdown(out);
	_cleanup_fd_ int root = host_open(host_root, "/", O_RDONLY | O_DIRECTORY);
	out->host_root_error = root < 0 ? root : 0;
	find_runtimes(host_root, out);
}
