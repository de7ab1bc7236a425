// SPDX-License-Identifier: MIT
/* Pieces of sentences for people who know Kubernetes and not the kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/report.h"
#include "util/cleanup.h"

static struct phrase print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static struct phrase print(const char *fmt, ...)
{
	struct phrase p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p.text, sizeof(p.text), fmt, ap);
	va_end(ap);
	return p;
}

struct phrase phrase_who(const struct failure *f)
{
	const char *name = f->event ? f->event->comm : f->process ? f->process->comm : "";

	/* A thread's own name says little: "libuv-worker". */
	if (f->event && f->event->tid != f->event->pid && *program_name(f->exec))
		name = program_name(f->exec);
	if (!f->exec && story_runtime_comm(name))
		return print("the container runtime");
	if (!f->event)
		return print("`%s`", name);
	return print("`%s` (uid %u)", name, f->event->uid);
}

struct phrase phrase_process(const struct process *p)
{
	return p->vpid ? print("`%s` (pid %u in the container)", p->comm, p->vpid)
		       : print("`%s` (pid %u)", p->comm, p->pid);
}

static const struct verb {
	const char *call, *text;
} verbs[] = {
	{ "mkdir", "make the folder" },
	{ "mknod", "make the device file" },
	{ "rename", "put in place" },
	{ "symlink", "make the link" },
	{ "link", "make the link" },
	{ "unlink", "remove" },
	{ "rmdir", "remove the folder" },
	{ "chmod", "change the mode of" },
	{ "fchmod", "change the mode of" },
	{ "chown", "change the owner of" },
	{ "lchown", "change the owner of" },
	{ "fchown", "change the owner of" },
	{ "utimensat", "set the times of" },
	{ "truncate", "cut" },
	{ "ftruncate", "cut" },
	{ "fallocate", "reserve room in" },
	{ "chdir", "enter the folder" },
	{ "chroot", "change its root to" },
	{ "mount", "mount" },
	{ "umount", "unmount" },
	{ "exec", "run" },
	{ "readlink", "look up" },
	{ "read", "read" },
	{ "write", "write to" },
	{ "pwrite", "write to" },
	{ "access", "use" },
	{ "faccess", "use" },
	{ "pipe2", "make a pipe in" },
	{ "inotify", "watch" },
	{ "stat", "look up" },
	{ "lstat", "look up" },
	{ "newfstat", "look up" },
	{ "fstat", "look up" },
	{ "bind", "bind" },
	{ "connect", "connect to" },
	{ "sendto", "send to" },
	{ "listen", "listen on" },
};

struct phrase phrase_attempt(const struct failure *f)
{
	const struct event *e = f->event;
	const char *verb = "";

	if (!e)
		return print("open %s", *f->path ? f->path : "a file");
	for (size_t i = 0; i < ARRAY_SIZE(verbs) && !*verb; i++)
		if (call_is(f, verbs[i].call))
			verb = verbs[i].text;
	if (e->kind == EVENT_EXEC_FAILED)
		verb = "run";
	if (call_opens(f) || call_is(f, "creat"))
		verb = strstr(e->flags, "O_CREAT") || call_is(f, "creat") ? "create"
		       : call_creates(f)                                  ? "open for writing"
									  : "open";
	if (e->kind == EVENT_NETWORK_ERROR)
		return print("%s %s", *verb ? verb : e->syscall, phrase_peer(f).text);
	if (!*f->path)
		return *verb ? print("%s a file", verb)
			     : print("use the system call %s", e->syscall);
	return print("%s %.500s", *verb ? verb : e->syscall, f->path);
}

struct phrase phrase_peer(const struct failure *f)
{
	const struct event *e = f->event;

	if (!e || (!*e->address && !e->port))
		return print("its peer");
	return e->port ? print("%s port %u", *e->address ? e->address : "*", e->port)
		       : print("%s", e->address);
}

const char *mount_title(enum mount_kind kind)
{
	switch (kind) {
	case MOUNT_CONFIGMAP:
		return "ConfigMap";
	case MOUNT_SECRET:
		return "Secret";
	case MOUNT_PROJECTED:
		return "projected volume";
	case MOUNT_EMPTYDIR:
		return "emptyDir volume";
	case MOUNT_PVC:
		return "persistent volume";
	case MOUNT_HOSTPATH:
		return "hostPath volume";
	case MOUNT_TMPFS:
		return "tmpfs";
	default:
		return "mount";
	}
}

const struct mount *mount_of(const struct inquiry *q, const struct failure *f)
{
	if (f->event && f->event->mount)
		return f->event->mount;
	return *f->path ? container_mount_of(q->container, f->path) : &q->container->root;
}

struct phrase phrase_place(const struct inquiry *q, const struct failure *f)
{
	const struct mount *m = mount_of(q, f);
	const char *nature = "";

	if (m->kind == MOUNT_ROOTFS || !strcmp(m->destination, "/"))
		return print("the container's %sroot file system",
			m->read_only || f->error == EROFS ? "read-only " : "");
	if (m->kind == MOUNT_CONFIGMAP || m->kind == MOUNT_SECRET || m->kind == MOUNT_PROJECTED)
		nature = ", which is always read-only";
	else if (m->read_only)
		nature = ", which is mounted read-only";
	if (*m->name)
		return print("the %s `%s` mounted at %s%s", mount_title(m->kind), m->name,
			m->destination, nature);
	return print("the %s at %s%s", mount_title(m->kind), m->destination, nature);
}

static struct phrase owned(const char *path, const struct file_facts *facts)
{
	return print("%.400s belongs to uid %u, gid %u and has mode %04o", path, facts->uid,
		facts->gid, facts->mode);
}

struct phrase phrase_owner(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	if (!facts || !facts->known)
		return print("%s", "");
	bool there = facts->file.type != FILE_MISSING && facts->file.type != FILE_UNKNOWN;
	if (there && !call_is(f, "unlink") && !call_is(f, "rename") && !call_is(f, "mkdir"))
		return owned(f->path, &facts->file);
	if (facts->folder.type == FILE_DIRECTORY && *facts->folder_path)
		return owned(facts->folder_path, &facts->folder);
	return print("%s", "");
}

struct phrase phrase_bytes(uint64_t n)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;
	uint64_t tenths = n * 10;

	if (n > UINT64_MAX / 10)
		return print("%" PRIu64 " bytes", n);
	for (; tenths >= 10240 && unit + 1 < ARRAY_SIZE(units); unit++)
		tenths /= 1024;
	if (tenths % 10 && tenths < 1000)
		return print("%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
	return print("%" PRIu64 " %s", tenths / 10, units[unit]);
}

struct phrase phrase_command(const struct process *p)
{
	const struct event *exec = p ? p->exec : NULL;
	struct phrase line = { "" };
	size_t used = 0;

	for (uint32_t i = 0; exec && i < exec->argc && used < 200; i++) {
		int n = snprintf(line.text + used, sizeof(line.text) - used, "%s%.120s",
			i ? " " : "", exec->args[i]);
		used += n > 0 ? (size_t)n : 0;
	}
	for (char *s = line.text; *s; s++)
		if (*s == '\n' || *s == '\r' || *s == '\t')
			*s = ' ';
	return *line.text || !p ? line : print("%s", p->comm);
}
