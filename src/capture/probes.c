// SPDX-License-Identifier: MIT
/* The table of probes, and how each is attached: in the way that load.c found. */
#include "capture/internal.h"
#include "event/syscalls.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct probe_text {
	const char *name, *lost, *fix;
	const char *programs[2];
} texts[PROBES] = {
	[PROBE_SYSCALLS] = { "syscalls",
		"failed system calls and what programs write are not seen: of most causes only the "
		"exit status is left",
		"a kernel with BTF that takes fexit programs (amd64: since 5.5, arm64: since 6.4), "
		"and does not forbid them",
		{ NULL } },
	[PROBE_EXEC] = { "exec",
		"started programs are not seen: no command lines, and containers have no start",
		"tracepoint sched_process_exec", { "on_exec" } },
	[PROBE_EXIT] = { "exit",
		"ends of processes are not seen: containers are not diagnosed when they end",
		"tracepoint sched_process_exit", { "on_exit" } },
	[PROBE_CGROUP] = { "cgroup", "containers that start after ktrace are not seen",
		"tracepoints cgroup_mkdir and cgroup_rmdir",
		{ "on_cgroup_made", "on_cgroup_gone" } },
	[PROBE_OOM] = { "oom", "OOM kills cannot be distinguished from other kills",
		"tracepoint oom:mark_victim", { "on_oom" } },
	[PROBE_SIGNAL] = { "signal",
		"who sent a fatal signal is not known, nor whether it came from outside",
		"tracepoint signal_generate", { "on_signal" } },
	[PROBE_SOCKET] = { "socket",
		"listening ports, and connections that fail late, are not seen",
		"tracepoint inet_sock_set_state", { "on_socket_state" } },
};

const char *const capture_probe_names[] = { "syscalls", "syscalls/fexit", "syscalls/sys_exit",
	"syscalls/raw_sys_exit", "exec", "exit", "cgroup", "oom", "signal", "socket", NULL };
_Static_assert(
	ARRAY_SIZE(capture_probe_names) == PROBES + WAYS + 1, "a probe, or a way, lacks its name");

const char *const way_names[WAYS] = {
	[WAY_FEXIT] = "fexit",
	[WAY_SYS_EXIT] = "sys_exit",
	[WAY_RAW_SYS_EXIT] = "raw_sys_exit",
};

const char *const way_programs[WAYS] = {
	[WAY_SYS_EXIT] = "on_sys_exit",
	[WAY_RAW_SYS_EXIT] = "on_sys_exit_untyped",
};

bool probe_disabled(const struct capture *c, enum probe probe, const char *way)
{
	char full[64];

	snprintf(full, sizeof(full), "%s/%s", texts[probe].name, way);
	for (size_t i = 0; i < c->options.n_disabled; i++) {
		const char *d = c->options.disabled[i];
		if (!strcmp(d, texts[probe].name) || !strcmp(d, full))
			return true;
	}
	return false;
}

/* The kernel's own: what its architecture has no code for. It is no errno of any C library's. */
#define ENOTSUPP 524

static const char *error_text(int err)
{
	return err == -ENOTSUPP ? "Not supported by this kernel" : strerror(-err);
}

void probe_tried(struct capture *c, enum probe probe, const char *way, const char *what, int err)
{
	char *tried = c->status[probe].tried;
	size_t used = strlen(tried), size = sizeof(c->status[probe].tried);

	snprintf(tried + used, size - used, "%s%s: %s%s%s", used ? "; " : "", way, what,
		err ? ": " : "", err ? error_text(err) : "");
}

void probes_reset(struct capture *c)
{
	for (int p = 0; p < PROBES; p++) {
		struct probe_status *s = &c->status[p];

		s->name = texts[p].name;
		s->lost = texts[p].lost;
		s->fix = texts[p].fix;
		s->method = s->cost = "";
		s->best = false;
		s->state = PROBE_MISSING;
		if (p != PROBE_SYSCALLS || !c->no_fexit)
			s->tried[0] = '\0';
	}
}

const char *probe_program(const struct capture *c, enum probe probe, int i)
{
	if (probe == PROBE_SYSCALLS)
		return i == 0 ? way_programs[c->way] : NULL;
	return texts[probe].programs[i];
}

static void detach_programs(struct capture *c, enum probe probe)
{
	for (int i = 0; i < 2; i++) {
		bpf_link__destroy(c->links[probe][i]);
		c->links[probe][i] = NULL;
	}
}

static int attach_programs(struct capture *c, enum probe probe)
{
	for (int i = 0; i < 2 && probe_program(c, probe, i); i++) {
		struct bpf_program *p =
			bpf_object__find_program_by_name(c->skel->obj, probe_program(c, probe, i));
		if (bpf_program__fd(p) < 0)
			return -ENOENT; /* left out at loading: said there */
		c->links[probe][i] = bpf_program__attach(p);
		if (!c->links[probe][i]) {
			int err = -errno;

			detach_programs(c, probe); /* half of a probe is none */
			return err;
		}
	}
	return 0;
}

static void attach_plain(struct capture *c, enum probe probe, const char *way, bool best)
{
	struct probe_status *s = &c->status[probe];

	if (probe_disabled(c, probe, way)) {
		s->state = PROBE_DISABLED;
		probe_tried(c, probe, way, "disabled", 0);
		return;
	}
	int err = attach_programs(c, probe);
	if (err) {
		if (err != -ENOENT || !s->tried[0])
			probe_tried(c, probe, way, "could not be attached", err);
		return;
	}
	s->method = way;
	s->best = best;
	s->state = PROBE_UNPROVED;
}

static void attach_sys_exit(struct capture *c)
{
	attach_plain(c, PROBE_SYSCALLS, way_names[c->way], false);
	if (c->status[PROBE_SYSCALLS].state == PROBE_UNPROVED)
		c->status[PROBE_SYSCALLS].cost = "each system call of each process on the node "
						 "becomes about 0.1 microseconds slower";
}

void probes_attach(struct capture *c)
{
	for (enum probe p = PROBE_EXEC; p < PROBES; p++)
		attach_plain(c, p, "raw_tp", true);
	if (c->way == WAYS)
		return;
	if (c->way != WAY_FEXIT) {
		attach_sys_exit(c);
		return;
	}
	const char *row;
	int err = fexit_attach(c, &row);
	if (err) {
		char what[64];
		snprintf(what, sizeof(what), "could not be attached to %s", row);
		probe_tried(c, PROBE_SYSCALLS, "fexit", what, err);
		fexit_detach(c);
		return;
	}
	c->status[PROBE_SYSCALLS].method = "fexit";
	c->status[PROBE_SYSCALLS].best = true;
	c->status[PROBE_SYSCALLS].state = PROBE_UNPROVED;
}

void probes_detach(struct capture *c)
{
	fexit_detach(c);
	for (enum probe p = 0; p < PROBES; p++)
		detach_programs(c, p);
}
