// SPDX-License-Identifier: MIT
/* Calls that are seldom made: one program on all of their functions, attached at once. */
#include "capture/internal.h"
#include "event/syscalls.h"
#include "util/cleanup.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOWHERE ((const unsigned long *)1)

/*
 * Asked by a program that does nothing and a list of addresses that cannot be read: a kernel that would read them says EFAULT.
 * One that takes no such link, or was built without CONFIG_FPROBE, says something else before that.
 */
bool multi_supported(void)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, prog_opts, .expected_attach_type = BPF_TRACE_KPROBE_MULTI);
	LIBBPF_OPTS(bpf_link_create_opts, link_opts,
		.kprobe_multi.flags = BPF_F_KPROBE_MULTI_RETURN, .kprobe_multi.cnt = 1,
		.kprobe_multi.addrs = NOWHERE);
	_cleanup_fd_ int prog = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "ktrace_try", "GPL", nothing,
		ARRAY_SIZE(nothing), &prog_opts);

	if (prog < 0)
		return false;
	_cleanup_fd_ int link = bpf_link_create(prog, 0, BPF_TRACE_KPROBE_MULTI, &link_opts);
	return link == -EFAULT;
}

bool multi_has(const struct capture *c, const struct syscall_row *row)
{
	return row->seldom && c->extras[2];
}

struct bpf_link *multi_attach(const struct capture *c, const struct bpf_program *program)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows), n = 0;
	_cleanup_free_ char(*names)[FUNCTION_NAME] = calloc(n_rows, sizeof(*names));
	_cleanup_free_ const char **list = calloc(n_rows, sizeof(*list));

	if (!names || !list) {
		errno = ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < n_rows; i++) {
		if (!rows[i].seldom || !c->functions.targets[i].id)
			continue;
		function_name(&rows[i], names[n]);
		list[n] = names[n];
		n++;
	}
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = list, .cnt = n, .retprobe = true);
	return bpf_program__attach_kprobe_multi_opts(program, NULL, &opts);
}
