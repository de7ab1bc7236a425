/* SPDX-License-Identifier: MIT */
/* What the files of the decoder share. */
#ifndef KTRACE_EVENT_DECODE_PRIVATE_H
#define KTRACE_EVENT_DECODE_PRIVATE_H

#include "event/decode.h"

/* A cursor over the strings behind a record's fixed part. */
struct strings {
	const char *at;
	size_t left;
};

/* Room for n bytes and a NUL in the buffer, or NULL. */
char *decode_reserve(struct decode_buffer *b, size_t n);
/* The bytes and a NUL there; NULL when there is no room. */
const char *decode_copy(struct decode_buffer *b, const char *s, size_t n);

/* Sets the address, port and family of a struct sockaddr of len bytes, as far as it can be read. */
void decode_address(const char *at, size_t len, struct decode_buffer *b, struct event *e);

/* 0 or -EBADMSG. What is no message that can be read stays a sign that a name server was spoken to. */
int decode_socket(const struct wire_socket *w, struct decode_buffer *b, struct event *e);
int decode_dns(
	const struct wire_dns *w, struct strings s, struct decode_buffer *b, struct event *e);

#endif
