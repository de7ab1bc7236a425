/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Questions to name servers and their answers: messages that a process sends to port 53, or gets from
 * there. The name is in them and nowhere else: what a program asked for, and what it was told.
 *
 * They come through calls that all else comes through as well (read, recvmsg), so most of these are let pass by
 * one look at a table: has this process connected or sent to port 53 in the last seconds?
 */
#ifndef KTRACE_DNS_H
#define KTRACE_DNS_H

#include "address.h"
#include "common.h"
#include "flood.h"
#include "registers.h"

#define DNS_PORT 53
#define DNS_HEADER 12

/* The turn in which it asked. Numbers and no bits: who writes one does not undo another CPU's. Two processes may share one. */
volatile __u16 name_askers[WIRE_ASKERS] = {};

/* include/linux/socket.h, as programs have it */
struct message {
	const void *name;
	u64 name_len;
	const void *pieces; /* struct iovec */
	u64 n_pieces;
};

struct piece {
	const void *base;
	u64 len;
};

static __always_inline u32 asker_slot(void)
{
	return bpf_get_current_pid_tgid() >> 32 & (WIRE_ASKERS - 1);
}

static __always_inline bool asks_names(void)
{
	return (u16)(control.askers_turn - name_askers[asker_slot()]) <= 1;
}

static __always_inline void note_name_asker(void)
{
	name_askers[asker_slot()] = control.askers_turn;
}

/* False when this is no socket of the Internet, or one that is connected to another port. */
static __always_inline bool may_be_name_server(s32 fd, struct sockaddr_any *peer, u16 *type)
{
	struct socket *socket = socket_of_fd(fd);

	if (!socket)
		return false;
	struct sock *sk = BPF_CORE_READ(socket, sk);

	*type = BPF_CORE_READ(socket, type);
	peer->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	peer->port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	if (peer->port && peer->port != __builtin_bswap16(DNS_PORT))
		return false;
	if (peer->family == 2)
		peer->v4 = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	else if (peer->family == 10)
		BPF_CORE_READ_INTO(&peer->v6, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	return peer->family == 2 || peer->family == 10;
}

/* Where the message lies, and the peer that the call names. */
static __always_inline void find_message(
	const struct wire_row *row, const struct call *c, struct piece *piece, const void **address)
{
	struct message m = {};

	if (row->flags & ROW_DNS_VECTOR) {
		bpf_probe_read_user(&m, sizeof(m), (void *)c->args[1]);
		*address = m.name;
		if (m.n_pieces)
			bpf_probe_read_user(piece, sizeof(*piece), m.pieces);
	} else {
		*piece = (struct piece){ (void *)c->args[1], c->args[2] };
		*address = row->addr >= 0 ? (void *)c->args[4] : NULL;
	}
	if (row->flags & ROW_DNS_IN && (u64)c->ret < piece->len)
		piece->len = c->ret;
	if (piece->len > WIRE_DNS_MAX)
		piece->len = WIRE_DNS_MAX;
}

/* Sends a message that lies behind the record's fixed part. */
static __always_inline void send_message(
	const struct call *c, struct scratch *s, u32 len, u32 direction, u64 cgroup, u64 container)
{
	struct wire_dns *e = (struct wire_dns *)s->data;

	/* Without the first two bytes, which number the questions. */
	s->hash = mix(mix(bpf_get_current_pid_tgid() >> 32, direction), cgroup);
	s->hash = hash_scratch(s->slot, sizeof(*e) + 2, len - 2, s->hash);
	e->repeats = 1;
	if (fold(s->hash, e->head.time, &e->repeats)) {
		count(WIRE_DNS, COUNT_FOLDED);
		scratch_put(s);
		return;
	}
	fill_own_head(s, WIRE_DNS, cgroup, container);
	e->data_len = len;
	submit(c->ctx, s, &flood, sizeof(*e) + len, wake_for(2, e->head.time), BUDGET_FAILURES);
}

/* A call that succeeded and may have carried a message. */
static __always_inline void handle_dns(
	const struct wire_row *row, const struct call *c, u64 cgroup, u64 container)
{
	const void *address = NULL;
	struct sockaddr_any peer = {};
	struct piece piece = {};
	u16 type = 0;

	if (!may_be_name_server(c->args[0], &peer, &type))
		return;
	find_message(row, c, &piece, &address);
	if (!peer.port && address)
		bpf_probe_read_user(&peer, peer.family == 2 ? 8 : sizeof(peer), address);
	if (peer.port != __builtin_bswap16(DNS_PORT) || piece.len < DNS_HEADER)
		return;
	struct scratch *s = scratch_get(WIRE_DNS, container);
	if (!s)
		return;
	struct wire_dns *e = (struct wire_dns *)s->data;

	e->nr = c->nr;
	e->family = peer.family;
	e->port = DNS_PORT;
	e->sock_type = type;
	e->pad = 0;
	__builtin_memset(e->address, 0, sizeof(e->address));
	if (peer.family == 2)
		__builtin_memcpy(e->address, &peer.v4, 4);
	else
		__builtin_memcpy(e->address, peer.v6, 16);
	if (bpf_probe_read_user(scratch_at(s, sizeof(*e)), bounded(piece.len, 511), piece.base)) {
		scratch_put(s);
		return;
	}
	if (!(row->flags & ROW_DNS_IN))
		note_name_asker();
	send_message(c, s, piece.len, row->flags & ROW_DNS_IN, cgroup, container);
}

#endif
