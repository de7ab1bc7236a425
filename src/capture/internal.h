/* SPDX-License-Identifier: MIT */
/* What the files of this module share. */
#ifndef KTRACE_CAPTURE_INTERNAL_H
#define KTRACE_CAPTURE_INTERNAL_H

#include "capture/capture.h"
#include "ktrace.skel.h"
#include "ktrace/wire.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

enum probe {
	PROBE_SYSCALLS,
	PROBE_EXEC,
	PROBE_EXIT,
	PROBE_CGROUP,
	PROBE_OOM,
	PROBE_SIGNAL,
	PROBE_SOCKET,
	PROBES
};

/* Of the probe of system calls, best first. */
enum way { WAY_FEXIT, WAY_SYS_EXIT, WAY_RAW_SYS_EXIT, WAYS };

enum ring { RING_RARE, RING_FLOOD, RINGS };

struct held; /* drain.c */

/* The kernel's function behind a row of the table of system calls. */
struct fexit_target {
	int id; /* in the kernel's BTF; 0: this kernel has none */
	uint32_t prototype;
	bool other; /* its prototype is not the first one's */
};

struct capture {
	struct capture_options options;
	struct ktrace_bpf *skel;
	struct ring_buffer *rings[RINGS];
	int epoll_fd;

	struct probe_status status[PROBES];
	struct bpf_link *links[PROBES][2];

	enum way way; /* of the system calls' probe; WAYS: none */
	/* the fexit copies: a program and a link for each row of the table of system calls */
	struct fexit_target *targets;
	int *copies;
	size_t n_copies;
	struct bpf_link *extras[2]; /* on_clone, on_seccomp */
	int turn;                   /* of util/turns.h; -1: none */
	bool no_fexit;              /* it was tried, and a call did not come through */
	bool no_extras;             /* the kernel refused one of them */

	uint64_t
		askers_turned; /* when the other half of name_askers came to be written, CLOCK_BOOTTIME */
	struct held *held; /* records drained and not delivered yet */
	uint64_t delivered[WIRE_KINDS];
	bool proved[WIRE_KINDS]; /* a record of the self-test came through */
	uint64_t self_seen;      /* time of the latest such record, CLOCK_BOOTTIME */
};

/* "NAME" or "NAME/WAY" is among the disabled ones. */
bool probe_disabled(const struct capture *c, enum probe probe, const char *way);

/* Notes a way that did not work, with the kernel's own error, for doctor. */
void probe_tried(struct capture *c, enum probe probe, const char *way, const char *what, int err);

extern const char *const way_names[WAYS];
extern const char *const way_programs[WAYS]; /* the one program of a way; NULL: fexit has many */

/* The probe's programs by name, at most two; NULL: no more. Of the system calls' it is that of the chosen way. */
const char *probe_program(const struct capture *c, enum probe probe, int i);
/* status[] as before a try; the second time, after fexit was given up, what was said of that stays. */
void probes_reset(struct capture *c);

/* load.c: finds the way for system calls, and loads the object with what the kernel takes. */
int probes_load(struct capture *c, char **why);
/* For libbpf_set_print(). */
int probes_print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap);
/* constants.c: after opening, before loading */
void constants_set(struct capture *c);
void probes_attach(struct capture *c);
void probes_detach(struct capture *c);

/* fexit.c: whether this kernel takes fexit programs at all; 0 or a negative errno. */
int fexit_supported(void);
/* Finds the rows' functions and points the opened object's stubs and handlers at them, before loading. */
int fexit_prepare(struct capture *c);
/* Loads and attaches a copy of the stub for each row. 0, or a negative errno and *row names the one that failed. */
int fexit_attach(struct capture *c, const char **row);
void fexit_detach(struct capture *c);

/* prove.c: calls of our own that must come through; sets status[].state. */
void prove(struct capture *c);

/* drain.c */
uint64_t boottime(void);
int drain_open(struct capture *c);
/*
 * Delivers for so long; UINT64_MAX: until there is nothing left. *until, which may be NULL: what happened before that time
 * (CLOCK_BOOTTIME) was delivered. 0 or a negative errno.
 */
int drain(struct capture *c, uint64_t ns, uint64_t *until);
void drain_close(struct capture *c);

#endif
