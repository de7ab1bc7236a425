// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/knowledge/limits.h"
#include "util/cleanup.h"

#define NEED(cap, ...) \
	{ \
		.capability = CAP_##cap, .name = #cap, __VA_ARGS__ \
	}

static const struct capability_need
	owner = NEED(CHOWN, .avoid = true,
		.instead =
			"leave the chown out: fsGroup, or COPY --chown in the image, does without"),
	mode = NEED(FOWNER, .avoid = true, .instead = "set the mode when the image is built"),
	times = NEED(FOWNER, .avoid = true,
		.instead = "copy without keeping times (`cp` without -p or -a)"),
	user = NEED(SETUID, .also = "SETGID", .avoid = true,
		.instead = "run as the final user from the start (runAsUser), without gosu or "
			   "su-exec"),
	group = NEED(SETGID, .also = "SETUID", .avoid = true,
		.instead =
			"run as the final user and group from the start (runAsUser, runAsGroup), "
			"without gosu or su-exec"),
	rights = NEED(SETPCAP, .avoid = true, .instead = "leave capabilities as they are"),
	file_rights = NEED(SETFCAP, .avoid = true,
		.instead =
			"leave setcap out of the start (for Vault: SKIP_SETCAP=true), and set file "
			"capabilities when the image is built"),
	mounting = NEED(
		SYS_ADMIN, .privileged = true, .instead = "let Kubernetes mount it, as a volume"),
	root_change = NEED(SYS_CHROOT, .instead = "run without chroot"),
	device = NEED(MKNOD, .instead = "have the device mounted"),
	namespaces = NEED(SYS_ADMIN, .privileged = true,
		.instead =
			"do without namespaces of its own (bubblewrap and browsers: switch their "
			"sandbox off)"),
	host_name = NEED(SYS_ADMIN, .avoid = true, .instead = "set hostname in the pod spec"),
	attributes = NEED(SYS_ADMIN, .privileged = true,
		.instead = "keep to attributes of the user's own (`user.*`): those in `trusted.*` "
			   "and most in `security.*` take it"),
	quotas = NEED(SYS_ADMIN, .privileged = true, .instead = "set quotas on the node"),
	swapping = NEED(SYS_ADMIN, .privileged = true, .instead = "leave swap to the node"),
	tracing = NEED(SYS_PTRACE, .instead = "run without a debugger or tracer"),
	priority = NEED(SYS_NICE, .instead = "run without real-time or raised priority"),
	the_clock = NEED(SYS_TIME,
		.instead = "let the node keep the time (chronyd: option -x, which leaves the clock "
			   "alone)"),
	memory_lock = NEED(
		IPC_LOCK, .instead = "switch the locking of memory off (disable_mlock in Vault, "
				     "bootstrap.memory_lock in Elasticsearch)"),
	own_limits = NEED(SYS_RESOURCE, .avoid = true,
		.instead = "do not raise limits at the start (ulimit)"),
	oom_score = NEED(SYS_RESOURCE, .avoid = true, .path = "/proc/self/oom_score_adj",
		.instead = "leave choom out (it writes /proc/self/oom_score_adj): whom the kernel "
			   "kills last is set by the pod's QoS class, Guaranteed where requests "
			   "equal limits"),
	raw_socket = NEED(NET_RAW, .instead = "do without raw sockets"),
	the_network = NEED(NET_ADMIN, .instead = "leave the pod's network to the CNI plugin"),
	firewall = NEED(NET_ADMIN, .also = "NET_RAW",
		.instead = "leave the pod's network to the CNI plugin (istio-cni, for a mesh)"),
	modules = NEED(SYS_MODULE, .instead = "load the module on the node (modules-load.d)"),
	kernel_log = NEED(SYSLOG, .instead = "read the kernel's log on the node"),
	programs = NEED(BPF, .also = "PERFMON", .instead = "run it on the node"),
	counters = NEED(PERFMON, .instead = "lower kernel.perf_event_paranoid on the node"),
	faults = NEED(SYS_PTRACE, .instead = "set vm.unprivileged_userfaultfd=1 on the node"),
	watching = NEED(SYS_ADMIN, .instead = "watch single files (inotify)"),
	immutable = NEED(LINUX_IMMUTABLE, .avoid = true, .instead = "leave file flags alone"),
	handles = NEED(DAC_READ_SEARCH, .instead = "open files by their names");

/* What else must hold for a row, by the call's arguments. */
static bool is_raw(const struct event *e)
{
	return e->sock_type == SOCK_RAW || (e->call_args[1] & 0xf) == SOCK_RAW ||
	       e->call_args[0] == AF_PACKET;
}

/* net/core/sock.c: SO_BINDTODEVICE alone is content with NET_RAW. */
static bool binds_to_device(const struct event *e)
{
	return e->call_args[1] == SOL_SOCKET && e->call_args[2] == SO_BINDTODEVICE;
}

/* SIOC... of interfaces, routes and tunnels (linux/sockios.h), and TUNSETIFF. */
static bool asks_network(const struct event *e)
{
	uint32_t request = (uint32_t)e->call_args[1];

	return (request & 0xff00) == 0x8900 || (request & 0xff00) == 0x5400;
}

static bool is_tun(const struct event *e)
{
	return (e->call_args[1] & 0xff00) == 0x5400 && e->path && strstr(e->path, "/net/tun");
}

static bool is_network(const struct event *e)
{
	return (e->call_args[1] & 0xff00) == 0x8900 ? asks_network(e) : is_tun(e);
}

static bool sets_flags(const struct event *e)
{
	return (uint32_t)e->call_args[1] == 0x40086602; /* FS_IOC_SETFLAGS */
}

static bool drops_bounding(const struct event *e)
{
	return e->call_args[0] == 24 ||
	       e->call_args[0] == 28; /* PR_CAPBSET_DROP, PR_SET_SECUREBITS */
}

/* Who wants more descriptors than the hard limit needs a higher limit, and no right of root's. */
static bool is_no_file_limit(const struct event *e)
{
	return !raises_open_files(e);
}

/* A user namespace takes no capability, and all others go with it. */
static bool makes_no_user_namespace(const struct event *e)
{
	return !(e->call_args[0] & CLONE_NEWUSER);
}

static bool changes_namespace(const struct event *e)
{
	return e->flags && strstr(e->flags, "CLONE_NEW") && makes_no_user_namespace(e);
}

static bool of_huge_pages(const struct event *e)
{
	return e->call_args[2] & 04000; /* SHM_HUGETLB */
}

/* xattr(7): root that may set security.capability was refused another attribute, in trusted.* mostly. */
static bool sets_more_than_capabilities(const struct event *e)
{
	return !e->uid && e->process.known && (e->process.capabilities >> CAP_SETFCAP & 1);
}

/* A prefix of the call's name, the errno, what must hold. The first that fits counts. */
static const struct row {
	const char *call;
	int error;
	bool (*asks)(const struct event *e);
	const struct capability_need *need;
} rows[] = {
	{ "chown", EPERM, NULL, &owner },
	{ "lchown", EPERM, NULL, &owner },
	{ "fchown", EPERM, NULL, &owner },
	{ "chmod", EPERM, NULL, &mode },
	{ "fchmod", EPERM, NULL, &mode },
	{ "utimensat", EPERM, NULL, &times },
	{ "setuid", EPERM, NULL, &user },
	{ "setresuid", EPERM, NULL, &user },
	{ "setgid", EPERM, NULL, &group },
	{ "setresgid", EPERM, NULL, &group },
	{ "setgroups", EPERM, NULL, &group },
	{ "capset", EPERM, NULL, &rights },
	{ "prctl", EPERM, drops_bounding, &rights },
	{ "mount", EPERM, NULL, &mounting },
	{ "umount", EPERM, NULL, &mounting },
	{ "fsopen", EPERM, NULL, &mounting },
	{ "move_mount", EPERM, NULL, &mounting },
	{ "pivot_root", EPERM, NULL, &mounting },
	{ "chroot", EPERM, NULL, &root_change },
	{ "mknod", EPERM, NULL, &device },
	{ "unshare", EPERM, makes_no_user_namespace, &namespaces },
	{ "clone", EPERM, changes_namespace, &namespaces },
	{ "setns", EPERM, NULL, &namespaces },
	{ "sethostname", EPERM, NULL, &host_name },
	{ "ptrace", EPERM, NULL, &tracing },
	{ "process_vm_readv", EPERM, NULL, &tracing },
	{ "quotactl", EPERM, NULL, &quotas },
	{ "swapon", EPERM, NULL, &swapping },
	{ "setpriority", EACCES, NULL, &priority },
	{ "setpriority", EPERM, NULL, &priority },
	{ "sched_set", EPERM, NULL, &priority },
	{ "clock_settime", EPERM, NULL, &the_clock },
	{ "clock_adjtime", EPERM, NULL, &the_clock },
	{ "adjtimex", EPERM, NULL, &the_clock },
	{ "settimeofday", EPERM, NULL, &the_clock },
	{ "mlock", EPERM, NULL, &memory_lock },
	{ "mlock", ENOMEM, NULL, &memory_lock },
	{ "shmget", EPERM, of_huge_pages, &memory_lock },
	{ "prlimit64", EPERM, is_no_file_limit, &own_limits },
	{ "socket", EPERM, is_raw, &raw_socket },
	{ "setsockopt", EPERM, binds_to_device, &raw_socket },
	{ "setsockopt", EPERM, NULL, &the_network },
	{ "ioctl", EPERM, is_network, &the_network },
	{ "ioctl", EPERM, sets_flags, &immutable },
	{ "init_module", EPERM, NULL, &modules },
	{ "finit_module", EPERM, NULL, &modules },
	{ "syslog", EPERM, NULL, &kernel_log },
	{ "bpf", EPERM, NULL, &programs },
	{ "perf_event_open", EPERM, NULL, &counters },
	{ "perf_event_open", EACCES, NULL, &counters },
	{ "userfaultfd", EPERM, NULL, &faults },
	{ "fanotify_init", EPERM, NULL, &watching },
	{ "open_by_handle_at", EPERM, NULL, &handles },
	{ "setxattr", EPERM, sets_more_than_capabilities, &attributes },
	{ "lsetxattr", EPERM, sets_more_than_capabilities, &attributes },
	{ "fsetxattr", EPERM, sets_more_than_capabilities, &attributes },
	{ "setxattr", EPERM, NULL, &file_rights },
	{ "lsetxattr", EPERM, NULL, &file_rights },
	{ "fsetxattr", EPERM, NULL, &file_rights },
};

/* Programs whose next step needs another one, or that ask for what they do not have. */
static const struct {
	const char *program;
	const struct capability_need *need;
} tools[] = {
	{ "ip", &the_network },
	{ "ifconfig", &the_network },
	{ "route", &the_network },
	{ "ipset", &the_network },
	{ "tc", &the_network },
	{ "wg", &the_network },
	{ "ethtool", &the_network },
	{ "bridge", &the_network },
	{ "iptables", &firewall },
	{ "ip6tables", &firewall },
	{ "iptables-legacy", &firewall },
	{ "ip6tables-legacy", &firewall },
	{ "iptables-restore", &firewall },
	{ "iptables-nft", &firewall },
	{ "xtables-legacy-multi", &firewall },
	{ "xtables-nft-multi", &firewall },
	{ "ebtables", &firewall },
	{ "arptables", &firewall },
	{ "nft", &the_network },
	{ "modprobe", &modules },
	{ "insmod", &modules },
	{ "dmesg", &kernel_log },
	{ "hwclock", &the_clock },
	{ "chronyd", &the_clock },
	{ "ntpd", &the_clock },
	{ "setcap", &file_rights },
	{ "choom", &oom_score },
};

/* The kernel keeps 15 characters of a name: "xtables-legacy-" is one that was cut. */
static bool same_name(const char *program, const char *known)
{
	return strlen(program) == 15 ? !strncmp(program, known, 15) : !strcmp(program, known);
}

const struct capability_need *capability_of_tool(const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (same_name(program, tools[i].program))
			return tools[i].need;
	return NULL;
}

const struct capability_need *capability_needed(const struct event *e, const char *program)
{
	const struct capability_need *tool = capability_of_tool(program);

	for (size_t i = 0; e->syscall && i < ARRAY_SIZE(rows); i++) {
		if (e->error != rows[i].error ||
			strncmp(e->syscall, rows[i].call, strlen(rows[i].call)) ||
			(rows[i].asks && !rows[i].asks(e)))
			continue;
		/* What a tool is known to need holds more than the step that failed first. */
		bool whole = tool && (rows[i].need == &raw_socket || rows[i].need == &the_network ||
					     rows[i].need == &rights);
		return whole ? tool : rows[i].need;
	}
	return NULL;
}
