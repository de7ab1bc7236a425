/* SPDX-License-Identifier: GPL-2.0 */
/* The number and the arguments of the system call that the running task makes. */
#ifndef KTRACE_REGISTERS_H
#define KTRACE_REGISTERS_H

#include "kernel.h"

/* Where the number of the call is, its first argument, and its result once there is one. */
#if defined(__TARGET_ARCH_x86)
#define NUMBER_REGISTER orig_ax
#define RESULT_REGISTER ax
#define FIRST_REGISTER di
#else
#define NUMBER_REGISTER syscallno
#define RESULT_REGISTER regs[0]
#define FIRST_REGISTER orig_x0 /* x0 holds the result by now */
#endif

static __always_inline u32 call_number(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, NUMBER_REGISTER);
}

static __always_inline s64 call_result(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, RESULT_REGISTER);
}

static __always_inline u64 first_argument(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, FIRST_REGISTER);
}

static __always_inline void call_args(const struct pt_regs *regs, u64 *args)
{
#if defined(__TARGET_ARCH_x86)
	/* The six lie together, in an order that user space relies on (ptrace) and that cannot change. */
	struct {
		u64 r10, r9, r8, ax, cx, dx, si, di;
	} saved = {};

	bpf_core_read(&saved, sizeof(saved), &regs->r10);
	args[0] = saved.di;
	args[1] = saved.si;
	args[2] = saved.dx;
	args[3] = saved.r10;
	args[4] = saved.r8;
	args[5] = saved.r9;
#else
	args[0] = BPF_CORE_READ(regs, FIRST_REGISTER);
	bpf_core_read(&args[1], 5 * sizeof(u64), &regs->regs[1]);
#endif
}

/*
 * The registers of the running task's call, where the kernel keeps them. An fexit program has them as an
 * argument too, but may not read it where the BTF has only a forward declaration of their type (5.10).
 */
static __always_inline const struct pt_regs *current_regs(void)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id___helpers, BPF_FUNC_task_pt_regs___helpers))
		return (const struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
#if defined(__TARGET_ARCH_x86)
	/* Before 5.15: at the top of the kernel stack, which is 16 KiB. */
	return BPF_CORE_READ(current_task(), stack) + 16384 - bpf_core_type_size(struct pt_regs);
#else
	return NULL;
#endif
}

/* Of the running task's call, for a program that has no registers yet. */
static __always_inline u64 own_first_argument(void)
{
	const struct pt_regs *regs = current_regs();

	if (bpf_core_enum_value_exists(enum bpf_func_id___helpers, BPF_FUNC_task_pt_regs___helpers))
		return regs->FIRST_REGISTER; /* typed: read like any memory */
	return first_argument(regs);
}

/* A 32-bit program's call on a 64-bit kernel: other numbers, other argument sizes; left alone. */
static __always_inline bool is_compat(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
#else
	return BPF_CORE_READ(task, thread_info.flags) & TIF_32BIT;
#endif
}

#endif
