/* SPDX-License-Identifier: MIT */
/*
 * Which name a program asked for. A resolver makes several questions of one name: with each domain of its
 * search list behind it, and as it is, each for IPv4 and for IPv6; and healthy programs have most of these
 * answered with NXDOMAIN. Here they are one look-up again, which gave an address or did not. Pure.
 */
#ifndef KTRACE_DIAGNOSE_ASKED_NAMES_H
#define KTRACE_DIAGNOSE_ASKED_NAMES_H

#include "story/story.h"

struct asked_name {
	char host[256]; /* as the program gave it */
	/*
	 * of all answers to its questions the one that tells most: "SERVFAIL", "REFUSED", "NXDOMAIN"; "NOERROR":
	 * the name is there, without an address; "": nothing answered
	 */
	const char *rcode;
	const struct event *question; /* the latest one; its address is the name server's */
	uint64_t since, last;         /* times of the first and the latest question */
	uint64_t attempts;            /* how often its first question was sent */
};

/* The name that the question or answer e of these entries was one try for. */
void asked_host(
	const struct story_entry *entries, size_t n, const struct event *e, char *out, size_t size);

/* A name server's answer with an address in it. */
bool dns_gave_address(const struct event *e);

/* The latest name that process p (NULL: any) asked for and got no address of. False: there is none. */
bool name_asked_in_vain(const struct story_entry *entries, size_t n, const struct process *p,
	struct asked_name *out);

/* "eth0", "net1": what a setting that takes a name or an interface was meant to name. */
bool name_is_interface(const char *name);

#endif
