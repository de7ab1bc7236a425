// SPDX-License-Identifier: MIT
/*
 * The fast way to failed system calls: an fexit program on each call of the table. The object holds
 * one stub; its instructions, relocated by libbpf, are loaded again for each row with that row's
 * function as the target.
 */
#include "capture/internal.h"
#include "event/syscalls.h"
#include "util/cleanup.h"
#include "util/turns.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int load_copy(const struct bpf_insn *insns, size_t n, const char *name, int btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FEXIT,
		.attach_btf_id = (__u32)btf_id);

	return bpf_prog_load(BPF_PROG_TYPE_TRACING, name, "GPL", insns, n, &opts);
}

/* Tried with the smallest program there is, loaded and attached: some kernels refuse only the second. */
int fexit_supported(struct capture *c)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int err = functions_find(c);

	if (err)
		return err;
	if (!c->functions.harmless)
		return -ENOENT;
	_cleanup_fd_ int prog =
		load_copy(nothing, ARRAY_SIZE(nothing), "ktrace_try", c->functions.harmless);
	if (prog < 0)
		return prog;
	_cleanup_fd_ int link = bpf_raw_tracepoint_open(NULL, prog);
	return link < 0 ? link : 0;
}

/* arm64 never had fork and vfork: there clone and clone3 are all, and these have copies. */
#ifdef __NR_fork
#define HAS_FORK true
#else
#define HAS_FORK false
#endif

int fexit_prepare(struct capture *c)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);
	const struct fexit_target *first = NULL;
	char name[FUNCTION_NAME];

	bpf_program__set_autoload(c->skel->progs.on_call_other, false);
	bpf_program__set_autoload(c->skel->progs.on_clone, HAS_FORK && !c->no_extras);
	bpf_program__set_autoload(c->skel->progs.on_seccomp, !c->no_extras);
	c->no_multi = c->no_multi || !multi_supported();
	bpf_program__set_autoload(c->skel->progs.on_seldom_call, !c->no_multi);
	for (size_t i = 0; i < n_rows; i++) {
		struct fexit_target *t = &c->functions.targets[i];

		if (!t->id)
			continue;
		function_name(&rows[i], name);
		t->other = first && t->prototype != first->prototype;
		if (!first) {
			first = t;
			bpf_program__set_attach_target(c->skel->progs.on_call, 0, name);
			bpf_program__set_attach_target(c->skel->progs.on_call_any, 0, name);
			bpf_program__set_attach_target(c->skel->progs.on_call_answer, 0, name);
			bpf_program__set_attach_target(c->skel->progs.on_call_error, 0, name);
			bpf_program__set_attach_target(c->skel->progs.on_call_output, 0, name);
		} else if (t->other && !bpf_program__autoload(c->skel->progs.on_call_other)) {
			bpf_program__set_autoload(c->skel->progs.on_call_other, true);
			bpf_program__set_attach_target(c->skel->progs.on_call_other, 0, name);
		}
	}
	return first ? 0 : -ENOENT;
}

/* The stub's instructions, jumping through the array for the target's prototype. */
static int load_stub(struct capture *c, const struct bpf_program *stub,
	const struct fexit_target *t, const char *name)
{
	int from = bpf_map__fd(c->skel->maps.handlers),
	    to = bpf_map__fd(c->skel->maps.handlers_other);
	size_t n = bpf_program__insn_cnt(stub);
	_cleanup_free_ struct bpf_insn *insns = malloc(n * sizeof(*insns));

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(stub), n * sizeof(*insns));
	for (size_t i = 0; t->other && i < n; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
			insns[i].src_reg == BPF_PSEUDO_MAP_FD && insns[i].imm == from)
			insns[i].imm = to;
	return load_copy(insns, n, name, t->id);
}

static int set_handler(const struct bpf_map *map, const struct bpf_program *handler)
{
	__u32 zero = 0;
	int fd = bpf_program__fd(handler);

	if (fd < 0)
		return 0;
	return bpf_map_update_elem(bpf_map__fd(map), &zero, &fd, BPF_ANY) ? -errno : 0;
}

int fexit_attach(struct capture *c, const char **failed)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);

	*failed = "any call";
	c->copies = malloc(2 * n_rows * sizeof(*c->copies));
	if (!c->copies)
		return -ENOMEM;
	int err = set_handler(c->skel->maps.handlers, c->skel->progs.on_call);
	if (!err)
		err = set_handler(c->skel->maps.handlers_other, c->skel->progs.on_call_other);
	if (err)
		return err;
	/* Where that fails each has a program of its own, like the others. */
	c->extras[2] = c->no_multi ? NULL : multi_attach(c);
	for (size_t i = 0; i < n_rows; i++) {
		struct bpf_program *const stubs[] = {
			[SUCCESS_ENDS] = c->skel->progs.on_call_error,
			[SUCCESS_COUNTS] = c->skel->progs.on_call_any,
			[SUCCESS_OF_ASKERS] = c->skel->progs.on_call_answer,
			[SUCCESS_OF_WRITERS] = c->skel->progs.on_call_output,
		};
		struct bpf_program *stub = stubs[syscall_success(&rows[i])];
		char name[BPF_OBJ_NAME_LEN];

		/* a call that this architecture or kernel does not have, or that is attached already */
		if (!c->functions.targets[i].id || multi_has(c, &rows[i]))
			continue;
		*failed = rows[i].name;
		snprintf(name, sizeof(name), "kt_%s", rows[i].name);
		int prog = load_stub(c, stub, &c->functions.targets[i], name);
		if (prog < 0)
			return prog;
		c->copies[c->n_copies++] = prog;
		int link = bpf_raw_tracepoint_open(NULL, prog);
		if (link < 0)
			return link;
		c->copies[c->n_copies++] = link;
	}
	if (!c->no_extras) {
		c->extras[0] = HAS_FORK ? bpf_program__attach(c->skel->progs.on_clone) : NULL;
		c->extras[1] = bpf_program__attach(c->skel->progs.on_seccomp);
	}
	c->status[PROBE_SYSCALLS].cost = (c->extras[0] || !HAS_FORK) && c->extras[1]
						 ? ""
						 : "failures of fork and vfork, and calls that a "
						   "seccomp filter refuses, are not seen this way";
	return 0;
}

static bool is_ours(const struct capture *c, int fd)
{
	for (size_t i = 0; i < c->n_copies; i++)
		if (c->copies[i] == fd)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(c->extras); i++)
		if (c->extras[i] && bpf_link__fd(c->extras[i]) == fd)
			return true;
	return false;
}

#define PATIENCE_US 10000000

/* Links before programs, as they were made. */
static void close_copies(const struct capture *c, bool others_first)
{
	unsigned patience_us = others_first ? PATIENCE_US : 0;

	for (size_t i = c->n_copies; i > 0; i--) {
		turn_let_pass(c->turn, &patience_us);
		close(c->copies[i - 1]);
	}
}

/*
 * The kernel (up to 6.1, and 6.12) waits for all tasks to pass by, a tenth of a second, each time that an fexit program
 * goes: ten seconds for ours. Whoever closes a link last waits, so that is left to a process of its own, which
 * holds nothing else. The programs do nothing any more (`stopped`), and nobody need wait for them.
 * Returns a descriptor to close when our own are closed, or -1: then we wait ourselves.
 */
static int leave_to_another(const struct capture *c)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid_t child = fork();
	if (child == 0) {
		if (fork())
			_exit(0);
		char nothing;
		for (int fd = 0, max = (int)sysconf(_SC_OPEN_MAX); fd < max && fd < 65536; fd++)
			if (fd != ends[0] && fd != c->turn && !is_ours(c, fd))
				close(fd);
		setsid();
		while (read(ends[0], &nothing, 1) < 0 && errno == EINTR)
			;
		close_copies(c, true);
		_exit(0);
	}
	close(ends[0]);
	if (child < 0 || waitpid(child, NULL, 0) < 0) {
		close(ends[1]);
		return -1;
	}
	return ends[1];
}

void fexit_detach(struct capture *c)
{
	_cleanup_fd_ int done = -1;

	if (c->n_copies) {
		c->control.stopped = 1;
		control_write(c);
		done = leave_to_another(c);
	}
	for (size_t i = 0; i < ARRAY_SIZE(c->extras); i++) {
		bpf_link__destroy(c->extras[i]);
		c->extras[i] = NULL;
	}
	close_copies(c, false);
	free(c->copies);
	c->copies = NULL;
	c->n_copies = 0;
}
