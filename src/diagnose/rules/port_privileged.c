// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

#define PORTS_PRIVILEGED 1024

static bool privileged(const struct context *q, const struct failure *f)
{
	(void)q;
	return call_is(f, "bind") && (f->error == EACCES || f->error == EPERM) &&
	       f->event->family != AF_UNIX && f->event->port && f->event->port < PORTS_PRIVILEGED;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, privileged);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct event *e = f->event;

	(void)q;
	report_title(r, "Port %u is privileged: %s may not use it", e->port, phrase_name(f).text);
	report_sentence(r,
		"%s could not %s: ports below %d need the capability NET_BIND_SERVICE, which %s.",
		phrase_who(f).text, phrase_attempt(f).text, PORTS_PRIVILEGED,
		e->uid ? "a process that is not root does not have"
		       : "the container was not given, although it runs as root");
	report_consequence(r, f);
	report_failure(r, f);
	if (!e->uid) {
		report_recommend(r, "Give the container the capability.");
		manifest_container(r, "    securityContext:\n      capabilities:\n        add: "
				      "[NET_BIND_SERVICE]\n");
	}
	report_recommend(r,
		"Let the program use a port from %d on (%u, say); the Service can still offer "
		"port %u.",
		PORTS_PRIVILEGED, e->port + 8000u, e->port);
	report_recommend(r, "Or open low ports to everybody in the pod.");
	report_manifest(r,
		"securityContext:\n  sysctls:\n    - name: net.ipv4.ip_unprivileged_port_start\n"
		"      value: \"0\"\n");
}

const struct rule rule_port_privileged = {
	.match = match,
	.explain = explain,
};
