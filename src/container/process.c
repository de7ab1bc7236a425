// SPDX-License-Identifier: MIT
#include "container/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "container/hostfile.h"
#include "util/cleanup.h"
#include "util/read_link.h"

#define PROC_FILE_MAX (1u << 20)

static int read_of(uint32_t pid, const char *name, char **out)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	int rc = host_read("", path, PROC_FILE_MAX, out, NULL);
	return rc == -ENOENT ? -ESRCH : rc;
}

/* The last number of a line of /proc/PID/status; `column` counts from 0, -1 is the last. */
static uint32_t status_number(const char *status, const char *key, int column)
{
	const char *line = strstr(status, key);
	uint32_t n = 0;

	if (!line)
		return 0;
	line += strlen(key);
	for (int i = 0; column < 0 || i <= column; i++) {
		line += strspn(line, " \t");
		if (*line < '0' || *line > '9')
			break;
		n = (uint32_t)strtoul(line, (char **)&line, 10);
	}
	return n;
}

/* Field 22 of /proc/PID/stat, in clock ticks since the boot; comm may hold blanks and brackets. */
static uint64_t age_from_stat(const char *stat)
{
	const char *p = strrchr(stat, ')');
	unsigned long long ticks;
	struct timespec now;

	if (!p ||
		sscanf(p + 1,
			" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
			"%*d %llu",
			&ticks) != 1 ||
		clock_gettime(CLOCK_BOOTTIME, &now))
		return 0;
	uint64_t uptime = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	uint64_t start = ticks * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
	return uptime > start ? uptime - start : 0;
}

int process_read(uint32_t pid, struct process *out)
{
	_cleanup_free_ char *status = NULL, *stat = NULL, *comm = NULL;

	int rc = read_of(pid, "status", &status);
	rc = rc ?: read_of(pid, "stat", &stat);
	rc = rc ?: read_of(pid, "comm", &comm);
	if (rc)
		return rc;
	comm[strcspn(comm, "\n")] = '\0';
	*out = (struct process){
		.pid = pid,
		.vpid = status_number(status, "\nNSpid:", -1) ?: pid,
		.parent_pid = status_number(status, "\nPPid:", 0),
		.uid = status_number(status, "\nUid:", 1),
		.gid = status_number(status, "\nGid:", 1),
		.age_ns = age_from_stat(stat),
	};
	snprintf(out->comm, sizeof(out->comm), "%.*s", COMM_SIZE - 1, comm);
	return 0;
}

static void read_path(uint32_t pid, const char *name, char out[static PATH_MAX])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	read_link(AT_FDCWD, path, out, PATH_MAX);
}

int process_command(uint32_t pid, struct command **out)
{
	_cleanup_free_ struct command *c = calloc(1, sizeof(*c));
	char path[64];

	if (!c)
		return -ENOMEM;
	snprintf(path, sizeof(path), "/proc/%u/cmdline", pid);
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	ssize_t n = read(fd, c->text, sizeof(c->text));
	if (n < 0)
		return -errno;
	if (!n)
		return -ESRCH;
	c->cut = (size_t)n == sizeof(c->text);
	c->text[sizeof(c->text) - 1] = '\0';
	for (ssize_t i = 0; i < n && c->argc < ARRAY_SIZE(c->args);
		i += (ssize_t)strlen(c->text + i) + 1)
		c->args[c->argc++] = c->text + i;
	read_path(pid, "exe", c->executable);
	read_path(pid, "cwd", c->cwd);
	*out = take(c);
	return 0;
}

int processes_of_cgroup(const char *cgroup_root, const char *path, uint32_t *pids, size_t max)
{
	_cleanup_free_ char *file = NULL;
	char line[32];
	size_t n = 0;

	if (asprintf(&file, "%s%s/cgroup.procs", cgroup_root, path) < 0) {
		file = NULL;
		return -ENOMEM;
	}
	_cleanup_file_ FILE *f = fopen(file, "re");
	if (!f)
		return -errno;
	while (n < max && fgets(line, sizeof(line), f)) {
		uint32_t pid = (uint32_t)strtoul(line, NULL, 10);
		if (pid) /* 0: of a pid namespace that we do not see */
			pids[n++] = pid;
	}
	return (int)n;
}
