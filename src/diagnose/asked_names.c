// SPDX-License-Identifier: MIT
#include "diagnose/asked_names.h"

#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

#define DOMAINS_MAX \
	8            /* the kubelet gives 32 at most; what they fold would be looked at once more */
#define LOOK_BACK 64 /* questions and answers */

/* resolv.conf of the container, as its latest question has it. */
struct search {
	const char *domains[DOMAINS_MAX];
	size_t len[DOMAINS_MAX], n;
	unsigned ndots;
};

struct questions {
	const struct story_entry *entries;
	size_t n;
	struct search search;
};

static bool is_dns(const struct event *e)
{
	return (e->kind == EVENT_DNS_QUERY || e->kind == EVENT_DNS_ANSWER) && *e->dns_name;
}

static void read_search(const struct story_entry *entries, size_t n, struct search *out)
{
	const char *at = "";

	*out = (struct search){ .ndots = 1 };
	for (size_t i = n; i-- > 0 && !*at;) {
		const struct event *e = entries[i].event;

		if (e->kind != EVENT_DNS_QUERY || !*e->dns_search)
			continue;
		at = e->dns_search;
		out->ndots = e->dns_ndots;
	}
	while (*at && out->n < DOMAINS_MAX) {
		out->domains[out->n] = at;
		out->len[out->n] = strcspn(at, " ");
		at += out->len[out->n++];
		at += strspn(at, " ");
	}
}

/* The part of name before the domain; 0: it is not below it. */
static size_t before_domain(const char *name, const char *domain, size_t domain_len)
{
	size_t len = strlen(name);

	if (len < domain_len + 2 || name[len - domain_len - 1] != '.' ||
		strncasecmp(name + len - domain_len, domain, domain_len))
		return 0;
	return len - domain_len - 1;
}

/* Is `name` what is asked for host[0..len) with domain i of the list behind it, or (i at its end) as it is? */
static bool is_try(const struct search *s, const char *name, const char *host, size_t len, size_t i)
{
	size_t part = i < s->n ? before_domain(name, s->domains[i], s->len[i]) : strlen(name);

	return part == len && !strncasecmp(name, host, len);
}

static bool is_any_try(const struct search *s, const char *name, const char *host)
{
	for (size_t i = 0; i <= s->n; i++)
		if (is_try(s, name, host, strlen(host), i))
			return true;
	return false;
}

static bool was_asked(const struct questions *q, const char *host, size_t len, size_t domain)
{
	for (size_t i = 0; i < q->n; i++)
		if (is_dns(q->entries[i].event) &&
			is_try(&q->search, q->entries[i].event->dns_name, host, len, domain))
			return true;
	return false;
}

static unsigned dots(const char *name, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += name[i] == '.';
	return n;
}

/* Enough dots have a name tried as it is first; the kubelet's 5 is there to have services come first. */
#define MANY_DOTS 5

/* How much of the name is the host: all of it, or what is before a domain of the list. */
static size_t host_length(const struct questions *q, const char *name)
{
	const struct search *s = &q->search;
	size_t all = strlen(name), first = s->n ? before_domain(name, s->domains[0], s->len[0]) : 0;

	/* Each name that is tried with the list is tried with its first domain. */
	if (!s->n || was_asked(q, name, all, 0))
		return all;
	for (size_t i = s->n; i-- > 1;) {
		size_t len = before_domain(name, s->domains[i], s->len[i]);
		if (len && was_asked(q, name, len, 0))
			return len;
	}
	if (!first || dots(name, first) >= s->ndots)
		return all;
	if (dots(name, all) < s->ndots || s->ndots >= MANY_DOTS ||
		was_asked(q, name, first, s->n) || was_asked(q, name, first, 1))
		return first;
	return all;
}

void asked_host(
	const struct story_entry *entries, size_t n, const struct event *e, char *out, size_t size)
{
	struct questions q = { .entries = entries, .n = n };

	read_search(entries, n, &q.search);
	snprintf(out, size, "%.*s", (int)host_length(&q, e->dns_name), e->dns_name);
}

bool dns_gave_address(const struct event *e)
{
	return e->kind == EVENT_DNS_ANSWER && e->dns_answers && !strcmp(e->dns_rcode, "NOERROR");
}

static bool is_resolved(const struct questions *q, const struct process *p, const char *host)
{
	for (size_t i = q->n; i-- > 0;) {
		const struct event *e = q->entries[i].event;

		if (is_dns(e) && dns_gave_address(e) && (!p || q->entries[i].process == p) &&
			is_any_try(&q->search, e->dns_name, host))
			return true;
	}
	return false;
}

/* Of two answers the one that tells more: a server that failed before a name that there is not. */
static const char *worse(const char *a, const char *b)
{
	static const char *const order[] = { "", "NOERROR", "NXDOMAIN" };
	size_t x = 0, y = 0;

	while (x < ARRAY_SIZE(order) && strcmp(order[x], a))
		x++;
	while (y < ARRAY_SIZE(order) && strcmp(order[y], b))
		y++;
	return y > x ? b : a;
}

static void sum_up(const struct questions *q, const struct process *p, struct asked_name *out)
{
	const struct event *first = NULL;

	out->rcode = "";
	for (size_t i = 0; i < q->n; i++) {
		const struct story_entry *entry = &q->entries[i];
		const struct event *e = entry->event;

		if (!is_dns(e) || (p && entry->process != p) ||
			!is_any_try(&q->search, e->dns_name, out->host))
			continue;
		if (e->kind == EVENT_DNS_ANSWER) {
			out->rcode = worse(out->rcode, e->dns_rcode);
			continue;
		}
		first = first ?: e;
		if (!strcasecmp(first->dns_name, e->dns_name) &&
			!strcmp(first->dns_type, e->dns_type))
			out->attempts += entry->times;
		out->since = out->since ?: e->time;
		out->last = entry->last > out->last ? entry->last : out->last;
		out->question = e;
	}
}

bool name_asked_in_vain(const struct story_entry *entries, size_t n, const struct process *p,
	struct asked_name *out)
{
	struct questions q = { .entries = entries, .n = n };
	int seen = 0;

	read_search(entries, n, &q.search);
	for (size_t i = n; i-- > 0 && seen < LOOK_BACK;) {
		const struct event *e = entries[i].event;

		if (!is_dns(e) || e->kind != EVENT_DNS_QUERY || (p && entries[i].process != p))
			continue;
		seen++;
		*out = (struct asked_name){ 0 };
		snprintf(out->host, sizeof(out->host), "%.*s", (int)host_length(&q, e->dns_name),
			e->dns_name);
		if (is_resolved(&q, p, out->host))
			continue;
		sum_up(&q, p, out);
		return out->question;
	}
	return false;
}

bool name_is_interface(const char *name)
{
	static const char *const kinds[] = { "eth", "net", "ens", "eno", "enp", "wlan", "bond",
		"veth", "tun", "tap" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i]);
		size_t number = strspn(name + strnlen(name, len), "0123456789");
		if (!strncmp(name, kinds[i], len) && number && !name[len + number])
			return true;
	}
	return false;
}
