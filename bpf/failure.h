/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The record of a call that failed, or that connected a socket to a name server: its arguments and the strings, files and
 * addresses that its row of the table says they are.
 */
#ifndef KTRACE_FAILURE_H
#define KTRACE_FAILURE_H

#include "address.h"
#include "common.h"
#include "dns.h"
#include "flood.h"
#include "registers.h"
#include "rows.h"

/* An argument by its number in the row, which is 0 to 5. */
static __always_inline u64 arg_of(const struct wire_syscall *e, s8 n)
{
	return e->args[bounded(
		/* behind the six lie other fields of the record: within it */
		(u32)n, 7)];
}

#define ARGV_MAX 16 /* arguments that are read one by one */

/* The arguments of an execve that failed: still in the caller's memory, one pointer each. A global function: see walk_some. */
__weak __noinline u32 append_argv(u32 slot, u32 offset, u64 argv)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);

	if (!s)
		return 0;
	struct wire_head *h = (struct wire_head *)s->data;
	volatile struct walk *w = &s->walk;

	w->len = 0;
	for (u32 i = 0; i <= ARGV_MAX; i++) {
		const void *arg = NULL;
		long n;

		if (bpf_probe_read_user(&arg, sizeof(arg), (void *)argv + i * sizeof(arg)) || !arg)
			return w->len;
		if (i == ARGV_MAX || w->len > WIRE_ARGS_MAX - 256)
			break;
		n = bpf_probe_read_user_str(scratch_at(s, offset + w->len), 256, arg);
		if (n <= 0)
			break;
		if (n == 256)
			h->flags |= WIRE_CUT;
		w->len += n & 0x1ff;
	}
	h->flags |= WIRE_CUT;
	return w->len;
}

/* The strings that name files: path, dir, path2, dir2, in this order. The first is there already. */
static __always_inline void append_paths(
	struct scratch *s, struct wire_syscall *e, const struct wire_row *row)
{
	bool by_fd = row->flags & ROW_FD_ARG0;
	u8 first = by_fd ? 0 : *(u8 *)scratch_at(s, s->size);

	s->size += e->path_len;
	if (first != '/' || !e->path_len) {
		s32 fd = by_fd             ? (s32)e->args[0]
			 : row->dirfd >= 0 ? (s32)arg_of(e, row->dirfd)
					   : AT_FDCWD;

		e->dir_len = append_base(s, s->size, fd);
		s->size += e->dir_len;
	}
	if (row->path2 < 0)
		return;
	e->path2_len = append_user_string(s, s->size, (void *)arg_of(e, row->path2), 2048);
	first = *(u8 *)scratch_at(s, s->size);
	s->size += e->path2_len;
	if (first != '/' && e->path2_len) {
		u8 flags = e->head.flags; /* the walk sets the first one's flag */

		e->head.flags &= ~WIRE_DIR_CUT;
		e->dir2_len = append_base(
			s, s->size, row->dirfd2 >= 0 ? (s32)arg_of(e, row->dirfd2) : AT_FDCWD);
		if (e->head.flags & WIRE_DIR_CUT)
			flags |= WIRE_DIR2_CUT;
		e->head.flags = flags;
		s->size += e->dir2_len;
	}
}

/* The type of the socket and, where the call named no address, the one that it is connected to, or for listen its own. */
static __always_inline void append_peer(
	struct scratch *s, struct wire_syscall *e, const struct wire_row *row)
{
	struct socket *socket = socket_of_fd(e->args[0]);

	if (!socket)
		return;
	e->sock_type = BPF_CORE_READ(socket, type);
	if (!e->addr_len)
		e->addr_len = append_socket(s, s->size, socket, row->addr >= 0);
}

/* What the call is about: its path, its address or its first argument; all of these make two failures equal. */
static __always_inline void append_argument(
	struct scratch *s, struct wire_syscall *e, const struct wire_row *row)
{
	if (row->dirfd >= 0)
		s->hash = mix(s->hash, arg_of(e, row->dirfd));
	if (row->path >= 0) {
		e->path_len =
			append_user_string(s, s->size, (void *)arg_of(e, row->path), WIRE_PATH_MAX);
		s->hash = hash_scratch(s->slot, s->size, e->path_len, s->hash);
	} else if (row->addr_len >= 0) {
		e->addr_len = append_address(
			s, s->size, (void *)arg_of(e, row->addr), (u32)arg_of(e, row->addr_len));
		s->hash = hash_scratch(s->slot, s->size, e->addr_len, s->hash);
	} else {
		s->hash = mix(s->hash, e->args[0]);
	}
}

/* A socket was connected: to a name server, and not one that will be asked by the next call (datagrams). */
static __always_inline bool is_new_server(struct scratch *s, const struct wire_syscall *e)
{
	if (!is_dns(s, s->size, e->addr_len))
		return false;
	note_name_asker();
	return e->sock_type != SOCK_DGRAM;
}

/* The fixed part of a record, and what two equal failures have in common by it. */
static __always_inline struct wire_syscall *begin_failure(
	struct scratch *s, const struct wire_row *row, const struct call *c, u64 cgroup)
{
	struct wire_syscall *e = (struct wire_syscall *)s->data;

	e->nr = c->nr;
	e->row_kind = row->kind;
	e->ret = c->ret;
	e->repeats = 1;
	e->sock_type = 0;
	e->ports = 0;
	e->path_len = e->dir_len = e->path2_len = e->dir2_len = e->addr_len = e->args_len = 0;
	__builtin_memcpy(e->args, c->args, sizeof(e->args));
	s->size = sizeof(*e);
	/* Each by itself: mixed together, another process' other error on the same path can be the same. */
	s->hash = mix(mix(mix(bpf_get_current_pid_tgid() >> 32, c->nr), c->ret), cgroup);
	return e;
}

/* Gives s back when an equal failure was sent a moment ago. Before the rest, which costs more: most records of a loop end here. */
static __always_inline bool is_folded(struct scratch *s, struct wire_syscall *e)
{
	if (!fold(s->hash, e->head.time, &e->repeats))
		return false;
	count(WIRE_SYSCALL, COUNT_FOLDED);
	scratch_put(s);
	return true;
}

/* Of a call that takes nothing that would have to be read. */
static __always_inline void handle_bare_failure(
	const struct wire_row *row, const struct call *c, u64 cgroup, u64 container)
{
	struct scratch *s = scratch_get(WIRE_SYSCALL, container);

	if (!s)
		return;
	struct wire_syscall *e = begin_failure(s, row, c, cgroup);

	if (is_folded(s, e))
		return;
	fill_own_head(s, WIRE_SYSCALL, cgroup, container);
	submit(c->ctx, s, &flood, sizeof(*e), wake_for(-c->ret, e->head.time), BUDGET_FAILURES);
}

/*
 * What the call is about, behind the fixed part. Returns the record's size; 0: it is not to be sent, and the buffer was given
 * back. A global function: see walk_some.
 */
__weak __noinline u32 describe_failure(u32 slot, u64 cgroup, u64 container)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);

	if (!s)
		return 0;
	struct wire_syscall *e = (struct wire_syscall *)s->data;
	u32 nr = e->nr;
	const struct wire_row *row = bpf_map_lookup_elem(&rows, &nr);
	u32 error = e->ret < 0 ? -e->ret : 0;
	bool self = is_self(current_task());

	if (!row) {
		scratch_put(s);
		return 0;
	}
	append_argument(s, e, row);
	if (!self && error && is_folded(s, e))
		return 0;
	fill_own_head(s, WIRE_SYSCALL, cgroup, container);
	if (row->path >= 0 || row->flags & ROW_FD_ARG0)
		append_paths(s, e, row);
	if (row->flags & ROW_SOCK_ARG0)
		append_peer(s, e, row);
	if (row->kind == ROW_NETWORK)
		e->ports = namespace_ports(error);
	if (!error && !self && !is_new_server(s, e)) {
		scratch_put(s);
		return 0;
	}
	s->size += e->addr_len;
	if (row->kind == ROW_EXEC) {
		e->args_len = append_argv(slot, s->size, arg_of(e, row->path + 1));
		s->size += e->args_len;
	}
	return s->size;
}

static __always_inline void handle_failure(
	const struct wire_row *row, const struct call *c, u64 cgroup, u64 container)
{
	struct scratch *s = scratch_get(WIRE_SYSCALL, container);

	if (!s)
		return;
	struct wire_syscall *e = begin_failure(s, row, c, cgroup);
	u32 size = describe_failure(s->slot, cgroup, container);

	if (!size)
		return;
	if (row->kind == ROW_EXEC)
		submit(c->ctx, s, &rare, size, BPF_RB_FORCE_WAKEUP, BUDGET_EXECS);
	else
		submit(c->ctx, s, &flood, size, wake_for(c->ret < 0 ? -c->ret : 0, e->head.time),
			BUDGET_FAILURES);
}

#endif
