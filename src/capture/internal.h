/* SPDX-License-Identifier: MIT */
/* What the files of this module share. */
#ifndef KTRACE_CAPTURE_INTERNAL_H
#define KTRACE_CAPTURE_INTERNAL_H

#include "capture/capture.h"
#include "ktrace/wire.h"

#include "ktrace.skel.h"

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

/* Of the calls' fexit programs: those that are attached now. */
enum part { PART_ALL, PART_FIRST, PART_REST };

/* Of askers_turn, which the programs count with 16 bits: 0 and 1 would be as near to who never asked. */
#define ASKERS_FIRST_TURN 2

enum ring { RING_RARE, RING_FLOOD, RINGS };

/* What is attached when the agent has started, by a process of its own (rest.c). */
struct rest {
	struct ktrace_bpf *skel; /* in that process: programs that only the rest needs */
	bool *missing;   /* for each row: its failures are not seen, yet or at all; NULL: none is */
	bool no_filters; /* nor are calls that a seccomp filter refuses */
	int fd;          /* to that process; -1: there is none */
	pid_t pid;
	bool proves;
};

struct syscall_row;
struct held;    /* drain.c */
struct channel; /* channel.c */

/* The kernel's function behind a row of the table of system calls. */
struct fexit_target {
	int id; /* in the kernel's BTF; 0: this kernel has none */
	uint32_t prototype;
	bool other; /* its prototype is not the first one's */
};

/* Numbers are those in the kernel's BTF; 0: this kernel has none. */
struct kernel_functions {
	struct fexit_target *targets; /* for each row; NULL: not looked for yet */
	int harmless;                 /* of a call that may be hooked to see whether that works */
	int cast;                     /* bpf_rdonly_cast() */
	int task;                     /* struct task_struct */
};

struct capture {
	struct capture_options options;
	struct ktrace_bpf *skel;
	struct channel *channels[RINGS];
	int epoll_fd;

	struct probe_status status[PROBES];
	struct bpf_link *links[PROBES][2];

	bool has[WIRE_FEATURES];
	struct capture_gap gaps[WIRE_FEATURES];
	size_t n_gaps;

	struct btf *kernel_types;
	int types_fd; /* the file of types.c; -1: none */
	char types_file[32];
	bool all_types; /* that file could not be made: the programs are relocated by all of the kernel's types */
	struct kernel_functions functions;

	enum way way; /* of the system calls' probe; WAYS: none */
	/* of the fexit copies, one for each row of the table of system calls, and what the rest handed over */
	int *links_of_calls;
	size_t n_links_of_calls;
	enum part part;
	bool others_handled; /* the handler of the other prototype is loaded */
	struct rest rest;
	struct bpf_link *extras[3]; /* on_clone, on_seccomp, on_seldom_call */
	int turn;                   /* of util/turns.h; -1: none */
	bool no_fexit;              /* it was tried, and a call did not come through */
	bool no_extras;             /* the kernel refused one of the first two */
	bool no_multi;              /* it has nothing for the third, or refused it */

	struct wire_control control; /* as the programs have it */
	uint64_t askers_turned;      /* when its askers_turn was counted on, CLOCK_BOOTTIME */
	struct held *held;           /* records drained and not delivered yet */
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
/* Opens c->rest.skel with the programs that the rest needs beside those of c->skel, whose maps it shares, and loads it. 0 or a negative errno. */
int probes_load_rest(struct capture *c);
/* features.c: what the kernel has, c->has and c->gaps */
void features_find(struct capture *c);
/* after opening, before loading: the programs are told, and the rings become perf buffers where there can be none */
void features_set(struct capture *c);
/* For libbpf_set_print(). */
int probes_print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap);
/* types.c: the kernel's own, owned by c; NULL, and errno, when it has none. */
struct btf *types_of_kernel(struct capture *c);
/* The file by which the object is to be relocated; NULL: by all of the kernel's. As long as c lives, until types_path() is asked again. */
const char *types_path(struct capture *c);
/* Before opening. True: types_write() is to follow when the object is open, before it is loaded. */
bool types_begin(struct capture *c);
/* 0 or a negative errno: then open again, and there is no such file. */
int types_write(struct capture *c);
/* When all is loaded. */
void types_forget(struct capture *c);
/* constants.c: after opening, before loading */
void constants_set(struct capture *c);
/* Hands c->control to the loaded programs, with the clock set right. 0 or a negative errno. */
int control_write(struct capture *c);
void probes_attach(struct capture *c);
void probes_detach(struct capture *c);

/* functions.c: fills c->functions, once. 0 or a negative errno. */
int functions_find(struct capture *c);
/* What the kernel calls the function of a row, which this architecture has. */
#define FUNCTION_NAME 64
void function_name(const struct syscall_row *row, char out[FUNCTION_NAME]);

/* object.c: opens the object for what this kernel has, relocated by that file of types; NULL, and errno, when that fails. */
struct ktrace_bpf *object_open(struct capture *c, const char *types);

/* fexit.c: whether this kernel takes fexit programs at all; 0 or a negative errno. */
int fexit_supported(struct capture *c);
/* Finds the rows' functions and points the opened object's stubs and handlers at them, before loading. */
int fexit_prepare(struct capture *c);
/* Whether a row of the table is one of c->part that this kernel has. */
bool fexit_concerns(const struct capture *c, size_t row);
/* Loads and attaches a copy of the stub for each row. 0, or a negative errno and *row names the one that failed. */
int fexit_attach(struct capture *c, const char **row);
/* The same for one row, by its place in the table. 0 or a negative errno. */
int fexit_attach_row(struct capture *c, size_t row);
/* The array's one program. 0 or a negative errno; 0 too where the program is not loaded. */
int fexit_set_handler(const struct bpf_map *array, const struct bpf_program *handler);
/* What of c->part is not seen, a sentence or "". */
const char *fexit_cost(const struct capture *c);
void fexit_detach(struct capture *c);

/* rest.c: starts the process that attaches what is left, which waits for rest_go(); where there can be none, attaches it now. */
void rest_begin(struct capture *c);

/* multi.c: whether many functions can have one program, which is attached once. */
bool multi_supported(void);
/* Attaches that program, an on_seldom_call, to the rows that are seldom called. NULL, and errno, when the kernel refuses. */
struct bpf_link *multi_attach(const struct capture *c, const struct bpf_program *program);
/* Whether the row's call comes by on_seldom_call. */
bool multi_has(const struct capture *c, const struct syscall_row *row);

/* prove.c: calls of our own that must come through; sets status[].state. */
void prove(struct capture *c);
/* Calls the rows of c->part; silent[], for each row, says which of them did not come through. */
void prove_calls(const struct capture *c, bool *silent);
/* From now on, or no more, calls of this process and its children come through as if they were tracked. */
void prove_tell(struct capture *c, bool proves);

/* Takes one record, as long as its head says. Negative: no more for now, after this one. */
typedef int channel_take(void *ctx, void *record, size_t size);

/* channel.c: a ring buffer, or perf buffers of about so many bytes for all CPUs together. 0 or a negative errno. */
int channel_open(const struct bpf_map *map, size_t bytes, channel_take *take, void *ctx,
	struct channel **out);
void channel_close(struct channel *ch);
/* Readable when there is something in it. */
int channel_fd(const struct channel *ch);
/* How many parts it has, each of which is in order of time. */
size_t channel_sources(const struct channel *ch);
/* Hands one part's records to take() until there are none or it wants no more. 0 or a negative errno. */
int channel_read(struct channel *ch, size_t source);

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
