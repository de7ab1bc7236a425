// SPDX-License-Identifier: MIT
/*
 * Puts a call of bpf_rdonly_cast() into the object where the kernel has it (since 6.2): see followed() in bpf/kernel.h. libbpf could
 * do that by the function's name, but then it asks for the kernel's own BTF where there is none, and for rights where there is no
 * such function.
 */
#include "capture/internal.h"
#include "util/cleanup.h"

#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

/* What followed() leaves in the object: "r2 = WIRE_CAST_MARK; r0 = r1". */
static const struct bpf_insn marked[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = WIRE_CAST_MARK },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_1 },
};

void *cast_object(struct capture *c, size_t *size)
{
	if (!c->has[FEATURE_TYPED_TASK] || functions_find(c) || !c->functions.cast ||
		!c->functions.task)
		return NULL;
	const struct bpf_insn call[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K,
			.dst_reg = BPF_REG_2,
			.imm = c->functions.task },
		{ .code = BPF_JMP | BPF_CALL,
			.src_reg = BPF_PSEUDO_KFUNC_CALL,
			.imm = c->functions.cast },
	};
	_Static_assert(sizeof(call) == sizeof(marked), "one takes the place of the other");
	const void *object = ktrace_bpf__elf_bytes(size);
	char *copy = malloc(*size), *at = copy;

	if (!copy)
		return NULL;
	memcpy(copy, object, *size);
	while ((at = memmem(at, *size - (size_t)(at - copy), marked, sizeof(marked)))) {
		memcpy(at, call, sizeof(call));
		at += sizeof(call);
	}
	return copy;
}
