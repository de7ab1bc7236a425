// SPDX-License-Identifier: MIT
/* What a container is stuck on, in the diagnosis' own field and in a sentence of its summary. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/asked_names.h"
#include "diagnose/report.h"
#include "diagnose/rules.h"
#include "diagnose/stuck/stuck.h"
#include "util/cleanup.h"

#define AT_ONCE SECONDS(60) /* a wait that began by then is one of the start */

/* The hypothesis is about what is waited for, not about something else in the same container. */
static bool is_about(const struct wait *w, const struct verdict *v)
{
	const struct process *p = v->candidate ? v->candidate->process
				  : v->failure ? v->failure->process
					       : NULL;

	if (v->failure && v->failure->entry)
		return v->failure->entry == w->entry || v->failure->process == w->step;
	return p && (p == w->step || p == w->waiter);
}

static char *text_or_null(struct report *r, const char *text)
{
	char *copy = *text ? strdup(text) : NULL;

	r->failed |= *text && !copy;
	return copy;
}

static const char *kind_of(const struct wait *w, const char *name)
{
	const struct event *e = w->entry ? w->entry->event : NULL;

	if (*name)
		return "name";
	if (!e)
		return "command";
	if (e->kind == EVENT_NETWORK_ERROR || !strcmp(e->syscall, "connect"))
		return "connection";
	if (e->kind == EVENT_BLOCKED && !strncmp(e->syscall, "open", 4))
		return "fifo";
	if (e->kind == EVENT_EXEC_FAILED)
		return "program";
	if (!strcmp(e->syscall, "flock") || !strcmp(e->syscall, "fcntl"))
		return "lock";
	return e->kind == EVENT_FILE_ERROR && e->error == ENOENT ? "file" : "call";
}

/* A name that was asked for, else the command, else the call where nothing else says what it is. */
static struct phrase name_of(const struct wait *w, const char *kind, const char *name)
{
	struct phrase p = { "" };

	if (!strcmp(kind, "command"))
		return phrase_command(w->step);
	if (!strcmp(kind, "call"))
		name = w->entry->event->syscall;
	snprintf(p.text, sizeof(p.text), "%s", name);
	return p;
}

static const char *rcode_words(const char *rcode)
{
	return !*rcode ? "none" : !strcmp(rcode, "NOERROR") ? "no address" : rcode;
}

/* What nslookup, dig and host print. */
static const char *rcode_in(const char *line)
{
	static const char *const rcodes[] = { "NXDOMAIN", "SERVFAIL", "REFUSED" };

	for (size_t i = 0; line && i < ARRAY_SIZE(rcodes); i++)
		if (strstr(line, rcodes[i]))
			return rcodes[i];
	return "";
}

static struct phrase answer_of(const struct context *q, const char *line)
{
	const struct wait *w = &q->wait;
	const struct event *e = w->entry ? w->entry->event : NULL;
	struct phrase p = { "" };
	struct asked_name asked;

	if (e && e->kind == EVENT_DNS_QUERY && *e->dns_name &&
		name_asked_in_vain(q->entries, q->n_entries, w->step, &asked))
		snprintf(p.text, sizeof(p.text), "%s", rcode_words(asked.rcode));
	else if (e && (e->gave_up_ns || e->kind == EVENT_BLOCKED))
		snprintf(p.text, sizeof(p.text), "none");
	else if (e && e->error)
		snprintf(p.text, sizeof(p.text), "%s", errno_name(e->error));
	else if (*rcode_in(line))
		snprintf(p.text, sizeof(p.text), "%s", rcode_in(line));
	else if (w->step->ended_at)
		snprintf(p.text, sizeof(p.text), "exit code %d", status_exit_code(w->step->status));
	return p;
}

/* A wait that began at the start and before anything listened keeps the container from starting. */
static bool is_of_the_start(const struct context *q)
{
	uint64_t listening = story_listening_at(q->story);

	return q->wait.since <= q->began + AT_ONCE && (!listening || q->wait.since <= listening);
}

/* The path that is missing or refused, or the file of a socket. */
static const char *path_of(const struct wait *w)
{
	const struct event *e = w->entry ? w->entry->event : NULL;

	if (!e)
		return "";
	if (e->address[0] == '/')
		return e->address;
	return e->kind == EVENT_EXEC_FAILED && !*e->path ? e->executable : e->path;
}

static void fill(struct report *r, const struct verdict *v)
{
	const struct wait *w = &r->q->wait;
	struct waiting *out = &r->d->waiting;
	bool by_name = !strcmp(r->d->root_cause, "dns_failure");
	const char *kind = kind_of(w, by_name ? v->name : "");
	bool connects = !strcmp(kind, "connection");
	struct phrase address = connects ? phrase_address(w->entry->event) : (struct phrase){ "" };

	out->kind = text_or_null(r, kind);
	out->name = text_or_null(r, name_of(w, kind, v->name).text);
	out->address = text_or_null(r, *address.text == '/' ? "" : address.text);
	out->port = connects ? w->entry->event->port : 0;
	out->path = text_or_null(r, by_name ? "" : path_of(w));
	out->answer = text_or_null(r, answer_of(r->q, v->line).text);
	out->since = w->since;
	out->attempts = w->attempts;
	r->d->time = w->last;
	if (is_of_the_start(r->q))
		r->d->phase = PHASE_STARTUP;
}

void report_probe_wait(struct report *r, const char *name, uint16_t port, uint64_t since,
	uint64_t attempts, const char *answer)
{
	struct waiting *out = &r->d->waiting;

	out->kind = text_or_null(r, "probe");
	out->name = text_or_null(r, name);
	out->answer = text_or_null(r, answer);
	out->port = port;
	out->since = since;
	out->attempts = attempts;
}

void report_wait(struct report *r, const struct verdict *v)
{
	const struct context *q = r->q;
	const struct wait *w = &q->wait;

	if (w->kind == WAIT_NONE || !is_about(w, v))
		return;
	struct phrase lasted = phrase_duration(time_between(w->since, w->last));
	if (q->ended) {
		report_sentence(r, "It was tried %" PRIu64 " times over %s before the %s gave up.",
			w->attempts, lasted.text, subject_of(q));
		return;
	}
	if (w->kind == WAIT_BLOCKED)
		report_sentence(r,
			"It has been waiting in that call (%s) for %s, and the %s still runs.",
			w->entry->event->syscall, lasted.text, subject_of(q));
	else
		report_sentence(r,
			"It was tried %" PRIu64
			" times over %s so far, and goes on: the %s still runs.",
			w->attempts, lasted.text, subject_of(q));
	if (q->container->type == CONTAINER_INIT)
		report_sentence(r, "Until this init container is done, the pod's own containers do "
				   "not start.");
	else if (looks_like_init(q->container) && *q->container->pod)
		report_sentence(r,
			"If `%.100s` is an init container, as its name says, the pod's own "
			"containers do not start until it is done.",
			q->container->k8s_container);
	fill(r, v);
}
