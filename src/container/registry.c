// SPDX-License-Identifier: MIT
/*
 * A container's events reach us before its name does: the cgroup is made first, then the runtime says
 * (or has said) where the bundle lies. Mostly it can be read at once. Else the container's events queue
 * up in its entry, bounded, and each tick tries again until the name is found or time is up. Once an
 * entry is settled its events go straight through.
 */
#include "container/registry.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "container/entry.h"
#include "container/hierarchy.h"
#include "container/process.h"
#include "container/registry_private.h"
#include "container/runtimes.h"
#include "container/snapshot.h"
#include "container/workload.h"
#include "ktrace/wire.h"
#include "util/cleanup.h"

#define WAIT_NS 2000000000ull
#define WAIT_MAX 4096
#define UNSETTLED_MAX \
	256 /* containers without a name: one more gets none, if it cannot be found at once */

int registry_new(const struct registry_options *options, struct registry **out)
{
	struct registry *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->options = *options;
	r->options.wait_ns = options->wait_ns ?: WAIT_NS;
	r->options.wait_max = options->wait_max ?: WAIT_MAX;
	r->host_root = strdup(options->host_root ?: "");
	r->cgroup_root = strdup(options->cgroup_root ?: "");
	if (!r->host_root || !r->cgroup_root) {
		registry_free(r);
		return -ENOMEM;
	}
	*out = r;
	return 0;
}

void registry_drop(struct registry *r, struct entry *e)
{
	r->waiting -= e->n_waiting;
	r->waiting_bytes -= e->waiting_bytes;
	r->unsettled -= e->state == ENTRY_WAITING;
	registry_release_id(r, e);
	HASH_DEL(r->entries, e);
	entry_free(e);
}

void registry_free(struct registry *r)
{
	struct entry *e, *next_entry;
	struct call *call, *next_call;

	if (!r)
		return;
	HASH_ITER(hh, r->entries, e, next_entry)
	registry_drop(r, e);
	HASH_ITER(hh, r->calls, call, next_call)
	registry_drop_call(r, call);
	free(r->host_root);
	free(r->cgroup_root);
	snapshot_unref(r->kernel.facts);
	free(r);
}

struct entry *registry_find(const struct registry *r, uint64_t cgroup)
{
	struct entry *e;

	HASH_FIND(hh, r->entries, &cgroup, sizeof(cgroup), e);
	return e;
}

/* Hands a finished event on. */
static void deliver(struct registry *r, const struct event *draft)
{
	struct event *event = event_new(draft);

	if (event) {
		/* From here on a pid is for people, and nobody looks for it in /proc any more. */
		event->pid &= ~WIRE_PID_UNSEEN;
		event->tid &= ~WIRE_PID_UNSEEN;
		event->parent_pid &= ~WIRE_PID_UNSEEN;
		event->sender_pid &= ~WIRE_PID_UNSEEN;
		r->options.deliver(r->options.ctx, event);
	} else {
		free(draft->facts);
		r->lost_memory++;
	}
}

/* An event of the container's life, of the process that made `cause` happen. */
void registry_announce(
	struct registry *r, struct entry *e, enum event_kind kind, const struct event *cause)
{
	_cleanup_free_ char *program = NULL;
	struct event life = {
		.kind = kind,
		.time = cause->time,
		.cgroup = e->cgroup,
		.container = e->container,
		.pid = cause->pid,
		.tid = cause->tid,
		.vpid = cause->vpid,
		.parent_pid = cause->parent_pid,
		.uid = cause->uid,
		.gid = cause->gid,
		.comm = cause->comm,
		.parent_comm = cause->parent_comm,
		.repeats = 1,
	};

	if (kind == EVENT_CONTAINER_EXITED) {
		life.status = cause->status;
		life.runtime_ns = e->started_at && cause->time > e->started_at
					  ? cause->time - e->started_at
					  : cause->runtime_ns;
		entry_look_at_program(e, r->host_root, &life, &program);
	} else if (kind == EVENT_CONTAINER_LISTENING) {
		life.address = cause->address;
		life.port = cause->port;
		life.family = cause->family;
		life.sock_type = cause->sock_type;
	}
	if (r->options.salt &&
		(kind == EVENT_CONTAINER_EXITED || kind == EVENT_CONTAINER_LISTENING))
		life.peak_memory = hierarchy_peak_memory(r->cgroup_root, e->container->cgroup_path);
	deliver(r, &life);
}

/* What is known of the container and its files is added to the draft. */
static void pass(struct registry *r, struct entry *e, struct event *event)
{
	if (event->kind == EVENT_CONTAINER_CREATED || !e->announced) {
		if (!e->announced)
			registry_announce(r, e, EVENT_CONTAINER_CREATED, event);
		e->announced = true;
		if (event->kind == EVENT_CONTAINER_CREATED)
			return;
	}
	if (event->kind == EVENT_CONTAINER_REMOVED) {
		registry_announce(r, e, EVENT_CONTAINER_REMOVED, event);
		return;
	}
	/* First, so that a look finds the container's first process. */
	enum event_kind life = entry_live(e, event);
	event->facts = NULL;
	entry_enrich(e, r->host_root, event);
	deliver(r, event);
	if (life != EVENT_NONE)
		registry_announce(r, e, life, event);
}

void registry_pass(struct registry *r, struct entry *e, const struct event *event)
{
	struct event draft = *event;

	pass(r, e, &draft);
}

/*
 * What only the sandbox's bundle shows of a pod: that its network is the node's (containerd has every
 * container join the sandbox's, by a path below /proc), and its labels.
 */
static void learn_from_sandbox(const struct registry *r, struct container *c)
{
	const struct entry *e, *next;

	HASH_ITER(hh, r->entries, e, next)
	{
		const struct container *sandbox = e->container;
		if (!sandbox || !sandbox->described || strcmp(sandbox->id, c->sandbox_id))
			continue;
		c->host_network |= sandbox->host_network;
		workload_copy(c, sandbox);
		return;
	}
}

/* Bundle, names, restart count; true when the bundle was found. */
static bool describe(struct registry *r, struct entry *e)
{
	struct container *c = e->container;
	struct call *call = registry_call_of(r, c);

	if (call && container_set(&c->bundle, call->bundle))
		return false;
	/* Anew with each attempt: one that failed may have left half of it. */
	snapshot_unref(c->start);
	c->start = r->options.salt ? snapshot_new(r->options.salt) : NULL;
	if (runtimes_describe(c, r->host_root))
		return false;
	volumes_resolve_subpaths(c, r->host_root);
	volumes_find_empty(c, r->host_root);
	runtimes_names_from_logs(c, r->host_root);
	const struct snapshot *kernel = snapshot_kernel(&r->kernel, r->options.salt, e->made);
	/* No start is better than half of one. */
	if (snapshot_finish(c, r->host_root, kernel) < 0)
		snapshot_unref(take(c->start));
	if (*c->sandbox_id)
		learn_from_sandbox(r, c);
	if (call)
		registry_drop_call(r, call);
	return true;
}

void registry_settle(struct registry *r, struct entry *e, bool give_up)
{
	if (e->state != ENTRY_WAITING)
		return;
	if (!describe(r, e)) {
		if (!give_up)
			return;
		runtimes_names_from_logs(e->container, r->host_root);
	}
	workload_settle(e->container);
	e->state = ENTRY_SETTLED;
	r->unsettled--;
	struct event **waiting = take(e->waiting);
	size_t n = e->n_waiting;
	r->waiting -= n;
	r->waiting_bytes -= e->waiting_bytes;
	e->n_waiting = e->waiting_bytes = 0;
	for (size_t i = 0; i < n; i++) {
		registry_pass(r, e, waiting[i]);
		event_unref(waiting[i]);
	}
	free(waiting);
	/* One that only others' floods left no room for is there all the same, also if it is quiet from now on. */
	if (!e->announced && e->lost) {
		struct event born = { .time = e->made, .cgroup = e->cgroup };
		registry_announce(r, e, EVENT_CONTAINER_CREATED, &born);
		e->announced = true;
	}
}

/* A cgroup whose birth we have not seen: tracked before us, or its record was lost. */
static struct entry *adopt(struct registry *r, const struct event *draft)
{
	char path[PATH_MAX] = "/";
	struct birth birth = { .cgroup = draft->cgroup, .path = path, .now = draft->time };
	int rc = hierarchy_path(r->cgroup_root, draft->cgroup, path, sizeof(path));

	rc = rc ?: hierarchy_maker(r->cgroup_root, path, &birth.made_by);
	if (rc)
		birth.path = "/";
	struct entry *e = registry_insert(r, &birth);
	if (e)
		e->unknown = rc;
	if (e)
		registry_settle(r, e, false);
	return e;
}

/* Not that of a cgroup nested in the container's. */
static bool is_own_path(const struct entry *e, const char *path)
{
	return path && e->container && !strcmp(e->container->cgroup_path, path);
}

static bool is_outside(const struct event *e)
{
	return !e->cgroup || e->cgroup == WIRE_OUTSIDE;
}

static void on_created(struct registry *r, const struct event *draft)
{
	/* Cgroups nested in a container are its own affair: they come with the container's id. */
	if (is_outside(draft) || registry_find(r, draft->cgroup))
		return;
	struct birth birth = { .cgroup = draft->cgroup,
		.path = draft->path ?: "",
		.made_by = draft->uid,
		.now = draft->time };
	struct entry *e = registry_insert(r, &birth);
	r->lost_memory += !e;
	if (!e || e->state == ENTRY_IGNORED)
		return;
	if (e->state == ENTRY_SETTLED) {
		registry_pass(r, e, draft);
		return;
	}
	registry_queue(r, e, draft);
	registry_settle(r, e, r->unsettled > UNSETTLED_MAX);
}

static void on_removed(struct registry *r, const struct event *draft)
{
	struct entry *e = registry_find(r, draft->cgroup);

	if (!e || !is_own_path(e, draft->path))
		return;
	/* Its bundle goes with it: what is not known by now never will be. */
	registry_settle(r, e, true);
	registry_pass(r, e, draft);
	e->removed = true;
	registry_release_id(r, e); /* containers that are started again keep theirs */
	e->dead_at = draft->time;
}

/* What is no process' of a container, or not known to be; false for all else. */
static bool take_other(struct registry *r, const struct event *draft)
{
	if (draft->kind == EVENT_RUNTIME)
		registry_note_call(r, draft);
	else if (draft->kind == EVENT_CONTAINER_CREATED)
		on_created(r, draft);
	else if (draft->kind == EVENT_CONTAINER_REMOVED)
		on_removed(r, draft);
	else if (draft->kind == EVENT_PORT_REFUSED)
		registry_port_refused(r, draft);
	else if (is_outside(draft))
		deliver(r, draft);
	else
		return false;
	return true;
}

/* What a process of a container did. */
static void take_own(struct registry *r, struct entry *e, const struct event *draft)
{
	char comm[COMM_SIZE], label[PROCESS_LABEL_MAX];

	if (e->state == ENTRY_IGNORED) {
		r->lost_unknown += e->unknown;
		return;
	}
	struct event known = *draft;
	entry_find_holder(e, &known, comm);
	entry_look_at_process(e, &known, label);
	entry_look_at_resolver(e, &known);
	if (e->state == ENTRY_SETTLED) {
		pass(r, e, &known);
		return;
	}
	registry_queue(r, e, &known);
	/* It may have been the last one, and a bundle does not outlive its container. */
	if (draft->kind == EVENT_PROCESS_EXITED)
		registry_settle(r, e, false);
}

void registry_event(struct registry *r, const struct event *draft)
{
	bool other = take_other(r, draft);
	struct entry *e = registry_find(r, draft->cgroup) ?: other ? NULL : adopt(r, draft);

	r->lost_memory += !e && !other;
	if (e && !other)
		take_own(r, e, draft);
	if (e)
		e->taken++;
}

void registry_account(const struct registry *r, uint64_t cgroup, uint64_t *taken, uint64_t *lost)
{
	const struct entry *e = registry_find(r, cgroup);

	*taken = e ? e->taken : 0;
	*lost = e ? e->lost : 0;
}

void registry_stats(const struct registry *r, struct registry_stats *out)
{
	const struct entry *e, *next;

	*out = (struct registry_stats){ .waiting_events = r->waiting,
		.lost_waiting = r->lost_waiting,
		.lost_memory = r->lost_memory,
		.lost_unknown = r->lost_unknown,
		.foreign = r->foreign };
	HASH_ITER(hh, r->entries, e, next)
	out->containers += e->state != ENTRY_IGNORED;
}
