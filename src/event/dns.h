/* SPDX-License-Identifier: MIT */
/* What a DNS message asks or answers. Pure. */
#ifndef KTRACE_EVENT_DNS_H
#define KTRACE_EVENT_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_NAME_MAX 1024 /* 255 bytes, each of which may be written with four */

struct dns_message {
	bool is_answer;
	char name[DNS_NAME_MAX]; /* of the question; "." is the root */
	char type[16];           /* "AAAA"; "TYPE4711" where it has no name here */
	char rcode[16];          /* of an answer: "NXDOMAIN"; else "" */
	uint16_t
		answers; /* records that an answer gives; none with NOERROR: the name has no such address */
};

/*
 * Reads the header and the question of a message, of which only the first n bytes may be here. With
 * `stream` it may begin with its length, as TCP has it. 0, or -EBADMSG when it is no such message.
 */
int dns_read(const uint8_t *bytes, size_t n, bool stream, struct dns_message *out);

#endif
