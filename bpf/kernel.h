/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All of the kernel that ktrace leans on: declared by hand, with only the fields that are read, and
 * relocated at load time (CO-RE). Names ending in ___something are variants of one type that changed
 * between kernels; libbpf ignores the suffix.
 */
#ifndef KTRACE_KERNEL_H
#define KTRACE_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "ktrace/wire.h"

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s32 s32;
typedef __s64 s64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct qstr {
	u32 len;
	const unsigned char *name;
};

struct inode {
	u16 i_mode;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct percpu_counter {
	s64 count;
};

/* Up to 6.1 the counters of resident pages were plain, since 6.2 they are per CPU with a sum. */
struct mm_rss_stat___plain {
	void *count; /* atomic_long_t[4] */
};

struct mm_struct___plain {
	struct mm_rss_stat___plain rss_stat;
};

struct mm_struct {
	unsigned long arg_start, arg_end;
	struct percpu_counter rss_stat[4];
};

struct kernfs_node {
	const char *name;
	u64 id;
};

/* Up to 5.4 an id was a number, as stat() has it, and a generation above it. */
struct kernfs_node___parted {
	union {
		u64 id;
	} id;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

enum cgroup_subsys_id {
	memory_cgrp_id,
};

struct page_counter {
	struct {
		s64 counter;
	} usage;
	unsigned long max;
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
};

struct signal_struct {
	struct {
		int counter;
	} live;
	unsigned int flags;
	int group_exit_code;
};

struct user_namespace {
	int level; /* 0: the initial one */
};

struct cred {
	struct {
		u32 val;
	} uid, euid, egid;
	struct user_namespace *user_ns;
};

/* Up to 6.7 the first and the last port were two numbers, since then they are the halves of one. */
struct local_ports___two {
	int range[2];
};

struct netns_ipv4___two {
	struct local_ports___two ip_local_ports;
};

struct net___two {
	struct netns_ipv4___two ipv4;
};

struct local_ports {
	u32 range;
};

struct netns_ipv4 {
	struct local_ports ip_local_ports;
	int sysctl_ip_prot_sock;
};

struct net {
	struct netns_ipv4 ipv4;
};

struct nsproxy {
	struct net *net_ns;
};

struct thread_info {
	unsigned long flags;
	u32 status; /* x86 */
};

struct task_struct {
	struct thread_info thread_info;
	void *stack;
	unsigned int flags; /* PF_* */
	int pid, tgid;
	struct task_struct *real_parent, *group_leader;
	char comm[16];
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	struct signal_struct *signal;
	const struct cred *cred;
	struct pid *thread_pid;
	int exit_code;
	u64 start_boottime;
};

/* Its name up to 5.4, and in RHEL 8. */
struct task_struct___real {
	u64 real_start_time;
};

struct linux_binprm {
	const char *filename, *interp;
	int argc;
};

struct kernel_siginfo {
	int si_code;
};

struct in6_addr {
	union {
		u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	u32 skc_daddr, skc_rcv_saddr;
	u16 skc_dport, skc_num;
	unsigned short skc_family;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};

/* Up to 5.14 one word held either a cgroup's address or, with its lowest bit set, other data. */
struct sock_cgroup_data___word {
	u64 val;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

struct socket;

struct sock {
	struct sock_common __sk_common;
	int sk_err;
	struct socket *sk_socket;
	struct sock_cgroup_data sk_cgrp_data;
};

struct socket {
	short type;
	struct file *file;
	struct sock *sk;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r10, r9, r8, ax, dx, si, di, orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	u64 regs[31];
	u64 orig_x0;
	s32 syscallno;
};
#else
#error "ktrace knows the system call registers of x86-64 and arm64 only"
#endif

/* To ask whether this kernel has a helper. */
enum bpf_func_id___helpers {
	BPF_FUNC_get_current_cgroup_id___helpers = 80,
	BPF_FUNC_jiffies64___helpers = 118,
	BPF_FUNC_ktime_get_boot_ns___helpers = 125,
	BPF_FUNC_ringbuf_output___helpers = 130,
	BPF_FUNC_get_current_task_btf___helpers = 158,
	BPF_FUNC_task_pt_regs___helpers = 175,
	BPF_FUNC_get_func_ret___helpers = 184,
};

#pragma clang attribute pop

/* Set before loading: what was tried, and worked. */
const volatile bool kernel_has[WIRE_FEATURES] __weak = {};

/*
 * Both are constants, and the verifier follows only the way that is taken. The one of the kernel's BTF is asked first: that one
 * the kernels know too (up to 5.4) to which kernel_has is a variable, and which would refuse an unknown helper there. The object for
 * kernels that have them all has no other way: removing what is not taken is much of the verifier's time.
 */
#ifdef KTRACE_NEWER_KERNELS
#define HAS(feature, helper) true
#else
#define HAS(feature, helper) \
	(bpf_core_enum_value_exists(enum bpf_func_id___helpers, BPF_FUNC_##helper##___helpers) && \
		kernel_has[feature])
#endif

/*
 * Where the kernel knows types (since 5.11) a program may read what the running task leads to like memory of its own: a few
 * instructions a field, and not a call of a helper of some seventy.
 */
#define TYPED_TASK HAS(FEATURE_TYPED_TASK, get_current_task_btf)

/* What user space says while the programs run. Written by a system call, as kernels up to 5.4 map none of it. */
volatile struct wire_control control __weak SEC(".data.control") = {};

/* Nanoseconds of CLOCK_BOOTTIME. */
static __always_inline u64 boottime(void)
{
	if (HAS(FEATURE_BOOT_CLOCK, ktime_get_boot_ns))
		return bpf_ktime_get_boot_ns();
	return bpf_ktime_get_ns() + control.slept_ns;
}

static __always_inline struct task_struct *current_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

/* A field of the running task, or of a struct in it. */
#define OWN_TASK(field) \
	(TYPED_TASK ? bpf_get_current_task_btf()->field : BPF_CORE_READ(current_task(), field))

/*
 * The running task, to go from it to others. Wherever the verifier meets a pointer that is followed, it asks whether the one before can be
 * trusted: kernels from 6.3 on search all of their types by name for that, up to four times. They do not ask where it is known
 * not to be, as after bpf_rdonly_cast(): user space puts a call of that in the place of these two instructions (object.c).
 */
static __always_inline const struct task_struct *followed(const struct task_struct *task)
{
	register const struct task_struct *from asm("r1") = task, *to asm("r0");

	asm volatile("r2 = %[mark]; %[to] = %[from]"
		     : [to] "=r"(to), [from] "+r"(from)
		     : [mark] "i"(WIRE_CAST_MARK)
		     : "r2", "r3", "r4", "r5");
	return to;
}

#define SIGNAL_GROUP_EXIT 0x4 /* include/linux/sched/signal.h, the same since 2.6 */
#define TS_COMPAT 0x2         /* arch/x86: the system call came through the 32-bit entry */
#define TIF_32BIT (1UL << 22) /* arch/arm64: a 32-bit task */
#define AT_FDCWD (-100)
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFIFO 0010000
#define SOCK_DGRAM 2
#define SIGKILL 9
#define SIGPIPE 13

#endif
