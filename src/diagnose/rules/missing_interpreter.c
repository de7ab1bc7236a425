// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

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

bool rule_program_not_looked_at(const struct failure *f)
{
	const struct event *e = f->event;

	return e && e->kind == EVENT_EXEC_FAILED && e->error == ENOENT && !facts_of(f) &&
	       (!e->argc || strchr(e->args[0], '/'));
}

static bool may_lack_interpreter(const struct context *q, const struct failure *f)
{
	(void)q;
	return rule_program_not_looked_at(f);
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
	if (rule_log_line(q, v, bad_interpreter))
		return true;
	if (!rule_failure(q, v, may_lack_interpreter))
		return false;
	clues_add(&v->clues, CLUE_program_not_looked_at);
	return true;
}

/* Python in a bin of its own: a virtual environment's, which holds the paths that it was made with. */
static bool is_of_environment(const char *program, const char *name)
{
	const char *directory = name - strlen("bin/");

	return !strncmp(name, "python", strlen("python")) && directory > program + 1 &&
	       !strncmp(directory, "bin/", strlen("bin/")) && !path_under(program, "/usr");
}

/* A virtual environment's own python, or a shell, or a language. */
static void advise_interpreter(const char *path, const char *interpreter, struct report *r)
{
	static const struct advice venv = {
		.text = "Make the virtual environment in the final image, at the path where it is "
			"used and "
			"with the python that this image has[: {path} asks for {other}].",
	};
	static const struct advice shell = {
		.text = "Install {name} in the image, or write the script for /bin/sh "
			"(`#!/bin/sh`).",
	};
	static const struct advice python = {
		.text = "Install python3 in the image, and write `#!/usr/bin/env python3` as the "
			"first line of {path}: the packages of today bring no command `python`.",
	};
	static const struct advice other = {
		.text = "Install {name} in the image, or correct the first line of {path}.",
	};
	char program[256];
	size_t end = strcspn(interpreter, " \t");

	snprintf(program, sizeof(program), "%.*s", (int)(end < sizeof(program) ? end : 0),
		interpreter);
	const char *name = path_name(program);
	struct blanks b = { .path = path, .name = name, .other = program };
	size_t len = strlen(name);

	if (is_of_environment(program, name))
		recommend(r, &venv, &b);
	else if (len > 2 && !strcmp(name + len - 2, "sh"))
		recommend(r, &shell, &b);
	else
		recommend(r, strcmp(name, "python") ? &other : &python, &b);
}

/* `#!/usr/bin/env python` in an image that has python3 alone, in one of PATH's directories. */
static bool python3_is_there(const struct context *q)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		const struct event *e = q->failures[i].event;
		const struct path_facts *facts = e ? e->facts : NULL;
		if (facts && facts->known && !strcmp(path_name(facts->nearby), "python3"))
			return true;
	}
	return false;
}

static void advise_python3(const char *path, struct report *r)
{
	static const struct advice write = {
		.text = "Write `#!/usr/bin/env python3` as the first line of {path}: the image has "
			"python3, but no command `python`.",
	};
	static const struct advice link = {
		.text = "Or give the image the command `python`: `RUN ln -s python3 "
			"/usr/bin/python` where that python3 is the distribution's, or the package "
			"python-is-python3 (Debian, Ubuntu).",
	};

	recommend(r, &write, &(struct blanks){ .path = path });
	recommend(r, &link, &(struct blanks){ .path = path });
}

/* The kernel hands all behind the interpreter's name to it as one argument: env looks for a program of that name. */
static void explain_one_word(const char *path, const char *words, struct report *r)
{
	static const struct advice split = {
		.text = "Write #!/usr/bin/env -S {value} as the first line of {path}: -S lets env "
			"take the words apart.",
	};
	static const struct advice direct = {
		.text = "Name the interpreter by its path, without env: then one option may follow "
			"it.",
	};

	report_title(r, "The first line of %s gives env all of `%s` as one name", path, words);
	report_sentence(r,
		"The kernel hands what follows the interpreter in the first line of %s on as one "
		"word, so env looks for a program that is called `%s`, blanks included, and there "
		"is none.",
		path, words);
	recommend(r, &split, &(struct blanks){ .path = path, .value = words });
	recommend(r, &direct, &(struct blanks){ .path = path });
}

static void explain_script(const char *path, const char *interpreter, struct report *r)
{
	static const struct advice line_ends = {
		.text = "Convert the script to Unix line ends[ (`dos2unix {path}`)] and build the "
			"image again; `*.sh text eol=lf` in .gitattributes keeps it so.",
	};
	if (!interpreter) /* never so; gcc warns without it where sanitizers are on */
		return;
	size_t len = strlen(interpreter);
	bool windows = len && interpreter[len - 1] == '\r';
	int shown = (int)(windows ? len - 1 : len);

	if (windows) {
		report_title(r, "%s has Windows line ends, so its interpreter %.*s is not found",
			path, shown, interpreter);
		report_sentence(r,
			"The first line of %s ends with a carriage return (CR), as Windows editors "
			"write it, so the kernel looks for `%.*s\\r`, which does not exist.",
			path, shown, interpreter);
		recommend(r, &line_ends, &(struct blanks){ .path = path });
		return;
	}
	report_title(
		r, "%s asks for the interpreter %s, which is not in the image", path, interpreter);
	report_sentence(r,
		"The first line of %s asks for `%s`, which is not in the image. What is \"not "
		"found\" is "
		"the interpreter, not the script.",
		path, interpreter);
	if (!strcmp(path_name(interpreter), "python") && python3_is_there(r->q))
		advise_python3(path, r);
	else
		advise_interpreter(path, interpreter, r);
}

/* A virtual environment's python is a link to the one that it was made with. */
static void explain_link(
	const char *path, const char *interpreter, const struct path_facts *facts, struct report *r)
{
	static const struct advice copy_it = {
		.text = "Copy the interpreter {target} into the image as well, at the same place; "
			"for a virtual environment better make it in the final image, with that "
			"image's own python (for uv: UV_PYTHON_PREFERENCE=only-system, or "
			"UV_PYTHON_INSTALL_DIR in both stages).",
	};

	report_title(r, "The interpreter of %s is a link to %s, which is not in the image", path,
		facts->target);
	report_sentence(r,
		"The first line of %s asks for `%s`; there %s is a link to %s, which does not "
		"exist in "
		"the image. What is \"not found\" is the interpreter, not the script.",
		path, interpreter, facts->link, facts->target);
	recommend(r, &copy_it, &(struct blanks){ .target = facts->target });
}

static void explain_elf(const char *path, const char *loader, struct report *r)
{
	static const struct advice musl = {
		.text = "Run the program in an Alpine image, or build it for glibc.",
	};
	static const struct advice glibc = {
		.text = "Run the program in an image with glibc (Debian, Ubuntu), or build it "
			"statically (for Go: `CGO_ENABLED=0`). On Alpine the package gcompat may "
			"be enough.",
	};
	bool for_musl = strstr(loader, "musl") != NULL;

	report_title(r, "%s is built for %s, which the image does not have", path,
		for_musl ? "musl (Alpine)" : "glibc");
	report_sentence(r,
		"%s is built for %s and asks for its loader %s, which is not in the image. What is "
		"\"not "
		"found\" is the loader, not the program.",
		path, for_musl ? "musl (Alpine)" : "glibc (Debian, Ubuntu, ...)",
		*loader ? loader : "(unnamed)");
	recommend(r, for_musl ? &musl : &glibc, &(struct blanks){ .path = path });
}

static void explain_line(const struct verdict *v, struct report *r)
{
	static const struct advice fix = {
		.text = "Install the interpreter in the image, and see that the script has Unix "
			"line ends.",
	};

	report_title(r, "The interpreter of a script is not in the image");
	report_sentence(r,
		"%s could not run a script, because the interpreter that its first line asks for "
		"is not "
		"there: \"%s\".",
		phrase_process(v->candidate->process).text, v->line);
	report_quote(r, v->candidate->process, v->line);
	recommend(r, &fix, &(struct blanks){ .path = NULL });
}

/* Which of the two it is nobody saw. */
static void explain_unseen(const struct failure *f, struct report *r)
{
	static const struct advice look = {
		.text = "See that {path} is in the image, and the program that its first line "
			"names, without a Windows line end behind it (`dos2unix`).",
	};

	report_title(r, "%s, or the interpreter of its first line, is not in the image", f->path);
	report_sentence(r,
		"%s was not found, which is so where the file is missing, and where it is a "
		"script whose interpreter is. Nobody looked in time to see which of the two it is.",
		f->path);
	recommend(r, &look, &(struct blanks){ .path = f->path });
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	(void)q;
	if (!f) {
		explain_line(v, r);
		return;
	}
	const struct file_facts *file = facts_of(f);
	const char *name = path_name(*f->path ? f->path : f->event->executable);
	if (through_env(f) && name[strcspn(name, " \t")])
		explain_one_word(f->exec->executable, name, r);
	else if (through_env(f))
		explain_script(f->exec->executable, name, r);
	else if (!file)
		explain_unseen(f, r);
	else if (file->elf)
		explain_elf(f->path, file->interpreter, r);
	else if (f->event && f->event->facts && *f->event->facts->link)
		explain_link(f->path, file->interpreter, f->event->facts, r);
	else
		explain_script(f->path, file->interpreter, r);
	report_consequence(r, f);
	if (through_env(f))
		report_event(r, f->exec, "the script %s was run by %s", f->exec->executable,
			f->exec->interpreter);
	report_failure(r, f);
	if (through_env(f))
		report_path(r, f->exec->executable);
}

const struct rule rule_missing_interpreter = {
	.match = match,
	.explain = explain,
};
