// SPDX-License-Identifier: MIT
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

/* Whose words to quote: the culprit's, or those of who waited for it. */
static const char *last_words(const struct inquiry *q, const struct suspect **who)
{
	const struct process *p = q->culprit->process;

	for (int i = 0; p && i < 4; i++, p = p->parent) {
		const struct suspect *s = suspect_of(q, p);
		const char *line = s ? words_last(&s->words) : NULL;
		if (line) {
			*who = s;
			return line;
		}
	}
	return NULL;
}

static bool match(const struct inquiry *q, struct verdict *v)
{
	if (!q->failed || !q->started || !q->culprit || q->signo == SIGKILL || q->signo == SIGTERM)
		return false;
	v->suspect = q->culprit;
	v->line = last_words(q, &v->suspect);
	v->score = (v->line ? 0.5 : 0.25) * q->culprit->blame;
	if (v->score < 0.25)
		v->score = 0.25;
	return true;
}

static bool is_stack(const char *line)
{
	return strstr(line, "Exception") || strstr(line, "Error");
}

/* The line that decides, and around it what leads to it or explains it. */
static void quote(const struct verdict *v, struct report *r)
{
	char context[900];

	if (!v->line)
		return;
	report_quote(r, v->suspect->process, v->line);
	words_context(&v->suspect->words, context, sizeof(context));
	if (strcmp(context, v->line))
		report_quote(r, v->suspect->process, context);
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->suspect->process;
	int code = status_exit_code(p->status);

	(void)q;
	if (v->line)
		report_title(r, "%s gave up: %.160s", p->comm, v->line);
	else
		report_title(r, "%s ended with exit code %d and said nothing", p->comm, code);
	report_say(r,
		"`%.200s` ended with exit code %d, for a reason of its own: no system call that "
		"failed explains it.",
		phrase_command(p).text, code);
	if (v->line)
		report_say(r, "Its last words: \"%.300s\".", v->line);
	else
		report_say(r, "It wrote nothing about why.");
	report_culprit(r, p->exit);
	quote(v, r);
	report_mend(r, v->line && !is_stack(v->line)
			       ? "See what the message asks for: a setting, a variable, a licence."
			       : "Read the program's full output: kubectl logs --previous.");
	if (!v->line)
		report_mend(r, "Raise the program's log level, or run its command by hand in the "
			       "same image.");
}

const struct rule rule_application_error = {
	.match = match,
	.tell = tell,
};
