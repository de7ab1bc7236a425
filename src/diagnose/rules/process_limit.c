// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "diagnose/knowledge/limits.h"
#include "diagnose/rules.h"

static bool no_more_processes(const struct context *q, const struct failure *f)
{
	(void)q;
	return f->error == EAGAIN &&
	       (call_is(f, "clone") || call_is(f, "fork") || call_is(f, "vfork") ||
		       call_is(f, "exec") || call_is(f, "setuid") || call_is(f, "setresuid"));
}

static bool match(const struct context *q, struct verdict *v)
{
	bool found = rule_failure(q, v, no_more_processes);

	rule_limit(v);
	return found;
}

/*
 * RLIMIT_NPROC counts all processes of the uid on the node, those of other containers too; root's it does not hold back.
 * A look that came when the processes had gone finds room in pids.max, however small that is.
 */
static bool is_of_user(const struct context *q, const struct event *e)
{
	uint64_t pids = q->container->pids_limit;

	return e && e->uid && e->limit_name && !strcmp(e->limit_name, "RLIMIT_NPROC") &&
	       (!pids || e->process.limit < pids);
}

static void explain_limit(const struct context *q, const struct event *e, struct report *r)
{
	uint64_t limit = q->container->pids_limit;
	bool counted = e && e->limit_name && !strcmp(e->limit_name, "pids.max");

	if (counted && limit != e->process.limit)
		report_sentence(r,
			"The limit of its pod or of what is above it is %" PRIu64
			" (pids.max), threads included.",
			e->process.limit);
	else if (limit && !is_of_user(q, e))
		report_sentence(r,
			"The container's limit is %" PRIu64 " (pids.max), threads included.",
			limit);
	else if (is_of_user(q, e))
		report_sentence(r,
			"Its limit (ulimit -u, RLIMIT_NPROC) is %" PRIu64
			", counted for uid %u over all containers of the node; no limit of the "
			"container was seen to be full.",
			e->process.limit, e->uid);
	else
		report_sentence(
			r, "The limit of its pod, user or node is reached, threads included.");
}

static void recommend(const struct context *q, const struct event *e, struct report *r)
{
	if (is_of_user(q, e)) {
		report_recommend(r,
			"Raise the user's limit of processes for the runtime on the node "
			"(LimitNPROC of containerd's unit, or its base OCI spec), or give the "
			"container a uid of its own (runAsUser).");
	} else {
		report_recommend(r, "Raise podPidsLimit in the kubelet's configuration of the "
				    "node: a pod spec has "
				    "no field for it.");
	}
	report_recommend(r, "Or let the program start fewer workers and threads.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	report_title(r, "Process limit reached: %s could not start another process or thread",
		phrase_name(f).text);
	report_sentence(r, "%s could not start another process or thread.", phrase_who(f).text);
	explain_limit(q, f->event, r);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(q, f->event, r);
}

const struct rule rule_process_limit = {
	.match = match,
	.explain = explain,
};
