// SPDX-License-Identifier: MIT
/* "Address already in use": by whom? The socket tables name an inode, /proc/PID/fd who has it open. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "container/process.h"
#include "util/cleanup.h"
#include "util/read_link.h"

#define INODES_MAX 16 /* sockets on one port: SO_REUSEPORT, or both families */
#define PROCESSES_MAX 8192
#define FDS_MAX 16384 /* over all processes of one network; some 30 ms */

struct search {
	unsigned long inodes[INODES_MAX];
	size_t n_inodes;
	dev_t net_device; /* of the network namespace's file */
	ino_t net_inode;
	size_t fds_left;
};

/*
 * A line of /proc/net/tcp: "0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0
 * 12345 ...". Listeners are in state 0A; a UDP socket that is bound in 07, one also connected in 01.
 */
static void read_table(struct search *s, uint32_t pid, const char *table, uint16_t port, bool tcp)
{
	char path[64], line[512];
	unsigned local, state;
	unsigned long inode;

	snprintf(path, sizeof(path), "/proc/%u/net/%s", pid, table);
	_cleanup_file_ FILE *f = fopen(path, "re");
	while (f && s->n_inodes < INODES_MAX && fgets(line, sizeof(line), f)) {
		if (sscanf(line,
			    " %*u: %*32[0-9A-Fa-f]:%x %*32[0-9A-Fa-f]:%*x %x %*s %*s %*s %*s %*s "
			    "%lu",
			    &local, &state, &inode) != 3)
			continue;
		if (local == port && inode && (!tcp || state == 0x0a))
			s->inodes[s->n_inodes++] = inode;
	}
}

static bool has_socket(struct search *s, int proc, const char *pid)
{
	char path[64], target[64];
	const struct dirent *entry;
	unsigned long inode;

	snprintf(path, sizeof(path), "%.20s/fd", pid);
	int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir && fd >= 0)
		close(fd);
	while (dir && s->fds_left && (entry = readdir(dir))) {
		s->fds_left--;
		if (read_link(fd, entry->d_name, target, sizeof(target)) < 0 ||
			sscanf(target, "socket:[%lu]", &inode) != 1)
			continue;
		for (size_t i = 0; i < s->n_inodes; i++)
			if (s->inodes[i] == inode)
				return true;
	}
	return false;
}

static bool shares_network(const struct search *s, int proc, const char *pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "%.20s/ns/net", pid);
	return !fstatat(proc, path, &st, 0) && st.st_dev == s->net_device &&
	       st.st_ino == s->net_inode;
}

static int find_process(struct search *s, struct process *out)
{
	_cleanup_dir_ DIR *proc = opendir("/proc");
	const struct dirent *entry;

	if (!proc)
		return -errno;
	for (int i = 0; i < PROCESSES_MAX && s->fds_left && (entry = readdir(proc));) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		i++;
		if (!shares_network(s, dirfd(proc), entry->d_name) ||
			!has_socket(s, dirfd(proc), entry->d_name))
			continue;
		return process_read((uint32_t)strtoul(entry->d_name, NULL, 10), out);
	}
	return -ENOENT;
}

static int find_network(struct search *s, uint32_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	if (stat(path, &st))
		return -errno;
	s->net_device = st.st_dev;
	s->net_inode = st.st_ino;
	return 0;
}

int port_holder(uint32_t pid, uint16_t port, int sock_type, struct process *out)
{
	struct search s = { .fds_left = FDS_MAX };
	bool udp = sock_type == SOCK_DGRAM;
	int rc = find_network(&s, pid);

	if (rc)
		return rc;
	read_table(&s, pid, udp ? "udp" : "tcp", port, !udp);
	read_table(&s, pid, udp ? "udp6" : "tcp6", port, !udp);
	return s.n_inodes ? find_process(&s, out) : -ENOENT;
}

/* "0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/app.sock" */
static int read_unix_table(struct search *s, uint32_t pid, const char *path)
{
	char table[64], line[512];
	unsigned long inode;

	snprintf(table, sizeof(table), "/proc/%u/net/unix", pid);
	_cleanup_file_ FILE *f = fopen(table, "re");
	if (!f)
		return -errno;
	while (s->n_inodes < INODES_MAX && fgets(line, sizeof(line), f)) {
		const char *name = strchr(line, '/');
		line[strcspn(line, "\n")] = '\0';
		if (name && !strcmp(name, path) &&
			sscanf(line, "%*s %*x %*x %*x %*x %*x %lu", &inode) == 1)
			s->inodes[s->n_inodes++] = inode;
	}
	return 0;
}

int socket_file_holder(uint32_t pid, const char *path, struct process *out)
{
	struct search s = { .fds_left = FDS_MAX };

	int rc = find_network(&s, pid) ?: read_unix_table(&s, pid, path);
	if (rc)
		return rc;
	return s.n_inodes ? find_process(&s, out) : -ENOENT;
}
