// SPDX-License-Identifier: GPL-2.0
/*
 * Containers are born here: the runtime makes a cgroup whose name holds the container's id before the
 * first instruction of the container runs. Tracking starts in the kernel, so that not even a
 * container of a few milliseconds is missed.
 */
#include "calls.h"
#include "common.h"

#define ID_LEN 64 /* hexadecimal digits of a container id */
#define TAIL 96   /* of the path: "libpod-conmon-" ID ".scope" and some */
#define BEFORE(word) \
	(TAIL - ID_LEN - (sizeof(word) - 1)) /* where a word stands that ends where the id begins */

/* A table and no comparisons: the verifier would follow each character's both ways. */
static const u8 hex_digits[256] = {
	['0' ... '9'] = 1,
	['a' ... 'f'] = 1,
};

/* One branch for the whole word: the verifier would follow each byte's both ways. */
static __always_inline bool is_word(const u8 *at, const u8 *word, u32 len)
{
	u64 differ = 0;

	for (u32 i = 0; i < len; i++)
		differ |= at[i] ^ word[i];
	asm volatile("" : "+r"(differ));
	return !differ;
}

/*
 * The path's last bytes are a container's id, and not of the monitor process beside the container or of a podman pod:
 * what cgroup_path_parse() in user space makes of it, or events come that are nobody's.
 */
static __always_inline bool names_container(const u8 *tail)
{
	static const u8 conmon[] = "conmon-", pods[] = "/libpod_parent/";
	u8 separator = tail[TAIL - ID_LEN - 1];
	u64 all = 1;

	if (separator != '/' && separator != '-' && separator != ':')
		return false;
	for (u32 i = TAIL - ID_LEN; i < TAIL; i++)
		all &= hex_digits[tail[i]];
	asm volatile("" : "+r"(all));
	return all && !is_word(tail + BEFORE(conmon), conmon, sizeof(conmon) - 1) &&
	       !is_word(tail + BEFORE(pods), pods, sizeof(pods) - 1);
}

static __always_inline bool path_names_container(struct scratch *s, const char *path)
{
	static const u8 scope[] = ".scope"; /* systemd's unit type */
	u8 tail[TAIL];
	u32 len;

	/* Zeros in front, so that the tail of a short path can be read like that of a long one. */
	__builtin_memset(s->data, 0, TAIL);
	len = append_kernel_string(s, TAIL, path, WIRE_PATH_MAX);
	bpf_probe_read_kernel(tail, TAIL, scratch_at(s, len));
	if (is_word(tail + TAIL - (sizeof(scope) - 1), scope, sizeof(scope) - 1) &&
		len > sizeof(scope))
		bpf_probe_read_kernel(tail, TAIL, scratch_at(s, len - (sizeof(scope) - 1)));
	return names_container(tail);
}

#define PREFIX_MAX 32 /* of a unit's name: "runc-", "crun-" */

/* A runtime was asked for a container of that name, and root makes its cgroup: "web", "web.scope", "runc-web.scope". */
static __always_inline bool was_asked_for(struct scratch *s, const struct cgroup *cgrp)
{
	static const u8 scope[] = ".scope";
	u8 tail[sizeof(scope) - 1];
	u32 len;

	if (BPF_CORE_READ(current_task(), cred, euid.val))
		return false;
	len = append_kernel_string(s, 0, BPF_CORE_READ(cgrp, kn, name), CALL_ID_SIZE);
	if (len <= sizeof(tail))
		return len && take_call(s, 0, len);
	bpf_probe_read_kernel(tail, sizeof(tail), scratch_at(s, len - sizeof(tail)));
	if (!is_word(tail, scope, sizeof(tail)))
		return take_call(s, 0, len);
	len -= sizeof(tail);
	if (take_call(s, 0, len))
		return true;
	/* In the buffer, as the verifier would follow each place of the dash to the end. */
	s->size = 0;
	for (u32 i = 0; i < PREFIX_MAX; i++) {
		if (s->data[i] == '-') {
			s->size = i + 1;
			break;
		}
	}
	u32 prefix = s->size;
	return prefix && prefix < len && take_call(s, prefix, len - prefix);
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
	void *ctx, struct scratch *s, u16 what, const struct cgroup *cgrp, const char *path)
{
	u64 id = cgroup_id(cgrp);
	struct wire_cgroup *e = (struct wire_cgroup *)s->data;

	e->head.time = boottime(); /* the name was looked at in its place */
	fill_own_head(s, WIRE_CGROUP, id, id);
	e->what = what;
	e->levels = watched_root ? levels_below_root((u64)cgrp) : 0;
	e->path_len = append_kernel_string(s, sizeof(*e), path, WIRE_PATH_MAX);
	submit(ctx, s, &rare, sizeof(*e) + e->path_len, BPF_RB_FORCE_WAKEUP, BUDGET_NONE);
}

/*
 * Whose a new cgroup is: that of the container above it, whatever its name (a container may make cgroups below its own,
 * and name them as it likes), or of the one whose process makes it; else, where its name says so or a runtime was asked
 * for it, a new container's.
 */
static __always_inline u64 container_of_new(
	struct scratch *s, const struct cgroup *cgrp, const char *path)
{
	u64 parent = cgroup_id(BPF_CORE_READ(cgrp, self.parent, cgroup)), own = current_cgroup();
	struct wire_track *t = bpf_map_lookup_elem(&tracked, &parent);

	if (!t)
		t = bpf_map_lookup_elem(&tracked, &own);
	if (t)
		return t->container;
	return path_names_container(s, path) || was_asked_for(s, cgrp) ? cgroup_id(cgrp) : 0;
}

/* A container's own cgroup, or one of those that it makes within its budget. */
static __always_inline bool may_track(const struct wire_track *track, u64 id)
{
	return track->container == id || account_takes(track->container, BUDGET_CGROUPS, 0,
						 is_crowded(&rare, WIRE_RARE_BYTES), boottime());
}

SEC("raw_tp/cgroup_mkdir")
int on_cgroup_made(struct bpf_raw_tracepoint_args *ctx)
{
	struct cgroup *cgrp = (struct cgroup *)ctx->args[0];
	const char *path = (const char *)ctx->args[1];

	if (!is_watched(cgrp) || is_of_neighbour(cgrp))
		return 0;
	struct scratch *s = scratch_get(WIRE_CGROUP, 0);
	if (!s)
		return 0;

	u64 id = cgroup_id(cgrp);
	struct wire_track track = { .container = container_of_new(s, cgrp, path) };

	if (track.container && !may_track(&track, id)) {
		count(WIRE_CGROUP, COUNT_RATE);
		track.container = 0;
	} else if (track.container && bpf_map_update_elem(&tracked, &id, &track, BPF_ANY)) {
		count_unmade(WIRE_CGROUP, COUNT_FULL, track.container);
		track.container = 0;
	}
	/* A cgroup inside a container belongs to it, and is not reported. */
	if (track.container == id || is_self(current_task()))
		send_cgroup(ctx, s, WIRE_CGROUP_MADE, cgrp, path);
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

	struct scratch *s = is_container ? scratch_get(WIRE_CGROUP, id) : NULL;
	if (s)
		send_cgroup(ctx, s, WIRE_CGROUP_GONE, cgrp, (const char *)ctx->args[1]);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
