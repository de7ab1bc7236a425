// SPDX-License-Identifier: MIT
/* Of bad_configuration: no word was seen, but a program ended with a status by which it refuses its settings. */
#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

static const struct settings_status *status_of(const struct process *p)
{
	return exit_blames_settings(p->exec, end_code(p));
}

bool rule_settings_status(const struct context *q, struct verdict *v)
{
	if (!status_of(q->culprit->process))
		return false;
	rule_process(v, q->culprit, CLUE_status_of_settings);
	return true;
}

void rule_settings_status_explain(const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const struct settings_status *s = status_of(p);

	report_title(r, "%s ended with exit code %d: its settings or arguments, most likely",
		phrase_process_name(p).text, s->code);
	report_sentence(r, "`%.200s` ended with exit code %d, and no word of why was seen.",
		phrase_command(p).text, s->code);
	report_sentence(r, "That is %s.", s->means);
	report_culprit(r, p->exit);
	report_recommend(
		r, "%s, and run it by hand in the same image to read its message.", s->look);
}
