/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the BPF programs hand to user space: the only header that both sides share.
 *
 * Every record starts with a wire_head. Strings follow the fixed part in the order that the record's
 * *_len fields name them, without a terminating NUL unless said otherwise, and the record ends where
 * they end. Lengths are in bytes. Times are CLOCK_BOOTTIME nanoseconds. Pids are those of the agent's pid
 * namespace, which are the host's, also where the host is itself a container (kind).
 */
#ifndef KTRACE_WIRE_H
#define KTRACE_WIRE_H

#ifndef __KTRACE_BPF__
#include <linux/types.h>
#endif

#define WIRE_PATH_MAX 4096   /* the kernel's PATH_MAX */
#define WIRE_ARGS_MAX 2048   /* of a command line; the rest is cut and flagged */
#define WIRE_OUTPUT_MAX 1024 /* of one write: the first and the last half */
#define WIRE_ADDR_MAX 128    /* sizeof(struct sockaddr_storage) */
#define WIRE_DNS_MAX 288     /* of a DNS message: the header and one question are 271 at most */
#define WIRE_ASKERS 4096     /* slots for processes that asked a name server of late, by pid */
#define WIRE_RECORD_MAX 16384
#define WIRE_RARE_BYTES (1 << 20)  /* of the ring for what is rare */
#define WIRE_FLOOD_BYTES (1 << 21) /* and of that for failed calls and output */

enum wire_kind {
	WIRE_NONE,
	WIRE_EXEC,    /* a program replaced another one */
	WIRE_RUNTIME, /* an OCI runtime was called, outside of containers */
	WIRE_EXIT,    /* the last thread of a process ended */
	/* a system call of the table failed, or succeeded where its row asks for it */
	WIRE_SYSCALL,
	WIRE_OUTPUT, /* a write to stdout or stderr */
	/* a TCP socket began to listen, or a connection attempt ended with an error */
	WIRE_SOCKET,
	WIRE_OOM,
	WIRE_SIGNAL,
	WIRE_CGROUP, /* a cgroup was made or removed */
	WIRE_DNS,    /* a message to or from a name server */
	WIRE_KINDS
};

/* Flags of any record. */
enum wire_flags {
	WIRE_CUT = 1 << 0,  /* a string or an argument list did not fit */
	WIRE_SELF = 1 << 1, /* made by the agent's own self-test */
	/* the directory's path was deeper than the walk: its head is missing */
	WIRE_DIR_CUT = 1 << 2,
	WIRE_DIR2_CUT = 1 << 3, /* the same of dir2 */
};

/* Pseudo containers: ids that no cgroup has. */
#define WIRE_OUTSIDE 1ULL      /* processes outside containers, seen with --all */
#define WIRE_USER (1ULL << 63) /* in the key of an account: a user, who calls runtimes */

/* Set in a pid: the kernel's own, of a process that the agent's pid namespace does not show. */
#define WIRE_PID_UNSEEN (1U << 31)

struct wire_head {
	__u16 size; /* of the whole record */
	__u8 kind;  /* enum wire_kind */
	__u8 flags; /* enum wire_flags */
	__u32 parent_pid;
	__u64 time;
	__u64 cgroup;    /* id of the task's own cgroup */
	__u64 container; /* id of the tracked cgroup that it belongs to */
	__u32 pid, tid;  /* process (thread group) and thread */
	__u32 vpid;      /* the process in its own pid namespace */
	__u32 uid, gid;  /* effective, in the initial user namespace */
	__u32 pad;
	char comm[16];
	char parent_comm[16];
};

/* strings: executable, interpreter, cwd (components, innermost first, each NUL-terminated), args */
struct wire_exec {
	struct wire_head head;
	__u16 executable_len, interpreter_len, dir_len, args_len;
	__u32 argc;
	__u32 pad;
};

struct wire_exit {
	struct wire_head head;
	/* as wait(2) has it: low 7 bits the signal, 0x80 core, next byte the exit code */
	__u32 status;
	__u32 pad;
	__u64 runtime_ns;
};

/*
 * strings: path, dir, path2, dir2, addr (a struct sockaddr), args (of a failed execve)
 * dir is the directory that a relative path starts from: components, innermost first, each
 * NUL-terminated, up to the root that the task sees. Empty for an absolute path.
 */
struct wire_syscall {
	struct wire_head head;
	__u16 nr;       /* system call number of the native ABI */
	__u16 row_kind; /* enum wire_row_kind */
	/* negative errno, or the result of a call whose success was asked for */
	__s32 ret;
	__u64 args[6];
	/* equal failures since the last record of this one, which this one stands for */
	__u32 repeats;
	__u16 path_len, dir_len, path2_len, dir2_len, addr_len, args_len;
	/* SOCK_STREAM, SOCK_DGRAM, ... of the socket in args[0], 0 when it is none */
	__u32 sock_type;
	/*
	 * A sysctl of the network namespace that it ran into, 0 where none was read. EADDRNOTAVAIL:
	 * net.ipv4.ip_local_port_range, the last port in the upper half; EACCES:
	 * net.ipv4.ip_unprivileged_port_start, with WIRE_PORT_START set
	 */
	__u32 ports;
};
#define WIRE_PORT_START (1U << 16)

/* strings: data. Longer writes are given by their first and their last bytes. */
struct wire_output {
	struct wire_head head;
	__u32 fd;
	__u32 total;              /* bytes that the process wrote, or tried to */
	__u16 head_len, tail_len; /* tail_len is 0 when all of it fitted */
	__s32 error;              /* of the write: 0 or a positive errno */
};

enum wire_socket_what {
	WIRE_LISTEN = 1,
	WIRE_CONNECT_FAILED = 2,
	/* the socket was closed, by the program or with it, while nothing had answered yet */
	WIRE_CONNECT_GAVE_UP = 3,
	/* somebody outside of containers connected, and was refused, or not answered until he gave up */
	WIRE_OUTSIDE_REFUSED = 4,
};
/* A shorter wait says nothing: who tries two addresses at once drops the slower one. */
#define WIRE_GAVE_UP_LEAST_NS 500000000ULL

struct wire_socket {
	struct wire_head head;
	__u16 what;   /* enum wire_socket_what */
	__u16 family; /* AF_INET, AF_INET6 */
	__u16 port;   /* local of a listener, remote of a connection; host byte order */
	__u16 error;  /* positive errno */
	__u8 address[16];
	__u64 waited_ns; /* GAVE_UP: since the attempt began */
};

/* The head is the victim's. */
struct wire_oom {
	struct wire_head head;
	/* of the memory cgroup that was full; 0: none was, the node ran out */
	__u64 limit_bytes;
	__u64 anon_bytes, file_bytes, shmem_bytes;
	__u32 levels_up; /* from the victim's memory cgroup to the one that was full */
	__u32 pad;
};

/* The head is the target's. */
struct wire_signal {
	struct wire_head head;
	__u32 signo;
	__u32 sender_pid;       /* 0: the kernel */
	__u64 sender_container; /* 0: outside of all */
	char sender_comm[16];
	__s32 code; /* si_code */
	__u32 pad;
};

enum wire_cgroup_what { WIRE_CGROUP_MADE = 1, WIRE_CGROUP_GONE = 2 };

/* head.container is set, head.cgroup is the cgroup itself. strings: path, from the hierarchy's top */
struct wire_cgroup {
	struct wire_head head;
	__u16 what; /* enum wire_cgroup_what */
	__u16 path_len;
	/* the last components of path that are below the watched root; 0: all of them */
	__u32 levels;
};

/* strings: data, the first bytes of the message as it went through the socket */
struct wire_dns {
	struct wire_head head;
	__u8 address[16]; /* of the name server */
	__u16 family;     /* AF_INET, AF_INET6 */
	__u16 port;
	__u16 nr; /* system call number, as in wire_syscall */
	__u16 data_len;
	__u16 sock_type; /* SOCK_STREAM: there may be a length before the message */
	__u16 pad;
	__u32 repeats; /* as in wire_syscall */
};

/* One row of the table of system calls, as the kernel side reads it. Argument numbers: -1 is none. */
enum wire_row_kind {
	ROW_NONE,
	ROW_FILE,    /* fails on a path or a file */
	ROW_NETWORK, /* fails on an address or a socket */
	ROW_PROCESS, /* fails on a process, its memory or its rights */
	ROW_EXEC,    /* execve, execveat */
};
enum wire_row_flags {
	ROW_OUTPUT = 1 << 0,      /* write(fd, buf, n) */
	ROW_OUTPUT_VEC = 1 << 1,  /* writev(fd, iov, n) */
	ROW_DNS_SUCCESS = 1 << 2, /* send successes to port 53 too */
	/* argument 0 is a socket: send its type and, without an address, its peer */
	ROW_SOCK_ARG0 = 1 << 3,
	/* argument 0 is a file descriptor: send the path of its file as dir */
	ROW_FD_ARG0 = 1 << 4,
	/*
	 * the call carries a message, which may be one to or from a name server: looked at when the process
	 * has asked one of late. In the buffer of arguments 1 and 2, or in the struct msghdr of argument 1.
	 */
	ROW_DNS = 1 << 5,
	ROW_DNS_VECTOR = 1 << 6,
	ROW_DNS_IN = 1 << 7, /* received, and no longer than the result */
};
#define WIRE_ROWS 512 /* system call numbers below this one */
struct wire_row {
	__u8 kind, flags;
	__s8 path, dirfd, path2, dirfd2, addr, addr_len;
	__u64 errnos[3]; /* bit N set: errno N is worth a record */
};

/* What a call that did not fail is worth looking at. */
enum wire_success {
	SUCCESS_ENDS,      /* not at all */
	SUCCESS_COUNTS,    /* always */
	SUCCESS_OF_ASKERS, /* by a process that asked a name server of late */
	/* the same, and where the descriptor may be the container's stdout or stderr */
	SUCCESS_OF_WRITERS,
};

/* Counters, per CPU: [kind][reason]. produced = delivered + full + busy; folded and rate are apart from these. */
enum wire_count {
	COUNT_PRODUCED, /* tried to send */
	COUNT_FULL,     /* the ring was full, or the map of the tracked cgroups */
	COUNT_BUSY,     /* every scratch buffer of this CPU was in use */
	COUNT_FOLDED,   /* equal to one sent just before */
	COUNT_RATE,     /* above the container's budget */
	COUNT_REASONS
};

/* What a container may send by itself: see bpf/account.h. */
enum wire_budget {
	BUDGET_FAILURES, /* failed calls but those of exec, and questions to name servers */
	BUDGET_EXECS,    /* programs started, or not */
	BUDGET_EXITS,    /* of processes that lived for less than a second */
	BUDGET_SIGNALS,
	BUDGET_OUTPUT, /* and bytes, bpf/output.h */
	BUDGET_CONNECTS,
	BUDGET_CGROUPS, /* nested in its own */
	WIRE_BUDGETS,
	BUDGET_NONE = WIRE_BUDGETS /* of what there is little: it is always sent */
};

#define BUDGET_SLOTS 8 /* a power of two that all have space in */

struct wire_tokens {
	__u64 at; /* when it was last filled up */
	__s64 left;
};

/* One container's: produced = delivered + lost. What was over a budget was not produced. */
struct wire_account {
	__u64 produced, lost;
	__u64 over[BUDGET_SLOTS];
	struct wire_tokens tokens[BUDGET_SLOTS];
	__u64 waiting; /* connections that were not answered yet */
};

/* What not each kernel has; without it programs take another way. */
enum wire_feature {
	FEATURE_RING_BUFFER,
	FEATURE_BOOT_CLOCK,
	FEATURE_CGROUP_ID,
	FEATURE_JIFFIES,
	FEATURE_TYPED_TASK, /* and BTF of its own, which says what a task is */
	FEATURE_TASK_REGISTERS,
	WIRE_FEATURES
};

/* A number that the object holds nowhere else: where followed() in bpf/kernel.h is. */
#define WIRE_CAST_MARK 0x6b744361

/* What the agent tells the programs while they run. */
struct wire_control {
	/* while the agent proves its probes, its pid: calls of its own and of its children pass as if they were tracked */
	__u32 self_test;
	/* the agent wants no more records but its programs are not gone yet */
	__u32 stopped;
	/* counts on each ten seconds: in this turn or the last one, who asked a name server asked of late */
	__u32 askers_turn;
	__u32 pad;
	__u64 slept_ns; /* from CLOCK_MONOTONIC to CLOCK_BOOTTIME */
};

/* What a tracked cgroup is; value of the map that decides whether a task is looked at. */
struct wire_track {
	__u64 container; /* id of the cgroup that is the container */
};

_Static_assert(sizeof(struct wire_head) == 88, "wire_head");
_Static_assert(sizeof(struct wire_exec) == 104, "wire_exec");
_Static_assert(sizeof(struct wire_exit) == 104, "wire_exit");
_Static_assert(sizeof(struct wire_syscall) == 168, "wire_syscall");
_Static_assert(sizeof(struct wire_output) == 104, "wire_output");
_Static_assert(sizeof(struct wire_socket) == 120, "wire_socket");
_Static_assert(sizeof(struct wire_oom) == 128, "wire_oom");
_Static_assert(sizeof(struct wire_signal) == 128, "wire_signal");
_Static_assert(sizeof(struct wire_cgroup) == 96, "wire_cgroup");
_Static_assert(sizeof(struct wire_dns) == 120, "wire_dns");
_Static_assert(sizeof(struct wire_row) == 32, "wire_row");

#endif
