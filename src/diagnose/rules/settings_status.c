// SPDX-License-Identifier: MIT
/* Of bad_configuration: no word was seen, but a program ended with a status by which it refuses its settings. */
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

static const struct status {
	unsigned role; /* 0: any program's */
	int code;
	const char *means, *look;
} statuses[] = {
	{ 0, 78, "EX_CONFIG of sysexits.h: something in its configuration is missing or wrong",
		"Check the environment variables and the mounted files that it is configured by" },
	{ ROLE_PYTHON, 2,
		"what Python's argparse, optparse and click end with over arguments that are "
		"missing or not known",
		"Compare the container's command and args with what the program takes (`--help`)" },
};

static const struct status *status_of(const struct process *p)
{
	for (size_t i = 0; p->ended_at && i < ARRAY_SIZE(statuses); i++)
		if (status_exit_code(p->status) == statuses[i].code &&
			(!statuses[i].role || program_is(p->exec, statuses[i].role)))
			return &statuses[i];
	return NULL;
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
	const struct status *s = status_of(p);

	report_title(r, "%s ended with exit code %d: its settings or arguments, most likely",
		phrase_process_name(p).text, s->code);
	report_sentence(r, "`%.200s` ended with exit code %d, and no word of why was seen.",
		phrase_command(p).text, s->code);
	report_sentence(r, "That is %s.", s->means);
	report_culprit(r, p->exit);
	report_recommend(r, "%s, and run it by hand in the same image to read its message.",
		s->look);
}
