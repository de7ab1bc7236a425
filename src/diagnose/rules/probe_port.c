// SPDX-License-Identifier: MIT
/*
 * Somebody outside of the pod asks for a port where nobody listens, again and again: the kubelet's probe names
 * another port than the program's. A program that has not begun to listen at all is left alone while it runs: it is
 * refused until it has started. Where it is stopped in that time, a liveness probe did not wait for it.
 */
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules/probe_command.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define TIMES 3 /* in a row: one that came before the program was ready says nothing */
#define LASTED SECONDS(5)
#define GOES_ON SECONDS(90)        /* periodSeconds is seldom longer */
#define STOPPED_WITHIN SECONDS(60) /* the kubelet's last try, and the grace that it may give */

static bool listens(const struct event *e)
{
	return (e->kind == EVENT_LISTEN || e->kind == EVENT_CONTAINER_LISTENING) && e->port;
}

/* The latest listener on another port, or NULL; *same is set where there was one on this port. */
static const struct event *other_listener(const struct context *q, uint16_t port, bool *same)
{
	const struct event *other = NULL;

	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (!listens(e))
			continue;
		*same |= e->port == port;
		if (e->port != port)
			other = e;
	}
	return other;
}

static bool is_asked_in_vain(const struct context *q, const struct story_entry *entry)
{
	const struct event *e = entry->event;
	uint64_t until = q->stop ? q->stop->time : q->input->now;
	bool same = false;

	/* Whose port of a pod's containers is meant is not known. */
	if (e->kind != EVENT_PORT_REFUSED || e->sharers > 1 || entry->times < TIMES ||
		time_between(e->time, entry->last) < LASTED)
		return false;
	const struct event *other = other_listener(q, e->port, &same);
	if (same)
		return false;
	if (q->ended)
		return time_between(entry->last, until) < STOPPED_WITHIN;
	return other && time_between(other->time, entry->last) > LASTED &&
	       time_between(entry->last, until) < GOES_ON;
}

bool rule_probe_port(const struct context *q, struct verdict *v)
{
	if (!q->started || (q->ended && !q->stop) || (q->first && q->first->oom))
		return false;
	for (size_t i = q->n_entries; i-- > 0;) {
		bool same = false;

		if (!is_asked_in_vain(q, &q->entries[i]))
			continue;
		v->event = q->entries[i].event;
		clues_only(&v->clues, other_listener(q, v->event->port, &same)
					      ? CLUE_asked_for_other_port
					      : CLUE_asked_before_it_listened);
		return true;
	}
	return false;
}

/* The kubelet is a program of its own, or a part of k3s, k0s and the like. */
static const char *asker(const struct event *e)
{
	static const char *const kubelets[] = { "kubelet", "kubelite", "k3s", "k0s", "rke2" };

	for (size_t i = 0; i < ARRAY_SIZE(kubelets); i++)
		if (!strncmp(e->sender_comm, kubelets[i], strlen(kubelets[i])))
			return "The kubelet";
	return "Somebody on the node";
}

static void advise(const struct event *asked, const struct event *other, struct report *r)
{
	static const struct advice port = {
		.text = "Let the probe ask for the port where the program listens.",
		"{list}:\n  - name: {container}\n    readinessProbe:\n      tcpSocket:\n"
		"        port: {port}\n",
	};
	static const struct advice listen = {
		.text = "Or let the program listen on the port that the probe asks for.",
	};
	static const struct advice slow = {
		.text = "Give it the time to start with a startupProbe on the same port: the "
			"liveness probe begins when that has succeeded (this one waits 5 minutes).",
		"{list}:\n  - name: {container}\n    startupProbe:\n      tcpSocket:\n"
		"        port: {port}\n      failureThreshold: 60\n      periodSeconds: 5\n",
	};

	if (other) {
		recommend(r, &port, &(struct blanks){ .port = other->port });
		recommend(r, &listen, &(struct blanks){ .port = asked->port });
	} else {
		recommend(r, &slow, &(struct blanks){ .port = asked->port });
	}
}

static const struct story_entry *entry_of(const struct context *q, const struct event *e)
{
	for (size_t i = 0; i < q->n_entries; i++)
		if (q->entries[i].event == e)
			return &q->entries[i];
	return NULL;
}

void rule_probe_port_explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct event *e = v->event;
	bool same = false;
	const struct event *other = other_listener(q, e->port, &same);
	const struct story_entry *entry = entry_of(q, e);
	struct phrase lasted = phrase_duration(time_between(e->time, entry->last));
	const char *refused = e->error ? "was refused" : "was not answered";

	if (other)
		report_title(r, "%s asks port %u; %s listens on %u", asker(e), e->port, other->comm,
			other->port);
	else
		report_title(r, "Stopped by a probe of port %u before it listened", e->port);
	report_sentence(r, "%s asked for port %u of this container over %s, and %s each time.",
		asker(e), e->port, lasted.text, refused);
	if (other)
		report_sentence(r, "Nothing listens there: `%s` listens on %s port %u.",
			other->comm, phrase_address(other).text, other->port);
	else
		probe_say_time(q, r);
	if (other && q->ended)
		report_sentence(
			r, "Then it was stopped from outside (%s).", signal_name(q->stop->signo));
	if (!q->ended)
		report_probe_wait(r, "", e->port, e->time, entry->times,
			e->error ? errno_name(e->error) : "none");
	report_culprit(r, other ? other : e);
	if (other)
		report_event(r, other, "`%s` listens on %s port %u", other->comm,
			phrase_address(other).text, other->port);
	report_event(r, e, "%s asked for port %u, and %s", asker(e), e->port, refused);
	advise(e, other, r);
}
