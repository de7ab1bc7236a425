// SPDX-License-Identifier: MIT
/* The containers that were there before us. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "container/cgroup_path.h"
#include "container/hierarchy.h"
#include "container/looks.h"
#include "container/process.h"
#include "container/registry_private.h"
#include "util/cleanup.h"

#define PROCESSES_MAX 256 /* of one cgroup that are looked at for its first process */

struct scan {
	struct registry *r;
	char plain[PATH_MAX]; /* the container with a plain name that was come by last, "": none */
	uint64_t plain_id;
	void (*track)(void *ctx, uint64_t cgroup, uint64_t container);
	void *ctx;
	uint64_t now;
};

/* The cgroup of the container that the path lies in, 0: in none that its name tells of. */
static uint64_t container_by_name(const struct scan *s, const char *path, uint64_t id)
{
	struct cgroup_path parsed;
	char own[PATH_MAX];
	size_t len = cgroup_path_parse(path, &parsed);

	if (!len || !path[len])
		return len ? id : 0;
	snprintf(own, sizeof(own), "%.*s", (int)len, path);
	return hierarchy_id(s->r->cgroup_root, own, &id) ? 0 : id;
}

/* What lies in a container comes right after it. */
static bool is_in_plain(const struct scan *s, const char *path)
{
	size_t len = strlen(s->plain);

	return len && !strncmp(path, s->plain, len) && path[len] == '/';
}

static int visit(void *ctx, const char *path, uint64_t id)
{
	struct scan *s = ctx;
	struct registry *r = s->r;
	struct birth birth = { .cgroup = id, .path = path, .now = s->now };
	bool maker = !hierarchy_maker(r->cgroup_root, path, &birth.made_by);
	uint64_t container = is_in_plain(s, path) ? s->plain_id : container_by_name(s, path, id);
	struct cgroup_path name;

	if (!container && maker && registry_has_plain_name(r, &birth, &name)) {
		snprintf(s->plain, sizeof(s->plain), "%s", path);
		container = s->plain_id = id;
	}
	if (!container)
		return 0;
	s->track(s->ctx, id, container);
	/* The kernel side may have reported it already. */
	if (container == id && maker && !registry_find(r, id))
		registry_insert(r, &birth);
	return 0;
}

/*
 * The first process has pid 1 in a namespace of its own; in one that the pod shares it is the oldest.
 * Programs may have moved themselves to nested cgroups, so these count too.
 */
struct oldest {
	const char *cgroup_root, *container;
	struct process process;
	bool found;
};

static void consider(struct oldest *o, const char *path)
{
	uint32_t pids[PROCESSES_MAX];
	int n = processes_of_cgroup(o->cgroup_root, path, pids, PROCESSES_MAX);

	for (int i = 0; i < n; i++) {
		struct process p;
		if (process_read(pids[i], &p))
			continue;
		bool better = p.vpid == 1 ? o->process.vpid != 1 || p.age_ns > o->process.age_ns
					  : o->process.vpid != 1 && p.age_ns > o->process.age_ns;
		if (!o->found || better)
			o->process = p;
		o->found = true;
	}
}

static int consider_nested(void *ctx, const char *path, uint64_t id)
{
	struct oldest *o = ctx;
	char full[PATH_MAX];

	(void)id;
	snprintf(full, sizeof(full), "%s%s", o->container, path);
	consider(o, full);
	return 0;
}

static bool find_first_process(const struct registry *r, const struct entry *e, struct process *out)
{
	struct oldest o = { .cgroup_root = r->cgroup_root, .container = e->container->cgroup_path };
	char root[PATH_MAX];

	consider(&o, o.container);
	snprintf(root, sizeof(root), "%s%s", r->cgroup_root, o.container);
	if (!o.found || o.process.vpid != 1)
		hierarchy_walk(root, consider_nested, &o);
	*out = o.process;
	return o.found;
}

/* Since its start, or since the agent before this one was killed. */
static void note_blindness(const struct scan *s, struct container *c, const struct process *first)
{
	uint64_t start = s->now > first->age_ns ? s->now - first->age_ns : 0;
	uint64_t watched = s->r->options.watched_until;

	c->blind_since = watched > start && watched < s->now ? watched : start;
	c->blind_until = s->now;
}

/*
 * Announces a container that is there: what would have been reported had we been there first, as far as it
 * can be known. Which program it runs decides what its later failures mean.
 */
static void announce(const struct scan *s, struct entry *e)
{
	_cleanup_free_ struct command *command = NULL;
	struct process p;

	if (!find_first_process(s->r, e, &p))
		return;
	struct event cause = {
		.kind = EVENT_CONTAINER_CREATED,
		.time = s->now,
		.cgroup = e->cgroup,
		.pid = p.pid,
		.tid = p.pid,
		.vpid = p.vpid,
		.parent_pid = p.parent_pid,
		.uid = p.uid,
		.gid = p.gid,
		.comm = p.comm,
		.repeats = 1,
	};
	registry_settle(s->r, e, true);
	note_blindness(s, e->container, &p);
	registry_pass(s->r, e, &cause);
	/* The runtime is still at work: the program's exec will come as an event. */
	if (runtime_is_stage_comm(p.comm))
		return;
	e->init_pid = p.pid;
	e->started = true;
	e->started_at = s->now > p.age_ns ? s->now - p.age_ns : 0;
	if (!look_at_command(p.pid, &command)) {
		cause.kind = EVENT_EXEC;
		cause.executable = command->executable;
		cause.cwd = command->cwd;
		cause.args = command->args;
		cause.argc = command->argc;
		cause.cut = command->cut;
		registry_pass(s->r, e, &cause);
	}
	registry_announce(s->r, e, EVENT_CONTAINER_STARTED, &cause);
}

int registry_scan(struct registry *r, void (*track)(void *ctx, uint64_t cgroup, uint64_t container),
	void *ctx, uint64_t now)
{
	struct scan s = { .r = r, .track = track, .ctx = ctx, .now = now };
	struct entry *e, *next;

	int rc = hierarchy_walk(r->cgroup_root, visit, &s);
	if (rc)
		return rc;
	HASH_ITER(hh, r->entries, e, next)
	{
		if (e->state == ENTRY_WAITING && e->made == now)
			announce(&s, e);
	}
	return 0;
}
