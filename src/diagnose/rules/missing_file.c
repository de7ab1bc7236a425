// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

static bool missing(const struct context *q, const struct failure *f)
{
	const char *line;

	if ((f->error != ENOENT && f->error != ELOOP) ||
		(f->event && supervisor_gave_up(q, f, &line)))
		return false;
	return !f->event || f->event->kind == EVENT_FILE_ERROR ||
	       (f->event->kind == EVENT_NETWORK_ERROR && *f->event->address == '/');
}

static bool match(const struct context *q, struct verdict *v)
{
	return q->started && rule_failure(q, v, missing);
}

static bool is_relative(const struct failure *f)
{
	return f->event && *f->event->requested && f->event->requested[0] != '/';
}

/* What is not there when a directory is not: its name, else "". */
static struct phrase missing_directory(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	struct phrase parent = directory_of_path(f->path), p = { "" };
	bool enters = call_is(f, "chdir") || (f->event && strstr(f->event->flags, "O_DIRECTORY"));
	bool makes = call_creates(f) || call_is(f, "bind");

	if (f->error != ENOENT || !*f->path)
		return p;
	/* What ends with a slash is meant to be a directory: weigh.c */
	bool slash = f->event && f->event->error == EISDIR;
	if (enters || slash)
		snprintf(p.text, sizeof(p.text), "%s", f->path);
	else if (makes && facts && *facts->directory_path &&
		 strcmp(facts->directory_path, parent.text) &&
		 path_under(parent.text, facts->directory_path)) {
		/* The first one on the way that is not there. */
		size_t known =
			strcmp(facts->directory_path, "/") ? strlen(facts->directory_path) : 0;
		size_t len = known + 1 + strcspn(parent.text + known + 1, "/");
		snprintf(p.text, sizeof(p.text), "%.*s", (int)len, parent.text);
	} else if (makes && !(facts && facts->known)) {
		p = parent;
	}
	return p;
}

static void explain_directory(
	const struct context *q, const struct failure *f, const char *directory, struct report *r)
{
	if (strchr(directory, '\r'))
		report_title(
			r, "A carriage return (CR) is in the name of the directory: %s", directory);
	else
		report_title(r, "Missing directory: %s", directory);
	if (!strcmp(directory, f->path))
		report_sentence(r, "%s tried to %s, which does not exist in %s.",
			phrase_who(f).text, phrase_attempt(f).text, phrase_place(q, f).text);
	else
		report_sentence(r, "%s tried to %s, but the directory %s does not exist in %s.",
			phrase_who(f).text, phrase_attempt(f).text, directory,
			phrase_place(q, f).text);
	report_consequence(r, f);
	report_failure(r, f);
	/* The whole way to the file is needed, not only the first directory that is not there. */
	struct phrase parent = directory_of_path(f->path);
	bool within = path_under(parent.text, directory) && strcmp(f->path, directory);
	advise_missing_directory(r, f, within ? parent.text : directory);
	advise_visible_errors(r, f);
}

static void explain_link(const struct context *q, const struct failure *f,
	const struct path_facts *facts, struct report *r)
{
	const struct mount *m = container_mount_of(q->container, facts->target);

	report_title(r, "Broken link: %s points to %s", facts->link, facts->target);
	report_sentence(r, "%s tried to %s, but %s is a link to %s, which does not exist in %s.",
		phrase_who(f).text, phrase_attempt(f).text, facts->link, facts->target,
		phrase_mount(q, m).text);
	report_consequence(r, f);
	report_failure(r, f);
	advise_dangling_link(r, facts->link, facts->target);
	advise_visible_errors(r, f);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	static const struct advice circle = {
		.text = "Make one of the links on the way to {path} lead to a real file[ (`namei "
			"{path}` "
			"shows them)].",
	};
	const struct failure *f = v->failure;
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	const char *directory = facts ? facts->directory_path : "";
	struct phrase no_directory = missing_directory(f);
	bool link = facts && *facts->link && f->error == ENOENT;

	if (*no_directory.text) {
		explain_directory(q, f, no_directory.text, r);
		return;
	}
	if (link) {
		explain_link(q, f, facts, r);
		return;
	}
	report_title(r, f->error == ELOOP ? "Symbolic links in a circle: %s" : "Missing file: %s",
		*f->path ? f->path : "one that the program needs");
	report_sentence(r,
		f->error == ELOOP ? "%s tried to %s, but the links there in %s lead in a circle."
				  : "%s tried to %s, which does not exist in %s.",
		phrase_who(f).text, phrase_attempt(f).text, phrase_place(q, f).text);
	if (*directory && strcmp(directory, directory_of_path(f->path).text))
		report_sentence(r,
			"Its directory does not exist either: the nearest that does is %s.",
			directory);
	if (is_relative(f))
		report_sentence(r, "The program asked for `%s`, relative to its working directory.",
			f->event->requested);
	report_consequence(r, f);
	report_failure(r, f);
	if (f->error == ELOOP)
		recommend(r, &circle, &(struct blanks){ .path = f->path });
	else
		advise_missing(r, f, f->path);
	advise_visible_errors(r, f);
}

const struct rule rule_missing_file = {
	.match = match,
	.explain = explain,
};
