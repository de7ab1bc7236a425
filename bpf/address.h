/* SPDX-License-Identifier: GPL-2.0 */
/* Files, sockets and addresses behind the arguments of a system call. */
#ifndef KTRACE_ADDRESS_H
#define KTRACE_ADDRESS_H

#include "common.h"
#include "path.h"

static __always_inline u16 file_mode(struct file *file)
{
	return file ? BPF_CORE_READ(file, f_inode, i_mode) : 0;
}

/* The directory that a relative path starts from, or the file itself behind a descriptor. */
static __always_inline u32 append_base(struct scratch *s, u32 offset, s32 fd)
{
	if (fd == AT_FDCWD)
		return append_cwd(s, offset);

	struct file *file = file_of_fd(fd);
	u16 type = file_mode(file) & S_IFMT;

	if (!file || type == S_IFIFO || type == S_IFSOCK)
		return 0;
	return append_path(s, offset, &file->f_path);
}

struct sockaddr_any {
	u16 family;
	u16 port;
	union {
		u32 v4;
		struct {
			u32 flow;
			u8 v6[16];
		};
	};
};

/* NULL: the descriptor is none of a socket. */
static __always_inline struct socket *socket_of_fd(s32 fd)
{
	struct file *file = file_of_fd(fd);

	return (file_mode(file) & S_IFMT) == S_IFSOCK ? BPF_CORE_READ(file, private_data) : NULL;
}

/* The socket's peer, or its own address, as a sockaddr. */
static __always_inline u32 append_socket(
	struct scratch *s, u32 offset, const struct socket *socket, bool peer)
{
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct sockaddr_any *a = scratch_at(s, offset);

	a->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (a->family != 2 && a->family != 10)
		return 0;
	a->port = peer ? BPF_CORE_READ(sk, __sk_common.skc_dport)
		       : __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_num));
	if (a->family == 2) {
		a->v4 = peer ? BPF_CORE_READ(sk, __sk_common.skc_daddr)
			     : BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		return a->port ? 8 : 0;
	}
	a->flow = 0;
	if (peer)
		BPF_CORE_READ_INTO(&a->v6, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	else
		BPF_CORE_READ_INTO(&a->v6, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
	return a->port ? 24 : 0;
}

#define EACCES 13
#define EADDRNOTAVAIL 99

/* The sysctl of the running task's network namespace that this error may come from, as wire_syscall.ports has it. */
static __always_inline u32 namespace_ports(u32 error)
{
	if (error != EACCES && error != EADDRNOTAVAIL)
		return 0;
	struct net *net = BPF_CORE_READ(current_task(), nsproxy, net_ns);
	struct net___two *two = (struct net___two *)net;

	if (error == EACCES && bpf_core_field_exists(net->ipv4.sysctl_ip_prot_sock))
		return WIRE_PORT_START | (u16)BPF_CORE_READ(net, ipv4.sysctl_ip_prot_sock);
	if (error != EADDRNOTAVAIL)
		return 0;
	if (bpf_core_field_exists(net->ipv4.ip_local_ports.range))
		return BPF_CORE_READ(net, ipv4.ip_local_ports.range);
	if (bpf_core_field_exists(two->ipv4.ip_local_ports.range))
		return (u32)BPF_CORE_READ(two, ipv4.ip_local_ports.range[1]) << 16 |
		       (u16)BPF_CORE_READ(two, ipv4.ip_local_ports.range[0]);
	return 0;
}

static __always_inline u32 append_address(
	struct scratch *s, u32 offset, const void *address, u64 len)
{
	if (!address || !len)
		return 0;
	if (len > WIRE_ADDR_MAX)
		len = WIRE_ADDR_MAX;
	if (bpf_probe_read_user(
		    scratch_at(s, offset), bounded(len, 2 * WIRE_ADDR_MAX - 1), address))
		return 0;
	return len;
}

/* Port 53, in network byte order, of an address that was just appended. */
static __always_inline bool is_dns(struct scratch *s, u32 offset, u32 len)
{
	struct sockaddr_any *a = scratch_at(s, offset);

	return len >= 4 && (a->family == 2 || a->family == 10) && a->port == __builtin_bswap16(53);
}

#endif
