/* SPDX-License-Identifier: MIT */
/*
 * The messages of the Forward protocol, version 1: those that are sent, packed, and those that come,
 * checked. What comes is from the network: bounded, and nothing in it is believed. Pure.
 */
#ifndef KTRACE_FORWARD_MESSAGE_H
#define KTRACE_FORWARD_MESSAGE_H

#include <stdbool.h>

#include "util/strbuf.h"

#define FORWARD_REPLY_MAX 65536 /* bytes of one message of a server */
#define FORWARD_TEXT_MAX 256
#define FORWARD_DIGEST_SIZE 129 /* SHA-512 in hex */
#define FORWARD_SALT_SIZE 33    /* 128 random bits in hex */

enum forward_reply_kind { FORWARD_HELO, FORWARD_PONG, FORWARD_ACK, FORWARD_OTHER };

struct forward_reply {
	enum forward_reply_kind kind;
	/* HELO */
	char nonce[FORWARD_TEXT_MAX]; /* any bytes */
	size_t nonce_len;
	/* Salts a password. Fluentd and Fluent Bit always send one, without users too; "" is none. */
	char auth[FORWARD_TEXT_MAX]; /* any bytes */
	size_t auth_len;
	bool keepalive; /* true where it says nothing */
	/* PONG */
	bool accepted;
	char reason[FORWARD_TEXT_MAX], server[FORWARD_TEXT_MAX], digest[FORWARD_TEXT_MAX];
	/* ack */
	char chunk[FORWARD_TEXT_MAX];
};

/*
 * The first message of data: its length with *out set; 0: it is not complete yet; -EPROTO: it can be
 * no message, or one of more than FORWARD_REPLY_MAX bytes.
 */
long forward_reply(const char *data, size_t len, struct forward_reply *out);

/* SHA-512 of salt, host, nonce and key one after another, in hex. 0 or -EIO. */
int forward_digest(char out[FORWARD_DIGEST_SIZE], const char *salt, const char *host,
	const struct forward_reply *helo, const char *key);

/* What a client shows a server that sent a HELO. */
struct forward_claim {
	const char *host;            /* how the client calls itself */
	const char *salt;            /* its own */
	const char *key;             /* the shared key, "" where only users count */
	const char *user, *password; /* NULL: none */
};

/* 0 or a negative errno: -ENOMEM, -EIO. The password is not in it, only a digest. */
int forward_ping(
	struct strbuf *out, const struct forward_claim *claim, const struct forward_reply *helo);

/* Whether a PONG is of somebody who knows the key. */
bool forward_pong_is_genuine(const struct forward_reply *pong, const char *salt,
	const struct forward_reply *helo, const char *key);

/* One member of gzip, which is what all servers take; out must be empty. 0 or -ENOMEM. */
int forward_gzip(struct strbuf *out, const struct strbuf *entries);

struct forward_batch {
	const char *tag, *id;
	uint64_t records;
	const struct strbuf *entries;
	bool compress; /* with gzip */
};

/* PackedForward with the options chunk and size, and compressed where it is. 0 or -ENOMEM. */
int forward_chunk(struct strbuf *out, const struct forward_batch *batch);

#endif
