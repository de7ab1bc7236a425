// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

#define PORTS_PRIVILEGED 1024

static bool privileged(const struct inquiry *q, const struct failure *f)
{
	(void)q;
	return call_is(f, "bind") && (f->error == EACCES || f->error == EPERM) &&
	       f->event->family != AF_UNIX && f->event->port && f->event->port < PORTS_PRIVILEGED;
}

static bool match(const struct inquiry *q, struct verdict *v)
{
	return rule_failure(q, v, 0.08, privileged);
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct event *e = f->event;

	(void)q;
	report_title(r, "Port %u is privileged: %s may not listen on it", e->port, e->comm);
	report_say(r,
		"%s could not listen on %s: ports below %d need the capability NET_BIND_SERVICE, "
		"which a process "
		"that runs as uid %u does not have.",
		phrase_who(f).text, phrase_peer(f).text, PORTS_PRIVILEGED, e->uid);
	report_consequence(r, f);
	report_failure(r, f);
	report_mend(r,
		"Let the program listen on a port from 1024 on (8080, say); the Service can still "
		"offer port %u.",
		e->port);
	report_mend(r, "Or open low ports to everybody in the pod.");
	report_manifest(r,
		"securityContext:\n  sysctls:\n    - name: net.ipv4.ip_unprivileged_port_start\n"
		"      value: \"0\"\n");
	if (!e->uid) {
		report_mend(r, "Or give the container the capability.");
		manifest_container(r, "    securityContext:\n      capabilities:\n        add: "
				      "[NET_BIND_SERVICE]\n");
	}
}

const struct rule rule_port_privileged = {
	.match = match,
	.tell = tell,
};
