// SPDX-License-Identifier: MIT
#include "container/workload.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"

/*
 * Generated suffixes are of this alphabet, without vowels and what looks like another letter. The hash of
 * a Deployment's template is a decimal number, digit by digit mapped into it: ten characters are left.
 */
#define SUFFIX_ALPHABET "bcdfghjklmnpqrstvwxz2456789"
#define SUFFIX_LEN 5
#define HASH_ALPHABET "456789bcdf"
#define HASH_LEAST 7 /* digits of a number of 32 bits, but for one in a thousand */
#define HASH_MOST 10
#define DIGITS "0123456789"
#define CRON_LEN 8 /* minutes since 1970, from 1989 to 2160 */
#define ORDINAL_MOST 4

struct name {
	const char *text;
	size_t len;
};

/* Takes "-" and a last part of `least` to `most` characters of the alphabet off; false: it has none. */
static bool strip(struct name *n, const char *alphabet, size_t least, size_t most)
{
	size_t part = 0;

	while (part < n->len && strchr(alphabet, n->text[n->len - part - 1]))
		part++;
	if (part < least || part > most || n->len < part + 2 || n->text[n->len - part - 1] != '-')
		return false;
	n->len -= part + 1;
	return true;
}

static bool strip_suffix(struct name *n)
{
	return strip(n, SUFFIX_ALPHABET, SUFFIX_LEN, SUFFIX_LEN);
}

/* One spelling for each number: "web-007" is somebody's own name. */
static bool strip_ordinal(struct name *n)
{
	struct name shorter = *n;

	if (!strip(&shorter, DIGITS, 1, ORDINAL_MOST))
		return false;
	if (n->text[shorter.len + 1] == '0' && n->len > shorter.len + 2)
		return false;
	*n = shorter;
	return true;
}

static int set(char **member, struct name n)
{
	_cleanup_free_ char *copy = strndup(n.text, n.len);

	return copy ? container_set(member, copy) : -ENOMEM;
}

int workload_label(struct container *c, const char *name, const char *value)
{
	static const struct {
		const char *label;
		enum workload_kind kind;
	} labels[] = {
		{ "pod-template-hash", WORKLOAD_DEPLOYMENT },
		{ "statefulset.kubernetes.io/pod-name", WORKLOAD_STATEFULSET },
		{ "batch.kubernetes.io/job-name", WORKLOAD_JOB },
		{ "job-name", WORKLOAD_JOB },
		{ "controller-revision-hash", WORKLOAD_DAEMONSET },
	};

	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		if (strcmp(name, labels[i].label) || !*value)
			continue;
		/* A StatefulSet's revision has the set's name before the hash. */
		bool revision = labels[i].kind == WORKLOAD_DAEMONSET;
		if (revision && c->workload_sure)
			return 0;
		c->workload_kind =
			revision && strchr(value, '-') ? WORKLOAD_STATEFULSET : labels[i].kind;
		c->workload_sure = true;
		return labels[i].kind == WORKLOAD_JOB ? container_set(&c->job, value) : 0;
	}
	return 0;
}

void workload_copy(struct container *c, const struct container *from)
{
	if (!from->workload_sure || c->workload_sure || strcmp(c->pod, from->pod) ||
		container_set(&c->job, from->job))
		return;
	c->workload_kind = from->workload_kind;
	c->workload_sure = true;
}

/* A CronJob's Jobs are called by the minute that they belong to. c->job is set. */
static int settle_job(struct container *c)
{
	struct name n = { c->job, strlen(c->job) };
	bool cron = strip(&n, DIGITS, CRON_LEN, CRON_LEN);

	c->workload_kind = cron ? WORKLOAD_CRONJOB : WORKLOAD_JOB;
	return set(&c->workload, n);
}

static int settle_sure(struct container *c, struct name n)
{
	switch (c->workload_kind) {
	case WORKLOAD_JOB:
		return settle_job(c);
	case WORKLOAD_STATEFULSET:
		strip_ordinal(&n);
		break;
	case WORKLOAD_DEPLOYMENT:
		if (strip_suffix(&n))
			strip(&n, SUFFIX_ALPHABET, 1, HASH_MOST);
		break;
	default:
		strip_suffix(&n);
		break;
	}
	return set(&c->workload, n);
}

static int settle_by_name(struct container *c, struct name n)
{
	struct name ordinal = n, suffix = n, hash, cron;

	c->workload_kind = WORKLOAD_POD;
	if (strip_suffix(&suffix)) {
		hash = cron = suffix;
		if (strip(&cron, DIGITS, CRON_LEN, CRON_LEN)) {
			c->workload_sure = true;
			return set(&c->job, suffix) ?: settle_job(c);
		}
		c->workload_sure = strip(&hash, HASH_ALPHABET, HASH_LEAST, HASH_MOST);
		c->workload_kind = c->workload_sure ? WORKLOAD_DEPLOYMENT : WORKLOAD_UNKNOWN;
		return set(&c->workload, c->workload_sure ? hash : suffix);
	}
	if (strip_ordinal(&ordinal)) {
		c->workload_kind = WORKLOAD_STATEFULSET;
		return set(&c->workload, ordinal);
	}
	return set(&c->workload, n);
}

int workload_settle(struct container *c)
{
	struct name pod = { c->pod, strlen(c->pod) };

	if (!pod.len || c->workload[0])
		return 0;
	return c->workload_sure ? settle_sure(c, pod) : settle_by_name(c, pod);
}
