// SPDX-License-Identifier: MIT
#include "diagnose/advice.h"
#include "diagnose/rules.h"

#define RUNS_BEFORE 2 /* in a row: a job is not run three times when it succeeds */

static bool match(const struct inquiry *q, struct verdict *v)
{
	bool may_end = q->container->type == CONTAINER_INIT;

	if (!q->ended || q->status || q->stop || may_end ||
		q->ctx->restarts_same_cause < RUNS_BEFORE)
		return false;
	v->score = 0.85;
	v->event = q->first ? q->first->exit : NULL;
	return true;
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	uint64_t ms = (story_ended_at(q->story) - story_started_at(q->story)) / 1000000;

	report_title(r, "The command ends at once with 0, and is restarted again and again");
	report_say(r,
		"`%.200s` did its work in %llu.%01llu seconds and ended with exit code 0, as it "
		"did %d times "
		"before; nothing failed.",
		phrase_command(q->first).text, (unsigned long long)(ms / 1000),
		(unsigned long long)(ms % 1000 / 100), q->ctx->restarts_same_cause);
	report_say(r, "Kubernetes restarts it, because a container of a Deployment is meant to "
		      "keep running.");
	report_culprit(r, v->event);
	report_mend(r, "Run the service in the foreground (`nginx -g 'daemon off;'`, no `&` or "
		       "daemon at the end of the "
		       "script), or give the container the command that serves.");
	manifest_container(r, "    command: [\"program\", \"--foreground\"]\n");
	report_mend(r, "If it is meant to end: make it a Job, or an init container.");
	report_manifest(r, "restartPolicy: OnFailure\n");
}

const struct rule rule_exited_zero = {
	.match = match,
	.tell = tell,
};
