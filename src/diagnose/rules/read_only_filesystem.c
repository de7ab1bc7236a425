// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

static bool read_only(const struct context *q, const struct failure *f)
{
	return f->error == EROFS && !failure_is_copy(q, f);
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, read_only);
}

/* The runtime makes the working directory where it is missing. */
static bool makes_working_directory(const struct context *q, const struct failure *f)
{
	return !q->started && call_is(f, "mkdir") && strlen(q->container->cwd) > 1 &&
	       path_under(q->container->cwd, f->path);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	static const struct advice working = {
		.text = "Correct workingDir, or create {path} where it lies: it does not exist, "
			"and the runtime may not make it there.",
	};
	static const struct advice who_answers = {
		.text = "Find out who answers so: try the same write by hand in the container, "
			"without LD_PRELOAD and with another seccomp profile.",
	};
	const struct failure *f = v->failure;

	bool denied = node_denies(q, f);

	report_title(r, "%s: %s could not %s",
		denied ? "\"Read-only file system\", and it is writable"
		       : "The file system is read-only",
		phrase_name(f).text, phrase_attempt(f).text);
	report_sentence(r, "%s tried to %s in %s.", phrase_who(f).text, phrase_attempt(f).text,
		phrase_place(q, f).text);
	if (q->container->root.read_only && mount_of(q, f) == &q->container->root)
		report_sentence(r,
			"The pod asks for that (readOnlyRootFilesystem), so only volumes can "
			"be written.");
	if (denied)
		report_doubt(r, f);
	report_consequence(r, f);
	report_failure(r, f);
	if (denied) {
		recommend(r, &who_answers, &(struct blanks){ .path = f->path });
		return;
	}
	if (makes_working_directory(q, f))
		recommend(r, &working, &(struct blanks){ .path = q->container->cwd });
	advise_writable(r, f);
	advise_visible_errors(r, f);
}

const struct rule rule_read_only_filesystem = {
	.match = match,
	.explain = explain,
};
