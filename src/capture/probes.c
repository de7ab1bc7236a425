// SPDX-License-Identifier: MIT
/* The table of probes, and the choice of a way for each: by loading and attaching, never by version. */
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
		{ "on_sys_exit" } },
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
	"exec", "exit", "cgroup", "oom", "signal", "socket", NULL };
_Static_assert(
	ARRAY_SIZE(capture_probe_names) == PROBES + 2 + 1, "a probe, or a way, lacks its name");

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

/* What libbpf prints is for those who work on ktrace. */
static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN && getenv("KTRACE_DEBUG_LIBBPF"))
		vfprintf(stderr, fmt, ap);
	return 0;
}

/* Beside the copies: what the fexit way sees without them, and can be done without. */
static bool is_extra(const char *program)
{
	return !strcmp(program, "on_clone") || !strcmp(program, "on_seccomp");
}

static enum probe probe_of_program(const char *program)
{
	for (int p = 0; p < PROBES; p++)
		for (int i = 0; i < 2; i++)
			if (texts[p].programs[i] && !strcmp(texts[p].programs[i], program))
				return p;
	return PROBE_SYSCALLS; /* those of the fexit way */
}

static bool is_fexit(const char *program)
{
	return !strncmp(program, "on_call", 7) || is_extra(program);
}

static void choose_programs(struct capture *c, bool fexit)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, c->skel->obj)
	{
		const char *name = bpf_program__name(p);
		enum probe probe = probe_of_program(name);
		const char *way = is_fexit(name)            ? "fexit"
				  : probe == PROBE_SYSCALLS ? "sys_exit"
							    : "raw_tp";
		bool chosen = probe != PROBE_SYSCALLS || is_fexit(name) == fexit;

		bpf_program__set_autoload(p, chosen && !probe_disabled(c, probe, way));
	}
}

static void close_object(struct capture *c)
{
	ktrace_bpf__destroy(c->skel);
	c->skel = NULL;
}

/* Opens c->skel with its programs chosen; it is closed again when that fails. */
static int open_object(struct capture *c, bool fexit, const bool *without)
{
	c->skel = ktrace_bpf__open();
	if (!c->skel)
		return -errno;
	choose_programs(c, fexit);
	for (int p = 0; p < PROBES; p++)
		for (int i = 0; without[p] && i < 2 && texts[p].programs[i]; i++)
			bpf_program__set_autoload(bpf_object__find_program_by_name(
							  c->skel->obj, texts[p].programs[i]),
				false);
	constants_set(c);
	int err = fexit ? fexit_prepare(c) : 0;
	if (err)
		close_object(c);
	return err;
}

/*
 * The program that the kernel refuses: libbpf says that only in its messages, and a verifier's log is empty
 * where the refusal comes before it (EPERM). So each is loaded alone. *err is the kernel's own error for it.
 * The name lives as long as c->skel, which is left open; NULL and no c->skel: all are taken when alone.
 */
static const char *find_refused(struct capture *c, bool fexit, const bool *without, int *err)
{
	for (size_t i = 0;; i++) {
		struct bpf_program *p, *alone = NULL;
		size_t n = 0;

		if (open_object(c, fexit, without))
			return NULL;
		bpf_object__for_each_program(p, c->skel->obj)
		{
			if (!bpf_program__autoload(p))
				continue;
			if (n++ == i)
				alone = p;
			else
				bpf_program__set_autoload(p, false);
		}
		*err = alone ? ktrace_bpf__load(c->skel) : 0;
		if (*err)
			return bpf_program__name(alone);
		close_object(c);
		if (!alone)
			return NULL;
	}
}

/* Leaves a refused program out; -EAGAIN when it is worth another try without it. */
static int do_without(struct capture *c, const char *refused, int err, bool *without)
{
	enum probe p = probe_of_program(refused);

	if (without[p])
		return err;
	if (is_extra(refused) && !c->no_extras) {
		c->no_extras = true;
		return -EAGAIN;
	}
	probe_tried(c, p,
		is_fexit(refused)     ? "fexit"
		: p == PROBE_SYSCALLS ? "sys_exit"
				      : "raw_tp",
		"the kernel refused the program", err);
	if (is_fexit(refused))
		return -ENOTSUP; /* not the probe but this way of it */
	without[p] = true;
	return -EAGAIN;
}

/* Opens and loads once; -EAGAIN when it is worth another try, -ENOTSUP when it is without fexit. */
static int load_once(struct capture *c, bool fexit, bool *without)
{
	int refusal = 0, err = open_object(c, fexit, without);

	if (err && fexit && err != -ENOMEM) {
		probe_tried(c, PROBE_SYSCALLS, "fexit", "the kernel's calls were not found", err);
		return -ENOTSUP;
	}
	if (err)
		return err;
	err = ktrace_bpf__load(c->skel);
	if (!err)
		return 0;
	close_object(c);
	const char *refused = find_refused(c, fexit, without, &refusal);
	if (refused)
		err = do_without(c, refused, refusal, without);
	close_object(c);
	return err;
}

static int load(struct capture *c, bool fexit)
{
	bool without[PROBES] = { false };
	int err;

	do
		err = load_once(c, fexit, without);
	while (err == -EAGAIN);
	return err;
}

static int fill_rows(struct capture *c)
{
	const struct syscall_row *rows;
	size_t n = syscall_rows(&rows);
	int fd = bpf_map__fd(c->skel->maps.rows);

	for (size_t i = 0; i < n; i++) {
		__u32 nr = (__u32)rows[i].nr;
		if (rows[i].nr >= 0 && bpf_map_update_elem(fd, &nr, &rows[i].wire, BPF_ANY))
			return -errno;
	}
	return 0;
}

/* The second time, after fexit was given up, what was said of that stays. */
static void reset_status(struct capture *c)
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

int probes_load(struct capture *c, char **why)
{
	bool fexit = false;

	libbpf_set_print(print_libbpf);
	reset_status(c);
	if (probe_disabled(c, PROBE_SYSCALLS, "fexit")) {
		probe_tried(c, PROBE_SYSCALLS, "fexit", "disabled", 0);
	} else if (!c->no_fexit) {
		int err = fexit_supported();
		fexit = err == 0;
		if (err)
			probe_tried(c, PROBE_SYSCALLS, "fexit", "the kernel refuses such programs",
				err);
	}
	int err = load(c, fexit);
	if (err == -ENOTSUP && fexit)
		err = load(c, fexit = false);
	if (!err)
		err = fill_rows(c);
	if (err && why &&
		asprintf(why, "the kernel does not load ktrace's BPF programs: %s",
			strerror(-err)) < 0)
		*why = NULL;
	return err;
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
	for (int i = 0; i < 2 && texts[probe].programs[i]; i++) {
		struct bpf_program *p =
			bpf_object__find_program_by_name(c->skel->obj, texts[probe].programs[i]);
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
	attach_plain(c, PROBE_SYSCALLS, "sys_exit", false);
	if (c->status[PROBE_SYSCALLS].state == PROBE_UNPROVED)
		c->status[PROBE_SYSCALLS].cost = "each system call of each process on the node "
						 "becomes about 0.1 microseconds slower";
}

void probes_attach(struct capture *c)
{
	for (enum probe p = PROBE_EXEC; p < PROBES; p++)
		attach_plain(c, p, "raw_tp", true);
	if (bpf_program__fd(c->skel->progs.on_call) < 0) {
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
