/* SPDX-License-Identifier: MIT */
/*
 * One thing that happened, decoded and checked: what every stage after capture works on.
 *
 * An event is one allocation with its strings behind it, shared by reference count and not changed
 * once it has left the container stage. Strings are valid UTF-8 (bytes that were not are U+FFFD),
 * may hold control characters, and are never NULL where the comment does not say so: "" is "none".
 */
#ifndef KTRACE_EVENT_H
#define KTRACE_EVENT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct container; /* ktrace/container.h */

enum event_kind {
	EVENT_NONE,
	EVENT_CONTAINER_CREATED,   /* its cgroup was made, or it was found at the start */
	EVENT_CONTAINER_STARTED,   /* the first exec of a program of its own */
	EVENT_CONTAINER_LISTENING, /* the first listen */
	EVENT_CONTAINER_EXITED,    /* its first process ended */
	EVENT_CONTAINER_REMOVED,
	EVENT_EXEC,
	EVENT_EXEC_FAILED,
	EVENT_FILE_ERROR,
	EVENT_NETWORK_ERROR,
	EVENT_PROCESS_ERROR,
	EVENT_PROCESS_EXITED,
	EVENT_OOM_KILL,
	EVENT_SIGNAL,
	EVENT_OUTPUT,
	/* any successful listen; the record's action is container_listening for the first */
	EVENT_LISTEN,
	/* a socket was connected to port 53, or a question went there (dns_name); not an error */
	EVENT_DNS_QUERY,
	EVENT_DNS_ANSWER, /* what came back, good or bad */
	/* a process was found in a call that does not come back: somebody looked, and no call ended */
	EVENT_BLOCKED,
	EVENT_UNBLOCKED, /* and was found to have come out of it */
	/* somebody outside of containers connected to a port of this one, and was refused or not answered */
	EVENT_PORT_REFUSED,
	/* a diagnosis of a container that runs no longer holds: made by the pipeline */
	EVENT_RECOVERED,
	/* an OCI runtime was called: never a record, only read by the container stage */
	EVENT_RUNTIME,
	EVENT_KINDS
};

/* What a file turned out to be when somebody looked, right after a failure. Answered by src/container. */
enum file_type {
	FILE_UNKNOWN,
	FILE_MISSING,
	FILE_REGULAR,
	FILE_DIRECTORY,
	FILE_SYMLINK,
	FILE_OTHER,
	FILE_CHAR_DEVICE,
	FILE_BLOCK_DEVICE,
	FILE_FIFO,
	FILE_SOCKET,
	FILE_TYPES
};

struct file_facts {
	enum file_type type; /* FILE_UNKNOWN: nobody could look */
	uint32_t uid, gid;
	uint32_t mode; /* permission bits, 07777 */
	/* first line "#!" of a script (CR kept), or the PT_INTERP of an ELF file, or "" */
	char interpreter[256];
	bool script;          /* starts with #! */
	bool elf;             /* starts with \177ELF */
	uint16_t elf_machine; /* e_machine */
	bool interpreter_exists;
	bool empty; /* size 0 */
	bool bom;   /* starts with the UTF-8 byte order mark */
	bool text;  /* what was read of it has no control characters but blanks and line ends */
	char format
		[16]; /* what its first bytes show, "gzip": a name of container/file_format.c; or "" */
	uint64_t size;         /* bytes, of a regular file */
	uint64_t capabilities; /* that it gives to who runs it (setcap), bit N is capability N */
	uint32_t major, minor; /* of a device */
	/*
	 * Where an access control list decides (acl(5)): its entry for the process that was refused, as getfacl
	 * prints it, "user:1000:rw-", and what the list's mask leaves of that, "r--". "" where there is no list.
	 */
	char acl[32], acl_effective[4];
};

/* What the list gives (4 read, 2 write, 1 run or enter); where there is none, what the mode was found to give. */
static inline uint32_t file_facts_rights(const struct file_facts *f, uint32_t by_mode)
{
	return !*f->acl ? by_mode & 7
			: (f->acl_effective[0] == 'r' ? 4u : 0) |
				  (f->acl_effective[1] == 'w' ? 2u : 0) |
				  (f->acl_effective[2] == 'x' ? 1u : 0);
}

/* The file system that holds a place, as mounted there. */
struct filesystem_facts {
	char type[16]; /* "overlay", "ext4", "nfs", ...; a number where it has no name here */
	bool read_only, nosuid, nodev;
	/* room was asked for and not given: what statfs(2) says is left for a plain user */
	bool room_known;
	uint64_t total_bytes, free_bytes, total_inodes,
		free_inodes; /* no inodes at all: not counted */
};

/* Where a path lies and who may use it. */
struct path_facts {
	bool known;             /* somebody looked; else all else is unset */
	struct file_facts file; /* the path itself */
	/* the directory that holds it (the nearest one that exists) */
	struct file_facts directory;
	char directory_path[512]; /* that directory, as the container sees it */
	/*
	 * a link on the way whose target is missing, and that target: absolute, "" for none. Where the file
	 * is there, they are of its interpreter.
	 */
	char link[256], target[256];
	bool noexec; /* the mount has noexec */
	/* where the links on the way lead, when the file is not where its path says; "" */
	char real_path[512];
	/* the first directory on the way that the process may not enter; "" */
	char closed_path[512];
	struct file_facts closed;
	/*
	 * what is missing, where it is instead: a relative path below the directory of a script that the
	 * container's command names, python3 beside a missing python; ""
	 */
	char nearby[512];
	enum file_type hidden; /* what the image has at this path, below the mount that hides it */
	struct filesystem_facts filesystem;
};

/* Of the process, right after its call failed; from /proc. */
struct process_facts {
	bool known;             /* it was still there; else all else is unset */
	uint64_t capabilities;  /* effective, bit N is capability N */
	uint64_t bounding;      /* what it can ever get */
	bool no_new_privileges; /* no set-uid bit and no file capability helps it */
	bool user_namespace;    /* another one than the node's: its capabilities count there only */
	uint32_t seccomp;       /* 0: none, 1: strict, 2: a filter */
	uint64_t limit, used;   /* of struct event's limit_name, 0: not known */
};

/* A mount of the container, as an event points at it; strings live as long as the event's container. */
enum mount_kind {
	MOUNT_NONE,
	MOUNT_CONFIGMAP,
	MOUNT_SECRET,
	MOUNT_PROJECTED,
	MOUNT_EMPTYDIR,
	MOUNT_PVC,
	MOUNT_HOSTPATH,
	MOUNT_ROOTFS,
	MOUNT_TMPFS,
	MOUNT_OTHER,
	MOUNT_KINDS
};

struct event {
	uint32_t refs;
	enum event_kind kind;
	uint64_t time;               /* nanoseconds since 1970, UTC */
	uint64_t cgroup;             /* id of the container's cgroup; 0: no container */
	struct container *container; /* owned reference, NULL outside of containers */
	/* of its record, given by the pipeline: which agent run wrote it, and as its how many-th; 0: none yet */
	uint64_t run, sequence;
	bool is_held_back; /* a failure that is counted where only what may matter is written */

	/* process.* : who did it, or for a signal and an OOM kill who it was done to */
	uint32_t pid, tid, vpid, parent_pid, uid, gid;
	const char *comm, *parent_comm;
	/* EXEC: the file that was run; EXEC_FAILED: that should have been */
	const char *executable;
	const char *interpreter; /* EXEC of a script: the interpreter's path */
	const char *cwd;         /* EXEC */
	const char *const *args; /* EXEC, EXEC_FAILED, RUNTIME */
	uint32_t argc;

	/* failures */
	const char *syscall; /* "openat", static */
	int error;           /* positive errno, 0: success */
	uint64_t call_args[6];
	const char *flags; /* decoded: "O_RDONLY|O_CLOEXEC" */
	/* equal events that this record stands for, 1 for itself alone */
	uint32_t repeats;
	/* absolute and normalised, as the container sees it; "" when the call has none */
	const char *path;
	const char *requested; /* as passed */
	const char *path2;     /* target of rename, link and symlink: absolute */

	/* network: connect, bind, listen; late failures too */
	const char *address; /* "10.0.0.1", "::1", "/run/x.sock" */
	uint16_t port;
	int family, sock_type; /* AF_*, SOCK_* or 0 when not known */
	/* NETWORK_ERROR without an error: how long a connection was waited for, unanswered, until the program
	 * closed its socket or ended; else 0 */
	uint64_t gave_up_ns;
	/* DNS_QUERY, DNS_ANSWER: the name and the type of record that was asked for, as sent: "db.shop.svc", "A" */
	const char *dns_name, *dns_type;
	const char *dns_rcode; /* DNS_ANSWER: "NXDOMAIN", or "NOERROR" with so many records */
	uint16_t dns_answers;
	/* DNS_QUERY: the domains that the container's resolver tries behind a name, with blanks between them, and its ndots */
	const char *dns_search;
	uint16_t dns_ndots;
	uint32_t sharers;    /* PORT_REFUSED: containers that have this address, with this one */
	uint64_t blocked_ns; /* BLOCKED, UNBLOCKED: since the process was first seen in the call */
	/* EADDRINUSE: who has the port; BLOCKED: who holds the lock; 0 when not known */
	uint32_t holder_pid;
	const char *holder_comm;
	bool holder_none; /* somebody looked, and nobody has the port or the socket's file */

	/* exit */
	int status;         /* as wait(2) has it */
	uint32_t held_back; /* CONTAINER_EXITED: the container's failures with is_held_back */
	uint32_t left_out;  /* CONTAINER_EXITED: its events that were over its budget of the log */
	uint64_t runtime_ns;
	/* CONTAINER_LISTENING, CONTAINER_EXITED: the most memory that the container had so far, bytes; 0: not known */
	uint64_t peak_memory;

	/* oom_kill */
	uint64_t oom_limit, oom_anon, oom_file, oom_shmem; /* bytes */
	/* 0: the container's own limit, 1: its pod's, ...; limit 0: the node's */
	uint32_t oom_levels;

	/* signal */
	int signo;
	/* SIGNAL: who sent it; PORT_REFUSED: who asked */
	uint32_t sender_pid; /* 0: the kernel */
	const char *sender_comm;
	bool from_outside; /* the sender is a process outside this container */

	/* output */
	uint32_t fd;
	const char *text;    /* what was written; control characters kept. RECOVERED: the title */
	uint32_t text_total; /* bytes written, more than text holds when it was cut */

	/* recovered */
	const char *root_cause; /* of the diagnosis that no longer holds */
	uint64_t
		lasted_ns; /* from the first sign of it; of a failure: from the first to the last of its repeats */

	bool cut; /* a string or the argument list was longer than what is here */

	/* filled by the container stage */
	/* of path, in container->mounts; NULL when not known */
	const struct mount *mount;
	struct path_facts *facts; /* owned; NULL when nobody looked */
	struct process_facts process;
	const char *label; /* of the security module, "docker-default (enforce)" */
	const char
		*limit_name; /* the limit that it ran into, of event/limits.h; "" when not known */
};

/* How to make one: fill a struct event on the stack with borrowed strings, then copy it. */

/*
 * A heap copy of *e with all its strings, sanitised; NULL pointers become "". Takes over e->facts and
 * a new reference to e->container. refs is 1. NULL when out of memory (then nothing was taken over).
 */
struct event *event_new(const struct event *e);
struct event *event_ref(struct event *e);
void event_unref(struct event *e);        /* NULL is fine */
size_t event_size(const struct event *e); /* bytes of heap that it holds, for bounds */

/* A call that failed, or a connection that the program gave up on. */
static inline bool event_failed(const struct event *e)
{
	return e->error || e->gave_up_ns;
}

/*
 * A call did not find its path, and whoever looked right after did: the file came only then, or the process changed the
 * path while the kernel read it. Not of a program: an ENOENT there is mostly its interpreter's.
 */
static inline bool event_found_after(const struct event *e)
{
	return e->kind == EVENT_FILE_ERROR && e->error == ENOENT && e->facts && e->facts->known &&
	       e->facts->file.type > FILE_MISSING;
}

/* Names, src/event/names.c: static strings, never NULL. */
/* "ENOENT"; "E1234" shaped text for unknown ones: "unknown" */
const char *errno_name(int err);
/* "No such file or directory", independent of the locale */
const char *errno_text(int err);
int errno_from_name(const char *name);          /* 0 when there is none */
const char *signal_name(int signo);             /* "SIGTERM"; "unknown" */
int signal_from_name(const char *name);         /* 0 when there is none */
const char *event_action(enum event_kind kind); /* "file_error" */
/* EVENT_NONE when there is none */
enum event_kind event_kind_from_action(const char *action);
const char *mount_kind_name(enum mount_kind kind); /* "configmap" */
enum mount_kind mount_kind_from_name(const char *name);

/* "NET_ADMIN", as a pod spec has it; "" for what is none */
const char *capability_name(int capability);

/* Exit code as a shell and the kubelet report it: 128+N for signal N. */
int status_exit_code(int status);
int status_signal(int status); /* 0: not ended by a signal */

#endif
