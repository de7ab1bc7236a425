// SPDX-License-Identifier: MIT
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/services.h"
#include "diagnose/log/match.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define LAST_MOMENT SECONDS(0.05) /* the kernel kills the rest around the first one's end */
#define RUNS_BEFORE 2             /* in a row: a job is not run three times when it succeeds */

/* What the process wrote last: its last complaint, else its last line. */
static const char *last_words(struct candidate *s)
{
	if (!s || read_log(s) || !s->log_lines.n)
		return NULL;
	const char *complaint = log_lines_decisive(&s->log_lines);
	return complaint ? complaint : s->log_lines.lines[0];
}

/* Of the first process, or where that is silent, as a script mostly is, of the last one that it waited for. */
static void find_last_words(const struct context *q, struct verdict *v)
{
	v->candidate = candidate_of(q, q->first);
	v->line = last_words(candidate_of(q, q->first));
	for (size_t i = q->n_processes; !v->line && i-- > 0;) {
		const struct process *p = q->processes[i];
		if (p->parent != q->first || p->from_outside || !p->ended_at)
			continue;
		v->candidate = candidate_of(q, p);
		v->line = last_words(candidate_of(q, p));
	}
}

/* What it started failed at the end, and said why. */
static bool hides_complaint(const struct context *q)
{
	const struct candidate *who = NULL;
	const char *line = q->culprit ? decisive_line(q, q->culprit->process, &who) : NULL;

	return line && who && who->process == q->culprit->process;
}

/* Events of the container itself are missing: of what was not seen nobody knows that it was not. */
static bool was_seen_in_part(const struct context *q)
{
	return q->input->lost || q->input->left_out;
}

/* A program that lived on when the first process ended, until the kernel killed it for that. */
static const struct process *left_behind(const struct context *q)
{
	for (size_t i = 0; q->first && i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		bool lived = !p->ended_at || (p->ended_at + LAST_MOMENT >= q->first->ended_at &&
						     status_signal(p->status) == SIGKILL);
		if (p != q->first && p->exec && !p->from_outside && lived)
			return p;
	}
	return NULL;
}

/* It was only asked something: `nginx -t`, `redis-server --version`. */
static bool is_asked_only(const struct event *exec)
{
	static const char *const questions[] = { "-t", "-T", "-v", "-V", "-h", "--help",
		"--version", "--test", "stop", "reload", "quit" };

	for (uint32_t i = 1; i < exec->argc; i++)
		for (size_t k = 0; k < ARRAY_SIZE(questions); k++)
			if (!strcmp(exec->args[i], questions[k]))
				return true;
	return false;
}

/* The text of "`-DFOREGROUND`" without quotes and blanks, and without the program's own name in front. */
static void bare_option(const char *how, const char *program, char *out, size_t size)
{
	size_t n = 0, own = strlen(program);

	for (const char *s = how + 1; *s && *s != '`' && n + 1 < size; s++)
		if (!strchr(" '", *s))
			out[n++] = *s;
	out[n] = '\0';
	if (!strncmp(out, program, own))
		memmove(out, out + own, n + 1 - own);
}

/* It was told to stay in the foreground, in one argument or two: `-D FOREGROUND`. */
static bool stays_in_foreground(const struct event *exec, const char *how)
{
	char option[64], given[256];

	if (*how != '`')
		return false;
	bare_option(how, program_name(exec), option, sizeof(option));
	for (uint32_t i = 1; i < exec->argc; i++) {
		snprintf(given, sizeof(given), "%s%s", exec->args[i],
			i + 1 < exec->argc ? exec->args[i + 1] : "");
		size_t n = 0;
		for (const char *s = given; *s; s++)
			if (*s != ' ')
				given[n++] = *s;
		given[n] = '\0';
		if (!strcmp(exec->args[i], option) || !strcmp(given, option))
			return true;
	}
	return false;
}

/*
 * A service that ended well at once serves in the background: its fork is younger than what was seen when the first
 * process ended. The first process itself, or the last one that it waited for; NULL for neither.
 */
static const struct process *gone_to_background(const struct context *q)
{
	const struct process *last = q->first;

	for (size_t i = q->n_processes; i-- > 0;)
		if (q->processes[i]->parent == q->first && !q->processes[i]->from_outside &&
			q->processes[i]->exec) {
			last = q->processes[i];
			break;
		}
	const struct process *both[] = { last, q->first };
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		const struct process *p = both[i];
		const struct service *s = p && p->exec ? service_of(program_name(p->exec)) : NULL;
		if (s && s->foreground && p->ended_at && !p->status && !is_asked_only(p->exec) &&
			!stays_in_foreground(p->exec, s->foreground))
			return p;
	}
	return NULL;
}

/* What serves on without the first process; NULL for nothing, and where the end of it may be what was not seen. */
static const struct process *in_background(const struct context *q)
{
	return was_seen_in_part(q) ? NULL : left_behind(q) ?: gone_to_background(q);
}

bool rule_ends_well_again(const struct context *q, struct verdict *v)
{
	bool may_end = q->container->type == CONTAINER_INIT;

	if (!q->ended || q->status || q->stop || may_end ||
		q->input->restarts_same_cause < RUNS_BEFORE)
		return false;
	find_last_words(q, v);
	return true;
}

static bool match(const struct context *q, struct verdict *v)
{
	struct message_match m;

	if (!rule_ends_well_again(q, v))
		return false;
	/* A failure that the script turned into a 0 says more. */
	const struct failure *hidden = heaviest(q, failure_any);
	clues_add(&v->clues, CLUE_ends_well_again);
	if ((hidden && hidden->clues.total > THRESHOLD_culprit) || hides_complaint(q) ||
		known_message_at(v->candidate, v->line, &m))
		clues_add(&v->clues, CLUE_hidden_failure);
	if (was_seen_in_part(q))
		clues_add(&v->clues, CLUE_ends_well_in_part);
	v->event = q->first ? q->first->exit : NULL;
	if (!v->line && !in_background(q))
		clues_add(&v->clues, CLUE_ends_well_unheard);
	return true;
}

/* A shell hands on a pattern that no file matches as it is: the name with the asterisk is looked for, and not there. */
static const struct event *unmatched_pattern(const struct context *q)
{
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_FILE_ERROR && e->error == ENOENT &&
			program_is_shell(q->entries[i].exec) && strpbrk(path_name(e->path), "*?"))
			return e;
	}
	return NULL;
}

static bool advise_pattern(const struct event *e, struct report *r)
{
	static const struct advice match = {
		.text = "Put files that {path} matches there[, by the {kind} behind volume "
			"`{volume}`], or correct the pattern in the script: no file matched, so "
			"there was nothing to do.",
	};

	if (!e)
		return false;
	report_sentence(r, "It looked for %.300s, and no file matches that.", e->path);
	report_path(r, e->path);
	return recommend(r, &match,
		&(struct blanks){ .path = e->path,
			.kind = e->mount && mount_is_volume(e->mount) ? mount_title(e->mount->kind)
								      : NULL,
			.volume = e->mount ? e->mount->name : NULL });
}

/* Nobody knows why it ends: it said nothing, and is a program that somebody wrote for this. */
static bool ends_unexplained(const struct context *q, const struct process *left)
{
	const struct candidate *s = candidate_of(q, q->first);

	return !left && s && !s->log_lines.n && program_is(q->first->exec, ROLE_LANGUAGES);
}

/* `node`, `bash`: given nothing to run, it reads its standard input, which is empty in a container. */
static bool advise_program(const struct context *q, struct report *r)
{
	static const struct advice nothing_to_run = {
		.text = "Give the container the command that serves: {program} was given nothing "
			"to run, and reads its standard input, which is empty here.",
	};
	const struct event *exec = q->first ? q->first->exec : NULL;

	return exec && exec->argc == 1 && program_is(exec, ROLE_SHELL | ROLE_LANGUAGES) &&
	       !*exec->interpreter &&
	       recommend(r, &nothing_to_run, &(struct blanks){ .program = program_name(exec) });
}

static void advise(const struct context *q, const struct process *left, struct report *r)
{
	static const struct advice service = {
		.text = "Keep {program} in the foreground: {value}. The container ends with its "
			"first process, and {program} went to the background.",
	};
	static const struct advice background = {
		.text = "Run {program} in the foreground (`exec {program} ...` as the last line of "
			"the start script, without `&`): it went to the background, and the "
			"container ends with its first process.",
	};
	static const struct advice foreground = {
		.text = "Give the container the command that serves, in the foreground: `exec` it "
			"as the last "
			"line of the start script, without `&`.",
	};
	static const struct advice input = {
		.text = "Give the container the command that serves, in the foreground; or see "
			"why {program} ends: one that goes to the background, that reads its "
			"standard input (empty in a container without `stdin: true`) or that "
			"finds no jobs ends with 0.",
	};
	static const struct advice look = {
		.text = "Look at its own log: part of what it did was not seen, and among that may "
			"be why it ends.",
	};
	static const struct advice job = {
		.text = "Or, if it is meant to end, make it a Job, or an init container.",
	};

	const struct service *s = left ? service_of(program_name(left->exec)) : NULL;
	const char *how = s ? s->foreground : NULL;

	if (advise_program(q, r))
		return;
	bool unexplained = ends_unexplained(q, left);
	if (!left && advise_pattern(unmatched_pattern(q), r))
		return;
	recommend(r,
		how                   ? &service
		: left                ? &background
		: was_seen_in_part(q) ? &look
		: unexplained         ? &input
				      : &foreground,
		&(struct blanks){ .program = how           ? program_name(left->exec)
					     : left        ? left->comm
					     : unexplained ? program_name(q->first->exec)
							   : NULL,
			.value = how });
	recommend(r, &job, &(struct blanks){ .program = NULL });
}

static bool complains(const struct verdict *v)
{
	return v->line && v->line == log_lines_decisive(&v->candidate->log_lines) &&
	       line_complains(v->line);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *left = in_background(q);
	struct phrase after = phrase_after(q, story_ended_at(q->story));

	if (left)
		report_title(r,
			"%s goes to the background, so the container ends with 0%s, and is started "
			"again and again",
			phrase_process_name(left).text, after.text);
	else
		report_title(
			r, "The command ends with 0%s, and is started again and again", after.text);
	report_sentence(r, "`%.200s` ended with exit code 0%s, as it did %d times before%s.",
		phrase_command(q->first).text, after.text, q->input->restarts_same_cause,
		q->missed || complains(v) ? "" : "; nothing failed");
	if (v->line)
		report_sentence(r, "The last that %s said: \"%.300s\".",
			phrase_process(v->candidate->process).text, v->line);
	if (left)
		report_sentence(r,
			"%s went to the background, and the container ends with its first process.",
			phrase_process(left).text);
	report_sentence(r,
		"Kubernetes starts it again, because a container of a Deployment is meant to "
		"keep running.");
	report_culprit(r, v->event);
	if (v->line)
		report_quote(r, v->candidate->process, v->line);
	advise(q, left, r);
}

const struct rule rule_exited_zero = {
	.match = match,
	.explain = explain,
};
