// SPDX-License-Identifier: MIT
/* What failed and was got over: the same step went well later, or another one did what it should have done. */
#include <errno.h>
#include <string.h>

#include "diagnose/log/match.h"
#include "diagnose/rules.h"
#include "util/find.h"

#define DNS_PORT 53

static const char *last_argument(const struct event *exec)
{
	return exec && exec->argc > 1 ? exec->args[exec->argc - 1] : "";
}

static bool went_well_later(const struct process *other, const struct process *p)
{
	return other != p && other->exec && !other->status && other->ended_at > p->ended_at;
}

bool noise_retried(const struct context *q, const struct failure *f)
{
	const struct process *p = f->process;

	if (!p || !p->ended_at || program_is_shell(p->exec) || !*last_argument(p->exec))
		return false;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *other = q->processes[i];
		if (went_well_later(other, p) &&
			!strcmp(program_name(other->exec), program_name(p->exec)) &&
			!strcmp(last_argument(other->exec), last_argument(p->exec)))
			return true;
	}
	return false;
}

/* What was to be copied was copied by somebody else after all, to wherever. */
static bool shares_an_operand(const struct event *a, const struct event *b)
{
	for (uint32_t i = 1; i < a->argc; i++)
		for (uint32_t k = 1; a->args[i][0] != '-' && k < b->argc; k++)
			if (!strcmp(a->args[i], b->args[k]))
				return true;
	return false;
}

bool noise_recovered(const struct context *q, const struct failure *f)
{
	const struct process *p = f->process;

	if (!p || !p->ended_at || program_is_shell(p->exec) || !p->exec)
		return false;
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *other = q->processes[i];
		if (!went_well_later(other, p) || other->parent != p->parent)
			continue;
		bool same = !strcmp(program_name(other->exec), program_name(p->exec));
		/* Of busybox's applets the operands are not known. */
		bool known = p->exec->argc > 1 && other->exec->argc > 1;
		bool soon = other->since < p->ended_at + SECONDS(1);
		if (known ? shares_an_operand(p->exec, other->exec) &&
					(same || program_copies(other->exec))
			  : same && soon)
			return true;
	}
	return noise_retried(q, f);
}

bool noise_made_elsewhere(const struct context *q, const struct failure *f)
{
	const char *name = path_name(f->path);

	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		bool later = e->kind == EVENT_EXEC && e->time > f->entry->last;
		for (uint32_t k = 1; later && k < e->argc; k++)
			if (e->args[k][0] == '/' && !strcmp(path_name(e->args[k]), name) &&
				strcmp(e->args[k], f->path) && e->pid != f->process->pid)
				return true;
	}
	return false;
}

/* Systemd's tools, JVMs and servers ask for a higher limit and go on with the one that they have. */
bool noise_limit_kept(const struct context *q, const struct failure *f)
{
	const struct candidate *who = NULL;
	struct message_match m;

	if (f->error != EPERM || !(call_is(f, "prlimit") || call_is(f, "setrlimit")))
		return false;
	const char *line = decisive_line(q, f->process, &who);
	return line && who && (!find_folded(line, "limit") || known_message_at(who, line, &m));
}

/* Servers ask for their own name and do without: what this one then ran into, at files or limits, is later. */
static bool went_on_without_name(const struct failure *f, const struct story_entry *last)
{
	const struct event *e = f->event;
	bool asked_once =
		e->kind == EVENT_NETWORK_ERROR && e->port == DNS_PORT && f->entry->times == 1;

	return asked_once && last && last > f->entry &&
	       (last->event->kind == EVENT_FILE_ERROR || last->event->kind == EVENT_PROCESS_ERROR);
}

/* Who is not root asks to become the user that it is already; one that needs another ends at once. */
static bool asks_for_identity(const struct failure *f)
{
	return f->error == EPERM && f->event->uid && call_changes_user(f);
}

void add_went_on(
	const struct context *q, const struct failure *f, enum clue reason, struct clues *c)
{
	const struct story_entry *last = candidate_of(q, f->process)->last_failed;

	/* What a program asks for, is refused and goes on without is seldom what it ends for. */
	if ((reason == CLUE_noise_optional_call || asks_for_identity(f)) && last != f->entry)
		clues_add(c, CLUE_went_on_after_asking);
	if (went_on_without_name(f, last))
		clues_add(c, CLUE_went_on_without_name);
}
