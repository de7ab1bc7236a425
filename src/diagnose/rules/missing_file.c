// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"
#include "util/find.h"

/* "PATH: cannot open shared object file", as the loader says: missing_library explains it. */
static bool is_said_to_be_library(const struct failure *f)
{
	static const char words[] = ": cannot open shared object file";
	size_t len = strlen(f->path);
	const char *at = f->line && len ? strstr(f->line, f->path) : NULL;

	for (; at; at = strstr(at + len, f->path))
		if (!strncmp(at + len, words, strlen(words)))
			return true;
	return false;
}

static bool missing(const struct context *q, const struct failure *f)
{
	const char *line;

	if (is_said_to_be_library(f))
		return false;

	if ((f->error != ENOENT && f->error != ELOOP) ||
		(f->event && supervisor_gave_up(q, f, &line)))
		return false;
	return !f->event || f->event->kind == EVENT_FILE_ERROR ||
	       (f->event->kind == EVENT_NETWORK_ERROR && *f->event->address == '/');
}

static bool match(const struct context *q, struct verdict *v)
{
	return q->started && (rule_trust_list(q, v) || rule_failure(q, v, missing));
}

static bool is_relative(const struct failure *f)
{
	return f->event && *f->event->requested && f->event->requested[0] != '/';
}

/* "directory for stderr_path=/log/unicorn.err not writable": the one that holds the path. */
static bool is_said_of_its_directory(const struct failure *f)
{
	static const char *const words[] = { "directory for ", "directory of ",
		"directory containing " };
	const char *line = f->line && strstr(f->line, f->path) ? f->line : "";

	return has_one_folded(line, words, ARRAY_SIZE(words));
}

/* "Missing privilege separation directory: /run/sshd": more than the "directory" of every ENOENT. */
static bool is_called_directory(const struct failure *f)
{
	static const char common[] = "o such file or directory", word[] = "directory";
	const size_t before = sizeof(common) - sizeof(word);
	const char *line = f->line && strstr(f->line, f->path) ? f->line : "";

	for (const char *s = line; (s = find_folded(s, word)); s++)
		/* "Cannot open configuration file/directory": it says itself that it may be either. */
		if (s[-(s > line)] != '/' &&
			((size_t)(s - line) < before ||
				strncmp(s - before, common, sizeof(common) - 1) != 0))
			return true;
	return false;
}

/* A name that was to be made, and lacks nothing but the directory for it. */
static bool makes_new(const struct failure *f)
{
	return call_is(f, "mkdir") || call_is(f, "creat") || call_is(f, "mknod") ||
	       call_is(f, "bind") ||
	       (call_opens(f) && f->event && strstr(f->event->flags, "O_CREAT"));
}

/* What programs look for there before they start are directories for their sockets and pid files, which have a suffix. */
static bool is_run_directory(const struct failure *f)
{
	return call_probes(f) && place_of(f->path) == PLACE_RUN && !strchr(path_name(f->path), '.');
}

/* Opened as a directory, which programs try first of what may be either: the image has a file there, or it is named as one. */
static bool opens_directory(const struct failure *f)
{
	const struct path_facts *facts = f->event->facts;
	bool hidden_file = facts && facts->known && facts->hidden == FILE_REGULAR;

	return strstr(f->event->flags, "O_DIRECTORY") && !hidden_file &&
	       !(strchr(path_name(f->path), '.') && line_is_settings_file(f->path));
}

/* What is not there when a directory is not: its name, else "". */
static struct phrase missing_directory(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	struct phrase parent = directory_of_path(f->path), p = { "" };
	bool enters = call_is(f, "chdir") || call_is(f, "chroot") ||
		      (f->event && opens_directory(f)) || is_called_directory(f) ||
		      is_run_directory(f);
	bool makes = call_creates(f) || call_is(f, "bind");

	if (f->error != ENOENT || !*f->path)
		return p;
	if (is_said_of_its_directory(f))
		return parent;
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
	} else if (makes_new(f) && !*facts->link &&
		   !path_under(parent.text, facts->directory_path)) {
		/* What is there goes by another name: /run, where /var/run leads. */
		p = parent;
	}
	return p;
}

static void explain_directory(
	const struct context *q, const struct failure *f, const char *directory, struct report *r)
{
	const char *end = odd_end_of(directory);

	if (end)
		report_title(r, "The name of the directory ends with %s: %s", end, directory);
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

/* It is a link, and what it leads to is what is missing. */
static bool is_broken_link(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	return facts && f->error == ENOENT && !call_creates(f) && *facts->link &&
	       !strcmp(facts->link, f->path);
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

/* It is there by now: to add it would mend nothing. */
static void explain_late(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice wait = {
		.text = "If {path} is made by another process, start the program only once it is "
			"there: let it wait for the file, or have an init container make it.",
	};

	report_title(r, "%s was not there when %s looked for it, and came later", f->path,
		phrase_name(f).text);
	report_sentence(r, "%s tried to %s in %s.", phrase_who(f).text, phrase_attempt(f).text,
		phrase_place(q, f).text);
	report_doubt(r, f);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, &wait, &(struct blanks){ .path = f->path });
	advise_visible_errors(r, f);
}

static bool lacks_its_directory(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	return f->error == ENOENT && facts && *facts->directory_path &&
	       strcmp(facts->directory_path, directory_of_path(f->path).text) != 0;
}

/* `[ -f {path} ]`: what a shell itself only looks at, and says nothing of, it was asked about by the script. */
static bool is_test(const struct failure *f)
{
	return f->process && f->process->ended_at && f->error == ENOENT && !f->line && f->event &&
	       call_probes(f) && f->process->exec && program_is_shell(f->process->exec);
}

static void explain_test(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice either = {
		.text = "Provide {path} before the script asks for it, by an earlier step or a "
			"volume; where the script may go on without it, do not let the test end "
			"it: put the test into an `if`, or `|| true` behind it. With `set -e` a "
			"test that is false ends a script, and says nothing.",
	};

	report_title(r, "The script ended where it asked for %s, which is not there", f->path);
	report_sentence(r,
		"%s asked whether there is %s, as `[ -e ... ]` does, and it does not exist in %s. "
		"Right after that the script ended, and said nothing.",
		phrase_who(f).text, f->path, phrase_place(q, f).text);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, &either, &(struct blanks){ .path = f->path });
	advise_relative_start(r, f);
}

static void explain_file(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice circle = {
		.text = "Make one of the links on the way to {path} lead to a real file[ (`namei "
			"{path}` "
			"shows them)].",
	};
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	const char *end = odd_end_of(f->path);

	if (end)
		report_title(r, "The name of the file ends with %s: %s", end, f->path);
	else
		report_title(r,
			f->error == ELOOP ? "Symbolic links in a circle: %s" : "Missing file: %s",
			*f->path ? f->path : "one that the program needs");
	report_sentence(r,
		f->error == ELOOP ? "%s tried to %s, but the links there in %s lead in a circle."
				  : "%s tried to %s, which does not exist in %s.",
		phrase_who(f).text, phrase_attempt(f).text, phrase_place(q, f).text);
	if (end)
		report_sentence(r, "The name that was asked for ends with %s.", end);
	if (lacks_its_directory(f))
		report_sentence(r,
			"Its directory does not exist either: the nearest that does is %s.",
			facts->directory_path);
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

/* What a source includes, as it names it: "foo/bar.h" of /usr/include/foo/bar.h; NULL where the line does not name it so. */
static const char *included_name(const struct failure *f)
{
	if (!f->line || !program_is(f->exec, ROLE_COMPILER))
		return NULL;
	for (const char *name = f->path; (name = strchr(name, '/'));) {
		const char *at = strstr(f->line, ++name);
		if (*name && at && at > f->line && at[-1] != '/')
			return name;
	}
	return NULL;
}

static void explain_included(const struct failure *f, const char *name, struct report *r)
{
	static const struct advice install = {
		.text = "Install the package that has it, mostly a -dev or -devel one (Debian and "
			"Ubuntu[: `apt-file search {name}` names it]), or name its directory by "
			"-I.",
	};

	report_title(r, "Missing file: %s, which a source includes", name);
	report_sentence(r,
		"%s looked for %s in each directory of its search path, last as %s, and found it "
		"in none.",
		phrase_who(f).text, name, f->path);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, &install, &(struct blanks){ .name = name });
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	if (!v->failure) {
		rule_trust_list_explain(v, r);
		return;
	}
	const struct failure *f = v->failure;
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	struct phrase no_directory = missing_directory(f);

	const char *included = included_name(f);

	if (included)
		explain_included(f, included, r);
	else if (node_denies(q, f))
		explain_late(q, f, r);
	else if (is_test(f))
		explain_test(q, f, r);
	else if (*no_directory.text && !is_broken_link(f))
		explain_directory(q, f, no_directory.text, r);
	else if (facts && *facts->link && f->error == ENOENT)
		explain_link(q, f, facts, r);
	else
		explain_file(q, f, r);
}

const struct rule rule_missing_file = {
	.match = match,
	.explain = explain,
};
