// SPDX-License-Identifier: MIT
/*
 * A DNS message (RFC 1035): a header of twelve bytes, and the question, which an answer repeats. The name is
 * written as its labels with dots between them, and what has no place in a label as zone files have it: "\.",
 * "\\", and control characters and blanks by their number, "\010". Bytes of other alphabets stay as they were
 * sent.
 */
#include "event/dns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEADER 12
#define LABEL_MAX 63
#define WIRE_NAME_MAX 255

static unsigned number(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static size_t put_byte(char *out, uint8_t byte)
{
	bool by_number = byte <= ' ' || byte == 0x7f;
	size_t n = 0;

	if (by_number || byte == '.' || byte == '\\')
		out[n++] = '\\';
	if (by_number) {
		out[n++] = (char)('0' + byte / 100);
		out[n++] = (char)('0' + byte / 10 % 10);
		out[n++] = (char)('0' + byte % 10);
	} else {
		out[n++] = (char)byte;
	}
	return n;
}

/* The name at bytes[0..n); returns the bytes that it takes there, or -EBADMSG. A question has no pointers. */
static int read_name(const uint8_t *bytes, size_t n, char out[static DNS_NAME_MAX])
{
	size_t at = 0, o = 0;

	while (at < n && at < WIRE_NAME_MAX && bytes[at]) {
		size_t len = bytes[at++];

		if (len > LABEL_MAX || at + len >= n || at + len >= WIRE_NAME_MAX)
			return -EBADMSG;
		if (o)
			out[o++] = '.';
		for (size_t i = 0; i < len; i++)
			o += put_byte(out + o, bytes[at + i]);
		at += len;
	}
	if (at >= n || bytes[at])
		return -EBADMSG;
	if (!o)
		out[o++] = '.';
	out[o] = '\0';
	return (int)at + 1;
}

static void name_of(const char *const *names, size_t n, const char *unknown, unsigned value,
	char out[static 16])
{
	if (value < n && names[value])
		snprintf(out, 16, "%s", names[value]);
	else
		snprintf(out, 16, "%s%u", unknown, value);
}

int dns_read(const uint8_t *bytes, size_t n, bool stream, struct dns_message *out)
{
	static const char *const types[] = { [1] = "A",
		[2] = "NS",
		[5] = "CNAME",
		[6] = "SOA",
		[12] = "PTR",
		[15] = "MX",
		[16] = "TXT",
		[28] = "AAAA",
		[33] = "SRV",
		[35] = "NAPTR",
		[64] = "SVCB",
		[65] = "HTTPS",
		[255] = "ANY" };
	static const char *const rcodes[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
		"NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE" };
	struct dns_message m = { 0 };

	/* Where the length is read first, the message comes without it. One question is what all ask. */
	if (stream && n > HEADER + 2 && number(bytes + 4) != 1) {
		bytes += 2;
		n -= 2;
	}
	if (n < HEADER || number(bytes + 4) != 1)
		return -EBADMSG;
	int len = read_name(bytes + HEADER, n - HEADER, m.name);
	if (len < 0 || HEADER + (size_t)len + 4 > n)
		return -EBADMSG;
	name_of(types, sizeof(types) / sizeof(types[0]), "TYPE", number(bytes + HEADER + len),
		m.type);
	m.is_answer = bytes[2] & 0x80;
	if (m.is_answer) {
		name_of(rcodes, sizeof(rcodes) / sizeof(rcodes[0]), "RCODE", bytes[3] & 0xf,
			m.rcode);
		m.answers = (uint16_t)number(bytes + 6);
	}
	*out = m;
	return 0;
}
