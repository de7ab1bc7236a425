// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/kernel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "util/cleanup.h"
#include "util/find.h"

static const struct kernel_feature
	io_uring = { "io_uring", NULL,
		"Use nodes whose kernel is 5.10 or newer and has kernel.io_uring_disabled=0",
		"switch its use of io_uring off" },
	aio = { "asynchronous I/O (io_setup)", NULL, NULL, "switch native asynchronous I/O off" },
	message_queues = { "POSIX message queues", NULL, NULL, NULL },
	sctp = { "SCTP", "sctp", NULL, NULL },
	nf_tables = { "nftables", "nf_tables", NULL,
		"use the legacy iptables of the image (iptables-legacy)" },
	ip_tables = { "the legacy tables of iptables", "ip_tables, iptable_nat, iptable_filter",
		NULL, "use the iptables of the image that speaks to nftables (iptables-nft)" },
	wireguard = { "WireGuard", "wireguard", NULL,
		"use an implementation in user space "
		"(wireguard-go, boringtun)" },
	vsock = { "sockets to a hypervisor (vsock)", "vsock", NULL, NULL },
	crypto = { "encryption through sockets (AF_ALG)", "af_alg", NULL, NULL },
	file_system = { "this type of file system", NULL,
		"Load the module of the file system on the node (nfs, cifs, fuse, overlay, ...) "
		"and install its helpers there",
		NULL },
	nfs = { "NFS", "nfs", NULL, NULL },
	overlay = { "an overlay on top of this file system", NULL, NULL,
		"give it a volume (an emptyDir) for its layers, since an overlay cannot lie on "
		"another one, or let it use the vfs or fuse-overlayfs driver" },
	ebpf = { "what its BPF programs need", NULL,
		"Use nodes with a newer kernel, built with CONFIG_DEBUG_INFO_BTF", NULL },
	newer = { "calls of a newer version", NULL, "Use nodes with a newer kernel",
		"use an older release of the image" },
	huge = { "huge pages", NULL,
		"Reserve them on the node (vm.nr_hugepages) and request them "
		"(hugepages-2Mi)",
		"let it use plain pages" },
	xfrm = { "IPsec", "xfrm_user, esp4", NULL, NULL },
	bridge = { "filters on bridges", "br_netfilter", NULL, NULL },
	module_missing = { "a module", NULL, NULL, NULL };

/* e->call_args[0] of socket(2). */
#define FAMILY(n) (1 + (n))

static const struct row {
	const char *call; /* prefix */
	int error;
	int family;   /* FAMILY() of a socket, 0: any */
	int protocol; /* of a socket, 0: any */
	const struct kernel_feature *feature;
} rows[] = {
	{ "io_uring_setup", ENOSYS, 0, 0, &io_uring },
	{ "io_setup", ENOSYS, 0, 0, &aio },
	{ "mq_open", ENOSYS, 0, 0, &message_queues },
	{ "socket", EPROTONOSUPPORT, FAMILY(AF_NETLINK), 12, &nf_tables },
	{ "socket", EPROTONOSUPPORT, FAMILY(AF_NETLINK), 6, &xfrm },
	{ "socket", EPROTONOSUPPORT, FAMILY(AF_INET), 132, &sctp },
	{ "socket", EPROTONOSUPPORT, FAMILY(AF_INET6), 132, &sctp },
	{ "socket", ESOCKTNOSUPPORT, FAMILY(AF_INET), 132, &sctp },
	{ "socket", EAFNOSUPPORT, FAMILY(AF_ALG), 0, &crypto },
	{ "socket", EAFNOSUPPORT, FAMILY(AF_VSOCK), 0, &vsock },
	{ "mount", ENODEV, 0, 0, &file_system },
	{ "fsopen", ENODEV, 0, 0, &file_system },
};

const struct kernel_feature *kernel_feature_of(const struct event *e)
{
	for (size_t i = 0; e->syscall && i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		if (e->error == row->error && !strncmp(e->syscall, row->call, strlen(row->call)) &&
			(!row->family || e->call_args[0] == (uint64_t)row->family - 1) &&
			(!row->protocol || e->call_args[2] == (uint64_t)row->protocol))
			return row->feature;
	}
	return NULL;
}

/* Messages, each of a program or library that is known to mean the kernel by it. */
static const struct {
	const char *phrase;
	const struct kernel_feature *feature;
} phrases[] = {
	{ "do you need to insmod?", &ip_tables },
	{ "can't initialize iptables table", &ip_tables },
	{ "can't initialize ip6tables table", &ip_tables },
	{ "iptables-restore: unable to initialize table", &ip_tables },
	{ "Could not fetch rule set generation id", &nf_tables },
	{ "Unable to initialize Netlink socket: Protocol not supported", &nf_tables },
	{ "CACHE_ADD_CHAIN failed", &nf_tables },
	{ "Failed to initialize nft: Protocol not supported", &nf_tables },
	{ "RTNETLINK answers: Operation not supported", &module_missing },
	{ "Unknown device type", &module_missing },
	{ "modprobe: FATAL: Module", &module_missing },
	{ "modprobe: can't change directory to '/lib/modules", &module_missing },
	{ "wireguard: Operation not supported", &wireguard },
	{ "Unable to access interface: Protocol not supported", &wireguard },
	{ "unknown filesystem type 'nfs", &nfs },
	{ "unknown filesystem type", &file_system },
	{ "driver not supported: overlay", &overlay },
	{ "is not supported over overlayfs", &overlay },
	{ "not supported as upperdir", &overlay },
	{ "filesystem on '/var/lib/docker' not supported", &overlay },
	{ "io_uring is not supported", &io_uring },
	{ "io_uring not supported", &io_uring },
	{ "io_uring_queue_init() failed", &io_uring },
	{ "io_uring_setup() failed: Function not implemented", &io_uring },
	{ "kernel too old", &newer },
	{ "requires a newer kernel", &newer },
	{ "requires kernel", &newer },
	{ "kernel version is too old", &newer },
	{ "unsupported kernel version", &newer },
	{ "minimum supported kernel", &newer },
	{ "kernel doesn't support", &newer },
	{ "kernel does not support", &newer },
	{ "not supported by the kernel", &newer },
	{ "not supported by this kernel", &newer },
	{ "/sys/kernel/btf/vmlinux", &ebpf },
	{ "kernel BTF", &ebpf },
	{ "huge pages not supported on this platform", &huge },
	{ "/proc/sys/net/bridge/bridge-nf-call-iptables", &bridge },
};

const struct kernel_feature *kernel_feature_in_line(const char *line)
{
	struct find_index in;

	/* What is refused for want of rights is there. */
	if (find_folded(line, "not permitted") || find_folded(line, "permission denied") ||
		find_folded(line, "must be root"))
		return NULL;
	find_index_make(&in, line);
	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++)
		if (find_folded_in(&in, phrases[i].phrase))
			return phrases[i].feature;
	return NULL;
}
