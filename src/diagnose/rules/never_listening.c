// SPDX-License-Identifier: MIT
#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

#define LONG_ENOUGH SECONDS(10)
#define AT_LEAST SECONDS(3) /* an impatient probe: possible, and no more */

/* A command probe comes in as a visitor: then no port was asked for. */
static bool probed_by_command(const struct context *q)
{
	for (size_t i = 0; i < q->n_processes; i++)
		if (q->processes[i]->from_outside && q->processes[i]->exec &&
			q->processes[i]->since > q->began)
			return true;
	return false;
}

static bool match(const struct context *q, struct verdict *v)
{
	if (!q->ended || !q->stop || !q->again || !q->started || story_listening_at(q->story))
		return false;
	/* Whose programs nobody saw start may have been probed by a command, and be stopped for that. */
	if (q->blind || !q->began)
		return false;
	if (q->stop->time < q->began + AT_LEAST || probed_by_command(q))
		return false;
	v->event = q->stop;
	clues_add(&v->clues, q->stop->time < q->began + LONG_ENOUGH ? CLUE_never_listened_yet
								    : CLUE_never_listened);
	return true;
}

/* The last that any of its processes wrote, or NULL. */
static const char *last_words(const struct context *q)
{
	for (size_t i = q->n_processes; i-- > 0;) {
		struct candidate *s = &q->candidates[i];
		if (!q->processes[i]->from_outside && !read_log(s) && s->log_lines.n)
			return s->log_lines.lines[0];
	}
	return NULL;
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	static const struct advice slow = {
		.text = "Give it more time to start, by a startupProbe on the port where it will "
			"listen; this one waits 5 minutes.",
		"{list}:\n  - name: {container}\n    startupProbe:\n      tcpSocket:\n"
		"        port: 8080\n      failureThreshold: 60\n      periodSeconds: 5\n",
	};
	static const struct advice waits = {
		.text = "Or see to what it waits for: the last that it said before it was stopped "
			"is \"{value}\".",
	};
	uint64_t ran = v->event->time - q->began;
	int before = q->input->restarts_same_cause;

	const char *line = last_words(q);

	report_title(r,
		"Nothing listened on any port within %s, and the container was stopped again",
		phrase_duration(ran).text);
	report_sentence(r,
		"In %s no process of the container listened on a port; then it was stopped from "
		"outside (%s), as in %s before.",
		phrase_duration(ran).text, signal_name(v->event->signo),
		before > 1 ? "the runs" : "the run");
	report_sentence(r, "That is what the kubelet does when a startup or liveness probe finds "
			   "nothing to talk to.");
	report_culprit(r, v->event);
	report_event(r, v->event, "%s from outside, by `%s`", signal_name(v->event->signo),
		v->event->sender_comm);
	recommend(r, &slow, &(struct blanks){ .path = NULL });
	recommend(r, &waits, &(struct blanks){ .value = line });
}

const struct rule rule_never_listening = {
	.match = match,
	.explain = explain,
};
