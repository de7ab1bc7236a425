// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static const struct file_facts *facts_of(const struct failure *f)
{
	return f->event && f->event->facts && f->event->facts->known ? &f->event->facts->file
								     : NULL;
}

static bool through_env(const struct failure *f)
{
	return f->exec && *f->exec->interpreter && !strcmp(path_name(f->exec->interpreter), "env");
}

/* ENOENT for a file that is there is about what the file asks for. */
static bool lacks_interpreter(const struct context *q, const struct failure *f)
{
	const struct file_facts *file = facts_of(f);

	(void)q;
	if (!f->event || f->event->kind != EVENT_EXEC_FAILED || f->error != ENOENT)
		return false;
	if (through_env(f))
		return true;
	return file && (file->type == FILE_REGULAR || file->type == FILE_SYMLINK) &&
	       (file->script || file->elf || *file->interpreter);
}

static bool bad_interpreter(const char *line)
{
	return strstr(line, "bad interpreter") || strstr(line, "required file not found") ||
	       (strstr(line, "env: ") && strstr(line, "\\r"));
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_failure(q, v, lacks_interpreter)) {
		/* Shells say "not found" in as many words for this as for a missing command. */
		if (q->failed)
			clues_add(&v->clues, CLUE_file_is_there);
		return true;
	}
	return rule_log_line(q, v, bad_interpreter);
}

static void explain_script(const char *path, const char *interpreter, struct report *r)
{
	size_t len = strlen(interpreter);
	bool windows = len && interpreter[len - 1] == '\r';
	int shown = (int)(windows ? len - 1 : len);

	report_title(r, "Missing interpreter: %s asks for %.*s%s", path, shown, interpreter,
		windows ? " with a Windows line end behind it" : "");
	if (windows) {
		report_sentence(r,
			"The first line of %s ends with a carriage return (CR), as Windows editors "
			"leave it, so `%.*s\\r` is looked for, which does not exist.",
			path, shown, interpreter);
		report_recommend(r,
			"Save the script with Unix line ends (dos2unix, or `*.sh text eol=lf` in "
			".gitattributes) and build the image again.");
		return;
	}
	report_sentence(r,
		"The first line of %s asks for `%s`, which is not in the image: the file that is "
		"\"not found\" is the interpreter, not the script.",
		path, interpreter);
	const char *name = path_name(interpreter);
	if (strstr(interpreter, "venv/"))
		report_recommend(r,
			"Build the virtual environment at the path where it is used, or run the "
			"module by the image's own python3 (python3 -m %s).",
			path_name(path));
	else if (strlen(name) > 2 && !strcmp(name + strlen(name) - 2, "sh"))
		report_recommend(r,
			"Install %s in the image, or write the script for /bin/sh (`#!/bin/sh`).",
			name);
	else
		report_recommend(
			r, "Install %s in the image, or correct the script's first line.", name);
}

static void explain_elf(const char *path, const char *loader, struct report *r)
{
	bool musl = strstr(loader, "musl") != NULL;

	report_title(r, "Missing loader: %s needs %s", path, *loader ? loader : "an ELF loader");
	report_sentence(r,
		"%s was built for %s: it asks for the loader %s, which is not in the image: the "
		"file that is \"not found\" is the loader, not the program.",
		path, musl ? "musl (Alpine)" : "glibc (Debian, Ubuntu, ...)", loader);
	report_recommend(r, musl ? "Use an Alpine image, or build the program for glibc."
				 : "Use an image with glibc, or link the program statically "
				   "(CGO_ENABLED=0 for Go); on Alpine, "
				   "gcompat may do.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	(void)q;
	if (!f) {
		report_title(r, "Missing interpreter of a script");
		report_sentence(r,
			"%s could not run a script, because the interpreter that its first line "
			"asks for is not there: \"%s\".",
			phrase_process(v->candidate->process).text, v->line);
		report_quote(r, v->candidate->process, v->line);
		report_recommend(r,
			"Install the interpreter in the image, and see that the script has "
			"Unix line ends.");
		return;
	}
	const struct file_facts *file = facts_of(f);
	if (through_env(f))
		explain_script(f->exec->executable,
			path_name(*f->path ? f->path : f->event->executable), r);
	else if (file->elf)
		explain_elf(f->path, file->interpreter, r);
	else
		explain_script(f->path, file->interpreter, r);
	report_consequence(r, f);
	report_failure(r, f);
	if (through_env(f)) {
		report_event(r, f->exec, "the script %s was run by %s", f->exec->executable,
			f->exec->interpreter);
		report_path(r, f->exec->executable);
	}
}

const struct rule rule_missing_interpreter = {
	.match = match,
	.explain = explain,
};
