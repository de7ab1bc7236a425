/* SPDX-License-Identifier: GPL-2.0 */
/* Which number a process has: in the pid namespace of the agent, and in its own. */
#ifndef KTRACE_PIDS_H
#define KTRACE_PIDS_H

#include "kernel.h"

#include "ktrace/wire.h"

/* Inode of the agent's pid namespace; 0: it is the initial one, whose pids are the kernel's. */
const volatile __u32 agent_pid_ns __weak = 0;

#define PID_LEVELS 33 /* MAX_PID_NS_LEVEL, and the initial namespace */

/* Number of a pid in the namespace `level` deep, and that namespace's inode; a struct pid has one for each. */
static __always_inline u32 pid_at(const struct pid *pid, u32 level, u32 *inode)
{
	const struct upid *at = (const void *)pid + bpf_core_field_offset(struct pid, numbers) +
				level * bpf_core_type_size(struct upid);

	if (inode)
		*inode = BPF_CORE_READ(at, ns, ns.inum);
	return (u32)BPF_CORE_READ(at, nr);
}

/*
 * In a cluster made of containers (kind, k3d, minikube) the node has a pid namespace of its own: what the
 * agent finds in /proc are that one's pids and not the kernel's. 0: it has none there. A global function,
 * as it loops (see walk_some); the address is that of a struct pid.
 */
__weak __noinline u32 pid_seen_by_agent(u64 address)
{
	const struct pid *pid = (const struct pid *)address;
	u32 deepest = BPF_CORE_READ(pid, level);

	for (u32 level = 0; level < PID_LEVELS && level <= deepest; level++) {
		u32 inode = 0, nr = pid_at(pid, level, &inode);

		if (inode == agent_pid_ns)
			return nr;
	}
	return 0;
}

/* A thread's pid as the agent sees it, else the kernel's, marked as one that is not to be looked for. */
static __always_inline u32 thread_pid(struct task_struct *task)
{
	u32 kernel = BPF_CORE_READ(task, pid), seen;

	if (!agent_pid_ns || !kernel)
		return kernel;
	seen = pid_seen_by_agent((u64)BPF_CORE_READ(task, thread_pid));
	return seen ? seen : kernel | WIRE_PID_UNSEEN;
}

static __always_inline u32 process_pid(struct task_struct *task)
{
	return agent_pid_ns ? thread_pid(BPF_CORE_READ(task, group_leader))
			    : (u32)BPF_CORE_READ(task, tgid);
}

/* The number of a pid in the innermost namespace, `level` deep, that has one for it. */
static __always_inline u32 pid_in_own(const struct pid *pid, u32 level)
{
	return level < PID_LEVELS ? pid_at(pid, level, NULL) : 0;
}

static __always_inline u32 process_vpid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);

	return pid_in_own(pid, BPF_CORE_READ(pid, level));
}

#endif
