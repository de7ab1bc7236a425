// SPDX-License-Identifier: MIT
/*
 * A program was built for newer processors than the node's: it says so, or dies of SIGILL at the first such
 * instruction. Virtual machines hide what their host has, so that the node's type decides as often as its age.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "util/find.h"

/* Messages of libraries and programs; each is about instructions, none about how many processors there are. */
static bool speaks_of_the_processor(const char *line)
{
	static const char *const signs[] = { "CPU does not support x86-64-v",
		"CPU ISA level is lower", "MongoDB 5.0+ requires a CPU with AVX",
		"CPU with AVX support", "does not support AVX", "requires AVX", "AVX instructions",
		"AVX2 instructions", "not compiled to use: AVX", "Illegal instruction",
		"unsupported CPU", "CPU not supported", "requires a CPU with", "CPU lacks",
		"CPU doesn't support", "missing CPU features", "instruction set SSE",
		"both the operating system and the processor support Intel",
		"the CPU does not support",
		"This program can only be run on AMD64 processors with v" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (find_folded(line, signs[i]))
			return !strstr(line, "This TensorFlow binary is optimized");
	return false;
}

/* abort() of a container's first process ends it by another signal. */
static bool aborted(const struct context *q, const struct process *p)
{
	for (size_t i = 0; i < q->n_entries; i++)
		if (q->entries[i].event->kind == EVENT_SIGNAL &&
			q->entries[i].event->signo == SIGABRT && q->entries[i].process == p)
			return true;
	return false;
}

static bool died_of_it(const struct process *p)
{
	return p->ended_at && status_exit_code(p->status) == 128 + SIGILL;
}

static bool match(const struct context *q, struct verdict *v)
{
	int best = 0;

	if (rule_log_line(q, v, speaks_of_the_processor))
		return true;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct candidate *s = &q->candidates[i];
		if (!s->responsible || !died_of_it(s->process) || aborted(q, s->process) ||
			(v->candidate && s->clues.total <= best))
			continue;
		bool by_signal = status_signal(s->process->status) != 0;
		*v = (struct verdict){ 0 };
		best = s->clues.total;
		rule_process(v, s, by_signal ? CLUE_fatal_signal : CLUE_fatal_status);
		clues_add(&v->clues, CLUE_illegal_instruction);
	}
	return v->candidate != NULL;
}

/* "x86-64-v2", "AVX2", "SSE4.2": what is missing, as the message has it. */
static struct phrase missing_in(const char *line)
{
	static const char *const names[] = { "x86-64-v4", "x86-64-v3", "x86-64-v2", "AVX512",
		"AVX2", "AVX", "SSE4.2", "SSE4_2", "SSE4.1", "BMI2", "FMA", "LSE" };
	struct phrase p = { "" };

	for (size_t i = 0; line && i < sizeof(names) / sizeof(*names); i++)
		if (find_folded(line, names[i])) {
			snprintf(p.text, sizeof(p.text), "%s", names[i]);
			break;
		}
	return p;
}

static void recommend_processor(const char *missing, bool arm, struct report *r)
{
	const char *what = *missing ? missing : "these instructions";

	report_recommend(r,
		"Run it on nodes whose CPU has %s; where the node is a virtual machine, give it "
		"the host's CPU type (host-passthrough, host-model) instead of a generic one such "
		"as kvm64 or qemu64.",
		what);
	report_recommend(r,
		"Or use an older release of the image, or a build for a lower level of the "
		"processor (%s).",
		arm ? "armv8-a" : "plain x86-64");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	bool arm = q->input->machine == 183; /* EM_AARCH64 */
	const char *line = v->line;

	for (size_t i = 0; !line && i < v->candidate->log_lines.n; i++)
		if (speaks_of_the_processor(v->candidate->log_lines.lines[i]))
			line = v->candidate->log_lines.lines[i];
	struct phrase missing = missing_in(line);

	report_title(r, "The node's processor cannot run %s%s%s%s", phrase_process_name(p).text,
		*missing.text ? " (" : "", *missing.text ? missing.text : "",
		*missing.text ? " is missing)" : "");
	if (died_of_it(p))
		report_sentence(r,
			"%s ran an instruction that this processor does not have, or does not show "
			"to its virtual machine (SIGILL).",
			phrase_process(p).text);
	else
		report_sentence(
			r, "%s gave up because of the node's processor.", phrase_process(p).text);
	if (line)
		report_sentence(r, "It said: \"%s\".", phrase_message(line, p->comm).text);
	if (q->ended)
		report_sentence(r, "The container ended with exit code %d.", q->exit_code);
	report_culprit(r, p->exit);
	report_quote(r, p, line);
	if (died_of_it(p))
		report_event(r, p->exit, "%s was ended by SIGILL", phrase_process(p).text);
	else if (p->exit)
		report_event(r, p->exit, "%s ended with exit code %d", phrase_process(p).text,
			status_exit_code(p->status));
	recommend_processor(missing.text, arm, r);
}

const struct rule rule_cpu_unsupported = {
	.match = match,
	.explain = explain,
};
