// SPDX-License-Identifier: MIT
/* What rules share: ways to find what a hypothesis rests on, and the clues that come with each way. */
#include "diagnose/rules.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "util/cleanup.h"

#define SETUP_MOMENT SECONDS(1)

static const char *const names[] = {
#define RULE(name, ...) #name,
#include "diagnose/rules_list.h"
#undef RULE
};

bool rule_exists(const char *root_cause)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], root_cause) && strcmp(names[i], "application_error"))
			return true;
	return false;
}

bool rule_failure(const struct context *q, struct verdict *v,
	bool (*is_one)(const struct context *q, const struct failure *f))
{
	v->failure = heaviest(q, is_one);
	if (!v->failure)
		return false;
	v->clues = v->failure->clues;
	v->line = v->failure->line;
	if (node_denies(q, v->failure))
		clues_add(&v->clues,
			v->failure->error == ENOENT ? CLUE_found_after : CLUE_node_denies);
	if (is_hearsay(q, v->failure))
		clues_add(&v->clues, CLUE_hearsay);
	return true;
}

bool rule_log_line(const struct context *q, struct verdict *v, bool (*speaks)(const char *line))
{
	const struct candidate *who = NULL;
	const char *line = find_line(q, speaks, &who);

	if (!line)
		return false;
	rule_process(v, who, CLUE_said_outright);
	if (q->culprit && q->culprit != who && log_lines_decisive(&q->culprit->log_lines))
		clues_add(&v->clues, CLUE_said_by_bystander);
	v->line = line;
	return true;
}

enum clue setup_given_up(const struct context *q)
{
	const struct process *p = q->first;

	if (q->started || !q->ended || !q->status || !p || !p->ended_at)
		return CLUES;
	bool killed =
		q->signo == SIGKILL && p->signal && story_runtime_comm(p->signal->sender_comm);
	if (q->signo && !killed)
		return CLUES;
	if (killed && p->ended_at > p->since + SETUP_MOMENT)
		return CLUES;
	return killed ? CLUE_killed_in_setup : CLUE_gave_up_in_setup;
}

void rule_limit(struct verdict *v)
{
	const struct event *e = v->failure ? v->failure->event : NULL;

	if (e && e->process.used && e->limit_name && *e->limit_name)
		clues_add(&v->clues, CLUE_limit_is_full);
}

void rule_process(struct verdict *v, const struct candidate *s, enum clue why)
{
	v->candidate = s;
	v->clues = s->clues;
	clues_add(&v->clues, why);
}
