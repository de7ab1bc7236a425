// SPDX-License-Identifier: MIT
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/file_formats.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/find.h"

static const char *machine_name(uint16_t machine)
{
	switch (machine) {
	case EM_X86_64:
		return "amd64";
	case EM_AARCH64:
		return "arm64";
	case EM_ARM:
		return "arm";
	case EM_386:
		return "386";
	case EM_PPC64:
		return "ppc64le";
	case EM_S390:
		return "s390x";
	case EM_RISCV:
		return "riscv64";
	default:
		return "another architecture";
	}
}

static const struct file_facts *facts_of(const struct failure *f)
{
	return f->event && f->event->facts && f->event->facts->known ? &f->event->facts->file
								     : NULL;
}

/* Neither the kernel nor a shell can make sense of it. */
static bool is_no_script(const struct file_facts *file)
{
	return file->elf || file->bom || file_format_by_name(file->format);
}

static bool bad_format(const struct context *q, const struct failure *f)
{
	const struct file_facts *file = facts_of(f);

	(void)q;
	if (!f->event || f->event->kind != EVENT_EXEC_FAILED || f->error != ENOEXEC)
		return false;
	/* A shell runs a text file without a first line itself, and all is well. */
	return !program_is_shell(f->exec) || !file || file->empty || is_no_script(file);
}

/* execvp() of C libraries, as shells do: what the kernel does not know is handed to sh. */
static bool taken_for_a_script(const struct failure *f)
{
	const struct event *now = f->process->exec;

	return now && now->pid == f->process->pid && program_is_shell(now) && now->argc > 1 &&
	       !strcmp(now->args[1], f->path);
}

static bool matches_line(const char *line)
{
	return find_folded(line, "exec format error") || strstr(line, "cannot execute binary file");
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_failure(q, v, bad_format)) {
		const struct file_facts *file = facts_of(v->failure);
		/* What a shell makes of machine code are complaints about its syntax, or commands. */
		if (file && is_no_script(file) && q->failed)
			clues_add(&v->clues, CLUE_machine_code);
		if (file && is_no_script(file) && taken_for_a_script(v->failure))
			clues_add(&v->clues, CLUE_machine_code_as_script);
		return true;
	}
	return rule_log_line(q, v, matches_line);
}

static void explain_machine(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice build = {
		.text = "Use an image for {value}: build it for both (`docker buildx build "
			"--platform "
			"linux/amd64,linux/arm64`), or pull the variant for {value}.",
	};
	static const struct advice node = {
		.text = "Or let the pod run on {other} nodes only.",
		"nodeSelector:\n  kubernetes.io/arch: {other}\n",
	};
	const char *theirs = machine_name(facts_of(f)->elf_machine);
	const char *ours = machine_name(q->input->machine);
	struct blanks b = { .value = ours, .other = theirs };

	report_title(
		r, "Wrong architecture: %s is for %s, and the node is %s", f->path, theirs, ours);
	report_sentence(r, "%s is a program for %s, and this node is %s, so it cannot run here.",
		f->path, theirs, ours);
	recommend(r, &build, &b);
	recommend(r, &node, &b);
}

/* A script, as far as its first bytes tell. */
static void explain_text(const struct failure *f, const struct file_facts *file, struct report *r)
{
	static const struct advice no_bom = {
		.text = "Save {path} as UTF-8 without a byte order mark (BOM)[: `sed -i "
			"'1s/^\\xEF\\xBB\\xBF//' "
			"{path}` removes it].",
	};
	static const struct advice first_line = {
		.text = "Begin {path} with `#!/bin/sh`, or with the line for its own interpreter.",
	};

	if (file->bom) {
		report_title(r,
			"%s begins with a byte order mark (BOM), so its first line does not count",
			f->path);
		report_sentence(r,
			"%s begins with a byte order mark (BOM), three invisible bytes that some "
			"editors add. The kernel looks for `#!` at the very start and does not "
			"find it.",
			f->path);
		recommend(r, &no_bom, &(struct blanks){ .path = f->path });
		return;
	}
	report_title(r, "%s is a text file without a first line like #!/bin/sh", f->path);
	report_sentence(r,
		"%s is a text file that does not begin with a line like `#!/bin/sh`, so the kernel "
		"does not know what should run it.",
		f->path);
	recommend(r, &first_line, &(struct blanks){ .path = f->path });
}

static void explain_format(const struct context *q, const struct failure *f,
	const struct file_format *format, struct report *r)
{
	const struct advice fix = { .text = format->fix };

	report_title(r, "%s is no program: it is %s", f->path, format->what);
	report_sentence(
		r, "%s is %s, so there is nothing in it that can run.", f->path, format->what);
	recommend(r, &fix,
		&(struct blanks){ .path = f->path, .value = machine_name(q->input->machine) });
}

static void explain_file(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice empty = {
		.text = "Build the image again and see that {path} has content: the COPY or "
			"download that "
			"made it left it empty.",
	};
	static const struct advice either = {
		.text = "Build {path} for this node's architecture ({value}); if it is a script, "
			"begin it "
			"with `#!/bin/sh`.",
	};
	const struct file_facts *file = facts_of(f);
	uint16_t node = q->input->machine;
	struct blanks b = { .path = f->path, .value = machine_name(node) };
	const struct file_format *format = file ? file_format_by_name(file->format) : NULL;

	if (format) {
		explain_format(q, f, format, r);
	} else if (file && file->elf && file->elf_machine != node && node) {
		explain_machine(q, f, r);
	} else if (file && file->empty) {
		report_title(r, "%s is empty, so there is nothing to run", f->path);
		report_sentence(r, "%s is an empty file.", f->path);
		recommend(r, &empty, &b);
	} else if (file && !file->elf && (!file->script || file->bom)) {
		explain_text(f, file, r);
	} else {
		report_title(r, "%s is in no format that this node can run", f->path);
		report_sentence(r,
			"%s is in no format that this node can run: it may be for another "
			"architecture, "
			"damaged, or a script without its first line.",
			f->path);
		recommend(r, &either, &b);
	}
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	static const struct advice fix = {
		.text = "Use an image for this node's architecture ({value}); if it is a script, "
			"begin it "
			"with `#!/bin/sh`.",
	};

	if (v->failure) {
		explain_file(q, v->failure, r);
		report_consequence(r, v->failure);
		report_failure(r, v->failure);
		return;
	}
	report_title(r, "A program is in no format that this node can run");
	report_sentence(r,
		"%s could not run a program, because its format is not known here: \"%s\".",
		phrase_process(v->candidate->process).text, v->line);
	report_quote(r, v->candidate->process, v->line);
	recommend(r, &fix, &(struct blanks){ .value = machine_name(q->input->machine) });
}

const struct rule rule_exec_format_error = {
	.match = match,
	.explain = explain,
};
