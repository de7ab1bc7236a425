// SPDX-License-Identifier: MIT
#include <errno.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool match(const struct inquiry *q, struct verdict *v)
{
	return rule_failure(q, v, 0.02, failure_is_copy);
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const char *why = f->error == EROFS   ? "the file system is read-only"
			  : f->error == EBUSY ? "a single mounted file cannot be replaced"
					      : "it may not write there";
	struct phrase owner = phrase_owner(f);

	if (!call_creates(f) && f->error != EROFS && f->event)
		why = "it may not read the original";
	report_title(r, "Copy failed: %s could not %s, %s", program_name(f->exec),
		phrase_attempt(f).text, why);
	report_say(r, "%s tried to %s in %s, and was refused: %s.", phrase_who(f).text,
		phrase_attempt(f).text, phrase_place(q, f).text, errno_text(f->error));
	if (f->error != EROFS && *owner.text)
		report_say(r, "%s, and the copy ran as uid %u.", owner.text, f->event->uid);
	report_consequence(r, f);
	report_failure(r, f);
	if (f->error == EROFS)
		advise_writable(r, f);
	else if (f->error == EBUSY)
		report_mend(r, "Mount the whole folder instead of one file by subPath: a mounted "
			       "file can be "
			       "written, but not replaced.");
	else
		advise_access(r, f);
	advise_loud(r, f);
}

const struct rule rule_read_only_copy = {
	.match = match,
	.tell = tell,
};
