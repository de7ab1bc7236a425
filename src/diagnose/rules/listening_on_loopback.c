// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/services.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

#define SETTLED SECONDS(10)      /* a service that will listen elsewhere too has done so by then */
#define SETTLED_AGAIN SECONDS(2) /* and one that was stopped again without it would have by then */
#define PORT_EPHEMERAL 32768     /* from here on the kernel picks: helpers, debuggers */

static bool is_loopback(const struct event *e)
{
	return !strncmp(e->address, "127.", 4) || !strcmp(e->address, "::1") ||
	       !strncmp(e->address, "::ffff:127.", 11);
}

static bool listens(const struct event *e)
{
	return (e->kind == EVENT_LISTEN || e->kind == EVENT_CONTAINER_LISTENING) && e->port;
}

/* Somebody outside of the pod asked for it, again and again. */
static const struct story_entry *refused_outside(const struct context *q, uint16_t port)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_PORT_REFUSED && e->port == port && q->entries[i].times > 1)
			return &q->entries[i];
	}
	return NULL;
}

static bool match(const struct context *q, struct verdict *v)
{
	uint64_t until =
		q->ended ? (q->stop ? q->stop->time : story_ended_at(q->story)) : q->input->now;
	const struct container *c = q->container;

	if (!*c->pod || c->host_network || c->type == CONTAINER_INIT || q->failed ||
		(q->ended && !q->again))
		return false;
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (!listens(e))
			continue;
		if (!is_loopback(e))
			return false;
		if (!v->event && e->port < PORT_EPHEMERAL)
			v->event = e;
	}
	if (!v->event || v->event->time + (q->ended ? SETTLED_AGAIN : SETTLED) > until)
		return false;
	/* What only the pod itself asks for may well be on loopback. */
	if (!q->ended && !refused_outside(q, v->event->port))
		return false;
	clues_add(&v->clues, q->ended ? CLUE_loopback_stopped : CLUE_loopback_only);
	return true;
}

/* "`--bind 0.0.0.0:PORT`" with the port that it listens on now. */
static struct phrase with_port(const char *how, uint16_t port)
{
	static const char blank[] = "PORT";
	const char *at = strstr(how, blank);
	struct phrase p;

	if (at)
		snprintf(p.text, sizeof(p.text), "%.*s%u%.400s", (int)(at - how), how, port,
			at + strlen(blank));
	else
		snprintf(p.text, sizeof(p.text), "%s", how);
	return p;
}

static void advise(const struct event *e, struct report *r)
{
	static const struct advice known = {
		.text = "Let {program} listen on all addresses: {value}.",
	};
	static const struct advice everywhere = {
		.text = "Let {program} listen on 0.0.0.0 (all addresses) instead of {other}; the "
			"address is set in its code, by an option such as --host, or by a variable "
			"such as HOST.",
	};
	static const struct advice fine = {
		.text = "If only the other containers of the pod use it, nothing needs to change.",
	};
	const struct service *s = service_of(e->comm);
	struct phrase how = with_port(s && s->everywhere ? s->everywhere : "", e->port);
	struct phrase address = phrase_address(e);

	recommend(r, *how.text ? &known : &everywhere,
		&(struct blanks){ .program = e->comm, .value = how.text, .other = address.text });
	recommend(r, &fine, &(struct blanks){ .port = e->port });
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct event *e = v->event;
	const struct story_entry *refused = q->ended ? NULL : refused_outside(q, e->port);

	report_title(r, "%s listens on %s port %u only, where nobody outside of the pod reaches it",
		e->comm, phrase_address(e).text, e->port);
	report_sentence(r, "`%s` listens on %s port %u, and on no other address.", e->comm,
		phrase_address(e).text, e->port);
	report_sentence(r,
		"The kubelet's probes, Services and other pods come in by the pod's IP, and "
		"are refused there.");
	if (q->ended)
		report_sentence(r,
			"The container was stopped from outside again, as after a failing probe.");
	if (refused)
		report_probe_wait(r, "", e->port, refused->event->time, refused->times,
			refused->event->error ? errno_name(refused->event->error) : "none");
	report_culprit(r, e);
	report_event(r, e, "`%s` listens on %s port %u", e->comm, phrase_address(e).text, e->port);
	advise(e, r);
}

const struct rule rule_listening_on_loopback = {
	.match = match,
	.explain = explain,
};
