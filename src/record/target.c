// SPDX-License-Identifier: MIT
/*
 * A workload's pods are known by the shape of their names, which the controllers of Kubernetes make, where no label
 * told whose they are: the workload's name and what is added. There is nobody else to ask: the agent has no access to
 * the Kubernetes API, and a pod that was deleted is not there any more.
 */
#include "record/filter.h"

#include <string.h>

#include "util/cleanup.h"

#define PARTS_MAX 4

/* What is added behind the workload's name: - and a hash, five random characters, or a number. */
enum suffix { SUFFIX_END, SUFFIX_HASH, SUFFIX_RANDOM, SUFFIX_NUMBER };

static const struct workload {
	const char *kind;
	enum suffix suffixes[3];
	enum workload_kind known; /* how a record that is sure of it calls it */
} workloads[] = {
	{ "deploy", { SUFFIX_HASH, SUFFIX_RANDOM }, WORKLOAD_DEPLOYMENT },
	{ "deployment", { SUFFIX_HASH, SUFFIX_RANDOM }, WORKLOAD_DEPLOYMENT },
	{ "sts", { SUFFIX_NUMBER }, WORKLOAD_STATEFULSET },
	{ "statefulset", { SUFFIX_NUMBER }, WORKLOAD_STATEFULSET },
	{ "ds", { SUFFIX_RANDOM }, WORKLOAD_DAEMONSET },
	{ "daemonset", { SUFFIX_RANDOM }, WORKLOAD_DAEMONSET },
	{ "rs", { SUFFIX_RANDOM }, WORKLOAD_UNKNOWN },
	{ "replicaset", { SUFFIX_RANDOM }, WORKLOAD_UNKNOWN },
	{ "job", { SUFFIX_RANDOM }, WORKLOAD_JOB },
	{ "job", { SUFFIX_NUMBER, SUFFIX_RANDOM }, WORKLOAD_JOB }, /* an indexed one */
	{ "cj", { SUFFIX_NUMBER, SUFFIX_RANDOM }, WORKLOAD_CRONJOB },
	{ "cronjob", { SUFFIX_NUMBER, SUFFIX_RANDOM }, WORKLOAD_CRONJOB },
};

/* One component of a target; not NUL-terminated. */
struct part {
	const char *s;
	size_t len;
};

static bool equals(const char *s, struct part part)
{
	return strlen(s) == part.len && !memcmp(s, part.s, part.len);
}

/* 0 where a part is empty, or there are too many. */
static size_t split(const char *target, struct part parts[PARTS_MAX])
{
	size_t n = 0;

	for (const char *s = target;; s++) {
		size_t len = strcspn(s, "/");

		if (!len || n == PARTS_MAX)
			return 0;
		parts[n++] = (struct part){ s, len };
		s += len;
		if (!*s)
			return n;
	}
}

static bool is_kind(struct part part)
{
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++)
		if (equals(workloads[i].kind, part))
			return true;
	return false;
}

/* How many characters of s are the suffix, without its dash; 0: it is not there. */
static size_t suffix_length(const char *s, enum suffix suffix)
{
	/* k8s.io/apimachinery/pkg/util/rand: no vowels and what looks like them, so that no words come out */
	static const char safe[] = "bcdfghjklmnpqrstvwxz2456789", digits[] = "0123456789";
	size_t len = strspn(s, suffix == SUFFIX_NUMBER ? digits : safe);

	switch (suffix) {
	case SUFFIX_RANDOM:
		return len == 5 ? len : 0;
	case SUFFIX_HASH: /* of 32 bits, in decimal digits that are written as letters */
		return len <= 10 ? len : 0;
	default:
		return len;
	}
}

static bool has_suffixes(const char *s, const enum suffix *suffixes)
{
	for (; *suffixes != SUFFIX_END; suffixes++) {
		size_t len = *s == '-' ? suffix_length(s + 1, *suffixes) : 0;

		if (!len)
			return false;
		s += 1 + len;
	}
	return !*s;
}

/* Where a label told whose the pod is, its name has no say. */
static bool is_pod_of(const struct container *c, const struct workload *w, struct part name)
{
	if (c->workload_sure && w->known == WORKLOAD_JOB)
		return *c->job && equals(c->job, name);
	if (c->workload_sure && w->known != WORKLOAD_UNKNOWN)
		return c->workload_kind == w->known && equals(c->workload, name);
	return !strncmp(c->pod, name.s, name.len) && has_suffixes(c->pod + name.len, w->suffixes);
}

static bool is_pod_of_kind(const struct container *c, struct part kind, struct part name)
{
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++)
		if (equals(workloads[i].kind, kind) && is_pod_of(c, &workloads[i], name))
			return true;
	return false;
}

/* [NAMESPACE/]KIND/NAME[/CONTAINER] */
static bool matches_workload(const struct part *parts, size_t n, const struct container *c)
{
	if (n > 2 && is_kind(parts[1])) {
		if (!equals(c->k8s_namespace, parts[0]))
			return false;
		parts++, n--;
	}
	return is_kind(parts[0]) && is_pod_of_kind(c, parts[0], parts[1]) &&
	       (n < 3 || equals(c->k8s_container, parts[2]));
}

static bool matches_pod(const struct part *parts, size_t n, const struct container *c)
{
	return n <= 3 && equals(c->k8s_namespace, parts[0]) && equals(c->pod, parts[1]) &&
	       (n < 3 || equals(c->k8s_container, parts[2]));
}

bool target_is_valid(const char *target)
{
	struct part parts[PARTS_MAX];
	size_t n = split(target, parts);

	return n && (n < PARTS_MAX || is_kind(parts[1]));
}

bool target_is_workload(const char *target)
{
	struct part parts[PARTS_MAX];
	size_t n = split(target, parts);

	return n > 1 && (is_kind(parts[0]) || (n > 2 && is_kind(parts[1])));
}

bool target_matches(const char *target, const struct container *c)
{
	struct part parts[PARTS_MAX];
	size_t n = split(target, parts);

	if (n == 1)
		return !strncmp(c->id, target, strlen(target)) || !strcmp(c->pod, target) ||
		       (!*c->pod && !strcmp(c->name, target));
	return n && (matches_pod(parts, n, c) || matches_workload(parts, n, c));
}

size_t target_name(const char *target, const char **out)
{
	struct part parts[PARTS_MAX];
	size_t n = split(target, parts), at;

	if (!n)
		return 0;
	at = n == 1 ? 0 : n > 2 && is_kind(parts[1]) ? 2 : 1;
	*out = parts[at].s;
	return parts[at].len;
}
