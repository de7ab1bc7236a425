// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/limits.h"

#include <string.h>

#include "util/cleanup.h"
#include "util/find.h"

#define PER_USER "counted for each user, over all containers of the node"
#define PER_NODE "one number for the whole node"
#define PER_POD "counted for each pod"

/* Documentation/admin-guide/sysctl/ of the kernel, and the manual pages that event/limits.c names. */
static const struct limit_text texts[] = {
	{ "fs.inotify.max_user_watches", "files that may be watched (inotify)", PER_USER, "524288",
		"let the program watch fewer files, or poll them" },
	{ "fs.inotify.max_user_instances", "watchers of files (inotify)", PER_USER, "1024",
		"switch the program's watching of files off" },
	{ "fs.fanotify.max_user_groups", "watchers of file systems (fanotify)", PER_USER, "1024",
		NULL },
	{ "fs.file-max", "open files", PER_NODE, "2097152",
		"find the process on the node that holds so many (lsof)" },
	{ "fs.nr_open", "open files that a process may be allowed", PER_NODE, "1048576",
		"ask for no more than that (ulimit -n)" },
	{ "fs.aio-max-nr", "asynchronous I/O requests (io_setup)", PER_NODE, "1048576",
		"let the program use fewer of them, or none" },
	{ "fs.pipe-user-pages-hard", "memory in pipes", PER_USER, "0", NULL },
	{ "fs.mount-max", "mounts", "counted for each mount namespace", "200000", NULL },
	{ "fs.mqueue.queues_max", "POSIX message queues", PER_POD, "1024", NULL },
	{ "fs.mqueue.msg_max", "messages in a POSIX message queue", PER_POD, "100",
		"ask for shorter queues" },
	{ "kernel.keys.maxkeys", "keys in the kernel's keyrings", PER_USER, "20000",
		"run fewer containers of this user on the node" },
	{ "kernel.keys.root_maxkeys", "keys of root in the kernel's keyrings",
		"counted for root, over all containers of the node", "1000000",
		"run fewer containers on the node" },
	{ "kernel.pty.max", "pseudo terminals", PER_NODE, "16384", NULL },
	{ "kernel.sem", "System V semaphores", PER_POD, "32000 1024000000 500 32000",
		"let the program use fewer (for PostgreSQL: max_connections)" },
	{ "kernel.shmmni", "System V shared memory segments", PER_POD, "8192", NULL },
	{ "kernel.shmall", "System V shared memory", PER_POD, "18446744073692774399", NULL },
	{ "kernel.msgmni", "System V message queues", PER_POD, "32000", NULL },
	{ "net.core.optmem_max", "memory for a socket's options", PER_NODE, "131072", NULL },
	{ "net.ipv4.igmp_max_memberships", "multicast groups of a socket", PER_POD, "100", NULL },
	{ "user.max_cgroup_namespaces", "cgroup namespaces", PER_USER, "65536", NULL },
	{ "user.max_ipc_namespaces", "IPC namespaces", PER_USER, "65536", NULL },
	{ "user.max_mnt_namespaces", "mount namespaces", PER_USER, "65536", NULL },
	{ "user.max_net_namespaces", "network namespaces", PER_USER, "65536", NULL },
	{ "user.max_pid_namespaces", "PID namespaces", PER_USER, "65536",
		"do not nest them: 32 levels is all that the kernel allows" },
	{ "user.max_user_namespaces", "user namespaces", PER_USER, "65536",
		"do without user namespaces in the container (bubblewrap and browsers: switch "
		"their sandbox off), and do not nest them: 32 levels is all that the kernel "
		"allows" },
	{ "user.max_uts_namespaces", "UTS namespaces", PER_USER, "65536", NULL },
	{ "vm.max_map_count", "memory areas of a process", PER_NODE, "262144",
		"let the program map fewer files (for Elasticsearch and OpenSearch: "
		"node.store.allow_mmap: false)" },
	{ "vm.nr_hugepages", "huge pages", PER_NODE, "1024",
		"let the program use plain pages (for PostgreSQL: huge_pages=off)" },
	{ "cgroup.max.descendants", "cgroups", "counted for the tree that they are made in", NULL,
		NULL },
};

const struct limit_text *limit_text_of(const struct limit *l)
{
	for (size_t i = 0; l && i < ARRAY_SIZE(texts); i++)
		if (!strcmp(texts[i].name, l->name))
			return &texts[i];
	return NULL;
}

const struct limit *limit_of_event(const struct event *e)
{
	const struct limit *likely[LIMITS_OF_A_CALL];
	const struct limit *known =
		e->limit_name && *e->limit_name ? limit_by_name(e->limit_name) : NULL;

	if (known)
		return known;
	return limits_of(e, likely) ? likely[0] : NULL;
}

bool limit_is_of_node(const struct limit *l)
{
	return l && l->source != LIMIT_RLIMIT && l->source != LIMIT_PORTS &&
	       strcmp(l->name, "pids.max") != 0;
}

bool raises_open_files(const struct event *e)
{
	return e->flags && strstr(e->flags, "RLIMIT_NOFILE");
}

/* Where servers are told how many connections they may have, and so how many descriptors they want. */
static const struct {
	const char *program, *setting;
} file_settings[] = {
	{ "haproxy", "maxconn, or ulimit-n" },
	{ "nginx", "worker_rlimit_nofile, worker_connections" },
	{ "redis-server", "maxclients" },
	{ "valkey-server", "maxclients" },
	{ "memcached", "-c" },
	{ "squid", "max_filedescriptors" },
	{ "mysqld", "open_files_limit, table_open_cache, max_connections" },
	{ "mariadbd", "open_files_limit, table_open_cache, max_connections" },
	{ "dovecot", "client_limit, process_limit" },
	{ "unbound", "outgoing-range, num-queries-per-thread" },
	{ "named", "files in options" },
	{ "lighttpd", "server.max-fds" },
	{ "pgbouncer", "max_client_conn" },
	{ "tor", "ConnLimit" },
};

const char *setting_of_open_files(const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(file_settings); i++)
		if (!strcmp(program, file_settings[i].program))
			return file_settings[i].setting;
	return NULL;
}

/* Messages that do not name the sysctl. */
static const struct {
	const char *phrase, *limit;
} phrases[] = {
	{ "System limit for number of file watchers reached", "fs.inotify.max_user_watches" },
	{ "inotify watch limit reached", "fs.inotify.max_user_watches" },
	{ "inotify instances", "fs.inotify.max_user_instances" },
	/* fsnotify, watchfiles, inotify-tools, systemd: the call that fails there is inotify_init(2) */
	{ "watcher: too many open files", "fs.inotify.max_user_instances" },
	{ "inotify: too many open files", "fs.inotify.max_user_instances" },
	{ "inotify_init: too many open files", "fs.inotify.max_user_instances" },
	{ "inotify_init1: too many open files", "fs.inotify.max_user_instances" },
	{ "inotify instance: too many open files", "fs.inotify.max_user_instances" },
	{ "directory watch: too many open files", "fs.inotify.max_user_instances" },
	{ "max virtual memory areas", "vm.max_map_count" },
	{ "max_map_count", "vm.max_map_count" },
	{ "unable to join session keyring", "kernel.keys.root_maxkeys" },
	{ "could not create semaphores: No space left", "kernel.sem" },
	{ "Too many open files in system", "fs.file-max" },
	{ "could not map anonymous shared memory: Cannot allocate memory", "vm.nr_hugepages" },
	{ "io_setup() failed: Resource temporarily unavailable", "fs.aio-max-nr" },
	{ "request capacity in /proc/sys/fs/aio-max-nr", "fs.aio-max-nr" }, /* Seastar */
	{ "io_setup() failed (11", "fs.aio-max-nr" },
};

const struct limit *limit_in_line(const char *line)
{
	const struct limit *all;
	struct find_index in;
	size_t n = limits_all(&all);

	for (size_t i = 0; i < n; i++)
		if (all[i].source == LIMIT_SYSCTL && strstr(line, all[i].name))
			return &all[i];
	find_index_make(&in, line);
	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++)
		if (find_folded_in(&in, phrases[i].phrase))
			return limit_by_name(phrases[i].limit);
	return NULL;
}
