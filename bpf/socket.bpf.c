// SPDX-License-Identifier: GPL-2.0
/*
 * TCP sockets that begin to listen, and connection attempts that fail after connect() has returned
 * EINPROGRESS: their errno is in the socket, and the state change comes in whatever context the
 * answer arrived in, so who asked is remembered from the start of the attempt. One that nothing
 * answers ends without an errno when the program has waited long enough and closes the socket, or
 * ends itself: most programs have a shorter patience than the kernel's two minutes.
 *
 * A call that waits for the answer fails with that errno itself, and the record of the call is enough then.
 *
 * Attempts of processes outside of containers are not remembered. Where one fails it is told with the address that was
 * asked, which may be a container's: that is how the kubelet's probes are seen.
 */
#include "common.h"
#include "flood.h"
#include "registers.h"
#include "rows.h"

#define O_NONBLOCK 04000 /* on all of ours */
#define PF_EXITING 0x4   /* include/linux/sched.h */

/* include/net/tcp_states.h */
enum { TCP_SYN_SENT = 2, TCP_CLOSE = 7, TCP_LISTEN = 10 };

struct attempt {
	struct wire_head head; /* who asked, and when */
	u64 waits;             /* the call does, for the answer */
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64); /* address of the struct sock */
	__type(value, struct attempt);
} attempts SEC(".maps");

/* The number of connect; ~0: no failed calls are told. */
const volatile __u32 connect_call = ~0U;

static __always_inline void fill_socket(struct wire_socket *e, struct sock *sk, u16 what)
{
	struct sock_common *c = &sk->__sk_common;

	e->what = what;
	e->family = BPF_CORE_READ(c, skc_family);
	e->error = 0;
	e->waited_ns = 0;
	__builtin_memset(e->address, 0, sizeof(e->address));
	if (what == WIRE_LISTEN) {
		e->port = BPF_CORE_READ(c, skc_num);
		if (e->family == 2)
			bpf_core_read(e->address, 4, &c->skc_rcv_saddr);
		else
			BPF_CORE_READ_INTO(&e->address, c, skc_v6_rcv_saddr.in6_u.u6_addr8);
		return;
	}
	e->port = __builtin_bswap16(BPF_CORE_READ(c, skc_dport));
	e->error = BPF_CORE_READ(sk, sk_err);
	if (e->family == 2)
		bpf_core_read(e->address, 4, &c->skc_daddr);
	else
		BPF_CORE_READ_INTO(&e->address, c, skc_v6_daddr.in6_u.u6_addr8);
}

/* Not where the ring of io_uring asks: its call is another one. */
static __always_inline bool call_waits(struct sock *sk)
{
	u32 nr = OWN_REGISTER(NUMBER_REGISTER);

	return nr == connect_call && !(BPF_CORE_READ(sk, sk_socket, file, f_flags) & O_NONBLOCK);
}

/* What it waited for came, and fails it with this error. */
static __always_inline bool call_tells(const struct attempt *a, u32 error)
{
	u32 nr = connect_call;
	const struct wire_row *row = a->waits ? bpf_map_lookup_elem(&rows, &nr) : NULL;

	return row && wants_error(row, error);
}

static __always_inline void remember(struct sock *sk)
{
	u64 key = (u64)sk;
	u64 cgroup, container = current_container(&cgroup);

	if (!container)
		return;
	if (!account_waits(container, 1)) {
		count(WIRE_SOCKET, COUNT_RATE);
		return;
	}
	struct scratch *s = scratch_get(WIRE_SOCKET, container);
	if (s) {
		fill_own_head(s, WIRE_SOCKET, cgroup, container);
		((struct attempt *)s->data)->waits = call_waits(sk);
		long err = bpf_map_update_elem(&attempts, &key, s->data, BPF_NOEXIST);
		scratch_put(s);
		if (!err)
			return;
		count_unmade(WIRE_SOCKET, COUNT_FULL, container);
	}
	account_waits(container, 0);
}

static __always_inline void send_failure(void *ctx, struct sock *sk, const struct attempt *a)
{
	const struct wire_head *asked = &a->head;
	u32 failed = BPF_CORE_READ(sk, sk_err);

	if (failed && call_tells(a, failed))
		return;
	u64 now = boottime(), waited = now - asked->time;
	if (!failed && waited < WIRE_GAVE_UP_LEAST_NS)
		return;
	struct scratch *s = scratch_get(WIRE_SOCKET, asked->container);
	if (!s)
		return;
	struct wire_socket *e = (struct wire_socket *)s->data;

	e->head = *asked;
	/* Files are closed after the end of the process was told: the attempt was before it. */
	if (failed || !(OWN_TASK(flags) & PF_EXITING))
		e->head.time = now;
	fill_socket(e, sk, failed ? WIRE_CONNECT_FAILED : WIRE_CONNECT_GAVE_UP);
	e->waited_ns = failed ? 0 : waited;
	submit(ctx, s, &flood, sizeof(*e), wake_for(e->error, now), BUDGET_CONNECTS);
}

#define REFUSED_EACH_NS 1000000000ULL /* one of a port within this time is enough */

struct endpoint {
	u8 address[16];
	u64 port;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct endpoint);
	__type(value, u64); /* when it was told last */
} refused SEC(".maps");

/* The node's own services are none of ours. */
static __always_inline bool is_loopback(const struct wire_socket *e)
{
	const u64 *words = (const u64 *)e->address;

	if (e->family == 2)
		return e->address[0] == 127;
	return !words[0] && words[1] == __builtin_bswap64(1);
}

static __always_inline bool was_told(const struct wire_socket *e)
{
	struct endpoint to = { .port = e->port };
	u64 now = boottime(), *told;

	__builtin_memcpy(to.address, e->address, sizeof(to.address));
	told = bpf_map_lookup_elem(&refused, &to);
	if (told && now - *told < REFUSED_EACH_NS)
		return true;
	bpf_map_update_elem(&refused, &to, &now, BPF_ANY);
	return false;
}

static __always_inline void send_outside(void *ctx, struct sock *sk)
{
	struct scratch *s = scratch_get(WIRE_SOCKET, 0);

	if (!s)
		return;
	struct wire_socket *e = (struct wire_socket *)s->data;

	fill_socket(e, sk, WIRE_OUTSIDE_REFUSED);
	if (is_loopback(e) || was_told(e)) {
		scratch_put(s);
		return;
	}
	/* The answer comes in while the asker's own call, or its close, is under way. */
	fill_own_head(s, WIRE_SOCKET, 0, 0);
	submit(ctx, s, &flood, sizeof(*e), 0, WIRE_BUDGETS);
}

SEC("raw_tp/inet_sock_set_state")
int on_socket_state(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	u32 from = ctx->args[1], to = ctx->args[2];
	u64 key = (u64)sk, cgroup, container;

	if (to == TCP_SYN_SENT) {
		remember(sk);
		return 0;
	}
	if (to == TCP_LISTEN) {
		container = current_container(&cgroup);
		if (!container)
			return 0;
		struct scratch *s = scratch_get(WIRE_SOCKET, container);
		if (!s)
			return 0;
		struct wire_socket *e = (struct wire_socket *)s->data;

		fill_own_head(s, WIRE_SOCKET, cgroup, container);
		fill_socket(e, sk, WIRE_LISTEN);
		submit(ctx, s, &rare, sizeof(*e), BPF_RB_FORCE_WAKEUP, BUDGET_CONNECTS);
		return 0;
	}
	if (from != TCP_SYN_SENT)
		return 0;
	struct attempt *attempt = bpf_map_lookup_elem(&attempts, &key);
	if (!attempt) {
		if (to == TCP_CLOSE && !control.stopped)
			send_outside(ctx, sk);
		return 0;
	}
	container = attempt->head.container;
	if (to == TCP_CLOSE)
		send_failure(ctx, sk, attempt);
	if (!bpf_map_delete_elem(&attempts, &key))
		account_waits(container, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
