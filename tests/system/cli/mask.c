// SPDX-License-Identifier: MIT
/*
 * Makes of this kernel one that lacks something: preloaded, it stands between libbpf and the kernel. MASK is a list of words:
 *
 *   program=NAME     refused with EPERM, as by a policy
 *   map=TYPE         such maps cannot be made
 *   mapflag=FLAG     nor maps with that flag
 *   attach=TYPE      tracing programs of that attach type cannot be loaded
 *   helper=ID        the helper is unknown: a program that may call it is refused by the verifier, one that never does is not
 *   fetch            atomic operations that return a value
 *   globals          functions that are verified by themselves
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define NO_SUCH_HELPER 0x7fffff /* of no kernel */

static long (*real)(long, ...);

/* Whether the list has WORD=n. */
static bool masked_number(const char *word, unsigned n)
{
	const char *list = getenv("MASK");
	size_t len = strlen(word);

	for (const char *at = list; at && (at = strstr(at, word)); at += len)
		if (at[len] == '=' && strtoul(at + len + 1, NULL, 0) == n)
			return true;
	return false;
}

/* The same of one bit of n. */
static bool masked_bit(const char *word, unsigned n)
{
	for (unsigned bit = 1; bit && bit <= n; bit <<= 1)
		if (n & bit && masked_number(word, bit))
			return true;
	return false;
}

/* Whether it has WORD or, where there is a name, WORD=NAME. */
static bool masked(const char *word, const char *name)
{
	const char *list = getenv("MASK"), *at = list ? strstr(list, word) : NULL;

	if (!at || !name)
		return at;
	at += strlen(word);
	return *at++ == '=' && *name && strcspn(at, " ") >= strlen(name) &&
	       !strncmp(at, name, strlen(name));
}

/* A copy of the instructions in which each masked helper is one that no kernel has; NULL: none is called. */
static struct bpf_insn *without_helpers(const struct bpf_insn *insns, size_t n)
{
	struct bpf_insn *copy = malloc(n * sizeof(*copy));
	bool any = false;

	memcpy(copy, insns, n * sizeof(*copy));
	for (size_t i = 0; i < n; i++) {
		if (copy[i].code == (BPF_JMP | BPF_CALL) && !copy[i].src_reg &&
			masked_number("helper", (unsigned)copy[i].imm)) {
			copy[i].imm = NO_SUCH_HELPER;
			any = true;
		}
	}
	if (any)
		return copy;
	free(copy);
	return NULL;
}

static bool fetches(const struct bpf_insn *insns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (BPF_CLASS(insns[i].code) == BPF_STX && BPF_MODE(insns[i].code) == BPF_ATOMIC &&
			insns[i].imm & BPF_FETCH)
			return true;
	return false;
}

static long load_program(const union bpf_attr *attr, unsigned size)
{
	struct bpf_insn *insns = (struct bpf_insn *)attr->insns, *copy;
	union bpf_attr changed = { 0 };

	if (masked("program", attr->prog_name)) {
		errno = EPERM;
		return -1;
	}
	if ((attr->prog_type == BPF_PROG_TYPE_TRACING &&
		    masked_number("attach", attr->expected_attach_type)) ||
		(masked("fetch", NULL) && fetches(insns, attr->insn_cnt))) {
		errno = EINVAL;
		return -1;
	}
	copy = without_helpers(insns, attr->insn_cnt);
	memcpy(&changed, attr, size < sizeof(changed) ? size : sizeof(changed));
	if (copy)
		changed.insns = (unsigned long)copy;
	long rc = real(SYS_bpf, BPF_PROG_LOAD, &changed, size);
	int err = errno;
	free(copy);
	errno = err;
	return rc;
}

/* The size of what follows a type in BTF. */
static size_t extra(const struct btf_type *t)
{
	size_t n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	default:
		return 0;
	}
}

static bool has_global_function(const struct btf_header *h)
{
	const char *at = (const char *)h + h->hdr_len + h->type_off, *end = at + h->type_len;

	while (at < end) {
		const struct btf_type *t = (const struct btf_type *)at;

		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC &&
			BTF_INFO_VLEN(t->info) == BTF_FUNC_GLOBAL)
			return true;
		at += sizeof(*t) + extra(t);
	}
	return false;
}

static bool refuses(long command, const union bpf_attr *attr)
{
	if (command == BPF_MAP_CREATE)
		return masked_number("map", attr->map_type) ||
		       masked_bit("mapflag", attr->map_flags);
	return command == BPF_BTF_LOAD && masked("globals", NULL) &&
	       has_global_function((const struct btf_header *)attr->btf);
}

long syscall(long number, ...)
{
	long a[6];
	va_list ap;

	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_bpf && a[0] == BPF_PROG_LOAD)
		return load_program((const union bpf_attr *)a[1], (unsigned)a[2]);
	if (number == SYS_bpf && refuses(a[0], (const union bpf_attr *)a[1])) {
		errno = EINVAL;
		return -1;
	}
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
