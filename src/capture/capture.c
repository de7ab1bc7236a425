// SPDX-License-Identifier: MIT
#include "capture/capture.h"

#include "capture/internal.h"
#include "util/cleanup.h"
#include "util/turns.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Checked first: libbpf would only say ESRCH. */
static int check_btf(const struct capture *c, char **why)
{
	struct utsname u;
	int n;

	if (c->options.btf) {
		char text[128];
		struct btf *btf = btf__parse(c->options.btf, NULL);
		int err = btf ? 0 : -errno;
		btf__free(btf);
		if (!err)
			return 0;
		libbpf_strerror(err, text, sizeof(text));
		if (asprintf(why, "--btf: no BTF can be read from %s: %s", c->options.btf, text) <
			0)
			*why = NULL;
		return err;
	}
	if (access(KERNEL_BTF, R_OK) == 0)
		return 0;
	n = uname(&u) ? -1
		      : asprintf(why,
				"this kernel has no BTF of its own (" KERNEL_BTF "): it was "
				"built without CONFIG_DEBUG_INFO_BTF. Name a file with the BTF of "
				"exactly Linux %s with --btf FILE: BTFHub's archive "
				"(github.com/aquasecurity/btfhub-archive) has those of many "
				"distributions' kernels, and `pahole --btf_encode_detached FILE "
				"VMLINUX` makes one from a kernel with debug information",
				u.release);
	if (n < 0)
		*why = NULL;
	return -ENOTSUP;
}

static void explain_load_error(int err, char **why)
{
	if (err != -EPERM && err != -EACCES)
		return;
	free(*why);
	*why = strdup(
		geteuid()
			? "loading BPF programs needs root (or CAP_BPF, CAP_PERFMON and "
			  "CAP_SYS_RESOURCE before 5.11): run it with sudo"
			: "the kernel does not let this root load BPF programs: in a container add "
			  "CAP_BPF and CAP_PERFMON (or privileged: true); see `ktrace doctor`");
}

/* The system calls again, without fexit: the object is loaded anew, all links with it. */
static int fall_back(struct capture *c, char **why)
{
	probes_detach(c);
	drain_close(c);
	ktrace_bpf__destroy(c->skel);
	c->skel = NULL;
	c->channels[RING_RARE] = c->channels[RING_FLOOD] = NULL;
	c->held = NULL;
	c->epoll_fd = -1;
	c->no_fexit = true;
	int err = probes_load(c, why);
	if (!err)
		err = drain_open(c);
	if (!err)
		probes_attach(c);
	return err;
}

static bool nothing_attached(const struct capture *c)
{
	for (int p = 0; p < PROBES; p++)
		if (c->status[p].state == PROBE_UNPROVED || c->status[p].state == PROBE_PROVED)
			return false;
	return true;
}

static bool fexit_failed(const struct capture *c)
{
	return c->status[PROBE_SYSCALLS].state == PROBE_MISSING &&
	       bpf_program__fd(c->skel->progs.on_call) >= 0;
}

static int load(struct capture *c, char **why)
{
	int err = check_btf(c, why);

	if (!err)
		err = probes_load(c, why);
	if (!err)
		err = drain_open(c);
	if (err)
		explain_load_error(err, why);
	return err;
}

static int attach(struct capture *c, char **why)
{
	int err = 0;

	probes_attach(c);
	if (fexit_failed(c))
		err = fall_back(c, why);
	if (!err)
		prove(c);
	if (!err && fexit_failed(c)) {
		err = fall_back(c, why);
		if (!err)
			prove(c);
	}
	if (!err && nothing_attached(c)) {
		err = -ENOTSUP;
		*why = strdup("no probe could be attached; `ktrace doctor` says why");
	}
	return err;
}

int capture_open(const struct capture_options *options, struct capture **out, char **why)
{
	struct capture *c = calloc(1, sizeof(*c));

	*why = NULL;
	if (!c)
		return -ENOMEM;
	libbpf_set_print(probes_print_libbpf);
	c->options = *options;
	c->epoll_fd = c->types_fd = c->rest.fd = -1;
	c->part = options->confine_rest ? PART_FIRST : PART_ALL;
	c->turn = turn_take(TURN_PLACE);
	int err = load(c, why);
	if (!err)
		err = attach(c, why);
	if (!err)
		rest_begin(c);
	types_forget(c);
	turn_end(c->turn);
	if (err) {
		capture_close(c);
		return err;
	}
	*out = c;
	return 0;
}

void capture_detach(struct capture *c)
{
	probes_detach(c);
	if (c->held)
		drain(c, UINT64_MAX, NULL);
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	capture_detach(c);
	drain_close(c);
	ktrace_bpf__destroy(c->skel);
	free(c->rest.missing);
	free(c->functions.targets);
	if (c->turn >= 0)
		close(c->turn);
	free(c);
}

int capture_track(struct capture *c, uint64_t cgroup, uint64_t container)
{
	struct wire_track track = { .container = container };

	/* What the kernel side has found out of one that it tracks already stays. */
	return bpf_map_update_elem(
		       bpf_map__fd(c->skel->maps.tracked), &cgroup, &track, BPF_NOEXIST) &&
			       errno != EEXIST
		       ? -errno
		       : 0;
}

int capture_untrack(struct capture *c, uint64_t cgroup)
{
	return bpf_map_delete_elem(bpf_map__fd(c->skel->maps.tracked), &cgroup) ? -errno : 0;
}

void capture_account(const struct capture *c, uint64_t container, struct capture_account *out)
{
	struct wire_account a;

	*out = (struct capture_account){ 0 };
	if (bpf_map_lookup_elem(bpf_map__fd(c->skel->maps.accounts), &container, &a))
		return;
	out->produced = a.produced;
	out->lost = a.lost;
	for (int budget = 0; budget < WIRE_BUDGETS; budget++)
		if (budget != BUDGET_OUTPUT)
			out->over += a.over[budget];
}

int capture_fd(const struct capture *c)
{
	return c->epoll_fd;
}

#define TURN_NS 10000000ull /* everybody else who waits for the loop waits for a few of these */

/* Who asked a name server is looked at for one or two of these: longer than a resolver waits for an answer. */
#define ASKERS_TURN_NS 10000000000ull

static __u32 next_turn(__u32 turn)
{
	__u32 next = (turn + 1) & 0xffff;

	return next < ASKERS_FIRST_TURN ? ASKERS_FIRST_TURN : next;
}

static void forget_askers(struct capture *c)
{
	uint64_t now = boottime();

	if (now - c->askers_turned < ASKERS_TURN_NS)
		return;
	c->askers_turned = now;
	c->control.askers_turn = next_turn(c->control.askers_turn);
	control_write(c);
}

int capture_drain(struct capture *c, uint64_t *until)
{
	forget_askers(c);
	return drain(c, TURN_NS, until);
}

size_t capture_probes(const struct capture *c, const struct probe_status **out)
{
	*out = c->status;
	return PROBES;
}

const char *capture_kind_name(int kind)
{
	static const char *const names[WIRE_KINDS] = {
		[WIRE_NONE] = "none",
		[WIRE_EXEC] = "exec",
		[WIRE_RUNTIME] = "runtime",
		[WIRE_EXIT] = "exit",
		[WIRE_SYSCALL] = "syscall",
		[WIRE_OUTPUT] = "output",
		[WIRE_SOCKET] = "socket",
		[WIRE_OOM] = "oom",
		[WIRE_SIGNAL] = "signal",
		[WIRE_CGROUP] = "cgroup",
		[WIRE_DNS] = "dns",
	};

	return kind >= 0 && kind < WIRE_KINDS ? names[kind] : "none";
}

int capture_counts(const struct capture *c, struct capture_counts *counts)
{
	int cpus = libbpf_num_possible_cpus(), fd = bpf_map__fd(c->skel->maps.counts);

	if (cpus < 0)
		return cpus;
	_cleanup_free_ uint64_t *values = calloc((size_t)cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (int kind = 0; kind < WIRE_KINDS; kind++) {
		uint64_t sums[COUNT_REASONS] = { 0 };

		for (uint32_t reason = 0; reason < COUNT_REASONS; reason++) {
			uint32_t key = (uint32_t)kind * COUNT_REASONS + reason;
			if (bpf_map_lookup_elem(fd, &key, values))
				return -errno;
			for (int cpu = 0; cpu < cpus; cpu++)
				sums[reason] += values[cpu];
		}
		counts[kind] = (struct capture_counts){
			.produced = sums[COUNT_PRODUCED],
			.delivered = c->delivered[kind],
			.lost_full = sums[COUNT_FULL],
			.lost_busy = sums[COUNT_BUSY],
			.folded = sums[COUNT_FOLDED],
			.over_rate = sums[COUNT_RATE],
		};
	}
	return 0;
}
