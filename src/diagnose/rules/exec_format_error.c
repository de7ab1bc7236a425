// SPDX-License-Identifier: MIT
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

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

static bool bad_format(const struct context *q, const struct failure *f)
{
	const struct file_facts *file = facts_of(f);

	(void)q;
	if (!f->event || f->event->kind != EVENT_EXEC_FAILED || f->error != ENOEXEC)
		return false;
	/* A shell runs a text file without a first line itself, and all is well. */
	return !program_is_shell(f->exec) || !file || file->elf || file->empty;
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
	return strcasestr(line, "exec format error") || strstr(line, "cannot execute binary file");
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_failure(q, v, bad_format)) {
		const struct file_facts *file = facts_of(v->failure);
		/* What a shell makes of machine code are complaints about its syntax, or commands. */
		if (file && file->elf && q->failed)
			clues_add(&v->clues, CLUE_machine_code);
		if (file && file->elf && taken_for_a_script(v->failure))
			clues_add(&v->clues, CLUE_machine_code_as_script);
		return true;
	}
	return rule_log_line(q, v, matches_line);
}

static void explain_file(const struct context *q, const struct failure *f, struct report *r)
{
	const struct file_facts *file = facts_of(f);
	uint16_t node = q->input->machine;

	if (file && file->elf && file->elf_machine != node && node) {
		report_title(r, "Wrong architecture: %s is for %s, and the node is %s", f->path,
			machine_name(file->elf_machine), machine_name(node));
		report_sentence(r,
			"%s is a program for %s, and this node is %s, so the kernel cannot run it.",
			f->path, machine_name(file->elf_machine), machine_name(node));
		report_recommend(r,
			"Build the image for %s too (docker buildx build --platform "
			"linux/amd64,linux/arm64), or pull the right variant.",
			machine_name(node));
		report_recommend(
			r, "Or let the pod run on %s nodes only.", machine_name(file->elf_machine));
		report_manifest(r, "nodeSelector:\n  kubernetes.io/arch: %s\n",
			machine_name(file->elf_machine));
		return;
	}
	report_title(r, "Exec format error: %s cannot be run as it is", f->path);
	if (file && file->empty)
		report_sentence(r, "%s is empty, so there is nothing to run.", f->path);
	else if (file && !file->elf && !file->script)
		report_sentence(r,
			"%s is a text file without a first line like `#!/bin/sh`, so the kernel "
			"does not know how "
			"to run it.",
			f->path);
	else
		report_sentence(r,
			"%s is no program that this node can run: made for another architecture, "
			"damaged, or a "
			"script without a first line.",
			f->path);
	if (file && file->empty)
		report_recommend(r,
			"See why the file is empty: a COPY or a download of the image's build "
			"that failed.");
	else
		report_recommend(r,
			"Begin the script with `#!/bin/sh`, or build the program for this "
			"node's architecture.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	if (v->failure) {
		explain_file(q, v->failure, r);
		report_consequence(r, v->failure);
		report_failure(r, v->failure);
		return;
	}
	report_title(r, "Exec format error: a program is not for this node");
	report_sentence(r,
		"%s could not run a program, because the kernel does not know its format: \"%s\".",
		phrase_process(v->candidate->process).text, v->line);
	report_quote(r, v->candidate->process, v->line);
	report_recommend(r,
		"Build the image for this node's architecture, or begin the script with "
		"`#!/bin/sh`.");
}

const struct rule rule_exec_format_error = {
	.match = match,
	.explain = explain,
};
