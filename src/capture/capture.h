/* SPDX-License-Identifier: MIT */
/*
 * The kernel side, opened, chosen, attached and drained. The only module that knows libbpf. Each probe
 * is tried in its best way first; a refused way, or one that attaches and does not fire, gives way to
 * the next, and a probe without a working way is a named loss, not a failure.
 */
#ifndef KTRACE_CAPTURE_CAPTURE_H
#define KTRACE_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture;

struct capture_options {
	/* "PROBE" or "PROBE/WAY", as `ktrace doctor` prints them */
	const char *const *disabled;
	size_t n_disabled;
	/* a file with this kernel's BTF, for one that has none of its own; NULL: none is needed */
	const char *btf;
	/* processes outside of containers too (WIRE_OUTSIDE) */
	bool outside;
	bool no_output; /* leave alone what processes write */
	bool cgroup_v1; /* containers are found by their v1 memory cgroup, not by cgroup v2 */
	/* where the watched hierarchy is mounted; NULL: not known, and its probe is not proved */
	const char *cgroup_root;
	/*
	 * Where attaching takes the kernel long, calls that few containers fail by are left to a process of its own
	 * (capture_rest_go()), which calls this first, to give up what that does not take. NULL: all are attached at once.
	 */
	void (*confine_rest)(void);
	/* Takes one raw record of ktrace/wire.h; records come in order of time. Valid during the call. */
	void (*deliver)(void *ctx, const void *record, size_t size);
	void *ctx;
};

/*
 * Loads, attaches and proves the probes. 0, or a negative errno with *why (malloc'ed, the caller's) in
 * a sentence with the way out: not root, no BTF, no BPF. Only when nothing at all can be captured.
 */
int capture_open(const struct capture_options *options, struct capture **out, char **why);

/* Detaches, delivers what was still in the rings, then frees. NULL is fine. */
void capture_close(struct capture *c);

/* Detaches and drains without freeing, so that the counters can be read when nothing moves any more. */
void capture_detach(struct capture *c);

/* From now on tasks of this cgroup belong to that container (both cgroup ids). 0 or a negative errno. */
int capture_track(struct capture *c, uint64_t cgroup, uint64_t container);
int capture_untrack(struct capture *c, uint64_t cgroup);

/* To wait on with epoll; call capture_drain() at least each 50 ms too. */
int capture_fd(const struct capture *c);

/*
 * Delivers what is ready, for 10 ms and the last record's time at most: capture_fd() says at once when there is more. All that
 * happened before *until (nanoseconds of CLOCK_BOOTTIME; may be NULL) was delivered. 0 or a negative errno.
 */
int capture_drain(struct capture *c, uint64_t *until);

/*
 * A call of our own that must come out of the ring, to show that the kernel side still works: of the
 * system calls' probe, or of another one where that is missing. 0, or -ENOTSUP when there is none.
 */
int capture_heartbeat(struct capture *c);
/* When the latest call of our own that came through was made, nanoseconds since 1970; 0: none has. */
uint64_t capture_heartbeat_seen(const struct capture *c);

/*
 * Of options.confine_rest. A descriptor to wait on; -1: nothing is left to attach. That process works when capture_rest_go() has
 * said so, and hands over what it attached.
 */
int capture_rest_fd(const struct capture *c);
void capture_rest_go(struct capture *c);
/* When there is something to read. -EAGAIN: more is to come; 0: all that came is attached, and capture_rest_end() is to follow. */
int capture_rest_step(struct capture *c);
void capture_rest_end(struct capture *c); /* closes the descriptor */
/*
 * The calls whose failures are not seen, yet or, after the end, at all: names[], borrowed, and how many. *filters: nor are calls
 * that a seccomp filter refuses.
 */
size_t capture_rest_missing(const struct capture *c, const char **names, size_t max, bool *filters);

/* Nanoseconds to add to a record's time to get UTC since 1970. */
int64_t capture_clock_offset(void);

enum probe_state { PROBE_MISSING, PROBE_UNPROVED, PROBE_PROVED, PROBE_DISABLED };

struct probe_status {
	const char *name; /* "syscalls" */
	/* the way that is attached, "fexit", "sys_exit", "raw_sys_exit", "raw_tp"; "" when none is */
	const char *method;
	bool best; /* that way is the best one for this probe */
	enum probe_state state;
	const char *lost; /* what is lost without it, a sentence */
	const char *cost; /* of the fallback, where it is not the best way: a sentence or "" */
	/* each way that did not work and the kernel's own error; "" when the first did */
	char tried[512];
	const char *fix; /* what would fix it, or "" */
};

/* What `disabled` may name, "PROBE" and "PROBE/WAY"; ends with NULL. */
extern const char *const capture_probe_names[];

/* *out is borrowed, and is kept up to date. Returns how many there are. */
size_t capture_probes(const struct capture *c, const struct probe_status **out);

/* What this kernel lacks: the name, and what is done in its place at which price (a clause). Static. */
struct capture_gap {
	const char *name, *instead;
};

/* *out is borrowed. Returns how many there are. */
size_t capture_gaps(const struct capture *c, const struct capture_gap **out);

/* Counters by kind of record (enum wire_kind) since the start, all CPUs. */
struct capture_counts {
	uint64_t produced, delivered, lost_full, lost_busy, folded, over_rate;
};
/* counts has WIRE_KINDS entries. 0 or a negative errno. */
int capture_counts(const struct capture *c, struct capture_counts *counts);
/*
 * Of one container since it began: records that were made for it, of these lost, and what was over its budgets and so
 * was not made (writes apart, of which the last are kept). All 0 where nothing is known of it.
 */
struct capture_account {
	uint64_t produced, lost, over;
};
void capture_account(const struct capture *c, uint64_t container, struct capture_account *out);
/* Of an enum wire_kind: "exec", "syscall", ...; "none" for any other number. Static. */
const char *capture_kind_name(int kind);

#endif
