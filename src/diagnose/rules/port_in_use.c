// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"
#include "util/find.h"

/* By words alone: a name, a node's id or a serial number may be in use as well. */
static bool speaks_of_an_address(const char *line)
{
	static const char *const words[] = { "address", "port", "bind", "listen", "socket",
		"eaddr" };

	for (size_t i = 0; line && i < ARRAY_SIZE(words); i++)
		if (find_folded(line, words[i]))
			return true;
	return false;
}

static bool in_use(const struct context *q, const struct failure *f)
{
	(void)q;
	if (f->error != EADDRINUSE)
		return false;
	return f->event ? call_is(f, "bind") || call_is(f, "listen")
			: speaks_of_an_address(f->line);
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

/* unix(7): an abstract name is no file, ends with its last socket, and belongs to the network namespace. */
static void explain_abstract(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice of_pod = {
		.text = "Start the program only once in this pod, or give each one a name of its "
			"own[ (Envoy: {option})]: {path} is an abstract socket, which all of the "
			"pod's containers share.",
	};
	static const struct advice of_node = {
		.text = "Give each one on this node a name of its own[ (Envoy: {option})], or run "
			"the pod without hostNetwork: {path} is an abstract socket, which with it "
			"is the whole node's.",
	};
	const struct event *e = f->event;
	bool envoy = strstr(e->address, "envoy_domain_socket") != NULL;
	struct blanks b = {
		.path = e->address,
		.option = envoy ? "--base-id, or --use-dynamic-base-id" : NULL,
	};

	report_title(r, "Another process listens on the socket %s", e->address);
	report_sentence(r,
		"%s could not listen on %s, an abstract socket, because another process that runs "
		"has that name.",
		phrase_who(f).text, e->address);
	if (e->holder_pid && e->holder_pid != e->pid)
		report_sentence(r, "`%s` listens on it.", e->holder_comm);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, q->container->host_network ? &of_node : &of_pod, &b);
}

static void explain_socket_file(const struct failure *f, struct report *r)
{
	static const struct advice remove_it = {
		.text = "Remove the socket file before the program starts[: `rm -f {path}`] in the "
			"start script; or keep it off volumes that outlive the container.",
	};
	static const struct advice one_only = {
		.text = "Start the program only once, or give each one a socket of its own.",
	};
	const struct event *e = f->event;
	bool held = e->holder_pid && e->holder_pid != e->pid;

	report_title(r,
		held ? "Another process listens on the socket %s"
		     : "The socket file %s is left from an earlier run",
		e->address);
	report_sentence(r, "%s could not listen on %s, because that socket file exists already.",
		phrase_who(f).text, e->address);
	if (held)
		report_sentence(r, "`%s` listens on it.", e->holder_comm);
	else if (!e->holder_none)
		report_sentence(r,
			"Most likely an earlier run left it on a volume that outlives the "
			"container; or another process listens on it.");
	report_consequence(r, f);
	report_failure(r, f);
	report_path(r, e->address);
	recommend(r, held ? &one_only : &remove_it, &(struct blanks){ .path = e->address });
}

static void advise(const struct context *q, const struct failure *f, const struct process *holder,
	struct report *r)
{
	static const struct advice other_port = {
		.text = "Let {name} or {program} use another port than {port}.",
	};
	static const struct advice twice = {
		.text = "Start {program} only once in this container, or let one of the two use "
			"another port than {port}.",
	};
	static const struct advice of_node = {
		.text = "Let the program use another port, or run the pod without hostNetwork: "
			"with it, the "
			"port belongs to the whole node.",
	};
	static const struct advice of_pod = {
		.text = "Let one of the pod's containers use another port: all of them share one "
			"address.",
	};
	static const struct advice once = {
		.text = "Or start the program only once: `{program}` in this container has the "
			"port already.",
	};

	struct phrase name = phrase_name(f);
	bool same = holder && !strcmp(name.text, phrase_process_name(holder).text);
	struct blanks b = { .program = holder ? holder->comm : NULL,
		.name = name.text,
		.port = f->event ? f->event->port : 0 };

	recommend(r,
		q->container->host_network ? &of_node
		: same                     ? &twice
		: holder                   ? &other_port
					   : &of_pod,
		&b);
	if (holder && !same)
		recommend(r, &once, &b);
}

static bool is_named(const struct event *e)
{
	return e->holder_pid && e->holder_pid != e->pid && *e->holder_comm;
}

static const struct process *holder_of(const struct context *q, const struct event *e)
{
	const struct process *holder = process_of_pid(q, e->holder_pid);

	if (!holder && !is_named(e))
		holder = holder_in_story(q, e);
	return holder && holder->pid == e->pid ? NULL : holder;
}

/* It was looked for right away, and nobody has it. */
static void explain_nobody(const struct failure *f, struct report *r)
{
	static const struct advice reuse = {
		.text = "Let the program set SO_REUSEADDR before it binds (most servers have an "
			"option for it), or start it again a minute later: a port of an earlier "
			"run may be closing still.",
	};
	static const struct advice other = {
		.text = "Or let it use another port.",
	};
	struct blanks none = { .path = NULL };

	report_title(r, "Port %u: \"address already in use\", and no process listens on it",
		f->event->port);
	report_sentence(r, "%s could not %s.", phrase_who(f).text, phrase_attempt(f).text);
	report_doubt(r, f);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, &reuse, &none);
	recommend(r, &other, &none);
}

static void explain_port(const struct context *q, const struct failure *f, struct report *r)
{
	const struct event *e = f->event;
	const struct process *holder = holder_of(q, e);
	bool named = is_named(e);

	report_title(r, "Port %u is in use already%s%s", e->port, holder || named ? ", by " : "",
		holder  ? phrase_process_name(holder).text
		: named ? e->holder_comm
			: "");
	report_sentence(r, "%s could not %s, because the port is taken.", phrase_who(f).text,
		phrase_attempt(f).text);
	if (holder)
		report_sentence(r, "%s has it: `%.100s`.", phrase_process(holder).text,
			phrase_command(holder).text);
	else if (named)
		report_sentence(
			r, "`%s` (pid %u on the node) has it.", e->holder_comm, e->holder_pid);
	else
		report_sentence(r,
			"All containers of a pod share its ports, and with hostNetwork all of "
			"the node's.");
	report_consequence(r, f);
	report_failure(r, f);
	advise(q, f, holder, r);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	if (f->event && f->event->family == AF_UNIX && f->event->address[0] == '@') {
		explain_abstract(q, f, r);
	} else if (f->event && f->event->family == AF_UNIX) {
		explain_socket_file(f, r);
	} else if (f->event && node_denies(q, f) && !holder_of(q, f->event)) {
		explain_nobody(f, r);
	} else if (f->event) {
		explain_port(q, f, r);
	} else {
		report_title(r, "A port is in use already");
		report_sentence(r, "%s could not listen, because its port is taken: \"%.300s\".",
			phrase_who(f).text, f->line);
		report_failure(r, f);
		advise(q, f, NULL, r);
	}
}

const struct rule rule_port_in_use = {
	.match = match,
	.explain = explain,
};
