// SPDX-License-Identifier: MIT
/* The BPF object as it is for this kernel. */
#include "capture/internal.h"
#include "ktrace_newer.skel.h"
#include "util/cleanup.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

/* What followed() leaves in the object: "r2 = WIRE_CAST_MARK; r0 = r1". */
static const struct bpf_insn marked[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = WIRE_CAST_MARK },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_1 },
};

/*
 * Puts a call of bpf_rdonly_cast() there where the kernel has it (since 6.2): see followed() in bpf/kernel.h. libbpf could
 * do that by the function's name, but then it asks for the kernel's own BTF where there is none, and for rights where there is no
 * such function.
 */
static void put_casts(struct capture *c, void *object, size_t size)
{
	char *at = object, *end = at + size;

	if (!c->has[FEATURE_TYPED_TASK] || functions_find(c) || !c->functions.cast ||
		!c->functions.task)
		return;
	const struct bpf_insn call[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K,
			.dst_reg = BPF_REG_2,
			.imm = c->functions.task },
		{ .code = BPF_JMP | BPF_CALL,
			.src_reg = BPF_PSEUDO_KFUNC_CALL,
			.imm = c->functions.cast },
	};
	_Static_assert(sizeof(call) == sizeof(marked), "one takes the place of the other");
	while ((at = memmem(at, (size_t)(end - at), marked, sizeof(marked)))) {
		memcpy(at, call, sizeof(call));
		at += sizeof(call);
	}
}

static bool has_all(const struct capture *c)
{
	for (int i = 0; i < WIRE_FEATURES; i++)
		if (!c->has[i])
			return false;
	return true;
}

/* Both objects have the same programs, maps and variables: one skeleton does for them. */
_Static_assert(sizeof(struct ktrace_bpf) == sizeof(struct ktrace_newer_bpf) &&
		       sizeof(((struct ktrace_bpf *)0)->rodata[0]) ==
			       sizeof(((struct ktrace_newer_bpf *)0)->rodata[0]),
	"a program, map or constant that one of the objects lacks");

/* malloc'ed; NULL: memory ran out. */
static void *bytes_of_object(struct capture *c, size_t *size)
{
	const void *bytes =
		has_all(c) ? ktrace_newer_bpf__elf_bytes(size) : ktrace_bpf__elf_bytes(size);
	void *copy = malloc(*size);

	if (copy)
		put_casts(c, memcpy(copy, bytes, *size), *size);
	return copy;
}

struct ktrace_bpf *object_open(struct capture *c, const char *types)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = types);
	struct ktrace_bpf *skel = calloc(1, sizeof(*skel));
	size_t size;
	_cleanup_free_ void *bytes = bytes_of_object(c, &size);
	int err = skel && bytes ? ktrace_bpf__create_skeleton(skel) : -ENOMEM;

	if (!err) {
		skel->skeleton->data = bytes;
		skel->skeleton->data_sz = size;
		err = bpf_object__open_skeleton(skel->skeleton, &opts);
	}
	if (!err)
		return skel;
	ktrace_bpf__destroy(skel);
	errno = -err;
	return NULL;
}
