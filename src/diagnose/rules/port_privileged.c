// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "event/limits.h"

#define PORTS_PRIVILEGED 1024 /* unless the network namespace's sysctl says otherwise */

static unsigned ports_privileged(const struct event *e)
{
	return strcmp(e->limit_name, LIMIT_PORT_START) ? PORTS_PRIVILEGED
						       : (unsigned)e->process.limit;
}

static bool privileged(const struct context *q, const struct failure *f)
{
	(void)q;
	return call_is(f, "bind") && (f->error == EACCES || f->error == EPERM) &&
	       f->event->family != AF_UNIX && f->event->port &&
	       f->event->port < ports_privileged(f->event);
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, privileged);
}

static void advise(const struct context *q, const struct event *e, struct report *r)
{
	static const struct advice capability = {
		.text = "Give the container the capability NET_BIND_SERVICE.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n"
		"        add: [NET_BIND_SERVICE]\n",
	};
	static const struct advice sysctl = {
		.text = "Let every user of the pod listen on low ports, by the pod's sysctl "
			"net.ipv4.ip_unprivileged_port_start.",
		"securityContext:\n  sysctls:\n    - name: net.ipv4.ip_unprivileged_port_start\n"
		"      value: \"0\"\n",
	};
	static const struct advice higher = {
		.text = "Or let the program listen on port {number}, and set targetPort of the "
			"Service to it: "
			"its own port can stay {port}.",
	};
	static const struct advice higher_only = {
		.text = "Let the program listen on a port from {other} on, {number} for example.",
	};
	struct blanks b = { .port = e->port };
	char start[16];

	snprintf(start, sizeof(start), "%u", ports_privileged(e));
	b.other = start;
	b.number = e->port + 8000u;
	if (b.number < ports_privileged(e) || b.number > UINT16_MAX)
		b.number = ports_privileged(e);

	if (!e->uid)
		recommend(r, &capability, &b);
	if (q->container->host_network) {
		recommend(r, &higher_only, &b);
		return;
	}
	recommend(r, &sysctl, &b);
	recommend(r, &higher, &b);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct event *e = f->event;

	if (e->uid)
		report_title(r, "Port %u is below %u: uid %u may not listen on it", e->port,
			ports_privileged(e), e->uid);
	else
		report_title(r, "Port %u is below %u, and the container lacks NET_BIND_SERVICE",
			e->port, ports_privileged(e));
	report_sentence(r,
		"%s could not %s: ports below %u need the capability NET_BIND_SERVICE, which %s.",
		phrase_who(f).text, phrase_attempt(f).text, ports_privileged(e),
		e->uid ? "a process that is not root does not have"
		       : "it was not given, although it runs as root");
	report_consequence(r, f);
	report_failure(r, f);
	advise(q, e, r);
}

const struct rule rule_port_privileged = {
	.match = match,
	.explain = explain,
};
