// SPDX-License-Identifier: MIT
#include "record/fields.h"

#include <string.h>

#include "record/json_tree.h"
#include "util/cleanup.h"

#define EXITS (WHEN(EVENT_PROCESS_EXITED) | WHEN(EVENT_CONTAINER_EXITED))
/* Of a container as a whole, and of no process. */
#define CONTAINERS \
	(WHEN(EVENT_CONTAINER_CREATED) | WHEN(EVENT_CONTAINER_REMOVED) | WHEN(EVENT_RECOVERED))
#define FILES (((1u << EVENT_KINDS) - 1) & ~CONTAINERS)
#define PROCESSES (FILES & ~WHEN(EVENT_NONE))
#define SERVES (WHEN(EVENT_LISTEN) | WHEN(EVENT_CONTAINER_LISTENING) | WHEN(EVENT_PORT_REFUSED))
#define ASKED WHEN(EVENT_PORT_REFUSED)
#define DNS (WHEN(EVENT_DNS_QUERY) | WHEN(EVENT_DNS_ANSWER))
/* Of a call, or of what waits in one. */
#define CALLS \
	(PROCESSES & ~(EXITS | WHEN(EVENT_CONTAINER_STARTED) | WHEN(EVENT_EXEC) | \
			     WHEN(EVENT_OOM_KILL) | WHEN(EVENT_SIGNAL) | WHEN(EVENT_OUTPUT)))

#define NAME(text) \
	{ \
		text, sizeof(text) - 1 \
	}
/* An object of the one at hand and when it is written, and one of such an object. */
#define OBJECT(name, when) \
	static const struct field_object object_##name = { #name, NAME(#name), &object_at_hand, \
		JSON_NAME_BIT(#name), when }
#define OBJECT_IN(outer, name, when) \
	static const struct field_object object_##outer##_##name = { #outer "." #name, \
		NAME(#name), &object_##outer, JSON_NAME_BIT(#outer), when }
const struct field_object object_at_hand = { "", NAME(""), NULL, 0, 0 };
OBJECT(process, 0);
OBJECT_IN(process, thread, 0);
OBJECT_IN(process, parent, 0);
OBJECT_IN(process, user, 0);
OBJECT_IN(process, group, 0);
OBJECT(file, 0);
OBJECT(error, WHEN_FAILED);
OBJECT(server, WHEN_SERVER);
OBJECT(destination, WHEN_CLIENT);
OBJECT(dns, DNS);
OBJECT_IN(dns, question, DNS);
OBJECT(socket, CALLS);
OBJECT(connect, WHEN_FAILED);
OBJECT(blocked, WHEN(EVENT_BLOCKED) | WHEN(EVENT_UNBLOCKED));
OBJECT(asked, ASKED);
OBJECT(lock_holder, WHEN(EVENT_BLOCKED));
OBJECT(port_holder, WHEN(EVENT_NETWORK_ERROR));
OBJECT(credentials, WHEN_FAILED);
OBJECT(limit, WHEN_FAILED);
OBJECT(exit, EXITS);
OBJECT(usage, WHEN(EVENT_CONTAINER_LISTENING) | WHEN(EVENT_CONTAINER_EXITED));
OBJECT(oom, WHEN(EVENT_OOM_KILL));
OBJECT(signal, WHEN(EVENT_SIGNAL));
OBJECT(output, WHEN(EVENT_OUTPUT));
OBJECT(recovered, WHEN(EVENT_RECOVERED));
OBJECT(image, 0);
OBJECT(namespace, 0);
OBJECT(pod, 0);
OBJECT(container, 0);
OBJECT(deployment, WHEN(WORKLOAD_DEPLOYMENT));
OBJECT(statefulset, WHEN(WORKLOAD_STATEFULSET));
OBJECT(daemonset, WHEN(WORKLOAD_DAEMONSET));
OBJECT(job, WHEN(WORKLOAD_JOB) | WHEN(WORKLOAD_CRONJOB));
OBJECT(cronjob, WHEN(WORKLOAD_CRONJOB));
OBJECT(filesystem, 0);

#define ROW(structure, in_, key_, type_, member, ...) \
	{ \
		.object = &object_##in_, .key = NAME(key_), .type = type_, \
		.offset = offsetof(structure, member), .size = sizeof(((structure *)0)->member), \
		##__VA_ARGS__ \
	}
#define EVENT(object_, ...) ROW(struct event, object_, __VA_ARGS__)
#define CONTAINER(object_, ...) ROW(struct container, object_, __VA_ARGS__)
#define PLAIN(structure, ...) ROW(struct structure, at_hand, __VA_ARGS__)
#define ALWAYS .even_zero = ~0u
#define TABLE(name) const struct field_table name = { name##_rows, ARRAY_SIZE(name##_rows), false }
#define OWNING_TABLE(name) \
	const struct field_table name = { name##_rows, ARRAY_SIZE(name##_rows), true }

static const struct field event_fields_rows[] = {
	EVENT(process, "pid", FIELD_U32, pid, .only = PROCESSES, .even_zero = PROCESSES),
	EVENT(process, "vpid", FIELD_U32, vpid),
	EVENT(process, "name", FIELD_TEXT, comm, .only = PROCESSES, .even_zero = PROCESSES),
	EVENT(process, "executable", FIELD_TEXT, executable),
	EVENT(process, "args", FIELD_ARGS, args),
	EVENT(process, "working_directory", FIELD_TEXT, cwd),
	EVENT(process, "exit_code", FIELD_EXIT_CODE, status, .only = EXITS, .even_zero = EXITS),
	EVENT(process_thread, "id", FIELD_U32, tid),
	EVENT(process_parent, "pid", FIELD_U32, parent_pid),
	EVENT(process_parent, "name", FIELD_TEXT, parent_comm),
	EVENT(process_user, "id", FIELD_ID32, uid, .only = PROCESSES, .even_zero = PROCESSES),
	EVENT(process_group, "id", FIELD_ID32, gid, .only = PROCESSES, .even_zero = PROCESSES),
	/* A cgroup's life carries the cgroup's path there, which is no file of the container. */
	EVENT(file, "path", FIELD_TEXT, path, .only = FILES),
	EVENT(file, "target_path", FIELD_TEXT, path2, .only = FILES),
	EVENT(error, "code", FIELD_ERRNO_NAME, error),
	EVENT(error, "number", FIELD_INT, error),
	EVENT(error, "message", FIELD_ERRNO_TEXT, error),
	EVENT(server, "address", FIELD_TEXT, address),
	EVENT(server, "port", FIELD_U16, port, .even_zero = SERVES),
	EVENT(destination, "address", FIELD_TEXT, address),
	EVENT(destination, "port", FIELD_U16, port),
	EVENT(dns, "response_code", FIELD_TEXT, dns_rcode),
	EVENT(dns_question, "name", FIELD_TEXT, dns_name),
	EVENT(dns_question, "type", FIELD_TEXT, dns_type),
};
TABLE(event_fields);

static const struct field event_ktrace_fields_rows[] = {
	EVENT(at_hand, "cgroup", FIELD_ID64, cgroup),
	EVENT(at_hand, "syscall", FIELD_TEXT, syscall),
	EVENT(at_hand, "flags", FIELD_TEXT, flags),
	EVENT(at_hand, "requested_path", FIELD_TEXT, requested, .only = FILES),
	EVENT(at_hand, "interpreter", FIELD_TEXT, interpreter),
	EVENT(at_hand, "repeats", FIELD_U32, repeats, .only = WHEN_FAILED,
		.even_zero = WHEN_FAILED),
	EVENT(at_hand, "repeated_for_ns", FIELD_U64, lasted_ns, .only = WHEN_FAILED),
	EVENT(socket, "family", FIELD_INT, family),
	EVENT(socket, "type", FIELD_INT, sock_type),
	EVENT(connect, "gave_up_after_ns", FIELD_U64, gave_up_ns),
	EVENT(blocked, "for_ns", FIELD_U64, blocked_ns),
	EVENT(asked, "by_pid", FIELD_U32, sender_pid),
	EVENT(asked, "by_name", FIELD_TEXT, sender_comm),
	EVENT(asked, "containers", FIELD_U32, sharers),
	EVENT(dns, "answers", FIELD_U16, dns_answers, .even_zero = WHEN(EVENT_DNS_ANSWER)),
	EVENT(dns, "search", FIELD_TEXT, dns_search),
	EVENT(dns, "ndots", FIELD_U16, dns_ndots),
	EVENT(lock_holder, "pid", FIELD_U32, holder_pid),
	EVENT(lock_holder, "name", FIELD_TEXT, holder_comm),
	EVENT(port_holder, "pid", FIELD_U32, holder_pid),
	EVENT(port_holder, "name", FIELD_TEXT, holder_comm),
	EVENT(port_holder, "none", FIELD_BOOL, holder_none),
	EVENT(credentials, "known", FIELD_BOOL, process.known),
	EVENT(credentials, "capabilities", FIELD_BITS64, process.capabilities),
	EVENT(credentials, "bounding", FIELD_BITS64, process.bounding),
	EVENT(credentials, "no_new_privileges", FIELD_BOOL, process.no_new_privileges),
	EVENT(credentials, "user_namespace", FIELD_BOOL, process.user_namespace),
	EVENT(credentials, "seccomp", FIELD_U32, process.seccomp),
	EVENT(credentials, "label", FIELD_TEXT, label),
	EVENT(limit, "name", FIELD_TEXT, limit_name),
	EVENT(limit, "value", FIELD_U64, process.limit),
	EVENT(limit, "used", FIELD_U64, process.used),
	EVENT(exit, "status", FIELD_INT, status, ALWAYS),
	EVENT(exit, "signal", FIELD_STATUS_SIGNAL, status),
	EVENT(exit, "runtime_ns", FIELD_U64, runtime_ns),
	EVENT(exit, "failures_held_back", FIELD_U32, held_back),
	EVENT(exit, "left_out", FIELD_U32, left_out),
	EVENT(usage, "peak_memory_bytes", FIELD_U64, peak_memory),
	EVENT(oom, "limit_bytes", FIELD_U64, oom_limit, ALWAYS),
	EVENT(oom, "anon_rss_bytes", FIELD_U64, oom_anon, ALWAYS),
	EVENT(oom, "file_rss_bytes", FIELD_U64, oom_file, ALWAYS),
	EVENT(oom, "shmem_rss_bytes", FIELD_U64, oom_shmem, ALWAYS),
	EVENT(oom, "levels", FIELD_U32, oom_levels, ALWAYS),
	EVENT(oom, "scope", FIELD_OOM_SCOPE, oom_levels, ALWAYS),
	EVENT(signal, "name", FIELD_SIGNAL, signo),
	EVENT(signal, "number", FIELD_INT, signo),
	EVENT(signal, "sender_pid", FIELD_U32, sender_pid, .even_zero = WHEN(EVENT_SIGNAL)),
	EVENT(signal, "sender_name", FIELD_TEXT, sender_comm),
	EVENT(signal, "from_outside", FIELD_BOOL, from_outside, .even_zero = WHEN(EVENT_SIGNAL)),
	EVENT(output, "fd", FIELD_U32, fd, .even_zero = WHEN(EVENT_OUTPUT)),
	EVENT(output, "bytes", FIELD_U32, text_total, .even_zero = WHEN(EVENT_OUTPUT)),
	EVENT(output, "text", FIELD_TEXT, text, .even_zero = WHEN(EVENT_OUTPUT)),
	EVENT(recovered, "root_cause", FIELD_TEXT, root_cause),
	EVENT(recovered, "title", FIELD_TEXT, text),
	EVENT(recovered, "after_ns", FIELD_U64, lasted_ns),
};
TABLE(event_ktrace_fields);

static const struct field container_fields_rows[] = {
	CONTAINER(at_hand, "id", FIELD_OWNED, id, ALWAYS),
	CONTAINER(at_hand, "name", FIELD_OWNED, name),
	CONTAINER(at_hand, "runtime", FIELD_OWNED, runtime),
	CONTAINER(image, "name", FIELD_OWNED, image),
};
OWNING_TABLE(container_fields);

static const struct field pod_fields_rows[] = {
	CONTAINER(namespace, "name", FIELD_OWNED, k8s_namespace),
	CONTAINER(pod, "name", FIELD_OWNED, pod),
	CONTAINER(pod, "uid", FIELD_OWNED, pod_uid),
	CONTAINER(container, "name", FIELD_OWNED, k8s_container),
	CONTAINER(container, "type", FIELD_CONTAINER_TYPE, type),
	CONTAINER(container, "restart_count", FIELD_COUNT, restart_count),
	CONTAINER(deployment, "name", FIELD_OWNED, workload),
	CONTAINER(statefulset, "name", FIELD_OWNED, workload),
	CONTAINER(daemonset, "name", FIELD_OWNED, workload),
	CONTAINER(job, "name", FIELD_OWNED, job),
	CONTAINER(cronjob, "name", FIELD_OWNED, workload),
};
OWNING_TABLE(pod_fields);

static const struct field workload_fields_rows[] = {
	CONTAINER(at_hand, "name", FIELD_OWNED, workload),
	CONTAINER(at_hand, "kind", FIELD_WORKLOAD_KIND, workload_kind),
};
OWNING_TABLE(workload_fields);

/* Lists (args, groups, mounts) and the root file system are written by ndjson.c. */
static const struct field description_fields_rows[] = {
	CONTAINER(at_hand, "cgroup", FIELD_ID64, cgroup),
	CONTAINER(at_hand, "cgroup_path", FIELD_OWNED, cgroup_path),
	CONTAINER(at_hand, "sandbox_id", FIELD_OWNED, sandbox_id),
	CONTAINER(at_hand, "type", FIELD_CONTAINER_TYPE, type),
	CONTAINER(at_hand, "restart_count", FIELD_COUNT, restart_count),
	CONTAINER(at_hand, "bundle", FIELD_OWNED, bundle),
	CONTAINER(at_hand, "rootfs", FIELD_OWNED, rootfs),
	CONTAINER(at_hand, "described", FIELD_BOOL, described, ALWAYS),
	CONTAINER(at_hand, "working_directory", FIELD_OWNED, cwd),
	CONTAINER(at_hand, "path_env", FIELD_OWNED, path_env),
	CONTAINER(at_hand, "env_empty", FIELD_OWNED, env_empty),
	CONTAINER(at_hand, "env_line_break", FIELD_OWNED, env_line_break),
	CONTAINER(at_hand, "env_host", FIELD_OWNED, env_host),
	CONTAINER(at_hand, "env_long", FIELD_OWNED, env_long),
	CONTAINER(at_hand, "env_placeholder", FIELD_OWNED, env_placeholder),
	CONTAINER(at_hand, "env_service", FIELD_OWNED, env_service),
	CONTAINER(at_hand, "keys_empty", FIELD_OWNED, keys_empty),
	CONTAINER(at_hand, "uid", FIELD_ID32, uid, ALWAYS),
	CONTAINER(at_hand, "gid", FIELD_ID32, gid, ALWAYS),
	CONTAINER(at_hand, "capabilities", FIELD_BITS64, capabilities, ALWAYS),
	CONTAINER(at_hand, "no_new_privileges", FIELD_BOOL, no_new_privileges),
	CONTAINER(at_hand, "seccomp", FIELD_BOOL, seccomp),
	CONTAINER(at_hand, "host_network", FIELD_BOOL, host_network),
	CONTAINER(at_hand, "host_pid", FIELD_BOOL, host_pid),
	CONTAINER(at_hand, "terminal", FIELD_BOOL, terminal),
	CONTAINER(at_hand, "memory_limit_bytes", FIELD_U64, memory_limit),
	CONTAINER(at_hand, "pids_limit", FIELD_U64, pids_limit),
	CONTAINER(at_hand, "nofile_limit", FIELD_U64, nofile_limit),
	CONTAINER(at_hand, "devices", FIELD_OWNED, devices),
};
OWNING_TABLE(description_fields);

static const struct field remembered_fields_rows[] = {
	PLAIN(remembered, "healthy_at", FIELD_ID64, healthy_at, ALWAYS),
	PLAIN(remembered, "starts", FIELD_U32, starts, ALWAYS),
	PLAIN(remembered, "listening_ns", FIELD_ID64, listening_ns),
	PLAIN(remembered, "peak_memory", FIELD_ID64, peak_memory),
};
TABLE(remembered_fields);

static const struct field change_fields_rows[] = {
	PLAIN(change, "name", FIELD_OWNED, name, ALWAYS),
	PLAIN(change, "before", FIELD_OWNED, before, ALWAYS),
	PLAIN(change, "after", FIELD_OWNED, after, ALWAYS),
	PLAIN(change, "where", FIELD_OWNED, where, ALWAYS),
	PLAIN(change, "since", FIELD_OWNED, since, ALWAYS),
};
OWNING_TABLE(change_fields);

static const struct field mount_fields_rows[] = {
	PLAIN(mount, "destination", FIELD_OWNED, destination, ALWAYS),
	PLAIN(mount, "kind", FIELD_MOUNT_KIND, kind, ALWAYS),
	PLAIN(mount, "name", FIELD_OWNED, name),
	PLAIN(mount, "source", FIELD_OWNED, source),
	PLAIN(mount, "fstype", FIELD_OWNED, fstype),
	PLAIN(mount, "read_only", FIELD_BOOL, read_only),
	PLAIN(mount, "noexec", FIELD_BOOL, noexec),
	PLAIN(mount, "subpath", FIELD_BOOL, subpath),
	PLAIN(mount, "folder", FIELD_BOOL, directory),
};
OWNING_TABLE(mount_fields);

static const struct field held_by_fields_rows[] = {
	PLAIN(mount, "destination", FIELD_OWNED, destination, ALWAYS),
	PLAIN(mount, "kind", FIELD_MOUNT_KIND, kind, ALWAYS),
	PLAIN(mount, "name", FIELD_OWNED, name),
	PLAIN(mount, "read_only", FIELD_BOOL, read_only, ALWAYS),
	PLAIN(mount, "noexec", FIELD_BOOL, noexec),
	PLAIN(mount, "subpath", FIELD_BOOL, subpath),
	PLAIN(mount, "folder", FIELD_BOOL, directory),
};
OWNING_TABLE(held_by_fields);

static const struct field path_facts_fields_rows[] = {
	PLAIN(path_facts, "folder_path", FIELD_CHARS, directory_path),
	PLAIN(path_facts, "link", FIELD_CHARS, link),
	PLAIN(path_facts, "target", FIELD_CHARS, target),
	PLAIN(path_facts, "noexec", FIELD_BOOL, noexec),
	PLAIN(path_facts, "real_path", FIELD_CHARS, real_path),
	PLAIN(path_facts, "closed_path", FIELD_CHARS, closed_path),
	PLAIN(path_facts, "nearby", FIELD_CHARS, nearby),
	PLAIN(path_facts, "hidden", FIELD_FILE_TYPE, hidden),
	ROW(struct path_facts, filesystem, "type", FIELD_CHARS, filesystem.type),
	ROW(struct path_facts, filesystem, "read_only", FIELD_BOOL, filesystem.read_only),
	ROW(struct path_facts, filesystem, "nosuid", FIELD_BOOL, filesystem.nosuid),
	ROW(struct path_facts, filesystem, "nodev", FIELD_BOOL, filesystem.nodev),
	ROW(struct path_facts, filesystem, "room_known", FIELD_BOOL, filesystem.room_known),
	ROW(struct path_facts, filesystem, "total_bytes", FIELD_U64, filesystem.total_bytes),
	ROW(struct path_facts, filesystem, "free_bytes", FIELD_U64, filesystem.free_bytes),
	ROW(struct path_facts, filesystem, "total_inodes", FIELD_U64, filesystem.total_inodes),
	ROW(struct path_facts, filesystem, "free_inodes", FIELD_U64, filesystem.free_inodes),
};
TABLE(path_facts_fields);

static const struct field file_facts_fields_rows[] = {
	PLAIN(file_facts, "type", FIELD_FILE_TYPE, type),
	PLAIN(file_facts, "uid", FIELD_ID32, uid),
	PLAIN(file_facts, "gid", FIELD_ID32, gid),
	PLAIN(file_facts, "mode", FIELD_MODE, mode),
	PLAIN(file_facts, "interpreter", FIELD_CHARS, interpreter),
	PLAIN(file_facts, "script", FIELD_BOOL, script),
	PLAIN(file_facts, "elf", FIELD_BOOL, elf),
	PLAIN(file_facts, "elf_machine", FIELD_U16, elf_machine),
	PLAIN(file_facts, "interpreter_exists", FIELD_BOOL, interpreter_exists),
	PLAIN(file_facts, "empty", FIELD_BOOL, empty),
	PLAIN(file_facts, "bom", FIELD_BOOL, bom),
	PLAIN(file_facts, "text", FIELD_BOOL, text),
	PLAIN(file_facts, "format", FIELD_CHARS, format),
	PLAIN(file_facts, "size", FIELD_U64, size),
	PLAIN(file_facts, "capabilities", FIELD_BITS64, capabilities),
	PLAIN(file_facts, "major", FIELD_U32, major),
	PLAIN(file_facts, "minor", FIELD_U32, minor),
	PLAIN(file_facts, "acl", FIELD_CHARS, acl),
	PLAIN(file_facts, "acl_effective", FIELD_CHARS, acl_effective),
};
TABLE(file_facts_fields);

uint32_t container_when(const struct container *c)
{
	return c->workload_sure ? WHEN(c->workload_kind) : 0;
}

uint32_t event_when(const struct event *e)
{
	static const char *const serving[] = { "bind", "listen", "accept", "accept4" };
	uint32_t when = WHEN(e->kind) | (event_failed(e) ? WHEN_FAILED : 0);

	if (when & SERVES)
		return when | WHEN_SERVER;
	for (size_t i = 0; e->syscall && i < ARRAY_SIZE(serving); i++)
		if (strcmp(e->syscall, serving[i]) == 0)
			return when | WHEN_SERVER;
	return when | WHEN_CLIENT;
}

const char *file_type_name(enum file_type type)
{
	static const char *const names[] = {
		[FILE_UNKNOWN] = "",
		[FILE_MISSING] = "missing",
		[FILE_REGULAR] = "regular",
		[FILE_DIRECTORY] = "directory",
		[FILE_SYMLINK] = "symlink",
		[FILE_OTHER] = "other",
		[FILE_CHAR_DEVICE] = "char_device",
		[FILE_BLOCK_DEVICE] = "block_device",
		[FILE_FIFO] = "fifo",
		[FILE_SOCKET] = "socket",
	};
	return (size_t)type < ARRAY_SIZE(names) ? names[type] : "";
}
