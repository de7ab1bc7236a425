// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

static bool not_here(const struct context *q, const struct failure *f)
{
	(void)q;
	if (f->error == EADDRNOTAVAIL)
		return !f->event || call_is(f, "bind") || call_lacks_port(f);
	return f->error == EAFNOSUPPORT &&
	       (!f->event || call_is(f, "socket") || call_is(f, "bind"));
}

static bool match(const struct context *q, struct verdict *v)
{
	if (!rule_failure(q, v, not_here))
		return false;
	rule_limit(v);
	return true;
}

static void advise(bool ipv6, struct report *r)
{
	static const struct advice ipv4 = {
		.text = "Let the program listen on 0.0.0.0 (for nginx: leave out the `listen` line "
			"for IPv6), or turn "
			"on IPv6 for the cluster.",
	};
	static const struct advice all = {
		.text = "Let the program listen on 0.0.0.0 (all addresses), or on the pod's own "
			"address, which a variable can bring (POD_IP below).",
		"{list}:\n  - name: {container}\n    env:\n      - name: POD_IP\n        "
		"valueFrom:\n"
		"          fieldRef:\n            fieldPath: status.podIP\n",
	};

	recommend(r, ipv6 ? &ipv4 : &all, &(struct blanks){ .path = NULL });
}

#define WIDEST_RANGE (65535 - 1024 + 1)
#define MARGIN 1024 /* some have been closed since */

static void explain_no_port(const struct failure *f, struct report *r)
{
	static const struct advice reuse = {
		.text = "Let the program close connections that it no longer needs, and use those "
			"that it "
			"has again (a pool, keep-alive): each one to the same address and port "
			"takes a "
			"local port, and for a minute after it was closed (TIME_WAIT).",
	};
	static const struct advice more = {
		.text = "Or widen the range of local ports of the pod.",
		"securityContext:\n  sysctls:\n    - name: net.ipv4.ip_local_port_range\n"
		"      value: \"1024 65535\"\n",
	};
	struct blanks none = { .path = NULL };

	report_title(r, "No local port is left: %s cannot connect to %s", phrase_name(f).text,
		phrase_peer(f).text);
	uint64_t used = f->event->process.used, range = f->event->process.limit;
	char times[48] = "";

	if (f->entry->times > 1)
		snprintf(times, sizeof(times), ", %" PRIu64 " times", f->entry->times);
	report_sentence(r,
		"%s could not connect to %s%s: all local ports for connections to it are taken.",
		phrase_who(f).text, phrase_peer(f).text, times);
	if (range)
		report_sentence(r,
			"The pod's network has %" PRIu64
			" of them for each address and port (net.ipv4.ip_local_port_range).",
			range);
	if (used)
		report_sentence(r,
			"%" PRIu64 " connections to it had one then, those that are closing "
			"(TIME_WAIT) among them.",
			used);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, &reuse, &none);
	if ((range ?: used) < WIDEST_RANGE - MARGIN)
		recommend(r, &more, &none);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	bool known = f->event && *f->event->address;
	struct phrase address = known ? phrase_address(f->event) : (struct phrase){ "its address" };
	bool ipv6 = strchr(address.text, ':') != NULL || f->error == EAFNOSUPPORT;

	(void)q;
	if (f->event && call_lacks_port(f)) {
		explain_no_port(f, r);
		return;
	}
	if (ipv6)
		report_title(r, "The pod has no IPv6, and the program wants to listen on %s",
			f->error == EAFNOSUPPORT ? "[::]" : address.text);
	else
		report_title(r, "%s is no address of this pod, so nothing can listen on it",
			address.text);
	if (ipv6)
		report_sentence(r,
			"%s wants to listen on IPv6 (%s), which this pod or node does not have.",
			phrase_who(f).text,
			f->error == EAFNOSUPPORT ? "a socket of that family" : address.text);
	else
		report_sentence(r,
			"%s wants to listen on %s, which is no address of this pod: a pod only has "
			"its own "
			"IP and 127.0.0.1.",
			phrase_who(f).text, address.text);
	report_consequence(r, f);
	report_failure(r, f);
	advise(ipv6, r);
}

const struct rule rule_address_not_available = {
	.match = match,
	.explain = explain,
};
