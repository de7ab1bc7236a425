/* SPDX-License-Identifier: GPL-2.0 */
/* Paths of directories and open files, as the running task sees them. */
#ifndef KTRACE_PATH_H
#define KTRACE_PATH_H

#include "common.h"

#define WALK_STEPS 8 /* components and mount points at a time, on the way up to the root */
#define WALK_TIMES 6
#define WALK_BYTES 2048

/*
 * A global function, which takes only numbers: the verifier walks it once by itself, and not again, with
 * all its loops, at every place that calls it. That is most of the time that loading takes.
 *
 * Some steps from where the walk stands. Returns whether it goes on.
 */
__weak __noinline u32 walk_some(u32 slot, u32 offset)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);

	if (!s)
		return 0;
	volatile struct walk *w = &s->walk;

	for (int i = 0; i < WALK_STEPS; i++) {
		struct dentry *dentry = w->dentry;
		struct vfsmount *mnt = w->mnt;

		if (!dentry || (dentry == w->root_dentry && mnt == w->root_mnt))
			return 0;
		if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
			struct mount *m = (void *)mnt - bpf_core_field_offset(struct mount, mnt);
			struct mount *parent = BPF_CORE_READ(m, mnt_parent);

			if (parent == m)
				return 0;
			w->dentry = BPF_CORE_READ(m, mnt_mountpoint);
			w->mnt = (void *)parent + bpf_core_field_offset(struct mount, mnt);
			continue;
		}
		if (w->len > WALK_BYTES - 256)
			return 1; /* no further, with steps left */
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		long n = bpf_probe_read_kernel_str(
			scratch_at(s, offset + w->len), 256, BPF_CORE_READ(dentry, d_name.name));

		if (n <= 1 || parent == dentry)
			return 0;
		w->len += n & 0x1ff;
		w->dentry = parent;
	}
	return 1;
}

/*
 * The path of a directory (or file) as the running task sees it: its components, innermost first, each
 * with a NUL, appended at offset; returns the bytes added. bpf_d_path() is of no use: few hooks may
 * call it, and none of the ones here. start is the address of a struct path. A global function: see walk_some.
 */
__weak __noinline u32 walk_path(u32 slot, u32 offset, u64 start_address)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);
	const struct path *start = (const struct path *)start_address;
	struct task_struct *task = current_task();

	if (!s)
		return 0;
	volatile struct walk *w = &s->walk;

	w->mnt = BPF_CORE_READ(start, mnt);
	w->dentry = BPF_CORE_READ(start, dentry);
	w->root_mnt = BPF_CORE_READ(task, fs, root.mnt);
	w->root_dentry = BPF_CORE_READ(task, fs, root.dentry);
	w->len = 0;
	for (int i = 0; i < WALK_TIMES; i++)
		if (!walk_some(slot, offset))
			return w->len;
	((struct wire_head *)s->data)->flags |= WIRE_DIR_CUT;
	return w->len;
}

static __always_inline u32 append_path(struct scratch *s, u32 offset, const struct path *start)
{
	return walk_path(s->slot, offset, (u64)start);
}

/* The running task's working directory, the same way. */
static __always_inline u32 append_cwd(struct scratch *s, u32 offset)
{
	struct fs_struct *fs = BPF_CORE_READ(current_task(), fs);

	return append_path(s, offset, &fs->pwd);
}

/* Its address as a number, or 0. A global function: see walk_some. */
__weak __noinline u64 file_address(s32 fd)
{
	struct file **slots, *file = NULL;
	u32 n_slots;

	if (TYPED_TASK) {
		struct fdtable *table = followed(bpf_get_current_task_btf())->files->fdt;

		slots = table->fd;
		n_slots = table->max_fds;
	} else {
		struct fdtable *table = BPF_CORE_READ(current_task(), files, fdt);

		slots = BPF_CORE_READ(table, fd);
		n_slots = BPF_CORE_READ(table, max_fds);
	}
	if (fd < 0 || (u32)fd >= n_slots)
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
	return (u64)file;
}

/* The open file behind a descriptor of the running task, or NULL. */
static __always_inline struct file *file_of_fd(s32 fd)
{
	return (struct file *)file_address(fd);
}

#endif
