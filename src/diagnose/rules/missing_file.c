// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool missing(const struct context *q, const struct failure *f)
{
	(void)q;
	if (f->error != ENOENT && f->error != ELOOP)
		return false;
	return !f->event || f->event->kind == EVENT_FILE_ERROR ||
	       (f->event->kind == EVENT_NETWORK_ERROR && *f->event->address == '/');
}

static bool match(const struct context *q, struct verdict *v)
{
	return q->started && rule_failure(q, v, 0, missing);
}

static bool is_relative(const struct failure *f)
{
	return f->event && *f->event->requested && f->event->requested[0] != '/';
}

static bool in_the_image(const struct mount *m)
{
	return m->kind == MOUNT_ROOTFS || m->kind == MOUNT_NONE;
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
	if (enters)
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
	const struct mount *m = container_mount_of(q->container, directory);

	report_title(r, "Missing folder: %s", directory);
	if (!strcmp(directory, f->path))
		report_sentence(r, "%s tried to %s, which does not exist in %s.",
			phrase_who(f).text, phrase_attempt(f).text, phrase_place(q, f).text);
	else
		report_sentence(r, "%s tried to %s, but the folder %s does not exist in %s.",
			phrase_who(f).text, phrase_attempt(f).text, directory,
			phrase_place(q, f).text);
	report_consequence(r, f);
	report_failure(r, f);
	if (!in_the_image(m)) {
		report_recommend(r,
			"Let an init container or the start script make it (mkdir -p %s), or "
			"correct the path.",
			directory);
	} else if (call_is(f, "chdir")) {
		report_recommend(r,
			"Make the folder in the image (`RUN mkdir -p %s`), or correct the path "
			"(workingDir, `cd`).",
			directory);
	} else {
		report_recommend(r,
			"Make the folder in the image (`RUN mkdir -p %s`), or mount an emptyDir "
			"there.",
			directory);
		manifest_empty_dir(r, directory);
	}
	advise_visible_errors(r, f);
}

static void advise_key(const struct mount *m, const char *path, struct report *r)
{
	report_recommend(r,
		"Add the key `%s` to the %s behind volume `%s`, or correct `items` where the "
		"volume picks keys.",
		path_name(path), mount_title(m->kind), m->name);
}

static void advise(const struct context *q, const struct failure *f, struct report *r)
{
	const struct mount *m = mount_of(q, f);

	if (is_plain_command(q) && *f->path)
		report_recommend(r, "Make %s, or correct the path.", f->path);
	else if (mount_holds_keys(m))
		advise_key(m, f->path, r);
	else if (!in_the_image(m))
		report_recommend(r,
			"See that something puts %s into the volume before the program starts, an "
			"init container for example.",
			f->path);
	else if (*f->path)
		report_recommend(r,
			"Put %s into the image, or mount it from a ConfigMap or Secret.", f->path);
	else
		report_recommend(r, "Put the file into the image, or mount it.");
	if (is_relative(f)) {
		report_recommend(r, "Or set the folder that relative paths start from.");
		manifest_container(r, "    workingDir: /path/to/app\n");
	}
}

static void explain_link(const struct context *q, const struct failure *f,
	const struct path_facts *facts, struct report *r)
{
	const struct mount *m = container_mount_of(q->container, facts->target);

	report_title(r, "Link to nowhere: %s leads to %s", facts->link, facts->target);
	report_sentence(r, "%s tried to %s, but %s is a link to %s, which does not exist in %s.",
		phrase_who(f).text, phrase_attempt(f).text, facts->link, facts->target,
		phrase_mount(q, m).text);
	report_consequence(r, f);
	report_failure(r, f);
	if (mount_holds_keys(m))
		advise_key(m, facts->target, r);
	else
		report_recommend(
			r, "Put %s where the link leads, or mount it there.", facts->target);
	report_recommend(r, "Or let %s point to what is there.", facts->link);
	advise_visible_errors(r, f);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
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
	report_title(r, f->error == ELOOP ? "Links in a circle: %s" : "Missing file: %s",
		*f->path ? f->path : "one that the program needs");
	report_sentence(r,
		f->error == ELOOP ? "%s tried to %s, but the links there in %s lead in a circle."
				  : "%s tried to %s, which does not exist in %s.",
		phrase_who(f).text, phrase_attempt(f).text, phrase_place(q, f).text);
	if (*directory && strcmp(directory, directory_of_path(f->path).text))
		report_sentence(r, "Not even its folder is there: the nearest that exists is %s.",
			directory);
	if (is_relative(f))
		report_sentence(r, "The program asked for `%s`, relative to its working directory.",
			f->event->requested);
	report_consequence(r, f);
	report_failure(r, f);
	advise(q, f, r);
	advise_visible_errors(r, f);
}

const struct rule rule_missing_file = {
	.match = match,
	.explain = explain,
};
