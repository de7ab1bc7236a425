// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>

#include "diagnose/rules.h"

static bool too_many(const struct context *q, const struct failure *f)
{
	(void)q;
	return f->error == EMFILE || f->error == ENFILE ||
	       (f->error == ENOSPC && call_is(f, "inotify"));
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, too_many);
}

static void explain_inotify(const struct failure *f, struct report *r)
{
	const char *sysctl = f->error == ENOSPC ? "fs.inotify.max_user_watches"
						: "fs.inotify.max_user_instances";

	report_title(r, "The node's limit of file watches is reached");
	report_sentence(r,
		"%s could not watch files: the user's share of inotify (%s) is used up, on this "
		"node and by all containers of this uid together.",
		phrase_who(f).text, sysctl);
	report_consequence(r, f);
	report_failure(r, f);
	report_recommend(r, "Raise %s on the node.", sysctl);
	report_recommend(r, "Or switch the program's watching of files off.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	uint64_t limit = q->container->nofile_limit;

	if (call_is(f, "inotify")) {
		explain_inotify(f, r);
		return;
	}
	report_title(r, "Too many open files: %s is at its limit", phrase_name(f).text);
	report_sentence(r,
		"%s could not %s, because %s as many files and connections open as allowed.",
		phrase_who(f).text, phrase_attempt(f).text,
		f->error == ENFILE ? "the node has" : "it has");
	if (limit && f->error == EMFILE)
		report_sentence(r, "Its limit (ulimit -n) is %" PRIu64 ".", limit);
	report_consequence(r, f);
	report_failure(r, f);
	report_recommend(r,
		"See whether the program leaks files or connections, or opens more of them "
		"than it needs.");
	report_recommend(r,
		"Or raise the limit for the runtime on the node (LimitNOFILE of containerd's "
		"unit, or its base OCI spec): a pod spec has no field for it.");
}

const struct rule rule_too_many_open_files = {
	.match = match,
	.explain = explain,
};
