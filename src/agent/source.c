// SPDX-License-Identifier: MIT
#include "agent/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "agent/rest.h"
#include "container/hostfile.h"
#include "event/decode.h"
#include "event/redact.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/strbuf.h"

#define DRAIN_INTERVAL 50000000ULL
#define CLOCK_STEP 1000000
#define BIRTHS_EACH 1000000000ULL
#define SCAN_EACH \
	30000000000ULL /* to go through all cgroups takes longer than a turn should, where there are thousands */

struct source {
	struct pipeline *pipeline;
	struct hierarchy hierarchy;
	struct capture *capture;
	struct registry *registry;
	const struct container *only; /* borrowed from the registry; NULL: all */
	int64_t clock_offset;
	uint64_t damaged;   /* records that did not decode */
	size_t not_tracked; /* cgroups that were there before us */
	int why_not;        /* a negative errno */
	uint64_t
		lost_births; /* records of cgroups that were made or removed, when that was last looked at */
	uint64_t births_next; /* when it is looked at again */
	bool detached;
	struct redact redact;
	struct rest_watch rest;
	struct decode_buffer buffer;
};

static void on_record(void *ctx, const void *record, size_t size)
{
	struct source *s = ctx;
	struct event draft;

	if (event_decode(record, size, s->clock_offset, &s->buffer, &draft) < 0)
		s->damaged++;
	else
		registry_event(s->registry, &draft);
}

static void on_event(void *ctx, struct event *e)
{
	struct source *s = ctx;

	if (s->only && e->container != s->only) {
		event_unref(e);
		return;
	}
	/* The one way into the story and all outputs. */
	redact_event(&s->redact, e);
	pipeline_event(s->pipeline, e);
}

/* What a diagnosis may have to leave open. */
static int name_missing(struct source *s)
{
	_cleanup_strbuf_ struct strbuf names = STRBUF_INIT;
	const struct probe_status *probes;
	size_t n = capture_probes(s->capture, &probes);

	for (size_t i = 0; i < n; i++)
		if (probes[i].state == PROBE_MISSING || probes[i].state == PROBE_DISABLED)
			strbuf_printf(&names, "%s%s", names.len ? ", " : "", probes[i].name);
	if (names.failed)
		return -ENOMEM;
	return pipeline_set_missing(s->pipeline, names.data ? names.data : "");
}

/* All names come from there, and a container without one is diagnosed all the same: somebody must be told. */
static void warn_of_host_root(const char *host_root)
{
	_cleanup_fd_ int fd =
		host_root && *host_root ? host_open(host_root, "/", O_RDONLY | O_DIRECTORY) : -1;

	if (fd >= 0 || !host_root || !*host_root)
		return;
	log_warning("the node's files cannot be read at %s: %s: containers will have no names. The "
		    "agent needs the capabilities SYS_PTRACE and DAC_READ_SEARCH for it, and in a "
		    "pod hostPID; or give another --host-root",
		host_root, strerror(-fd));
}

static int open_parts(struct source *s, const struct source_options *o)
{
	_cleanup_free_ char *why = NULL;
	int err = hierarchy_find(NULL, &s->hierarchy);

	if (err < 0) {
		log_error("no cgroup hierarchy is mounted, so containers cannot be distinguished: "
			  "mount one with `mount -t cgroup2 none /sys/fs/cgroup`");
		return err;
	}
	warn_of_host_root(o->host_root);
	struct registry_options registry_options = {
		.host_root = o->host_root ? o->host_root : "",
		.cgroup_root = s->hierarchy.root,
		.salt = o->salt,
		.watched_until = o->watched_until,
		.deliver = on_event,
		.ctx = s,
	};
	err = registry_new(&registry_options, &s->registry);
	if (err < 0) {
		log_error("cannot follow containers: %s", strerror(-err));
		return err;
	}
	struct capture_options capture_options = {
		.disabled = o->disabled,
		.n_disabled = o->n_disabled,
		.btf = o->btf,
		.outside = o->outside,
		.no_output = o->no_output,
		.cgroup_v1 = s->hierarchy.layout == HIERARCHY_V1,
		.cgroup_root = s->hierarchy.root,
		.confine_rest = o->confine_rest,
		.deliver = on_record,
		.ctx = s,
	};
	err = capture_open(&capture_options, &s->capture, &why);
	if (err < 0) {
		log_error("%s", why ? why : strerror(-err));
		return err;
	}
	return name_missing(s);
}

static void losses_of(void *ctx, const struct container *c, struct losses *out)
{
	const struct source *s = ctx;
	struct capture_account account;
	uint64_t taken, dropped;

	capture_account(s->capture, c->cgroup, &account);
	registry_account(s->registry, c->cgroup, &taken, &dropped);
	*out = (struct losses){
		.produced = account.produced + account.over,
		.delivered = taken - dropped,
		.lost = account.lost + dropped,
		.left_out = account.over,
	};
}

int source_open(const struct source_options *options, struct source **out)
{
	struct source *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->pipeline = options->pipeline;
	s->redact.off = options->unredacted;
	s->redact.no_args = options->no_args;
	s->clock_offset = capture_clock_offset();
	int err = open_parts(s, options);
	if (err < 0) {
		source_close(s);
		return err;
	}
	pipeline_watch_losses(s->pipeline, losses_of, s);
	*out = s;
	return 0;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	capture_close(s->capture);
	registry_free(s->registry);
	free(s);
}

const struct hierarchy *source_hierarchy(const struct source *s)
{
	return &s->hierarchy;
}

struct capture *source_capture(struct source *s)
{
	return s->capture;
}

static void track(void *ctx, uint64_t cgroup, uint64_t container)
{
	struct source *s = ctx;
	int err = capture_track(s->capture, cgroup, container);

	if (err < 0) {
		s->not_tracked++;
		s->why_not = err;
	}
}

/* By the clock that the events have: one that is set meanwhile moves both alike. */
static uint64_t now_of(const struct source *s)
{
	return clock_ns(CLOCK_BOOTTIME) + (uint64_t)s->clock_offset;
}

int source_scan(struct source *s)
{
	s->not_tracked = 0;
	int err = registry_scan(s->registry, track, s, now_of(s));

	if (s->not_tracked)
		log_warning("%zu cgroups of running containers cannot be followed: %s",
			s->not_tracked, strerror(-s->why_not));
	return err;
}

int source_only(struct source *s, struct container *c)
{
	s->only = c;
	int err = registry_add(s->registry, container_ref(c));
	if (err < 0)
		return err;
	return capture_track(s->capture, c->cgroup, c->cgroup);
}

static void drain(void *ctx, uint32_t events)
{
	struct source *s = ctx;

	(void)events;
	if (s->detached)
		return;
	capture_drain(s->capture, NULL);
	pipeline_flush(s->pipeline);
}

/* The wall clock is slewed and set; small steps would only shuffle events that are close together. */
static void follow_clock(struct source *s)
{
	int64_t offset = capture_clock_offset(), by = offset - s->clock_offset;

	if (llabs(by) <= CLOCK_STEP)
		return;
	s->clock_offset = offset;
	registry_clock_step(s->registry, by);
	pipeline_clock_step(s->pipeline, by);
}

/* A container whose birth was lost, and that is quiet now, is found by what is there. */
static void find_lost_containers(struct source *s, uint64_t now)
{
	struct capture_counts kinds[WIRE_KINDS];

	if (s->only || (now < s->births_next && s->births_next < now + 2 * SCAN_EACH))
		return;
	s->births_next = now + BIRTHS_EACH;
	if (capture_counts(s->capture, kinds) < 0)
		return;
	uint64_t lost = kinds[WIRE_CGROUP].lost_full + kinds[WIRE_CGROUP].lost_busy;
	if (lost == s->lost_births)
		return;
	s->lost_births = lost;
	s->births_next = now + SCAN_EACH;
	source_scan(s);
}

static void go_on(void *ctx)
{
	struct source *s = ctx;

	follow_clock(s);
	uint64_t now = now_of(s), until;
	/* For registry and pipeline it is only as late as what they were told of: a flood may have the rest wait. */
	if (!s->detached && capture_drain(s->capture, &until) == 0) {
		if (until + (uint64_t)s->clock_offset < now)
			now = until + (uint64_t)s->clock_offset;
		else
			find_lost_containers(s, now); /* and what is not lost has come */
	}
	registry_tick(s->registry, now);
	pipeline_tick(s->pipeline, now);
	pipeline_flush(s->pipeline);
}

int source_watch(struct source *s, struct loop *l)
{
	int err = loop_add_fd(l, capture_fd(s->capture), EPOLLIN, drain, s, NULL);

	if (err == 0)
		err = rest_watch(&s->rest, s->capture, l);
	return err < 0 ? err : loop_add_timer(l, DRAIN_INTERVAL, go_on, s);
}

void source_drain(struct source *s)
{
	go_on(s);
}

void source_detach(struct source *s)
{
	if (s->detached)
		return;
	rest_unwatch(&s->rest);
	capture_detach(s->capture);
	s->detached = true;
	go_on(s);
}

static void count(struct record_count *list, size_t *n, const char *name, uint64_t value)
{
	if (value)
		list[(*n)++] = (struct record_count){ name, value };
}

int source_counts(const struct source *s, struct source_counts *out)
{
	struct capture_counts kinds[WIRE_KINDS];
	struct capture_counts sum = { 0 };
	struct registry_stats registry;
	struct pipeline_stats pipeline;
	int err = capture_counts(s->capture, kinds);

	if (err < 0)
		return err;
	registry_stats(s->registry, &registry);
	pipeline_stats(s->pipeline, &pipeline);
	*out = (struct source_counts){ 0 };
	for (int i = 0; i < WIRE_KINDS; i++) {
		const char *name = capture_kind_name(i);

		count(out->produced, &out->n_produced, name, kinds[i].produced);
		count(out->delivered, &out->n_delivered, name, kinds[i].delivered);
		sum.lost_full += kinds[i].lost_full;
		sum.lost_busy += kinds[i].lost_busy;
		sum.folded += kinds[i].folded;
		sum.over_rate += kinds[i].over_rate;
	}
	out->left_out[out->n_left_out++] = (struct record_count){ "folded", sum.folded };
	out->left_out[out->n_left_out++] = (struct record_count){ "rate", sum.over_rate };
	out->left_out[out->n_left_out++] = (struct record_count){ "log", pipeline.over.events };
	out->left_out[out->n_left_out++] =
		(struct record_count){ "diagnoses", pipeline.over.diagnoses };
	/* Loss in the kernel, so that produced = delivered + full + busy; then what came later. */
	out->lost[out->n_lost++] = (struct record_count){ "full", sum.lost_full };
	out->lost[out->n_lost++] = (struct record_count){ "busy", sum.lost_busy };
	out->lost[out->n_lost++] = (struct record_count){ "waiting", registry.lost_waiting };
	out->lost[out->n_lost++] = (struct record_count){ "unknown", registry.lost_unknown };
	out->lost[out->n_lost++] = (struct record_count){ "damaged", s->damaged };
	out->lost[out->n_lost++] = (struct record_count){ "evicted", pipeline.evicted };
	out->lost[out->n_lost++] = (struct record_count){ "late", pipeline.late };
	out->lost[out->n_lost++] =
		(struct record_count){ "memory", registry.lost_memory + pipeline.unrecorded };
	out->containers_with_losses = pipeline.incomplete;
	for (size_t i = 0; i < out->n_lost; i++)
		out->total_lost += out->lost[i].value;
	return 0;
}
