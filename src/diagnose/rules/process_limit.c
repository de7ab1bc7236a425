// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>

#include "diagnose/rules.h"

static bool no_more_processes(const struct context *q, const struct failure *f)
{
	(void)q;
	return f->error == EAGAIN &&
	       (call_is(f, "clone") || call_is(f, "fork") || call_is(f, "vfork") ||
		       call_is(f, "exec") || call_is(f, "setuid"));
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, no_more_processes);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	uint64_t limit = q->container->pids_limit;

	report_title(r, "Process limit reached: %s could not start another process or thread",
		phrase_name(f).text);
	if (limit)
		report_sentence(r,
			"%s could not start another process or thread: the container's limit is "
			"%" PRIu64 " (pids.max), threads included.",
			phrase_who(f).text, limit);
	else
		report_sentence(r,
			"%s could not start another process or thread: the limit of its pod, user "
			"or node is "
			"reached, threads included.",
			phrase_who(f).text);
	report_consequence(r, f);
	report_failure(r, f);
	report_recommend(r, "Start fewer workers and threads.");
	report_recommend(r,
		"Or raise podPidsLimit in the kubelet's configuration of the node: a pod spec "
		"has no field for it.");
}

const struct rule rule_process_limit = {
	.match = match,
	.explain = explain,
};
