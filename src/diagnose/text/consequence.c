// SPDX-License-Identifier: MIT
/* What a failure led to. */
#include <errno.h>
#include <stddef.h>

#include "diagnose/log/match.h"
#include "diagnose/report.h"

/* What is waited for is not ignored: report_wait() tells of it. */
static void report_goes_on(struct report *r, const struct failure *f)
{
	if (!f->entry || f->entry != r->q->wait.entry)
		report_sentence(
			r, "That failure was ignored, and the %s runs on.", subject_of(r->q));
}

/* `export PORT=$(cat FILE)`: the latest that complains of an empty text was given nothing. */
static bool report_empty_value(struct report *r, const struct failure *f)
{
	const struct context *q = r->q;

	for (size_t i = q->n_processes; i-- > 0;) {
		const struct candidate *s = &q->candidates[i];
		const char *line =
			s->process == f->process ? NULL : log_lines_decisive(&s->log_lines);
		if (!line || !line_names_empty_value(line))
			continue;
		report_sentence(r, "So an empty text was handed on, and %s said: \"%s\".",
			phrase_process(s->process).text,
			phrase_message(line, s->process->comm).text);
		report_quote(r, s->process, line);
		return true;
	}
	return false;
}

void report_consequence(struct report *r, const struct failure *f)
{
	const struct failure *last = f->led_to;
	const struct context *q = r->q;

	while (last && last->led_to)
		last = last->led_to;
	if (f->clues.count[CLUE_link_empty_value] && report_empty_value(r, f))
		return;
	if (last && (last->process != f->process || last->exec != f->exec))
		report_sentence(r, "That failure was ignored, and later %s could not %s%s.",
			phrase_who(last).text, phrase_attempt(last).text,
			last->error != ENOENT ? ""
			: call_creates(last)  ? ", because its directory does not exist"
					      : ", because it does not exist");
	else if (!q->started)
		report_sentence(r, "The %s therefore never started.", subject_of(q));
	else if (!q->ended)
		report_goes_on(r, f);
	else if (q->failed && q->exit_code)
		report_sentence(
			r, "The %s then ended with exit code %d.", subject_of(q), q->exit_code);
	else if (q->stop)
		report_sentence(r, "That failure was ignored; the %s ran on until it was stopped.",
			subject_of(q));
}
