// SPDX-License-Identifier: MIT
/* Pieces of sentences for people who know Kubernetes and not the kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/report.h"
#include "util/cleanup.h"

struct phrase phrase_print(const char *fmt, ...)
{
	struct phrase p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p.text, sizeof(p.text), fmt, ap);
	va_end(ap);
	return p;
}

#define COMM_BYTES 15 /* what the kernel keeps of a name */

/* "docker-entrypoi" in full, as the command line has it. */
static struct phrase whole_name(const char *comm, const struct event *exec)
{
	for (uint32_t i = 0; strlen(comm) == COMM_BYTES && exec && i < exec->argc && i < 3; i++)
		if (!strncmp(path_name(exec->args[i]), comm, COMM_BYTES))
			return phrase_print("%.100s", path_name(exec->args[i]));
	return phrase_print("%s", comm);
}

struct phrase phrase_name(const struct failure *f)
{
	const char *name = f->event ? f->event->comm : f->process ? f->process->comm : "";

	/* A thread's own name says little: "libuv-worker". */
	if (f->event && f->event->tid != f->event->pid && *program_name(f->exec))
		name = program_name(f->exec);
	if (!f->exec && story_runtime_comm(name))
		return phrase_print("the container runtime");
	return whole_name(name, f->exec);
}

struct phrase phrase_who(const struct failure *f)
{
	struct phrase name = phrase_name(f);

	if (!f->exec && f->event && story_runtime_comm(f->event->comm))
		return name;
	if (!f->event)
		return phrase_print("`%s`", name.text);
	return phrase_print("`%s` (uid %u)", name.text, f->event->uid);
}

struct phrase phrase_process_name(const struct process *p)
{
	return story_runtime_comm(p->comm) ? phrase_print("the container runtime")
					   : whole_name(p->comm, p->exec);
}

struct phrase phrase_process(const struct process *p)
{
	struct phrase name = phrase_process_name(p);

	if (story_runtime_comm(p->comm))
		return name;
	return p->vpid && p->vpid != p->pid
		       ? phrase_print("`%s` (pid %u in the container)", name.text, p->vpid)
		       : phrase_print("`%s` (pid %u)", name.text, p->pid);
}

struct phrase phrase_address(const struct event *e)
{
	static const char mapped[] = "::ffff:";
	bool is_mapped =
		!strncmp(e->address, mapped, strlen(mapped)) && strchr(e->address, '.') != NULL;

	return phrase_print("%.500s", e->address + (is_mapped ? strlen(mapped) : 0));
}

struct phrase phrase_listener(const struct event *e)
{
	struct phrase address = phrase_address(e);
	const char *udp = e->sock_type == SOCK_DGRAM && e->port ? "UDP " : "";
	bool all =
		!*address.text || !strcmp(address.text, "0.0.0.0") || !strcmp(address.text, "::");

	if (!e->port)
		return address;
	return all ? phrase_print("%sport %u on all addresses", udp, e->port)
		   : phrase_print("%s%s port %u", udp, address.text, e->port);
}

struct phrase phrase_peer(const struct failure *f)
{
	const struct event *e = f->event;

	if (!e || (!*e->address && !e->port))
		return phrase_print("its peer");
	if (call_is(f, "bind") || call_is(f, "listen"))
		return phrase_listener(e);
	struct phrase address = phrase_address(e);
	return e->port ? phrase_print("%s port %u", *address.text ? address.text : "*", e->port)
		       : address;
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

const struct mount *mount_of(const struct context *q, const struct failure *f)
{
	/* The event's is that of its own path; of a rename the new name matters. */
	if (f->event && f->event->mount && (!*f->path || !strcmp(f->path, f->event->path)))
		return f->event->mount;
	return *f->path ? container_mount_of(q->container, f->path) : &q->container->root;
}

bool is_plain_command(const struct context *q)
{
	return !strcmp(q->container->runtime, "ktrace");
}

bool is_of_pod(const struct context *q)
{
	static const char *const by_hand[] = { "ktrace", "docker", "podman", "runc", "crun" };
	const struct container *c = q->container;

	for (size_t i = 0; i < ARRAY_SIZE(by_hand); i++)
		if (!*c->pod && !strcmp(c->runtime, by_hand[i]))
			return false;
	return true;
}

const char *subject_of(const struct context *q)
{
	return is_plain_command(q) ? "command" : "container";
}

static struct phrase place(
	const struct context *q, const struct mount *m, bool read_only, const char *nature)
{
	if (is_plain_command(q))
		return phrase_print("this machine's %sfile system", read_only ? "read-only " : "");
	if (m->kind == MOUNT_ROOTFS || !strcmp(m->destination, "/"))
		return phrase_print("the container's %sroot file system",
			m->read_only || read_only ? "read-only " : "");
	if (*m->name)
		return phrase_print("the %s `%s` mounted at %s%s", mount_title(m->kind), m->name,
			m->destination, nature);
	return phrase_print("the %s at %s%s", mount_title(m->kind), m->destination, nature);
}

struct phrase phrase_mount(const struct context *q, const struct mount *m)
{
	return place(q, m, false, "");
}

struct phrase phrase_place(const struct context *q, const struct failure *f)
{
	const struct mount *m = mount_of(q, f);
	bool writes = f->error == EROFS || call_creates(f);
	const char *nature = !writes               ? ""
			     : mount_holds_keys(m) ? ", which is always read-only"
			     : m->read_only        ? ", which is mounted read-only"
						   : "";

	return place(q, m, f->error == EROFS, nature);
}

struct phrase phrase_bytes(uint64_t n)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;
	uint64_t tenths = n * 10;

	if (n > UINT64_MAX / 10)
		return phrase_print("%" PRIu64 " bytes", n);
	for (; tenths >= 10240 && unit + 1 < ARRAY_SIZE(units); unit++)
		tenths /= 1024;
	if (tenths % 10 && tenths < 1000)
		return phrase_print(
			"%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
	return phrase_print("%" PRIu64 " %s", tenths / 10, units[unit]);
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
	return *line.text || !p ? line : phrase_print("%s", p->comm);
}

struct phrase phrase_duration(uint64_t ns)
{
	uint64_t ms = ns / 1000000, seconds = ms / 1000;

	if (seconds >= 120)
		return phrase_print("%" PRIu64 " minutes", seconds / 60);
	if (seconds >= 10)
		return phrase_print("%" PRIu64 " seconds", seconds);
	if (seconds && ms % 1000 < 100)
		return phrase_print("%" PRIu64 " second%s", seconds, seconds == 1 ? "" : "s");
	if (seconds)
		return phrase_print("%" PRIu64 ".%" PRIu64 " seconds", seconds, ms % 1000 / 100);
	return phrase_print("%" PRIu64 " ms", ms ? ms : 1);
}

struct phrase phrase_after(const struct context *q, uint64_t time)
{
	if (!q->began || time < q->began)
		return (struct phrase){ "" };
	return phrase_print(" after %s", phrase_duration(time - q->began).text);
}
