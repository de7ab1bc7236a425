// SPDX-License-Identifier: MIT
/*
 * The name that was asked for. A resolver tries it with each domain of its search list behind it, for IPv4 and for
 * IPv6: many questions and many answers of "no such name" are one attempt, and one good answer is enough.
 */
#include <string.h>

#include "diagnose/stuck.h"

/* Of one whole name the length without the domain that it ends with, if the resolver's list has that. */
static size_t length_without(const char *name, const char *search)
{
	size_t len = strlen(name);

	while (*search) {
		size_t domain = strcspn(search, " ");
		if (domain && len > domain + 1 && name[len - domain - 1] == '.' &&
			!strncasecmp(name + len - domain, search, domain))
			return len - domain - 1;
		search += domain + (search[domain] == ' ');
	}
	return len;
}

static const char *search_list(const struct context *q)
{
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_DNS_QUERY && *e->dns_search)
			return e->dns_search;
	}
	return "";
}

size_t asked_name_length(const struct context *q, const struct event *e)
{
	return length_without(e->dns_name, search_list(q));
}

bool is_good_answer(const struct event *e)
{
	return e->kind == EVENT_DNS_ANSWER && !strcmp(e->dns_rcode, "NOERROR") && e->dns_answers;
}

const char *answer_to(const struct context *q, const struct wait *w)
{
	const char *answer = "none";

	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_DNS_ANSWER && e->time >= w->since &&
			same_asked_name(q, e, w->entry->event))
			answer = strcmp(e->dns_rcode, "NOERROR") ? e->dns_rcode : "no address";
	}
	return answer;
}

bool same_asked_name(const struct context *q, const struct event *a, const struct event *b)
{
	size_t len = asked_name_length(q, a);

	return *a->dns_name && len == asked_name_length(q, b) &&
	       !strncasecmp(a->dns_name, b->dns_name, len);
}
