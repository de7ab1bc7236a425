// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

#define DNS_PORT 53

static bool unreachable(const struct context *q, const struct failure *f)
{
	(void)q;
	switch (f->error) {
	case ECONNREFUSED:
	case ETIMEDOUT:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ECONNRESET:
	case ENETDOWN:
	case EHOSTDOWN:
		break;
	case ENOENT:
		return call_is(f, "connect");
	case EPERM:
	case EACCES: /* a firewall that answers so */
		return call_is(f, "connect") && f->event->family != AF_UNIX;
	default:
		return false;
	}
	return !f->event || (f->event->kind == EVENT_NETWORK_ERROR && f->event->port != DNS_PORT);
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, unreachable);
}

static const char *meaning(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "nothing listens there (connection refused)";
	case ETIMEDOUT:
		return "no answer came in time, as when packets are dropped";
	case ENETUNREACH:
		return "there is no route to that network";
	case EHOSTUNREACH:
		return "the host cannot be reached (no route to host)";
	case ECONNRESET:
		return "the connection was reset";
	case ENOENT:
		return "the socket file does not exist";
	default:
		return errno_text(error);
	}
}

static void advise(const struct failure *f, struct report *r)
{
	struct phrase address = { "" };

	if (f->event)
		address = phrase_address(f->event);
	bool local = !strncmp(address.text, "127.", 4) || !strcmp(address.text, "::1");

	if (f->error == ENOENT) {
		report_recommend(r,
			"See that the service which makes the socket file runs in this pod, and "
			"that both containers mount its folder.");
		report_recommend(
			r, "Or name the service by host and port, when it runs elsewhere.");
		return;
	}
	if (local)
		report_recommend(r, "The address is the pod's own: use the other service's Service "
				    "name, unless it runs in the same pod.");
	if (f->error == ECONNREFUSED || f->error == ECONNRESET) {
		report_recommend(r,
			"See that the service behind it runs and is ready, and that name "
			"and port are right.");
		report_recommend(r,
			"Let the program retry for a while at its start, or wait for the "
			"service in an init container.");
		if (f->event && f->event->port && !local)
			report_manifest(r,
				"initContainers:\n  - name: wait\n    image: busybox\n"
				"    command: [sh, -c, \"until nc -z %s %u; do sleep 1; done\"]\n",
				address.text, f->event->port);
		return;
	}
	report_recommend(
		r, "See that a NetworkPolicy allows this pod's egress to that address and port.");
	report_recommend(r,
		"Where the cluster has no way out: use a proxy or a mirror inside, or put "
		"what is downloaded into "
		"the image.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	(void)q;
	if (f->event)
		report_title(r, "Cannot reach %s", phrase_peer(f).text);
	else
		report_title(r, "A service that the program needs cannot be reached");
	report_sentence(r, "%s tried to connect to %s%s: %s.", phrase_who(f).text,
		phrase_peer(f).text, failure_persisted(f) ? " again and again" : "",
		meaning(f->error));
	if (!f->event)
		report_sentence(r, "It said: \"%.300s\".", f->line);
	report_consequence(r, f);
	report_failure(r, f);
	advise(f, r);
}

const struct rule rule_dependency_unreachable = {
	.match = match,
	.explain = explain,
};
