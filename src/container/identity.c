// SPDX-License-Identifier: MIT
/*
 * Who is who. Anybody on the node can start a program called runc, and whoever was given a cgroup (a user's service
 * manager, a container) can make others below it and call them what he likes. So:
 *
 *  - What a runtime's call says counts only for a cgroup that the same user made. Root's are those of Kubernetes; the
 *    kernel side sends no call of a process in a container, nor of root in a user namespace. The first call counts.
 *  - A cgroup whose name has no id of 64 digits is a container's where root made it, and root asked a runtime for one of
 *    that name just before (bpf/calls.h), or a runtime's own file of it names that cgroup.
 *  - One id is one cgroup at a time, and root's goes before a user's. Another one of that name is foreign: what happens
 *    in it is told as of a container "foreign-CGROUP" that has no names, since to drop it would be a place to hide.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "container/cgroup_path.h"
#include "container/hierarchy.h"
#include "container/registry_private.h"
#include "ktrace/wire.h"
#include "util/cleanup.h"
#include "util/log.h"

#define CALLS_MAX 512
#define CALLS_OF_USERS 64 /* of these, so that no user pushes out root's */
#define CALL_FIRST_NS \
	1000000000ull /* the first call counts so long; one that made nothing by then has failed */
#define WARN_EACH_NS 60000000000ull

static struct caller caller_of(uint32_t uid, const char *id)
{
	struct caller caller;

	memset(&caller, 0, sizeof(caller));
	caller.uid = uid;
	snprintf(caller.id, sizeof(caller.id), "%s", id);
	return caller;
}

static struct call *find_call(const struct registry *r, const struct caller *caller)
{
	struct call *call;

	HASH_FIND(hh, r->calls, caller, sizeof(*caller), call);
	return call;
}

void registry_drop_call(struct registry *r, struct call *call)
{
	HASH_DEL(r->calls, call);
	free(call);
}

/* For one more call of that user the oldest goes: of a user's, so long as there are any. */
static void make_space(struct registry *r, uint32_t uid)
{
	struct call *call, *next, *oldest = NULL;
	size_t of_users = 0;

	/* uthash keeps the order of insertion. */
	HASH_ITER(hh, r->calls, call, next)
	{
		bool of_user = call->caller.uid != r->options.root;
		of_users += of_user;
		if (of_user && !oldest)
			oldest = call;
	}
	if (uid != r->options.root && of_users >= CALLS_OF_USERS)
		registry_drop_call(r, oldest);
	else if (HASH_COUNT(r->calls) >= CALLS_MAX)
		registry_drop_call(r, oldest ?: r->calls);
}

void registry_note_call(struct registry *r, const struct event *draft)
{
	_cleanup_free_ struct call *call = calloc(1, sizeof(*call));
	struct runtime_call parsed;

	if (!call || !runtime_call_parse(draft->args, draft->argc, draft->cwd, &parsed))
		return;
	call->caller = caller_of(draft->uid, parsed.id);
	memcpy(call->bundle, parsed.bundle, sizeof(call->bundle));
	call->time = draft->time;
	struct call *before = find_call(r, &call->caller);
	if (before && call->time - before->time < CALL_FIRST_NS)
		return;
	if (before)
		registry_drop_call(r, before);
	make_space(r, draft->uid);
	HASH_ADD(hh, r->calls, caller, sizeof(call->caller), call);
	if (call->hh.tbl)
		call = NULL;
}

struct call *registry_call_of(const struct registry *r, const struct container *c)
{
	struct caller caller = caller_of(c->made_by, c->id);

	return find_call(r, &caller);
}

void registry_release_id(struct registry *r, struct entry *e)
{
	if (!e->holds_id)
		return;
	HASH_DELETE(by_id, r->ids, e);
	e->holds_id = false;
}

static void take_id(struct registry *r, struct entry *e)
{
	const char *id = e->container->id;

	HASH_ADD_KEYPTR(by_id, r->ids, id, strlen(id), e);
	e->holds_id = e->by_id.tbl;
}

static struct container *make_container(
	const struct registry *r, const struct birth *b, const struct cgroup_path *name)
{
	struct container *c = container_new();
	int rc = c ? 0 : -1;

	rc = rc ?: container_set(&c->cgroup_path, b->path);
	rc = rc ?: container_set(&c->id, name->id);
	rc = rc ?: container_set(&c->runtime, name->runtime);
	if (rc) {
		container_unref(c);
		return NULL;
	}
	c->cgroup = b->cgroup;
	c->made_by = b->made_by;
	c->by_root = b->made_by == r->options.root;
	if (c->by_root && container_set(&c->pod_uid, name->pod_uid)) {
		container_unref(c);
		return NULL;
	}
	return c;
}

static struct container *make_foreign(const struct registry *r, const struct birth *b)
{
	struct cgroup_path name = { .runtime = "foreign" };

	snprintf(name.id, sizeof(name.id), "foreign-%" PRIu64, b->cgroup);
	struct container *c = make_container(r, b, &name);
	if (c)
		c->by_root = false;
	return c;
}

static void warn(struct registry *r, const struct birth *b, const char *id)
{
	r->foreign++;
	if (r->warned_at && b->now - r->warned_at < WARN_EACH_NS)
		return;
	r->warned_at = b->now;
	log_warning("the cgroup %s has the name of the container %s, which has another one: what "
		    "happens in it is told as of foreign-%" PRIu64 " (%" PRIu64
		    " such cgroups so far)",
		b->path, id, b->cgroup, r->foreign);
}

/* The cgroup may have gone, and its end got lost. */
static bool is_there(const struct registry *r, const struct entry *e)
{
	uint64_t id;

	return !hierarchy_id(r->cgroup_root, e->container->cgroup_path, &id) && id == e->cgroup;
}

/* An id that a user gave to his cgroup goes to the one that root made. */
static void move_id(struct registry *r, struct entry *from)
{
	struct birth b = { .cgroup = from->cgroup,
		.path = from->container->cgroup_path,
		.made_by = from->container->made_by,
		.now = from->made };
	bool there = is_there(r, from);
	struct container *c = there ? make_foreign(r, &b) : NULL;

	registry_release_id(r, from);
	if (!c)
		return;
	warn(r, &b, from->container->id);
	container_unref(from->container);
	from->container = c;
	from->announced = false; /* as that one */
	registry_settle(r, from, true);
}

/* Takes the container over, also where it fails. */
static struct entry *insert(struct registry *r, const struct birth *b, struct container *c)
{
	struct entry *e = entry_new(b->cgroup, c, b->now);

	if (!e) {
		container_unref(c);
		return NULL;
	}
	HASH_ADD(hh, r->entries, cgroup, sizeof(e->cgroup), e);
	if (!e->hh.tbl) {
		entry_free(e);
		return NULL;
	}
	return e;
}

int registry_add(struct registry *r, struct container *c)
{
	struct entry *old = registry_find(r, c->cgroup);

	if (old && old->state != ENTRY_IGNORED)
		return -EEXIST;
	if (old)
		registry_drop(r, old);
	const struct birth birth = { .cgroup = c->cgroup };
	struct entry *e = insert(r, &birth, container_ref(c));
	if (!e)
		return -ENOMEM; /* the container is the caller's still */
	e->state = ENTRY_SETTLED;
	container_unref(c);
	return 0;
}

bool registry_has_plain_name(
	const struct registry *r, const struct birth *b, struct cgroup_path *name)
{
	char names[PLAIN_NAMES_MAX][CONTAINER_NAME_SIZE];
	int n = b->made_by == r->options.root ? cgroup_path_plain_names(b->path, names) : 0;

	for (int i = 0; i < n; i++) {
		struct caller caller = caller_of(b->made_by, names[i]);
		if (!find_call(r, &caller) &&
			!runtimes_have(r->host_root, names[i], r->cgroup_root, b->path))
			continue;
		*name = (struct cgroup_path){ .runtime = "" };
		memcpy(name->id, names[i], sizeof(name->id));
		return true;
	}
	return false;
}

struct entry *registry_insert(struct registry *r, const struct birth *b)
{
	struct cgroup_path name;
	struct entry *holder;
	size_t len = cgroup_path_parse(b->path, &name);
	bool named = len ? len == strlen(b->path) : registry_has_plain_name(r, b, &name);

	if (!named)
		return insert(r, b, NULL);
	HASH_FIND(by_id, r->ids, name.id, strlen(name.id), holder);
	bool first = !holder || (b->made_by == r->options.root && !holder->container->by_root) ||
		     !is_there(r, holder);
	struct container *c = first ? make_container(r, b, &name) : make_foreign(r, b);
	struct entry *e = c ? insert(r, b, c) : NULL;
	if (!e)
		return NULL;
	if (!first) {
		e->state = ENTRY_SETTLED;
		warn(r, b, name.id);
		return e;
	}
	r->unsettled++;
	if (holder)
		move_id(r, holder);
	take_id(r, e);
	return e;
}
