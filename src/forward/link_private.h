/* SPDX-License-Identifier: MIT */
/*
 * One connection, for the files that it is made of: link.c connects, sends and receives, link_reply.c answers
 * what a server says, link_failure.c tells what went wrong.
 */
#ifndef KTRACE_FORWARD_LINK_PRIVATE_H
#define KTRACE_FORWARD_LINK_PRIVATE_H

#include "forward/dial.h"
#include "forward/link.h"
#include "forward/message.h"

#define NO_NAME_SERVICE "has no address: the name service does not answer"
#define LINK_TEXT sizeof(((struct forward_stats *)0)->last_error_text)

struct link {
	struct link_options options;
	struct link_server *server;
	struct dial *dial; /* until fd is connected */
	int fd;
	struct loop_watch *watch;
	enum forward_state state; /* FORWARD_IDLE, or of fd, up to FORWARD_READY */
	uint32_t events;
	struct tls *tls;
	struct forward_reply helo;    /* kind FORWARD_HELO once it has come */
	char salt[FORWARD_SALT_SIZE]; /* ours */
	struct strbuf in;             /* received, without TLS */
	struct strbuf wire;           /* to be sent, with TLS */
	size_t sent;                  /* of wire */
	bool received;                /* the server said something */
	bool has_chunk, has_acked;    /* a chunk was sent, one was acknowledged */
	bool asks; /* it is connected to only to find out whether it speaks TLS */
	enum forward_error suspected; /* what is reported if it does not, and the message */
	char suspicion[LINK_TEXT];
};

bool link_is_open(const struct link *l);
void link_dial(struct link *l);                                   /* to its server */
void link_transmit(struct link *l, const struct strbuf *message); /* any message */
void link_become_ready(struct link *l);
void link_read_replies(struct link *l); /* what is complete of what was received */

/* Always the last that somebody does with a connection, as all that follow. */
void __attribute__((format(printf, 3, 4)))
link_fail(struct link *l, enum forward_error error, const char *fmt, ...);
void link_fail_closed(struct link *l);           /* the server hung up */
void link_fail_secured(struct link *l, int err); /* what tls_receive() said */
void link_fail_late(struct link *l);             /* nothing came in time */
/* What comes of speaking to TLS without it, or something else: text says what else. */
void link_suspect_tls(struct link *l, enum forward_error error, const char *text);
void link_end_question(struct link *l, bool speaks_tls);

#endif
