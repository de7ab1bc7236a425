// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/devices.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define LAST_MOMENT SECONDS(1)
#define LONGEST_WORD 80
#define USUAL_STACK 8192 /* KiB; what the kernel gives (_STK_LIM) */

static const struct signal_text {
	int signo;
	const char *what;
} signal_texts[] = {
	{ SIGSEGV, "it used memory that does not belong to it" },
	{ SIGABRT, "it called abort(), as after a failed assertion or an uncaught "
		   "exception" },
	{ SIGBUS, "it used memory that had no page behind it, as when /dev/shm is full or a mapped "
		  "file is shorter than what is mapped of it" },
	{ SIGILL, "it ran an instruction that this processor does not have" },
	{ SIGFPE, "it divided by zero or the like" },
	{ SIGTRAP, "it ran into a trap, as after a failed check of its own" },
};

static const struct signal_text *signal_text_of(int signo)
{
	for (size_t i = 0; i < ARRAY_SIZE(signal_texts); i++)
		if (signal_texts[i].signo == signo)
			return &signal_texts[i];
	return NULL;
}

/* By the signal itself, or as a shell hands it on. */
static int fatal_signal(const struct process *p)
{
	int signo = status_signal(p->status), code = status_exit_code(p->status);

	if (!signo && code > 128 && code < 128 + 32)
		signo = code - 128;
	return signal_text_of(signo) ? signo : 0;
}

/* Shells tell how their child ended, and then go on or not. */
static bool reported_by_parent(const struct context *q, const struct process *p)
{
	static const char *const signs[] = { "Segmentation fault", "Bus error", "Aborted",
		"Illegal instruction", "Floating point exception", "core dumped" };
	const struct candidate *parent = candidate_of(q, p->parent);
	const char *line = parent ? log_lines_decisive(&parent->log_lines) : NULL;

	for (size_t i = 0; line && i < ARRAY_SIZE(signs); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

/* SIGABRT does not end a container's first process: abort() then ends it by another signal. */
static bool aborted(const struct context *q, const struct process *p, int signo)
{
	if (p != q->first || signo == SIGABRT)
		return false;
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_SIGNAL && e->signo == SIGABRT && q->entries[i].process == p &&
			!e->from_outside)
			return true;
	}
	return false;
}

/* A refusal is the last that it met, or its last words name one: then it gave up because of that. */
static bool was_refused(const struct context *q, const struct process *p)
{
	const struct candidate *s = candidate_of(q, p);

	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *f = &q->failures[i];
		bool refused = failure_is_hard(f) || device_of(f->path);
		if (f->process == p && f->event && f->counts && refused &&
			(f->line || s->last_failed == f->entry) &&
			time_between(f->entry->last, p->ended_at) < LAST_MOMENT)
			return true;
	}
	return false;
}

/* Chromium, V8 and others end themselves by a trap instruction where others call abort(). */
static bool ended_itself(const struct context *q, const struct process *p, int signo)
{
	return signo == SIGABRT || signo == SIGTRAP || aborted(q, p, signo);
}

/* An abort is a program's own decision: why it took it may stand elsewhere. */
static void add_fate(const struct context *q, const struct candidate *s, struct verdict *v)
{
	const struct process *p = s->process;
	int signo = fatal_signal(p);

	if (!status_signal(p->status))
		rule_process(v, s, CLUE_fatal_status);
	else if (ended_itself(q, p, signo))
		rule_process(v, s, CLUE_fatal_abort);
	else
		rule_process(v, s, CLUE_fatal_signal);
	if (ended_itself(q, p, signo) && was_refused(q, p))
		clues_add(&v->clues, CLUE_abort_after_refusal);
}

static bool match(const struct context *q, struct verdict *v)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct candidate *s = &q->candidates[i];
		struct verdict one = { 0 }, logged = { 0 };
		if (!s->responsible || !s->process->ended_at || !fatal_signal(s->process))
			continue;
		add_fate(q, s, &one);
		if (reported_by_parent(q, s->process)) {
			rule_process(
				&logged, candidate_of(q, s->process->parent), CLUE_fatal_by_parent);
			if (logged.clues.total > one.clues.total)
				one.clues = logged.clues;
		}
		if (!v->candidate || one.clues.total > v->clues.total)
			*v = one;
	}
	if (!v->candidate)
		return false;
	v->line = log_lines_decisive(&v->candidate->log_lines);
	return true;
}

static bool out_of_heap(const char *line)
{
	return line && (strstr(line, "heap out of memory") || strstr(line, "Reached heap limit"));
}

static void advise_heap(const struct context *q, struct report *r)
{
	static const struct advice raise = {
		.text = "Raise Node's heap, to a value below the container's memory limit.",
		"{list}:\n  - name: {container}\n    env:\n      - name: NODE_OPTIONS\n"
		"        value: \"--max-old-space-size={number}\"\n",
	};
	uint64_t limit = q->container->memory_limit >> 20;

	recommend(r, &raise, &(struct blanks){ .number = limit ? limit * 3 / 4 : 1024 });
}

/* QEMU stands in for a processor that the node does not have. */
static bool is_emulated(const struct process *p)
{
	const char *executable = p->exec ? path_name(p->exec->executable) : "";

	return !strncmp(p->comm, "qemu-", 5) || !strncmp(executable, "qemu-", 5);
}

/* An assertion that failed says nothing of the device that was not there right before it; NULL for none. */
static const struct story_entry *missing_device(const struct context *q, const struct process *p)
{
	const struct story_entry *last = candidate_of(q, p)->last_open;

	return last && device_of(last->event->path) &&
			       time_between(last->last, p->ended_at) <= LAST_MOMENT
		       ? last
		       : NULL;
}

#define PAGES_LEFT (1ull << 20) /* less than that in /dev/shm is nothing */

/* What /dev/shm had left as the signal came; NULL where nobody looked. */
static const struct filesystem_facts *shared_memory(
	const struct context *q, const struct process *p)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_SIGNAL && e->signo == SIGBUS && q->entries[i].process == p &&
			e->facts && e->facts->filesystem.room_known)
			return &e->facts->filesystem;
	}
	return NULL;
}

static bool is_full(const struct filesystem_facts *fs)
{
	return fs->free_bytes < PAGES_LEFT;
}

static void report_shared_memory(const struct context *q, const struct process *p, struct report *r)
{
	const struct filesystem_facts *fs = shared_memory(q, p);

	if (fs)
		report_sentence(r, "/dev/shm has %s, and %s were left%s.",
			phrase_bytes(fs->total_bytes).text, phrase_bytes(fs->free_bytes).text,
			is_full(fs) ? "" : ": so it was a file that it has mapped");
}

static void advise_page(const struct context *q, const struct process *p, struct report *r)
{
	static const struct advice file = {
		.text = "Compare the file that {program} maps with what it should be (`ls -l`, a "
			"checksum), and put it there anew: one that was cut off, by a copy that "
			"did not end or a full volume, or that another process shortens, has fewer "
			"pages than the program uses.",
	};
	const struct filesystem_facts *fs = shared_memory(q, p);

	if (!fs || is_full(fs))
		advise_shm(r);
	if (!fs || !is_full(fs))
		recommend(r, &file, &(struct blanks){ .program = phrase_process_name(p).text });
}

static void advise(const struct context *q, const struct verdict *v, int signo, struct report *r)
{
	static const struct advice emulated = {
		.text = "Use an image for this node's architecture (`docker buildx build "
			"--platform "
			"linux/amd64,linux/arm64` makes both), or nodes of the architecture that "
			"it was built "
			"for: here it runs in an emulator.",
	};
	static const struct advice processor = {
		.text = "Use a build of the program for older processors, or nodes (with virtual "
			"machines: a "
			"CPU model) that have the instructions it uses, AVX for example.",
	};

	static const struct set_limit stack = { "-s", "stack", USUAL_STACK };
	const struct story_entry *device = missing_device(q, v->candidate->process);
	struct message_match m;
	const struct known_message *known = known_message_at(v->candidate, v->line, &m);

	if (out_of_heap(v->line))
		advise_heap(q, r);
	else if (known)
		add_known_fix(known, &m, r);
	else if (device)
		advise_device(r,
			&(struct failure){ .event = device->event, .path = device->event->path });
	else if (is_emulated(v->candidate->process))
		recommend(r, &emulated, &(struct blanks){ .path = NULL });
	else if (signo == SIGILL)
		recommend(r, &processor, &(struct blanks){ .path = NULL });
	else if (signo == SIGSEGV)
		(void)advise_set_limit(q, &stack, r);
	else if (signo == SIGBUS)
		advise_page(q, v->candidate->process, r);
}

/* A word that is longer than a line, as the path of a source file may be, leaves no room for what was said. */
static bool fits_title(const char *line)
{
	for (const char *word = line; *word; word += strspn(word, " ")) {
		size_t len = strcspn(word, " ");
		if (len > LONGEST_WORD)
			return false;
		word += len;
	}
	return true;
}

/* An abort is a decision: what was said before it is why. */
static void explain_how(const struct verdict *v, int signo, bool gave_up, struct report *r)
{
	const struct process *p = v->candidate->process;
	struct phrase name = phrase_process_name(p);
	const char *how = signal_name(signo);
	bool told = v->line && line_complains(v->line) && fits_title(v->line);

	if (is_emulated(p))
		report_title(r,
			"%s crashed in an emulator (%s): the image is for another architecture",
			name.text, how);
	else if (gave_up || signo == SIGABRT)
		report_title(r, "%s aborted itself (SIGABRT)%s%s", name.text, told ? ": " : "",
			told ? phrase_decisive(v->candidate, v->line).text : "");
	else
		report_title(
			r, "%s crashed with %s: %s", name.text, how, signal_text_of(signo)->what);
	if (gave_up)
		report_sentence(r,
			"%s called abort() (SIGABRT), as after a failed assertion or an uncaught "
			"error; as "
			"the container's first process it was then ended by %s.",
			phrase_process(p).text, how);
	else
		report_sentence(r, "%s was ended by %s: %s.", phrase_process(p).text, how,
			signal_text_of(signo)->what);
}

static void report_missing_device(
	const struct context *q, const struct process *p, struct report *r)
{
	const struct story_entry *last = missing_device(q, p);

	if (!last)
		return;
	report_sentence(r,
		"Right before that it looked for the device %s, which the container "
		"was not given.",
		last->event->path);
	report_event(r, last->event, "%s looked for the device %s: %s", phrase_process(p).text,
		last->event->path, errno_text(last->event->error));
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	int signo = fatal_signal(p);

	explain_how(v, signo, aborted(q, p, signo), r);
	if (v->line)
		report_sentence(
			r, "Before that it wrote: \"%s\".", phrase_message(v->line, p->comm).text);
	if (p != q->first && q->ended)
		report_sentence(
			r, "The container ended after it, with exit code %d.", q->exit_code);
	report_shared_memory(q, p, r);
	report_culprit(r, p->exit);
	report_missing_device(q, p, r);
	report_quote(r, p, v->line);
	report_event(r, p->exit, "%s was ended by %s", phrase_process(p).text, signal_name(signo));
	advise(q, v, signo, r);
}

const struct rule rule_crashed = {
	.match = match,
	.explain = explain,
};
