// SPDX-License-Identifier: GPL-2.0
/*
 * Containers are born here: the runtime makes a cgroup whose name holds the container's id before the
 * first instruction of the container runs. Tracking starts in the kernel, so that not even a
 * container of a few milliseconds is missed.
 */
#include "common.h"

#define ID_LEN 64 /* hexadecimal digits of a container id */
#define TAIL 96   /* of the path: "libpod-conmon-" ID ".scope" and some */

static __always_inline bool is_hex(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* The path's last bytes are a container's id, and not of the monitor process beside the container. */
static __always_inline bool names_container(const u8 *tail)
{
	static const u8 conmon[] = "conmon-";
	const u8 *id = tail + TAIL - ID_LEN, *before = id - (sizeof(conmon) - 1);
	bool is_conmon = true;

	for (u32 i = 0; i < ID_LEN; i++)
		if (!is_hex(id[i]))
			return false;
	for (u32 i = 0; i < sizeof(conmon) - 1; i++)
		if (before[i] != conmon[i])
			is_conmon = false;
	return !is_conmon;
}

static __always_inline bool path_names_container(struct scratch *s, const char *path)
{
	static const u8 scope[] = ".scope"; /* systemd's unit type */
	u8 tail[TAIL];
	bool is_scope = true;
	u32 len;

	/* Zeros in front, so that the tail of a short path can be read like that of a long one. */
	__builtin_memset(s->data, 0, TAIL);
	len = append_kernel_string(s, TAIL, path, WIRE_PATH_MAX);
	bpf_probe_read_kernel(tail, TAIL, scratch_at(s, len));
	for (u32 i = 0; i < sizeof(scope) - 1; i++)
		if (tail[TAIL - (sizeof(scope) - 1) + i] != scope[i])
			is_scope = false;
	if (is_scope && len > sizeof(scope))
		bpf_probe_read_kernel(tail, TAIL, scratch_at(s, len - (sizeof(scope) - 1)));
	return names_container(tail);
}

/* cgroup v2 has hierarchy 0; with v1 it is the memory controller's that counts, known by its id. */
const volatile __s32 watched_hierarchy = 0;

/* Each hierarchy numbers its groups from 1: another one's group may well have the id of a container. */
static __always_inline bool is_watched(const struct cgroup *cgrp)
{
	return BPF_CORE_READ(cgrp, root, hierarchy_id) == watched_hierarchy;
}

/* Id of the cgroup that the agent finds at the watched mount; 0: the hierarchy's top. */
const volatile __u64 watched_root = 0;
#define CGROUP_LEVELS 64

/*
 * Where the node is a container, its cgroup is the root of what the agent sees. How many levels below that
 * one a cgroup is; 0: it is not. A global function, as it loops; the address is that of a struct cgroup.
 */
__weak __noinline u32 levels_below_root(u64 address)
{
	const struct cgroup *cgrp = (const struct cgroup *)address;

	for (u32 levels = 0; cgrp && levels < CGROUP_LEVELS; levels++) {
		if (cgroup_id(cgrp) == watched_root)
			return levels;
		cgrp = BPF_CORE_READ(cgrp, self.parent, cgroup);
	}
	return 0;
}

/*
 * Several such nodes may share this kernel (kind with workers): what processes make that are not ours to see,
 * in cgroups that are not either, is a neighbour's.
 */
static __always_inline bool is_of_neighbour(const struct cgroup *cgrp)
{
	return watched_root && !levels_below_root((u64)cgrp) &&
	       process_pid(current_task()) & WIRE_PID_UNSEEN;
}

/* Builds the record in s and gives s back. */
static __always_inline void send_cgroup(
	struct scratch *s, u16 what, const struct cgroup *cgrp, const char *path)
{
	u64 id = cgroup_id(cgrp);
	struct wire_cgroup *e = (struct wire_cgroup *)s->data;

	fill_head(&e->head, WIRE_CGROUP, current_task(), id, id);
	e->what = what;
	e->levels = watched_root ? levels_below_root((u64)cgrp) : 0;
	e->path_len = append_kernel_string(s, sizeof(*e), path, WIRE_PATH_MAX);
	submit(s, &rare, sizeof(*e) + e->path_len, BPF_RB_FORCE_WAKEUP);
}

SEC("raw_tp/cgroup_mkdir")
int on_cgroup_made(struct bpf_raw_tracepoint_args *ctx)
{
	struct cgroup *cgrp = (struct cgroup *)ctx->args[0];
	const char *path = (const char *)ctx->args[1];

	if (!is_watched(cgrp) || is_of_neighbour(cgrp))
		return 0;
	struct scratch *s = scratch_get(WIRE_CGROUP);
	if (!s)
		return 0;

	u64 id = cgroup_id(cgrp), parent = cgroup_id(BPF_CORE_READ(cgrp, self.parent, cgroup));
	struct wire_track *above = bpf_map_lookup_elem(&tracked, &parent);
	struct wire_track track = {};

	if (path_names_container(s, path))
		track.container = id;
	else if (above)
		track.container = above->container;
	if (track.container && bpf_map_update_elem(&tracked, &id, &track, BPF_ANY)) {
		count(WIRE_CGROUP, COUNT_PRODUCED);
		count(WIRE_CGROUP, COUNT_FULL);
		track.container = 0;
	}
	/* A cgroup inside a container belongs to it, and is not reported. */
	if (track.container == id || is_self(current_task()))
		send_cgroup(s, WIRE_CGROUP_MADE, cgrp, path);
	else
		scratch_put(s);
	return 0;
}

SEC("raw_tp/cgroup_rmdir")
int on_cgroup_gone(struct bpf_raw_tracepoint_args *ctx)
{
	struct cgroup *cgrp = (struct cgroup *)ctx->args[0];
	u64 id = cgroup_id(cgrp);
	struct wire_track *t = bpf_map_lookup_elem(&tracked, &id);

	if (!t || !is_watched(cgrp))
		return 0;
	bool is_container = t->container == id;
	bpf_map_delete_elem(&tracked, &id);

	struct scratch *s = is_container ? scratch_get(WIRE_CGROUP) : NULL;
	if (s)
		send_cgroup(s, WIRE_CGROUP_GONE, cgrp, (const char *)ctx->args[1]);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
