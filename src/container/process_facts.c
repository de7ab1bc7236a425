// SPDX-License-Identifier: MIT
/*
 * A refusal's reason is often a fact of the process that is gone with it: which capabilities it had, under which
 * label it ran, how many files it had open. So it is asked at once, and only where the answer may matter.
 */
#include "container/process_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "container/hostfile.h"
#include "container/port_use.h"
#include "event/limits.h"
#include "util/cleanup.h"

#define STATUS_MAX 16384
#define CGROUP_LEVELS 8 /* above the container there are its pod, its class, the kubelet's root */
#define FILES_COUNTED 65536
#define MAPS_MARGIN 16 /* a call may need more than one */

bool process_facts_matter(const struct event *e)
{
	const struct limit *limits[LIMITS_OF_A_CALL];

	if (e->kind != EVENT_FILE_ERROR && e->kind != EVENT_PROCESS_ERROR &&
		e->kind != EVENT_NETWORK_ERROR && e->kind != EVENT_EXEC_FAILED)
		return false;
	return e->error == EACCES || e->error == EPERM || limits_of(e, limits);
}

/* The number behind a key at the start of a line. */
static bool number_of(const char *text, const char *key, int base, uint64_t *out)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len))
			continue;
		*out = strtoull(line + len, NULL, base);
		return true;
	}
	return false;
}

void process_facts_parse_status(const char *status, struct process_facts *out)
{
	uint64_t n;

	number_of(status, "CapEff:", 16, &out->capabilities);
	number_of(status, "CapBnd:", 16, &out->bounding);
	if (number_of(status, "NoNewPrivs:", 10, &n))
		out->no_new_privileges = n;
	if (number_of(status, "Seccomp:", 10, &n))
		out->seccomp = (uint32_t)n;
}

static int read_proc(uint32_t pid, const char *name, char **out)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	return proc_read(path, STATUS_MAX, out);
}

static bool other_user_namespace(uint32_t pid)
{
	struct stat its, ours;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/user", pid);
	return !stat(path, &its) && !stat("/proc/1/ns/user", &ours) && its.st_ino != ours.st_ino;
}

/* AppArmor and SELinux: "docker-default (enforce)", "system_u:system_r:container_t:s0:c1,c2". */
static void read_label(uint32_t pid, char label[static PROCESS_LABEL_MAX])
{
	_cleanup_free_ char *text = NULL;

	*label = '\0';
	if (!read_proc(pid, "attr/current", &text))
		snprintf(label, PROCESS_LABEL_MAX, "%.*s", (int)strcspn(text, "\n"), text);
	if (!strcmp(label, "unconfined"))
		*label = '\0';
}

/* "Max open files            1024                 1048576              files" */
uint64_t process_facts_rlimit(const char *limits, const char *name)
{
	static const struct {
		const char *name, *line;
	} lines[] = {
		{ "RLIMIT_AS", "Max address space" },
		{ "RLIMIT_FSIZE", "Max file size" },
		{ "RLIMIT_MEMLOCK", "Max locked memory" },
		{ "RLIMIT_MSGQUEUE", "Max msgqueue size" },
		{ "RLIMIT_NOFILE", "Max open files" },
		{ "RLIMIT_NPROC", "Max processes" },
	};
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(lines[i].name, name))
			number_of(limits, lines[i].line, 10, &n);
	return n;
}

static uint64_t count_files(uint32_t pid)
{
	char path[64];
	uint64_t n = 0;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	_cleanup_dir_ DIR *dir = opendir(path);
	for (const struct dirent *entry; dir && n < FILES_COUNTED && (entry = readdir(dir));)
		n += entry->d_name[0] != '.';
	return n;
}

/* A file of the cgroup file system; "max" is 0, as is what cannot be read. */
static uint64_t cgroup_number(const char *directory, const char *name)
{
	_cleanup_free_ char *text = NULL;
	char path[512];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >= sizeof(path) ||
		host_read("", path, 64, &text, NULL))
		return 0;
	return strtoull(text, NULL, 10);
}

static bool was_full(const char *directory)
{
	_cleanup_free_ char *text = NULL;
	char path[512];
	uint64_t times = 0;

	snprintf(path, sizeof(path), "%.400s/pids.events", directory);
	return !host_read("", path, 256, &text, NULL) && number_of(text, "max ", 10, &times) &&
	       times;
}

/* The nearest cgroup on the way up that is at its limit: the container's, its pod's or the node's for all pods. */
static bool full_cgroup(uint32_t pid, struct event *draft)
{
	_cleanup_free_ char *text = NULL;
	char directory[400];

	if (read_proc(pid, "cgroup", &text))
		return false;
	/* v2 has one hierarchy; of v1 that of the controller: "4:pids:/kubepods/..." */
	const char *line = strstr(text, ":pids:");
	bool v2 = !line && (line = strstr(text, "0::")) != NULL;
	if (!line)
		return false;
	const char *path = line + (v2 ? strlen("0::") : strlen(":pids:"));
	if ((size_t)snprintf(directory, sizeof(directory), "/sys/fs/cgroup%s%.*s",
		    v2 ? "" : "/pids", (int)strcspn(path, "\n"), path) >= sizeof(directory))
		return false;
	for (int i = 0; i < CGROUP_LEVELS; i++) {
		uint64_t max = cgroup_number(directory, "pids.max");
		uint64_t now = cgroup_number(directory, "pids.current");
		/* Some may have ended meanwhile; the container's own refusals are counted. */
		if (max && (now + 1 >= max || (!i && was_full(directory)))) {
			draft->process.limit = max;
			draft->process.used = now;
			return true;
		}
		char *slash = strrchr(directory, '/');
		if (!slash || slash < directory + strlen("/sys/fs/cgroup"))
			break;
		*slash = '\0';
	}
	return false;
}

/* The first number of a sysctl: of those that have more ("250 32000 32 128") the text names what it is about. */
static uint64_t read_sysctl(const char *name)
{
	_cleanup_free_ char *text = NULL;

	return host_sysctl(name, &text) ? 0 : strtoull(text, NULL, 10);
}

static uint64_t count_maps(uint32_t pid, uint64_t enough)
{
	char path[64], buffer[65536];
	uint64_t n = 0;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && n < enough && (got = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i < got; i++)
			n += buffer[i] == '\n';
	return n;
}

/* The size of the address space, and what the call asked for on top. */
static uint64_t memory_wanted(const struct event *draft)
{
	_cleanup_free_ char *status = NULL;
	uint64_t kib = 0;

	if (!read_proc(draft->pid, "status", &status))
		number_of(status, "VmSize:", 10, &kib);
	return kib ? kib * 1024 + draft->call_args[1] : 0;
}

/* Is it this one? Sets its height and use where it is, or may be. */
static bool ran_into(const struct limit *l, const char *rlimits, struct event *draft)
{
	struct process_facts *p = &draft->process;

	switch (l->source) {
	case LIMIT_CGROUP:
		return !strcmp(l->name, "pids.max") && full_cgroup(draft->pid, draft);
	case LIMIT_RLIMIT:
		p->limit = rlimits ? process_facts_rlimit(rlimits, l->name) : 0;
		p->used = 0;
		if (!strcmp(l->name, "RLIMIT_AS")) {
			p->used = p->limit ? memory_wanted(draft) : 0;
			return p->used > p->limit;
		}
		if (strcmp(l->name, "RLIMIT_NOFILE"))
			return p->limit;
		p->used = count_files(draft->pid);
		return p->limit && p->used + 2 >= p->limit;
	case LIMIT_SYSCTL:
		/* What a namespace has for itself is not seen from ours. */
		p->limit = l->namespaced ? 0 : read_sysctl(l->name);
		p->used = 0;
		if (strcmp(l->name, "vm.max_map_count"))
			return true;
		p->used = count_maps(draft->pid, p->limit);
		return p->limit && p->used + MAPS_MARGIN >= p->limit;
	case LIMIT_PORTS:
		p->used = strcmp(l->name, LIMIT_LOCAL_PORTS)
				  ? 0
				  : port_use(draft->pid, draft->address, draft->port);
		return p->used;
	default:
		return false;
	}
}

/* More than one may be it: the first that is full, else the first whose use is not known. */
static void find_limit(struct event *draft)
{
	const struct limit *limits[LIMITS_OF_A_CALL];
	size_t n = limits_of(draft, limits);
	_cleanup_free_ char *rlimits = NULL;

	if (n)
		read_proc(draft->pid, "limits", &rlimits);
	/* RLIMIT_NOFILE can be counted, so that it goes first among those that cannot. */
	for (size_t i = 0; i < n; i++)
		if (!strcmp(limits[i]->name, "RLIMIT_NOFILE") && i &&
			ran_into(limits[i], rlimits, draft)) {
			draft->limit_name = limits[i]->name;
			return;
		}
	for (size_t i = 0; i < n; i++) {
		if (ran_into(limits[i], rlimits, draft)) {
			draft->limit_name = limits[i]->name;
			return;
		}
	}
	draft->process.limit = draft->process.used = 0;
}

void process_facts_add(struct event *draft, char label[static PROCESS_LABEL_MAX])
{
	_cleanup_free_ char *status = NULL;
	uint64_t group = 0;

	if (read_proc(draft->pid, "status", &status))
		return;
	/* The pid may be somebody else's by now, or a thread that is not the process any more. */
	if (!number_of(status, "Tgid:", 10, &group) || group != draft->pid)
		return;
	draft->process.known = true;
	process_facts_parse_status(status, &draft->process);
	draft->process.user_namespace = other_user_namespace(draft->pid);
	read_label(draft->pid, label);
	draft->label = label;
	/* The height of a limit that the kernel side told stays. */
	uint64_t told = draft->limit_name ? draft->process.limit : 0;
	find_limit(draft);
	draft->process.limit = told ?: draft->process.limit;
}
