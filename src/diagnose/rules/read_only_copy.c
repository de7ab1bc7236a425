// SPDX-License-Identifier: MIT
#include <errno.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, failure_is_copy);
}

/* The files of a mounted ConfigMap are links: `cp -r` copies those, and they lead nowhere. */
static void advise_links(struct report *r, const struct failure *f)
{
	advise_access(r, f);
	report_recommend(r, "And copy with `cp -rL`: a ConfigMap's or Secret's files are links.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const char *why = f->error == EROFS   ? "the file system is read-only"
			  : f->error == EBUSY ? "a single mounted file cannot be replaced"
					      : "it may not write there";
	struct phrase owner = phrase_owner(f);

	if (!call_creates(f) && f->error != EROFS && f->event)
		why = "it may not read the original";
	report_title(r, "Copy failed: %s could not %s, %s", phrase_name(f).text,
		phrase_attempt(f).text, why);
	report_sentence(r, "%s tried to %s in %s%s%s.", phrase_who(f).text, phrase_attempt(f).text,
		phrase_place(q, f).text, f->error == EROFS ? "" : ", and was refused: ",
		f->error == EROFS ? "" : errno_text(f->error));
	if ((f->error == EACCES || f->error == EPERM) && *owner.text)
		report_sentence(r, "%s, and the copy ran as uid %u.", owner.text, f->event->uid);
	if (call_is(f, "unlink") && f->error == EROFS)
		report_sentence(r,
			"A move copies the file first and then removes the original, which "
			"is not possible there.");
	report_consequence(r, f);
	report_failure(r, f);
	if (f->error == EROFS)
		advise_writable(r, f);
	else if (f->error == EBUSY)
		report_recommend(r,
			"Mount the whole folder instead of one file by subPath: a file that "
			"is mounted by itself cannot be replaced.");
	else if (call_is(f, "symlink"))
		advise_links(r, f);
	else
		advise_access(r, f);
	advise_visible_errors(r, f);
}

const struct rule rule_read_only_copy = {
	.match = match,
	.explain = explain,
};
