// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/knowledge/odd_errors.h"
#include "diagnose/log/match.h"
#include "diagnose/rules.h"
#include "diagnose/text/advice_secret.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

static bool passes_address_space(const struct event *e)
{
	return e->process.used && e->limit_name && !strcmp(e->limit_name, "RLIMIT_AS");
}

/* Memory is refused for many reasons: only where the limit was seen to be passed is it that. */
static bool is_odd(const struct context *q, const struct failure *f)
{
	(void)q;
	return odd_error_of(f) && (f->error != ENOMEM || passes_address_space(f->event));
}

static bool failed_in_setup(const struct context *q, struct verdict *v)
{
	enum clue clue = setup_given_up(q);

	if (clue == CLUES)
		return false;
	v->candidate = candidate_of(q, q->first);
	v->line = decisive_line(q, q->first, &v->candidate);
	clues_add(&v->clues, clue);
	return true;
}

/* A script starts it again and again, and it fails each time: that is what the container is stuck on. */
static bool is_started_in_vain(const struct context *q)
{
	return !q->ended && q->wait.kind == WAIT_COMMAND && q->culprit &&
	       q->culprit->process == q->wait.step;
}

/* A shell's word of how its child ended: the child's status says as much, and more where its meaning is known. */
static bool is_said_of_child(const char *line)
{
	return !strcmp(line, "Killed") || !strcmp(line, "Terminated") || strstr(line, " Killed ") ||
	       strstr(line, " Terminated ");
}

static bool status_is_known(const struct process *p)
{
	return p->ended_at && exit_meaning_of(program_name(p->exec), end_code(p));
}

static bool match(const struct context *q, struct verdict *v)
{
	const struct event *signal = q->first ? q->first->signal : NULL;
	bool stopped_on_its_own = signal && signal->sender_pid && !signal->from_outside;
	bool asked_to = (q->signo == SIGKILL || q->signo == SIGTERM) && !stopped_on_its_own;
	if (!q->started)
		return failed_in_setup(q, v);
	if (!q->culprit && q->wait.kind != WAIT_NONE)
		return rule_failure(q, v, is_odd);
	/* What a supervisor starts without success fails while the container runs. */
	if (!q->culprit || asked_to)
		return false;
	const struct candidate *who = q->culprit;
	struct clues least;
	const char *line = decisive_line(q, q->culprit->process, &who);
	/* In one that ended with 0 only words tell that something was wrong. */
	if (q->ended && !q->failed && (!line || q->stop))
		return false;
	struct message_match m;
	const struct known_message *known = known_message_at(who, line, &m);
	bool only_here = known && !rule_exists(known->cause);
	rule_process(v, q->culprit,
		only_here ? CLUE_known_message
		: line    ? CLUE_decisive_line
			  : CLUE_ended_badly);
	v->candidate = who;
	v->line = line;
	v->known = known;
	if (line && is_said_of_child(line) && status_is_known(q->culprit->process)) {
		v->candidate = q->culprit;
		v->line = NULL;
	}
	if (is_started_in_vain(q)) {
		v->clues = q->culprit->clues;
		if (!line)
			clues_add(&v->clues, CLUE_silent_each_time);
	}
	clues_only(&least, CLUE_ended_badly);
	if (v->clues.total < least.total)
		v->clues = least;
	struct verdict odd = { 0 };
	if (rule_failure(q, &odd, is_odd) && odd.clues.total >= v->clues.total)
		*v = odd;
	return true;
}

/* It locks what another instance of the same program in this container has open, as far as was seen. */
static const struct process *instance_beside(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; f->error == EAGAIN && i < q->n_processes; i++)
		if (runs_beside(f->process, q->processes[i]))
			return q->processes[i];
	return NULL;
}

static void explain_odd(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice stop_other = {
		.text = "Stop `{program}` (pid {number} in the container) and wait for its end "
			"before {name} is started again, or start it only once: one instance has "
			"the lock as long as it runs.",
	};
	const struct odd_error *odd = odd_error_of(f);
	const struct process *beside = instance_beside(q, f);

	report_title(
		r, "%s: %s could not %s", odd->title, phrase_name(f).text, phrase_attempt(f).text);
	report_sentence(
		r, "%s could not %s: %s.", phrase_who(f).text, phrase_attempt(f).text, odd->means);
	if (passes_address_space(f->event))
		report_sentence(r, "The limit is %s, and with what it asked for it would have %s.",
			phrase_bytes(f->event->process.limit).text,
			phrase_bytes(f->event->process.used).text);
	if (f->event->kind == EVENT_BLOCKED && f->event->holder_pid)
		report_sentence(r, "`%s` (pid %u on the node) holds it.", f->event->holder_comm,
			f->event->holder_pid);
	if (beside)
		report_sentence(r, "%s ran beside it: `%.200s`.", phrase_process(beside).text,
			phrase_command(beside).text);
	report_consequence(r, f);
	report_failure(r, f);
	if (beside)
		recommend(r, &stop_other,
			&(struct blanks){ .program = phrase_command(beside).text,
				.name = phrase_name(f).text,
				.number = beside->vpid });
	report_recommend(r, "%s", odd->fix);
	if (odd->manifest)
		report_manifest(r, "%s", odd->manifest);
}

/* Programs do without some of the memory that they ask for, so that it is no failure by itself. */
static const struct event *refused_memory(const struct context *q, const struct process *p)
{
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct event *e = q->entries[i].event;
		if (q->entries[i].process == p && e->error == ENOMEM && !strcmp(e->syscall, "mmap"))
			return e;
	}
	return NULL;
}

/* Where the container bounded its own address space, what was refused memory has that as a reason. */
static bool advise_address_space(const struct context *q, const struct process *p, struct report *r)
{
	static const struct set_limit space = { "-v", "address space", ULONG_MAX };
	const struct event *e = refused_memory(q, p);

	if (!e || !advise_set_limit(q, &space, r))
		return false;
	report_event(r, e, "%s was refused memory (mmap): %s", phrase_process(p).text,
		errno_text(e->error));
	return true;
}

/* What failed in it or below it, is hard, and is not known to be harmless: the likeliest. */
static bool may_have_to_do_with_it(const struct context *q, const struct failure *f)
{
	enum clue clue;

	return f->event && failure_is_hard(f) && noise_of(q, f, &clue) == NOISE_NONE &&
	       f->clues.total > THRESHOLD_mentioned;
}

static const struct failure *nearest_failure(const struct context *q, const struct process *p)
{
	const struct failure *f = heaviest(q, may_have_to_do_with_it);

	return f && (f->process == p || f->process->parent == p || p->parent == f->process) ? f
											    : NULL;
}

static void explain_setup(const struct context *q, const struct verdict *v, struct report *r)
{
	static const struct advice events = {
		.text = "Read the runtime's own message: `kubectl describe pod` shows it among "
			"the events (RunContainerError, CreateContainerError), and the "
			"runtime's log on the node has it whole.",
	};
	const struct process *p = q->first;

	report_title(r, "The container runtime gave up before the container's program ran");
	report_sentence(r,
		"The container runtime began to set the container up and %s, so its program "
		"never started.",
		q->signo ? "then killed it" : "then ended with an error");
	report_sentence(r,
		"No call of the container itself explains it: what failed is a step of the "
		"runtime, such as a limit, a mount, a user or a device that it could not set.");
	if (v->line)
		report_quote_block(r, v->candidate, v->line);
	report_culprit(r, p->exit);
	recommend(r, &events, &(struct blanks){ .path = NULL });
}

/* By its level or its words. */
static bool complains(const struct verdict *v)
{
	const struct log_lines *w = &v->candidate->log_lines;

	for (size_t i = 0; i < w->n; i++)
		if (w->lines[i] == v->line && w->severities[i] >= SEVERITY_ERROR)
			return true;
	return line_complains(v->line);
}

/* What it printed complains of nothing, and its status is known to mean something: `grep -c` prints 0 and ends with 1. */
static bool answers_by_status(const struct verdict *v, int code)
{
	const struct exit_meaning *m =
		exit_meaning_of(program_name(v->candidate->process->exec), code);

	return m && m->fix && v->line && !complains(v);
}

/* A message that is known has its fix; else the line is quoted, and that is all that can be said. */
static void advise(const struct context *q, const struct verdict *v, int code, struct report *r)
{
	struct message_match m;

	if (advise_secret(v->line, r) || advise_address_space(q, v->candidate->process, r))
		return;
	if (v->known && known_message_at(v->candidate, v->line, &m))
		add_known_fix(v->known, &m, r);
	else if (!v->line || answers_by_status(v, code))
		silent_advise(v->candidate->process, code, r);
}

static void explain_title(
	const struct context *q, const struct verdict *v, int code, struct report *r)
{
	const struct process *p = v->candidate->process;
	struct phrase name = phrase_process_name(p);
	const struct exit_meaning *m = exit_meaning_of(program_name(p->exec), code);
	char statement[256];

	if (is_started_in_vain(q))
		report_title(r, "`%.120s` fails each time%s%s", phrase_command(p).text,
			v->line ? ": " : "",
			v->line ? phrase_decisive(v->candidate, v->line).text : "");
	else if (v->line && complains(v))
		report_title(r, "%s gave up: %s", name.text,
			phrase_decisive(v->candidate, v->line).text);
	else if (v->line && !answers_by_status(v, code))
		report_title(r, "%s ended with exit code %d; its last words: %s", name.text, code,
			phrase_decisive(v->candidate, v->line).text);
	else if (m)
		report_title(r, "%s ended with exit code %d: %s", name.text, code, m->text);
	else if (silent_exit_statement(p, code, statement, sizeof(statement)))
		report_title(
			r, "%s ended itself with exit code %d: %s", name.text, code, statement);
	else
		report_title(r, "%s ended with exit code %d%s", name.text, code,
			q->missed ? "" : " and said nothing");
}

/* What its words are known to mean says why: then nothing has to be said of system calls. */
static const char *own_reason(
	const struct context *q, const struct verdict *v, const struct failure *before)
{
	if (v->known)
		return "";
	return before || q->missed || refused_memory(q, v->candidate->process)
		       ? " for a reason of its own"
		       : " for a reason of its own: no failed system call explains it";
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	if (v->failure) {
		explain_odd(q, v->failure, r);
		return;
	}

	if (!q->started) {
		explain_setup(q, v, r);
		return;
	}
	const struct process *p = v->candidate->process;
	int code = p->ended_at ? status_exit_code(p->status) : q->exit_code;

	explain_title(q, v, code, r);
	const struct failure *before = nearest_failure(q, p);
	report_sentence(r, "`%.200s` ended with exit code %d%s.", phrase_command(p).text, code,
		own_reason(q, v, before));
	if (v->line)
		report_decisive_lines(r, v->candidate, v->line);
	else
		report_sentence(
			r, q->missed ? "No output of it was seen." : "It wrote nothing about why.");
	if (before)
		report_sentence(r,
			"Before that %s could not %s (%s); whether it ended because of that is "
			"not certain.",
			phrase_who(before).text, phrase_attempt(before).text,
			errno_text(before->error));
	report_culprit(r, p->exit);
	if (before)
		report_event(r, before->event, "%s failed to %s: %s", phrase_who(before).text,
			phrase_attempt(before).text, errno_text(before->error));
	if (v->line)
		report_quote_block(r, v->candidate, v->line);
	if (!v->known && (!v->line || line_is_vague(v->line)))
		report_failed_step(r, p);
	advise(q, v, code, r);
}

const struct rule rule_application_error = {
	.match = match,
	.explain = explain,
};
