// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool runs_a_directory(const struct failure *f)
{
	return f->event && f->event->kind == EVENT_EXEC_FAILED && f->event->facts &&
	       f->event->facts->file.type == FILE_DIRECTORY;
}

/* The path itself, not a part of it. */
static bool is_file(const struct failure *f)
{
	return f->event && f->event->facts && f->event->facts->file.type == FILE_REGULAR;
}

static bool wrong_type(const struct context *q, const struct failure *f)
{
	(void)q;
	if (f->event && f->event->kind == EVENT_NETWORK_ERROR && !*f->path)
		return false;
	return f->error == EISDIR || f->error == ENOTDIR || runs_a_directory(f);
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, wrong_type);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct mount *m = mount_of(q, f);
	const char *path = *f->path ? f->path : "a path";
	bool directory = f->error != ENOTDIR;

	if (directory)
		report_title(r, "%s is a folder where a file should be", path);
	else
		report_title(r,
			is_file(f) ? "%s is a file where a folder should be"
				   : "%s: a part of the path is a file, not a folder",
			path);
	report_sentence(r, "%s tried to %s in %s, but %s.", phrase_who(f).text,
		phrase_attempt(f).text, phrase_place(q, f).text,
		directory    ? "there is a folder of that name"
		: is_file(f) ? "that is a file"
			     : "something on the way there is a file, not a folder");
	if (directory && !strcmp(m->destination, path))
		report_sentence(r,
			"It is mounted by itself: where subPath names a key or file that "
			"does not exist, the kubelet makes a folder in its place.");
	report_consequence(r, f);
	report_failure(r, f);
	if (!strcmp(m->destination, path))
		report_recommend(r,
			"Correct subPath, so that it names a key that exists; or mount the "
			"whole volume and use a path in it.");
	else
		report_recommend(r, "Correct the path in the configuration, or what is put there.");
}

const struct rule rule_wrong_file_type = {
	.match = match,
	.explain = explain,
};
