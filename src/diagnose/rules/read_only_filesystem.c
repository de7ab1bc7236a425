// SPDX-License-Identifier: MIT
#include <errno.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool read_only(const struct context *q, const struct failure *f)
{
	return f->error == EROFS && !failure_is_copy(q, f);
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, read_only);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	report_title(r, "The file system is read-only: %s could not %s", phrase_name(f).text,
		phrase_attempt(f).text);
	report_sentence(r, "%s tried to %s in %s.", phrase_who(f).text, phrase_attempt(f).text,
		phrase_place(q, f).text);
	if (q->container->root.read_only && mount_of(q, f) == &q->container->root)
		report_sentence(r,
			"The pod asks for that (readOnlyRootFilesystem), so only volumes can "
			"be written.");
	report_consequence(r, f);
	report_failure(r, f);
	advise_writable(r, f);
	advise_visible_errors(r, f);
}

const struct rule rule_read_only_filesystem = {
	.match = match,
	.explain = explain,
};
