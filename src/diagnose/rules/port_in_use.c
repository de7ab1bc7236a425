// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool in_use(const struct context *q, const struct failure *f)
{
	(void)q;
	return f->error == EADDRINUSE && (!f->event || call_is(f, "bind") || call_is(f, "listen"));
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, in_use);
}

/* The kernel names no holder: a listener of the same container and port is one. */
static const struct process *holder_in_story(const struct context *q, const struct event *failed)
{
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct event *e = q->entries[i].event;
		if ((e->kind == EVENT_LISTEN || e->kind == EVENT_CONTAINER_LISTENING) &&
			e->port == failed->port && e->time <= failed->time && e->pid != failed->pid)
			return q->entries[i].process;
	}
	return NULL;
}

static const struct process *process_of_pid(const struct context *q, uint32_t pid)
{
	for (size_t i = q->n_processes; pid && i-- > 0;)
		if (q->processes[i]->pid == pid)
			return q->processes[i];
	return NULL;
}

static void explain_socket_file(const struct failure *f, struct report *r)
{
	report_title(r, "Socket file in use: %s", f->event->address);
	report_sentence(r,
		"%s could not listen on %s, because that socket file exists already: another "
		"process listens on it, or an earlier run left it in a volume that outlives the "
		"container.",
		phrase_who(f).text, f->event->address);
	report_failure(r, f);
	report_path(r, f->event->address);
	report_recommend(r,
		"Remove the stale file before the program starts, or keep it off volumes "
		"that live longer.");
}

static void explain_port(const struct context *q, const struct failure *f, struct report *r)
{
	const struct event *e = f->event;
	const struct process *holder = process_of_pid(q, e->holder_pid);
	bool named = e->holder_pid && e->holder_pid != e->pid && *e->holder_comm;

	if (!holder && !named)
		holder = holder_in_story(q, e);
	report_title(r, "Port %u is in use already", e->port);
	report_sentence(r, "%s could not %s, because the port is taken.", phrase_who(f).text,
		phrase_attempt(f).text);
	if (holder && holder->pid != e->pid)
		report_sentence(r, "%s has it: `%.100s`.", phrase_process(holder).text,
			phrase_command(holder).text);
	else if (named)
		report_sentence(
			r, "`%s` (pid %u on the node) has it.", e->holder_comm, e->holder_pid);
	else
		report_sentence(r,
			"All containers of a pod share its ports, and with hostNetwork all "
			"of the node's.");
	report_consequence(r, f);
	report_failure(r, f);
	report_recommend(r, "Let one of the two use another port%s.",
		q->container->host_network ? ", or run without hostNetwork" : "");
	report_recommend(r,
		"See that the program is not started twice: once in the background and once "
		"more by the script.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	if (f->event && f->event->family == AF_UNIX) {
		explain_socket_file(f, r);
	} else if (f->event) {
		explain_port(q, f, r);
	} else {
		report_title(r, "A port is in use already");
		report_sentence(r, "%s could not listen, because its port is taken: \"%.300s\".",
			phrase_who(f).text, f->line);
		report_failure(r, f);
		report_recommend(r,
			"Let one of the two programs use another port: containers of a pod "
			"share theirs.");
	}
}

const struct rule rule_port_in_use = {
	.match = match,
	.explain = explain,
};
