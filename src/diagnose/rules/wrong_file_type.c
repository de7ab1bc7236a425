// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool runs_a_folder(const struct failure *f)
{
	return f->event && f->event->kind == EVENT_EXEC_FAILED && f->event->facts &&
	       f->event->facts->file.type == FILE_DIRECTORY;
}

/* The path itself, not a part of it. */
static bool is_file(const struct failure *f)
{
	return f->event && f->event->facts && f->event->facts->file.type == FILE_REGULAR;
}

static bool wrong_type(const struct inquiry *q, const struct failure *f)
{
	(void)q;
	if (f->event && f->event->kind == EVENT_NETWORK_ERROR && !*f->path)
		return false;
	return f->error == EISDIR || f->error == ENOTDIR || runs_a_folder(f);
}

static bool match(const struct inquiry *q, struct verdict *v)
{
	return rule_failure(q, v, 0.03, wrong_type);
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct mount *m = mount_of(q, f);
	const char *path = *f->path ? f->path : "a path";
	bool folder = f->error != ENOTDIR;

	if (folder)
		report_title(r, "%s is a folder where a file should be", path);
	else
		report_title(r,
			is_file(f) ? "%s is a file where a folder should be"
				   : "%s: a part of the path is a file, not a folder",
			path);
	report_say(r, "%s tried to %s in %s, but %s.", phrase_who(f).text, phrase_attempt(f).text,
		phrase_place(q, f).text,
		folder       ? "there is a folder of that name"
		: is_file(f) ? "that is a file"
			     : "something on the way there is a file, not a folder");
	if (folder && !strcmp(m->destination, path))
		report_say(r, "It is mounted by itself: where subPath names a key or file that "
			      "does not exist, the kubelet makes a folder in its place.");
	report_consequence(r, f);
	report_failure(r, f);
	if (!strcmp(m->destination, path))
		report_mend(r, "Correct subPath, so that it names a key that exists; or mount the "
			       "whole volume and use a path in it.");
	else
		report_mend(r, "Correct the path in the configuration, or what is put there.");
}

const struct rule rule_wrong_file_type = {
	.match = match,
	.tell = tell,
};
