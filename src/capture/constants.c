// SPDX-License-Identifier: MIT
/* What the BPF programs are told before they are loaded: who we are, and what we watch. */
#include "capture/internal.h"
#include "event/syscalls.h"
#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int memory_hierarchy(void)
{
	_cleanup_file_ FILE *f = fopen("/proc/cgroups", "re");
	char line[256], name[64];
	int id;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %d", name, &id) == 2 && !strcmp(name, "memory"))
			return id;
	return 0;
}

#define INITIAL_PID_NS 0xeffffffcU /* its inode; PROC_PID_INIT_INO, include/linux/proc_ns.h */
#define TOP_CGROUP 1               /* inode of a hierarchy's top in kernfs */

/* 0: the initial one, or not known. */
static __u32 own_pid_ns(void)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) || st.st_ino == INITIAL_PID_NS)
		return 0;
	return (__u32)st.st_ino;
}

/* 0: the hierarchy's top, or not known. */
static __u64 watched_root(const char *mount)
{
	struct stat st;

	if (!mount || stat(mount, &st) || st.st_ino == TOP_CGROUP)
		return 0;
	return st.st_ino;
}

int control_write(struct capture *c)
{
	const __u32 zero = 0;

	c->control.slept_ns = boottime() - clock_ns(CLOCK_MONOTONIC);
	return bpf_map_update_elem(
		       bpf_map__fd(c->skel->maps.data_control), &zero, &c->control, BPF_ANY)
		       ? -errno
		       : 0;
}

void constants_set(struct capture *c)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);

	c->skel->rodata->cgroup_v1 = c->options.cgroup_v1;
	c->skel->rodata->watched_hierarchy = c->options.cgroup_v1 ? memory_hierarchy() : 0;
	c->skel->rodata->watched_root = watched_root(c->options.cgroup_root);
	c->skel->rodata->agent_pid_ns = own_pid_ns();
	c->skel->rodata->track_outside = c->options.outside;
	c->skel->rodata->no_output = c->options.no_output;
	c->skel->rodata->agent_tgid = (__u32)getpid();
	c->skel->rodata->page_shift = (__u32)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
#ifdef __NR_fork
	c->skel->rodata->fork_calls[0] = __NR_fork;
	c->skel->rodata->fork_calls[1] = __NR_vfork;
#endif
	if (!probe_disabled(c, PROBE_SYSCALLS, ""))
		c->skel->rodata->connect_call = __NR_connect;
	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].nr >= 0 && rows[i].nr < WIRE_ROWS)
			c->skel->rodata->on_success[rows[i].nr] = (__u8)syscall_success(&rows[i]);
}
