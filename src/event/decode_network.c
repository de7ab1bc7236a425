// SPDX-License-Identifier: MIT
/* Addresses, sockets and messages to name servers. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "event/decode_private.h"
#include "event/dns.h"
#include "event/syscalls.h"

/*
 * The text of an IPv6 address. One that stands for an IPv4 address (::ffff:10.0.0.1, what a socket for both
 * gives) is shown as IPv4: it is the address that a user knows.
 */
static void ipv6_text(const struct in6_addr *in6, struct event *e, char text[INET6_ADDRSTRLEN])
{
	if (IN6_IS_ADDR_V4MAPPED(in6)) {
		e->family = AF_INET;
		inet_ntop(AF_INET, &in6->s6_addr[12], text, INET6_ADDRSTRLEN);
	} else {
		inet_ntop(AF_INET6, in6, text, INET6_ADDRSTRLEN);
	}
}

void decode_address(const char *at, size_t len, struct decode_buffer *b, struct event *e)
{
	char text[INET6_ADDRSTRLEN] = "";
	sa_family_t family;

	if (len < sizeof(family))
		return;
	memcpy(&family, at, sizeof(family));
	e->family = family;
	if (family == AF_INET && len >= 8) {
		struct sockaddr_in in = { 0 };
		memcpy(&in, at, len < sizeof(in) ? len : sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
		e->port = ntohs(in.sin_port);
	} else if (family == AF_INET6 && len >= 24) {
		struct sockaddr_in6 in6 = { 0 };
		memcpy(&in6, at, len < sizeof(in6) ? len : sizeof(in6));
		ipv6_text(&in6.sin6_addr, e, text);
		e->port = ntohs(in6.sin6_port);
	} else if (family == AF_UNIX && len > 2) {
		/* An abstract name starts with a NUL; "@" is how ss and netstat write that. */
		bool abstract = at[2] == '\0';
		size_t n = abstract ? len - 3 : strnlen(at + 2, len - 2);
		char *p = decode_reserve(b, n + abstract);
		if (!p)
			return;
		if (abstract)
			p[0] = '@';
		memcpy(p + abstract, at + 2 + abstract, n);
		e->address = p;
		return;
	}
	e->address = decode_copy(b, text, strlen(text));
}

static void decode_peer(const void *address, int family, struct decode_buffer *b, struct event *e)
{
	char text[INET6_ADDRSTRLEN];

	e->family = family;
	if (family == AF_INET6)
		ipv6_text(address, e, text);
	else
		inet_ntop(AF_INET, address, text, sizeof(text));
	e->address = decode_copy(b, text, strlen(text));
}

/* Who asks is no process of the container that will be found to have this address. */
static void decode_asker(const struct wire_socket *w, struct decode_buffer *b, struct event *e)
{
	e->kind = EVENT_PORT_REFUSED;
	e->syscall = "";
	e->sender_pid = w->head.pid;
	e->sender_comm = decode_copy(b, w->head.comm, strnlen(w->head.comm, sizeof(w->head.comm)));
	e->comm = e->parent_comm = "";
	e->pid = e->tid = e->vpid = e->parent_pid = e->uid = e->gid = 0;
}

int decode_socket(const struct wire_socket *w, struct decode_buffer *b, struct event *e)
{
	if (w->family != AF_INET && w->family != AF_INET6)
		return -EBADMSG;
	decode_peer(w->address, w->family, b, e);
	e->kind = w->what == WIRE_LISTEN ? EVENT_LISTEN : EVENT_NETWORK_ERROR;
	e->syscall = w->what == WIRE_LISTEN ? "listen" : "connect";
	e->port = w->port;
	e->sock_type = SOCK_STREAM;
	e->error = w->error;
	e->gave_up_ns = w->what == WIRE_CONNECT_GAVE_UP ? w->waited_ns : 0;
	switch (w->what) {
	case WIRE_LISTEN:
		return 0;
	case WIRE_OUTSIDE_REFUSED:
		decode_asker(w, b, e);
		return 0;
	case WIRE_CONNECT_FAILED:
		return w->error ? 0 : -EBADMSG;
	case WIRE_CONNECT_GAVE_UP:
		return w->waited_ns && !w->error ? 0 : -EBADMSG;
	default:
		return -EBADMSG;
	}
}

int decode_dns(const struct wire_dns *w, struct strings s, struct decode_buffer *b, struct event *e)
{
	const struct syscall_row *row = syscall_by_nr(w->nr);
	struct dns_message m;

	if (!row || w->data_len > s.left || (w->family != AF_INET && w->family != AF_INET6))
		return -EBADMSG;
	e->kind = EVENT_DNS_QUERY;
	e->syscall = row->name;
	e->port = w->port;
	e->sock_type = w->sock_type;
	e->repeats = w->repeats;
	decode_peer(w->address, w->family, b, e);
	if (dns_read((const uint8_t *)s.at, w->data_len, w->sock_type == SOCK_STREAM, &m))
		return 0;
	e->kind = m.is_answer ? EVENT_DNS_ANSWER : EVENT_DNS_QUERY;
	e->dns_name = decode_copy(b, m.name, strlen(m.name));
	e->dns_type = decode_copy(b, m.type, strlen(m.type));
	e->dns_rcode = decode_copy(b, m.rcode, strlen(m.rcode));
	e->dns_answers = m.answers;
	return 0;
}
