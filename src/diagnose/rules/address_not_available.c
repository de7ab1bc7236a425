// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool not_here(const struct context *q, const struct failure *f)
{
	(void)q;
	if (f->error == EADDRNOTAVAIL)
		return !f->event || call_is(f, "bind");
	return f->error == EAFNOSUPPORT &&
	       (!f->event || call_is(f, "socket") || call_is(f, "bind"));
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, not_here);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	struct phrase named = { "its address" };
	if (f->event && *f->event->address)
		named = phrase_address(f->event);
	const char *address = named.text;
	bool ipv6 = strchr(address, ':') != NULL || f->error == EAFNOSUPPORT;

	(void)q;
	report_title(r,
		ipv6 ? "No IPv6 here: the program wants to listen on %s"
		     : "Address not available: nothing can listen on %s",
		ipv6 && f->error == EAFNOSUPPORT ? "[::]" : address);
	if (ipv6)
		report_sentence(r,
			"%s wants to listen on IPv6 (%s), which this pod or node does not have.",
			phrase_who(f).text,
			f->error == EAFNOSUPPORT ? "a socket of that family" : address);
	else
		report_sentence(r,
			"%s wants to listen on %s, which is no address of this pod: a pod only has "
			"its own IP and 127.0.0.1.",
			phrase_who(f).text, address);
	report_consequence(r, f);
	report_failure(r, f);
	report_recommend(
		r, ipv6 ? "Listen on 0.0.0.0 (in nginx: leave out `listen [::]:80`), or enable "
			  "IPv6 for the cluster."
			: "Listen on 0.0.0.0 (all addresses), or on the pod's own address, which "
			  "this variable holds.");
	if (!ipv6)
		manifest_container(r,
			"    env:\n      - name: POD_IP\n        valueFrom:\n          fieldRef:\n"
			"            fieldPath: status.podIP\n");
}

const struct rule rule_address_not_available = {
	.match = match,
	.explain = explain,
};
