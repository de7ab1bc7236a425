// SPDX-License-Identifier: MIT
/* Which functions of the kernel can be hooked or called: one walk over its types, as a look-up by name walks them all each time. */
#include "capture/internal.h"
#include "event/syscalls.h"
#include "util/cleanup.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#define SYSCALL_PREFIX "__x64_sys_"
#elif defined(__aarch64__)
#define SYSCALL_PREFIX "__arm64_sys_"
#endif

/* Where the kernel's own name of a call is another one than the C library's. */
static const char *kernel_name(const char *call)
{
	static const struct {
		const char *call, *kernel;
	} names[] = {
		{ "stat", "newstat" },
		{ "lstat", "newlstat" },
		{ "umount2", "umount" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].call, call))
			return names[i].kernel;
	return call;
}

void function_name(const struct syscall_row *row, char out[FUNCTION_NAME])
{
	snprintf(out, FUNCTION_NAME, SYSCALL_PREFIX "%s", kernel_name(row->name));
}

/* The function of a call. */
static void take_call(struct kernel_functions *f, const char *name, int id, __u32 prototype)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);

	if (!strcmp(name, "getpgid"))
		f->harmless = id;
	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].nr >= 0 && !strcmp(name, kernel_name(rows[i].name)))
			f->targets[i] = (struct fexit_target){ .id = id, .prototype = prototype };
}

static void take_type(
	struct kernel_functions *f, const struct btf *btf, const struct btf_type *t, int id)
{
	const size_t prefix = strlen(SYSCALL_PREFIX);
	const char *name = btf__name_by_offset(btf, t->name_off);

	if (btf_is_struct(t)) {
		if (!strcmp(name, "task_struct"))
			f->task = id;
	} else if (!strncmp(name, SYSCALL_PREFIX, prefix)) {
		take_call(f, name + prefix, id, t->type);
	} else if (!strcmp(name, "bpf_rdonly_cast")) {
		f->cast = id;
	}
}

int functions_find(struct capture *c)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);
	const struct btf *btf;

	if (c->functions.targets)
		return 0;
	btf = types_of_kernel(c);
	if (!btf)
		return -errno;
	struct kernel_functions f = { .targets = calloc(n_rows, sizeof(*f.targets)) };
	if (!f.targets)
		return -ENOMEM;
	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		if (btf_is_func(t) || btf_is_struct(t))
			take_type(&f, btf, t, (int)id);
	}
	c->functions = f;
	return 0;
}
