// SPDX-License-Identifier: MIT
/* What a call was to do, in the words of people who know no system calls: "create the directory /data/x". */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/report.h"
#include "util/cleanup.h"

/* What a call is for; the longer name of two stands first. */
static const struct verb {
	const char *call, *text;
} verbs[] = {
	{ "mkdir", "create the directory" },
	{ "mknod", "create the device or FIFO" },
	{ "rename", "move a file to" },
	{ "symlink", "create the link" },
	{ "link", "create the link" },
	{ "unlink", "remove" },
	{ "rmdir", "remove the directory" },
	{ "chmod", "change the mode of" },
	{ "fchmod", "change the mode of" },
	{ "chown", "change the owner of" },
	{ "lchown", "change the owner of" },
	{ "fchown", "change the owner of" },
	{ "utimensat", "set the times of" },
	{ "truncate", "truncate" },
	{ "ftruncate", "truncate" },
	{ "fallocate", "reserve space in" },
	{ "chdir", "enter the directory" },
	{ "setxattr", "set attributes of" },
	{ "lsetxattr", "set attributes of" },
	{ "fsetxattr", "set attributes of" },
	{ "ioctl", "control" },
	{ "move_mount", "mount at" },
	{ "pivot_root", "change its root to" },
	{ "chroot", "change its root to" },
	{ "mount", "mount" },
	{ "umount", "unmount" },
	{ "exec", "run" },
	{ "statfs", "look up" },
	{ "readlink", "look up" },
	{ "read", "read" },
	{ "write", "write to" },
	{ "pwrite", "write to" },
	{ "access", "use" },
	{ "faccess", "use" },
	{ "inotify", "watch" },
	{ "stat", "look up" },
	{ "lstat", "look up" },
	{ "newfstat", "look up" },
	{ "fstat", "look up" },
	{ "bind", "listen on" },
	{ "connect", "connect to" },
	{ "send", "send to" },
	{ "listen", "listen on" },
};

/* Calls that need no object. */
static const struct verb deeds[] = {
	{ "socket", "open a socket" },
	{ "accept", "accept a connection" },
	{ "pipe", "create a pipe" },
	{ "epoll_create", "wait for events (epoll_create)" },
	{ "eventfd", "wait for events (eventfd)" },
	{ "timerfd", "set a timer" },
	{ "memfd_create", "create a file in memory" },
	{ "inotify_init", "watch files" },
	{ "clone", "start another process or thread" },
	{ "fork", "start another process" },
	{ "vfork", "start another process" },
	{ "unshare", "create namespaces of its own" },
	{ "setns", "enter another namespace" },
	{ "sethostname", "set the host name" },
	{ "fsopen", "mount a file system" },
	{ "clock_", "set the clock" },
	{ "adjtimex", "set the clock" },
	{ "settimeofday", "set the clock" },
	{ "setsockopt", "set an option of a socket" },
	{ "ioctl", "control a device or the network (ioctl)" },
	{ "syslog", "read the kernel's log" },
	{ "init_module", "load a kernel module" },
	{ "finit_module", "load a kernel module" },
	{ "userfaultfd", "handle page faults of its own (userfaultfd)" },
	{ "prctl", "change rights of its own (prctl)" },
	{ "fanotify_init", "watch a file system (fanotify)" },
	{ "io_uring", "use io_uring" },
	{ "io_setup", "use asynchronous I/O" },
	{ "add_key", "add a key to the kernel's keyring" },
	{ "keyctl", "use the kernel's keyring" },
	{ "request_key", "use the kernel's keyring" },
	{ "semget", "create semaphores" },
	{ "shmget", "create shared memory" },
	{ "msgget", "create a message queue" },
	{ "mq_open", "create a message queue" },
	{ "setuid", "change its user (setuid)" },
	{ "setreuid", "change its user (setreuid)" },
	{ "setresuid", "change its user (setresuid)" },
	{ "setgid", "change its group (setgid)" },
	{ "setregid", "change its group (setregid)" },
	{ "setresgid", "change its group (setresgid)" },
	{ "setgroups", "change its groups (setgroups)" },
	{ "capset", "change its capabilities" },
	{ "prlimit64", "change one of its limits" },
	{ "setrlimit", "change one of its limits" },
	{ "setpriority", "change its priority" },
	{ "sched_set", "change its priority" },
	{ "mlock", "lock its memory" },
	{ "mmap", "allocate memory" },
	{ "set_mempolicy", "choose the memory's NUMA node (set_mempolicy)" },
	{ "mbind", "choose the memory's NUMA node (mbind)" },
	{ "mprotect", "change the protection of its memory" },
	{ "kill", "send a signal" },
	{ "ptrace", "trace another process" },
	{ "process_vm_readv", "read the memory of another process" },
	{ "personality", "change its execution domain (personality)" },
	{ "quotactl", "set or read disk quotas (quotactl)" },
	{ "swapon", "use swap space (swapon)" },
	{ "bpf", "load a BPF program" },
	{ "perf_event_open", "measure performance" },
};

static const char *verb_for(const struct failure *f, const struct verb *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (call_is(f, list[i].call))
			return list[i].text;
	return NULL;
}

/* What access() asks whether it may be done: "read"; NULL where it asks only whether the file is there. */
static const char *access_asked(const struct event *e)
{
	return strstr(e->flags, "W_OK") ? "write to" : strstr(e->flags, "R_OK") ? "read" : NULL;
}

/* O_CREAT makes nothing where the file is there already, as the kernel's own files are. */
static bool opens_what_is_there(const struct failure *f)
{
	const struct path_facts *facts = f->event->facts;
	bool seen = facts && facts->known && facts->file.type != FILE_MISSING &&
		    facts->file.type != FILE_UNKNOWN && !strcmp(f->path, f->event->path);

	return seen || path_under(f->path, "/proc") || path_under(f->path, "/sys") ||
	       path_under(f->path, "/dev/stdout") || path_under(f->path, "/dev/stderr");
}

/* "open" or "create"; "" where it is no call that opens a file. */
static struct phrase phrase_opening(const struct failure *f)
{
	bool creates = strstr(f->event->flags, "O_CREAT") || call_is(f, "creat");

	if (!call_opens(f) && !call_is(f, "creat"))
		return phrase_print("%s", "");
	if (call_opens(f) && call_creates(f) && (!creates || opens_what_is_there(f)))
		return phrase_print("open %.500s for writing", f->path);
	return phrase_print(
		"%s %.500s", creates ? "create" : "open", *f->path ? f->path : "a file");
}

struct phrase phrase_attempt(const struct failure *f)
{
	const struct event *e = f->event;

	if (!e)
		return phrase_print("open %s", *f->path ? f->path : "a file");
	const char *verb = verb_for(f, verbs, ARRAY_SIZE(verbs));
	const char *deed = *f->path ? NULL : verb_for(f, deeds, ARRAY_SIZE(deeds));
	if (e->kind == EVENT_EXEC_FAILED)
		verb = "run";
	if (call_is(f, "access") || call_is(f, "faccess"))
		verb = access_asked(e) ?: verb;
	struct phrase opening = phrase_opening(f);
	if (*opening.text)
		return opening;
	if (call_is(f, "socket") && (e->call_args[1] & 0xf) == SOCK_RAW)
		deed = "open a raw socket";
	if (deed)
		return phrase_print("%s", deed);
	if (e->kind == EVENT_NETWORK_ERROR)
		return call_is(f, "bind") && e->sock_type == SOCK_DGRAM && e->port
			       ? phrase_print("use %s", phrase_peer(f).text)
			       : phrase_print(
					 "%s %s", verb ? verb : e->syscall, phrase_peer(f).text);
	if (!verb)
		return *f->path ? phrase_print("use %.500s (%s)", f->path, e->syscall)
				: phrase_print("use the system call %s", e->syscall);
	return phrase_print("%s %.500s", verb, *f->path ? f->path : "a file");
}
