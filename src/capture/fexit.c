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

bool fexit_concerns(const struct capture *c, size_t row)
{
	const struct syscall_row *rows;

	syscall_rows(&rows);
	return c->functions.targets[row].id &&
	       (c->part == PART_ALL || rows[row].later == (c->part == PART_REST));
}

/* Those rows of c->part that come by a program of their own. */
static bool has_own(const struct capture *c, size_t row)
{
	const struct syscall_row *rows;

	syscall_rows(&rows);
	return fexit_concerns(c, row) && (c->no_multi || !rows[row].seldom);
}

/* The first row that this kernel has; NULL: it has none. Says of each other one whether its prototype is another. */
static const struct fexit_target *compare_prototypes(
	struct fexit_target *targets, size_t n_rows, size_t *place)
{
	const struct fexit_target *first = NULL;

	for (size_t i = 0; i < n_rows; i++) {
		if (!targets[i].id)
			continue;
		if (!first) {
			first = &targets[i];
			*place = i;
		}
		targets[i].other = targets[i].prototype != first->prototype;
	}
	return first;
}

static void load_for(struct bpf_program *program, const struct syscall_row *row)
{
	char name[FUNCTION_NAME];

	function_name(row, name);
	bpf_program__set_autoload(program, true);
	bpf_program__set_attach_target(program, 0, name);
}

int fexit_prepare(struct capture *c)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows), first;
	struct bpf_program *const handlers[] = { c->skel->progs.on_call, c->skel->progs.on_call_any,
		c->skel->progs.on_call_answer, c->skel->progs.on_call_error,
		c->skel->progs.on_call_output };

	if (!compare_prototypes(c->functions.targets, n_rows, &first))
		return -ENOENT;
	if (c->part != PART_FIRST)
		c->no_multi = c->no_multi || !multi_supported();
	bpf_program__set_autoload(c->skel->progs.on_call_other, false);
	bpf_program__set_autoload(
		c->skel->progs.on_clone, HAS_FORK && !c->no_extras && c->part != PART_REST);
	bpf_program__set_autoload(
		c->skel->progs.on_seccomp, !c->no_extras && c->part != PART_FIRST);
	bpf_program__set_autoload(
		c->skel->progs.on_seldom_call, !c->no_multi && c->part != PART_FIRST);
	for (size_t i = 0; i < ARRAY_SIZE(handlers) && c->part != PART_REST; i++)
		load_for(handlers[i], &rows[first]);
	for (size_t i = 0; i < n_rows && !c->others_handled; i++)
		if (c->functions.targets[i].other && has_own(c, i)) {
			load_for(c->skel->progs.on_call_other, &rows[i]);
			break;
		}
	return 0;
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

int fexit_set_handler(const struct bpf_map *array, const struct bpf_program *handler)
{
	__u32 zero = 0;
	int fd = bpf_program__fd(handler);

	if (fd < 0)
		return 0;
	return bpf_map_update_elem(bpf_map__fd(array), &zero, &fd, BPF_ANY) ? -errno : 0;
}

int fexit_attach_row(struct capture *c, size_t row)
{
	const struct syscall_row *rows;
	struct bpf_program *const stubs[] = {
		[SUCCESS_ENDS] = c->skel->progs.on_call_error,
		[SUCCESS_COUNTS] = c->skel->progs.on_call_any,
		[SUCCESS_OF_ASKERS] = c->skel->progs.on_call_answer,
		[SUCCESS_OF_WRITERS] = c->skel->progs.on_call_output,
	};
	char name[BPF_OBJ_NAME_LEN];

	syscall_rows(&rows);
	snprintf(name, sizeof(name), "kt_%s", rows[row].name);
	_cleanup_fd_ int prog =
		load_stub(c, stubs[syscall_success(&rows[row])], &c->functions.targets[row], name);
	if (prog < 0)
		return prog;
	int link = bpf_raw_tracepoint_open(NULL, prog);
	if (link < 0)
		return link;
	c->links_of_calls[c->n_links_of_calls++] = link;
	return 0;
}

const char *fexit_cost(const struct capture *c)
{
	bool forks = !HAS_FORK || c->extras[0], filters = c->extras[1] || c->part == PART_FIRST;

	if (forks && filters)
		return "";
	return "failures of fork and vfork, and calls that a seccomp filter refuses, are not seen "
	       "this way";
}

int fexit_attach(struct capture *c, const char **failed)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);

	*failed = "any call";
	c->links_of_calls = malloc((n_rows + ARRAY_SIZE(c->extras)) * sizeof(*c->links_of_calls));
	if (!c->links_of_calls)
		return -ENOMEM;
	int err = fexit_set_handler(c->skel->maps.handlers, c->skel->progs.on_call);
	if (!err)
		err = fexit_set_handler(c->skel->maps.handlers_other, c->skel->progs.on_call_other);
	if (err)
		return err;
	c->others_handled = bpf_program__fd(c->skel->progs.on_call_other) >= 0;
	/* Where that fails each has a program of its own, like the others. */
	if (bpf_program__fd(c->skel->progs.on_seldom_call) >= 0)
		c->extras[2] = multi_attach(c, c->skel->progs.on_seldom_call);
	for (size_t i = 0; i < n_rows; i++) {
		/* a call that this architecture or kernel does not have, or that is attached already */
		if (!fexit_concerns(c, i) || multi_has(c, &rows[i]))
			continue;
		*failed = rows[i].name;
		err = fexit_attach_row(c, i);
		if (err)
			return err;
	}
	if (bpf_program__fd(c->skel->progs.on_clone) >= 0)
		c->extras[0] = bpf_program__attach(c->skel->progs.on_clone);
	if (bpf_program__fd(c->skel->progs.on_seccomp) >= 0)
		c->extras[1] = bpf_program__attach(c->skel->progs.on_seccomp);
	c->status[PROBE_SYSCALLS].cost = fexit_cost(c);
	return 0;
}

static bool is_ours(const struct capture *c, int fd)
{
	for (size_t i = 0; i < c->n_links_of_calls; i++)
		if (c->links_of_calls[i] == fd)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(c->extras); i++)
		if (c->extras[i] && bpf_link__fd(c->extras[i]) == fd)
			return true;
	return false;
}

#define PATIENCE_US 10000000

static void close_links(const struct capture *c, bool others_first)
{
	unsigned patience_us = others_first ? PATIENCE_US : 0;

	for (size_t i = c->n_links_of_calls; i > 0; i--) {
		turn_let_pass(c->turn, &patience_us);
		close(c->links_of_calls[i - 1]);
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
		close_links(c, true);
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

	capture_rest_end(c);
	c->others_handled = false;
	if (c->n_links_of_calls) {
		c->control.stopped = 1;
		control_write(c);
		done = leave_to_another(c);
	}
	for (size_t i = 0; i < ARRAY_SIZE(c->extras); i++) {
		bpf_link__destroy(c->extras[i]);
		c->extras[i] = NULL;
	}
	close_links(c, false);
	free(c->links_of_calls);
	c->links_of_calls = NULL;
	c->n_links_of_calls = 0;
}
