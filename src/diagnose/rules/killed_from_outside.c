// SPDX-License-Identifier: MIT
#include <signal.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules/probe_command.h"
#include "diagnose/text/recommend.h"

#define RUNS_BEFORE 2 /* that heeded SIGTERM and ended well: one may be chance */

static bool killed(const struct context *q)
{
	return q->exit_code == 128 + SIGKILL || q->exit_code == 128 + SIGTERM;
}

static bool ended_well_again(const struct context *q)
{
	return q->stop && !q->status && q->input->restarts_same_cause >= RUNS_BEFORE;
}

/* Once is a rollout, a drain, `kubectl delete`. Again and again is a probe that fails. */
static bool match(const struct context *q, struct verdict *v)
{
	if (!q->ended || !q->started || (!killed(q) && !ended_well_again(q)) ||
		(q->first && q->first->oom))
		return false;
	if (q->stop) {
		v->event = q->stop;
		clues_add(&v->clues, CLUE_stopped_again);
		return q->again;
	}
	/* Nobody was seen sending it: the node's own signals, or a probe that is missing. */
	clues_add(&v->clues, CLUE_killed_unseen);
	return status_signal(q->status) == SIGKILL;
}

static bool ignored_sigterm(const struct context *q)
{
	return q->stop && q->stop->signo != SIGKILL && q->exit_code == 128 + SIGKILL;
}

/* The first port that it listened on for others than itself; 0 for none. */
static uint16_t port_of(const struct context *q)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_LISTEN && e->port && strncmp(e->address, "127.", 4) != 0)
			return e->port;
	}
	return 0;
}

/* A probe asks for a port, a path and an answer in time: what the container itself shows of them. */
static void advise_probe(const struct context *q, struct report *r)
{
	static const struct advice port = {
		.text = "Correct the liveness or startup probe that `kubectl describe pod` names "
			"as failing: it has to ask port {port}, where the program listens, and to "
			"wait as long as an answer takes (timeoutSeconds, failureThreshold).",
		"{list}:\n  - name: {container}\n    livenessProbe:\n      tcpSocket:\n"
		"        port: {port}\n      timeoutSeconds: 5\n",
	};
	static const struct advice nowhere = {
		.text = "Correct the liveness or startup probe that `kubectl describe pod` names "
			"as failing, in its port, command or timing[: {value}].",
	};
	static const struct advice longer = {
		.text = "Or, where it starts slowly, give it longer by a startupProbe, during "
			"which the liveness probe waits: this one takes 5 minutes.",
		"{list}:\n  - name: {container}\n    startupProbe:\n      tcpSocket:\n"
		"        port: {port}\n      failureThreshold: 60\n      periodSeconds: 5\n",
	};
	static const struct advice same_check = {
		.text = "Or, where it starts slowly, give it longer by a startupProbe with the "
			"same check, during which the liveness probe waits.",
	};
	const struct blanks b = { .port = port_of(q),
		.value = q->missed || q->blind ? NULL
					       : "no probe of a port can succeed, as nothing here "
						 "listens on one" };

	recommend(r, b.port ? &port : &nowhere, &b);
	recommend(r, b.port ? &longer : &same_check, &b);
}

static void advise(const struct context *q, struct report *r)
{
	static const struct advice events = {
		.text = "Read why it was stopped among the events of the pod (`kubectl describe "
			"pod`, `kubectl get events`): Killing with a reason, Evicted, Preempting, "
			"or the drain of its node.",
	};
	static const struct advice handle = {
		.text = "And let the first process handle SIGTERM: `exec` the program at the end "
			"of the start "
			"script, or run it under tini.",
	};
	struct blanks b = { .path = NULL };

	if (q->again)
		advise_probe(q, r);
	else
		recommend(r, &events, &b);
	if (ignored_sigterm(q))
		recommend(r, &handle, &b);
}

static bool stopped_alone(const struct context *q)
{
	return q->stop && q->again && q->input->pod.others && !q->input->pod.stopped;
}

/* What the kubelet had run before the signal. */
static void say_hook(const struct context *q, struct report *r)
{
	const struct process *hook = q->stop ? probe_last_hook(q, q->stop->time) : NULL;
	struct phrase command = hook ? probe_command(q, hook) : (struct phrase){ "" };

	if (!hook)
		return;
	if (!hook->ended_at || hook->ended_at > q->stop->time)
		report_sentence(r,
			"Most likely its preStop hook, `%.200s`, still ran then: it had taken %s.",
			command.text,
			phrase_duration(time_between(hook->since, q->stop->time)).text);
	else
		report_sentence(r,
			"Before that `%.200s` was run in it from outside, most likely its preStop "
			"hook: for %s, and it ended with exit code %d.",
			command.text,
			phrase_duration(time_between(hook->since, hook->ended_at)).text,
			status_exit_code(hook->status));
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct event *e = v->event;
	uint64_t end = e ? e->time : story_ended_at(q->story);
	struct phrase after = phrase_after(q, end);
	int before = q->input->restarts_same_cause;

	if (stopped_alone(q))
		report_title(r,
			"Stopped again from outside, and alone in its pod (%s): most likely a "
			"liveness or startup probe fails",
			signal_name(e->signo));
	else
		report_title(r, "Stopped from outside with %s%s",
			e ? signal_name(e->signo) : "SIGKILL",
			q->again ? ", not for the first time" : "");
	if (e)
		report_sentence(r, "`%s` sent %s to the container's first process%s%s%s.",
			e->sender_comm, signal_name(e->signo), after.text,
			ignored_sigterm(q)
				? ", which did not end by it and was then killed with SIGKILL"
				: "",
			q->missed ? "" : "; nothing in it had failed before");
	else
		report_sentence(r,
			"The container's first process was ended by SIGKILL%s, and not "
			"because memory ran out; who sent it was not seen.",
			after.text);
	if (before == 1)
		report_sentence(r, "The run before ended in the same way.");
	else if (before > 1)
		report_sentence(r, "The %d runs before ended in the same way.", before);
	say_hook(q, r);
	if (stopped_alone(q))
		report_sentence(r,
			"The pod's other container%s ran on, so that it was no eviction, drain or "
			"deletion; the kubelet stops one container when its liveness or startup "
			"probe fails.",
			q->input->pod.others > 1 ? "s" : "");
	else if (q->again)
		report_sentence(r, "The kubelet does so when a liveness or startup probe fails.");
	report_culprit(r, e);
	if (e)
		report_event(r, e, "%s from outside of the container, by `%s`",
			signal_name(e->signo), e->sender_comm);
	advise(q, r);
}

const struct rule rule_killed_from_outside = {
	.match = match,
	.explain = explain,
};
