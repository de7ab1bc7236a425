// SPDX-License-Identifier: MIT
/* The programs that this kernel takes: found by loading them, never by its version. */
#include "capture/internal.h"
#include "event/syscalls.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libbpf prints is for those who work on ktrace. */
int probes_print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN && getenv("KTRACE_DEBUG_LIBBPF"))
		vfprintf(stderr, fmt, ap);
	return 0;
}

/* Beside the copies: what the fexit way sees without them, and can be done without. */
static bool is_extra(const char *program)
{
	return !strcmp(program, "on_clone") || !strcmp(program, "on_seccomp");
}

static enum probe probe_of_program(const struct capture *c, const char *program)
{
	for (enum probe p = PROBE_SYSCALLS + 1; p < PROBES; p++)
		for (int i = 0; i < 2 && probe_program(c, p, i); i++)
			if (!strcmp(probe_program(c, p, i), program))
				return p;
	return PROBE_SYSCALLS;
}

static enum way way_of_program(const char *program)
{
	for (enum way way = WAY_SYS_EXIT; way < WAYS; way++)
		if (!strcmp(program, way_programs[way]))
			return way;
	return WAY_FEXIT;
}

static void choose_programs(struct capture *c)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, c->skel->obj)
	{
		const char *name = bpf_program__name(p);
		enum probe probe = probe_of_program(c, name);
		bool chosen = probe == PROBE_SYSCALLS ? way_of_program(name) == c->way
						      : !probe_disabled(c, probe, "raw_tp");

		bpf_program__set_autoload(p, chosen && c->part != PART_REST);
	}
}

static void close_object(struct capture *c)
{
	ktrace_bpf__destroy(c->skel);
	c->skel = NULL;
}

/* Opens c->skel with its programs chosen; it is closed again when that fails. */
static int open_object(struct capture *c, const bool *without)
{
	bool to_write = types_begin(c);

	c->skel = object_open(c, types_path(c));
	if (!c->skel)
		return -errno;
	if (to_write && types_write(c)) {
		close_object(c);
		return open_object(c, without);
	}
	choose_programs(c);
	for (int p = 0; p < PROBES; p++)
		for (int i = 0; without[p] && i < 2 && probe_program(c, p, i); i++)
			bpf_program__set_autoload(bpf_object__find_program_by_name(
							  c->skel->obj, probe_program(c, p, i)),
				false);
	constants_set(c);
	features_set(c);
	int err = c->way == WAY_FEXIT ? fexit_prepare(c) : 0;
	if (err)
		close_object(c);
	return err;
}

/*
 * The program that the kernel refuses: libbpf says that only in its messages, and a verifier's log is empty
 * where the refusal comes before it (EPERM). So each is loaded alone. *err is the kernel's own error for it.
 * The name lives as long as c->skel, which is left open; NULL and no c->skel: all are taken when alone.
 */
static const char *find_refused(struct capture *c, const bool *without, int *err)
{
	for (size_t i = 0;; i++) {
		struct bpf_program *p, *alone = NULL;
		size_t n = 0;

		if (open_object(c, without))
			return NULL;
		bpf_object__for_each_program(p, c->skel->obj)
		{
			if (!bpf_program__autoload(p))
				continue;
			if (n++ == i)
				alone = p;
			else
				bpf_program__set_autoload(p, false);
		}
		*err = alone ? ktrace_bpf__load(c->skel) : 0;
		if (*err)
			return bpf_program__name(alone);
		close_object(c);
		if (!alone)
			return NULL;
	}
}

/* Leaves a refused program out; -EAGAIN when it is worth another try without it. */
static int do_without(struct capture *c, const char *refused, int err, bool *without)
{
	enum probe p = probe_of_program(c, refused);

	if (without[p])
		return err;
	if (is_extra(refused) && !c->no_extras) {
		c->no_extras = true;
		return -EAGAIN;
	}
	if (!strcmp(refused, "on_seldom_call") && !c->no_multi) {
		c->no_multi = true;
		return -EAGAIN;
	}
	probe_tried(c, p, p == PROBE_SYSCALLS ? way_names[c->way] : "raw_tp",
		"the kernel refused the program", err);
	if (p == PROBE_SYSCALLS)
		return -ENOTSUP; /* not the probe but this way of it */
	without[p] = true;
	return -EAGAIN;
}

/* Opens and loads once; -EAGAIN when it is worth another try, -ENOTSUP when it is in the next way. */
static int load_once(struct capture *c, bool *without)
{
	int refusal = 0, err = open_object(c, without);

	if (err && c->way == WAY_FEXIT && err != -ENOMEM) {
		probe_tried(c, PROBE_SYSCALLS, "fexit", "the kernel's calls were not found", err);
		return -ENOTSUP;
	}
	if (err)
		return err;
	err = ktrace_bpf__load(c->skel);
	if (!err)
		return 0;
	close_object(c);
	const char *refused = find_refused(c, without, &refusal);
	if (refused)
		err = do_without(c, refused, refusal, without);
	close_object(c);
	return err;
}

static int load(struct capture *c)
{
	bool without[PROBES] = { false };
	int err;

	do
		err = load_once(c, without);
	while (err == -EAGAIN);
	return err;
}

/* Of what is loaded already. The programs find what those write, and what was said to them. */
static int share_maps(const struct ktrace_bpf *from, struct ktrace_bpf *to)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, to->obj)
	{
		const struct bpf_map *same =
			bpf_object__find_map_by_name(from->obj, bpf_map__name(map));
		int err = same ? bpf_map__reuse_fd(map, bpf_map__fd(same)) : -ENOENT;
		if (err)
			return err;
	}
	return 0;
}

int probes_load_rest(struct capture *c)
{
	const bool without[PROBES] = { false };
	struct ktrace_bpf *first = c->skel;
	int err = open_object(c, without);

	c->rest.skel = c->skel;
	c->skel = first;
	if (err)
		return err;
	err = share_maps(c->skel, c->rest.skel);
	if (!err)
		err = bpf_object__load(c->rest.skel->obj);
	if (err) {
		ktrace_bpf__destroy(c->rest.skel);
		c->rest.skel = NULL;
	}
	return err;
}

/* From `way` on the first that is allowed, and not known to be refused; WAYS: none is. */
static enum way find_way(struct capture *c, enum way way)
{
	for (; way < WAYS; way++) {
		if (way == WAY_FEXIT && c->no_fexit)
			continue;
		if (probe_disabled(c, PROBE_SYSCALLS, way_names[way])) {
			probe_tried(c, PROBE_SYSCALLS, way_names[way], "disabled", 0);
			continue;
		}
		int err = way == WAY_FEXIT ? fexit_supported(c) : 0;
		if (!err)
			break;
		probe_tried(
			c, PROBE_SYSCALLS, way_names[way], "the kernel refuses such programs", err);
	}
	return way;
}

static int fill_rows(struct capture *c)
{
	const struct syscall_row *rows;
	size_t n = syscall_rows(&rows);
	int fd = bpf_map__fd(c->skel->maps.rows);

	for (size_t i = 0; i < n; i++) {
		__u32 nr = (__u32)rows[i].nr;
		if (rows[i].nr >= 0 && bpf_map_update_elem(fd, &nr, &rows[i].wire, BPF_ANY))
			return -errno;
	}
	return 0;
}

/* In a sentence, malloc'ed; NULL when memory ran out. */
static char *explain_refusal(int err)
{
	char *why;

	if (asprintf(&why, "the kernel does not load ktrace's BPF programs: %s", strerror(-err)) <
		0)
		return NULL;
	return why;
}

int probes_load(struct capture *c, char **why)
{
	int err;

	probes_reset(c);
	features_find(c);
	c->way = find_way(c, WAY_FEXIT);
	if (c->way == WAYS)
		c->status[PROBE_SYSCALLS].state = PROBE_DISABLED;
	while ((err = load(c)) == -ENOTSUP && c->way < WAYS)
		c->way = find_way(c, c->way + 1);
	c->control = (struct wire_control){ .askers_turn = ASKERS_FIRST_TURN };
	if (!err)
		err = control_write(c);
	if (!err)
		err = fill_rows(c);
	if (err && why)
		*why = explain_refusal(err);
	return err;
}
