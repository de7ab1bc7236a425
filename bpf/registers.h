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

/*
 * The registers of the running task's call, where the kernel keeps them. An fexit program has them as an
 * argument too, but may not read it where the BTF has only a forward declaration of their type (5.10).
 */
#define TYPED_REGS (TYPED_TASK && HAS(FEATURE_TASK_REGISTERS, task_pt_regs))

static __always_inline const struct pt_regs *own_regs(void)
{
	if (TYPED_REGS)
		return (const struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
#if defined(__TARGET_ARCH_x86)
	/* Before 5.15: at the top of the kernel stack, which is 16 KiB. */
	return BPF_CORE_READ(current_task(), stack) + 16384 - bpf_core_type_size(struct pt_regs);
#else
	return NULL;
#endif
}

/* One of them. `typed`: the pointer is one whose type the kernel knows, and is read like any memory. */
#define REGISTER(regs, typed, name) ((typed) ? (regs)->name : BPF_CORE_READ(regs, name))
#define OWN_REGISTER(name) REGISTER(own_regs(), TYPED_REGS, name)

/* A system call at its end. */
struct call {
	void *ctx; /* of the program that saw it */
	u32 nr;
	s64 ret;
	u64 args[6];
};

static __always_inline void read_args(u64 *args, const struct pt_regs *regs, const bool typed)
{
#if defined(__TARGET_ARCH_x86)
	/* The six lie together, in an order that user space relies on (ptrace) and that cannot change. */
	struct {
		u64 r10, r9, r8, ax, cx, dx, si, di;
	} saved = {};

	if (typed) {
		saved.r10 = regs->r10;
		saved.r9 = regs->r9;
		saved.r8 = regs->r8;
		saved.dx = regs->dx;
		saved.si = regs->si;
		saved.di = regs->di;
	} else {
		bpf_core_read(&saved, sizeof(saved), &regs->r10);
	}
	args[0] = saved.di;
	args[1] = saved.si;
	args[2] = saved.dx;
	args[3] = saved.r10;
	args[4] = saved.r8;
	args[5] = saved.r9;
#else
	args[0] = REGISTER(regs, typed, FIRST_REGISTER);
	bpf_core_read(&args[1], 5 * sizeof(u64), &regs->regs[1]);
#endif
}

static __always_inline void read_call(
	struct call *c, void *ctx, s64 ret, const struct pt_regs *regs, const bool typed)
{
	c->ctx = ctx;
	c->nr = REGISTER(regs, typed, NUMBER_REGISTER);
	c->ret = ret;
	read_args(c->args, regs, typed);
}

/* The running task's call. False where its registers cannot be had. */
static __always_inline bool read_own_call(struct call *c, void *ctx, s64 ret)
{
	const struct pt_regs *regs = own_regs();

	if (TYPED_REGS) {
		read_call(c, ctx, ret, regs, true);
		return true;
	}
	if (!regs)
		return false;
	read_call(c, ctx, ret, regs, false);
	return true;
}

/* A 32-bit program's call on a 64-bit kernel: other numbers, other argument sizes; left alone. */
static __always_inline bool is_compat(void)
{
#if defined(__TARGET_ARCH_x86)
	return OWN_TASK(thread_info.status) & TS_COMPAT;
#else
	return OWN_TASK(thread_info.flags) & TIF_32BIT;
#endif
}

#endif
