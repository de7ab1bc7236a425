// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, failure_is_copy);
}

static void advise(struct report *r, const struct failure *f)
{
	static const struct advice follow = {
		.text = "Copy with `cp -rL`: the files of a ConfigMap or Secret are links, and a "
			"copy of a "
			"link leads nowhere.",
	};
	static const struct advice whole = {
		.text = "Mount the whole directory instead of one file by subPath: a file that is "
			"mounted by itself can be written to, but not be replaced.",
	};

	if (f->error == EROFS)
		advise_writable(r, f);
	else if (f->error == EBUSY && !advise_place(r, f, NEED_WRITE))
		recommend(r, &whole, &(struct blanks){ .path = f->path });
	else if (f->error != EBUSY)
		advise_access(r, f);
	if (f->error != EROFS && call_is(f, "symlink"))
		recommend(r, &follow, &(struct blanks){ .path = f->path });
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	struct phrase owner = phrase_owner(f);
	struct phrase why = phrase_refusal(f);
	bool told = *owner.text && strstr(why.text, "belongs") != NULL;

	if (f->error == EROFS)
		snprintf(why.text, sizeof(why.text), "the file system is read-only");
	else if (f->error == EBUSY)
		snprintf(why.text, sizeof(why.text),
			"a file that is mounted by itself cannot be replaced");
	report_title(r, "Copy failed: %s could not %s%s%s", phrase_name(f).text,
		phrase_attempt(f).text,
		told || f->error == EROFS || f->error == EBUSY ? ", because " : ": ", why.text);
	report_sentence(r, "%s tried to %s in %s%s%s.", phrase_who(f).text, phrase_attempt(f).text,
		phrase_place(q, f).text, f->error == EROFS ? "" : ", and was refused: ",
		f->error == EROFS ? "" : errno_text(f->error));
	if ((f->error == EACCES || f->error == EPERM) && *owner.text)
		report_sentence(r, "%s, and the copy ran as uid %u.", owner.text, f->event->uid);
	if (removes_source(f) && f->error == EROFS)
		report_sentence(r,
			"A move copies the file first and then removes the original, which "
			"is not possible there.");
	report_consequence(r, f);
	report_failure(r, f);
	advise(r, f);
	advise_visible_errors(r, f);
}

const struct rule rule_read_only_copy = {
	.match = match,
	.explain = explain,
};
