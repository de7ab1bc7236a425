// SPDX-License-Identifier: MIT
/* What not each kernel has: found by loading the smallest program, or making the smallest map, that needs it. */
#include "capture/internal.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct feature {
	const char *name, *instead;
	enum bpf_map_type map;    /* or 0 and */
	enum bpf_func_id call[2]; /* the second one is handed what the first one returns */
} features[WIRE_FEATURES] = {
	[FEATURE_RING_BUFFER] = { "BPF ring buffers (since Linux 5.8)",
		"records come through perf buffers, one for each CPU. Each record wakes ktrace, "
		"and under a flood of failures those of one container can push out another one's; "
		"what is lost is counted",
		BPF_MAP_TYPE_RINGBUF, { 0 } },
	[FEATURE_BOOT_CLOCK] = { "the BPF helper ktime_get_boot_ns (since Linux 5.8)",
		"another clock is used, set right every ten seconds: events right after the "
		"machine slept may have a time that is too early",
		0, { BPF_FUNC_ktime_get_boot_ns } },
	[FEATURE_CGROUP_ID] = { "the BPF helper get_current_cgroup_id (since Linux 4.18)",
		"cgroups are found by the kernel's own structures, at no loss", 0,
		{ BPF_FUNC_get_current_cgroup_id } },
	[FEATURE_JIFFIES] = { "the BPF helper jiffies64 (since Linux 5.6)",
		"another clock is used, at no loss", 0, { BPF_FUNC_jiffies64 } },
	[FEATURE_TYPED_TASK] = { "the BPF helper get_current_task_btf (since Linux 5.11), or BTF "
				 "of its own",
		"what is known of a process is read through another helper, at no loss: each event "
		"costs more instructions",
		0, { BPF_FUNC_get_current_task_btf } },
	[FEATURE_TASK_REGISTERS] = { "the BPF helper task_pt_regs (since Linux 5.15), or BTF of "
				     "its own",
		"a call's arguments are found on the kernel's stack, at no loss", 0,
		{ BPF_FUNC_get_current_task_btf, BPF_FUNC_task_pt_regs } },
};

static bool has_map(enum bpf_map_type type)
{
	int fd = bpf_map_create(type, NULL, 0, 0, (__u32)sysconf(_SC_PAGESIZE), NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool has_calls(const enum bpf_func_id *call)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = call[0] },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = call[1] ?: call[0] },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ktrace_try", "GPL", insns,
		sizeof(insns) / sizeof(*insns), NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void features_find(struct capture *c)
{
	const bool own_btf = !access(KERNEL_BTF, R_OK);

	c->n_gaps = 0;
	for (int i = 0; i < WIRE_FEATURES; i++) {
		const struct feature *f = &features[i];

		c->has[i] = f->map ? has_map(f->map) : has_calls(f->call);
		if (f->call[0] == BPF_FUNC_get_current_task_btf && !own_btf)
			c->has[i] = false;
		if (!c->has[i])
			c->gaps[c->n_gaps++] = (struct capture_gap){ f->name, f->instead };
	}
}

/* A perf buffer's map has a descriptor for each CPU. */
static void make_perf_map(struct bpf_map *map)
{
	bpf_map__set_type(map, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	bpf_map__set_key_size(map, sizeof(__u32));
	bpf_map__set_value_size(map, sizeof(__u32));
	bpf_map__set_max_entries(map, (__u32)libbpf_num_possible_cpus());
}

void features_set(struct capture *c)
{
	memcpy(c->skel->rodata->kernel_has, c->has, sizeof(c->has));
	if (c->has[FEATURE_RING_BUFFER])
		return;
	make_perf_map(c->skel->maps.rare);
	make_perf_map(c->skel->maps.flood);
}

size_t capture_gaps(const struct capture *c, const struct capture_gap **out)
{
	*out = c->gaps;
	return c->n_gaps;
}
