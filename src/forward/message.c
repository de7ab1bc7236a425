// SPDX-License-Identifier: MIT
#include "forward/message.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <msgpack/pack.h>
#include <msgpack/unpack.h>
#include <string.h>
#include <zlib.h>

#include "forward/entry.h"
#include "util/cleanup.h"

#define GZIP_FORM 16     /* what zlib adds to the window's bits for it */
#define OBJECTS_MAX 1024 /* of one message: a HELO has about ten */

/* What a msgpack object is, by its first byte: bytes of length that follow, bytes of body, objects within. */
struct shape {
	unsigned length_bytes;
	uint64_t body, objects;
	bool is_scope, is_map;
};

static struct shape shape_of(unsigned char first)
{
	static const struct shape of_c0[32] = {
		[0x04] = { .length_bytes = 1 }, /* bin */
		[0x05] = { .length_bytes = 2 },
		[0x06] = { .length_bytes = 4 },
		[0x07] = { .length_bytes = 1, .body = 1 }, /* ext: and its type */
		[0x08] = { .length_bytes = 2, .body = 1 },
		[0x09] = { .length_bytes = 4, .body = 1 },
		[0x0a] = { .body = 4 }, /* floats */
		[0x0b] = { .body = 8 },
		[0x0c] = { .body = 1 }, /* integers */
		[0x0d] = { .body = 2 },
		[0x0e] = { .body = 4 },
		[0x0f] = { .body = 8 },
		[0x10] = { .body = 1 },
		[0x11] = { .body = 2 },
		[0x12] = { .body = 4 },
		[0x13] = { .body = 8 },
		[0x14] = { .body = 2 }, /* fixext */
		[0x15] = { .body = 3 },
		[0x16] = { .body = 5 },
		[0x17] = { .body = 9 },
		[0x18] = { .body = 17 },
		[0x19] = { .length_bytes = 1 }, /* str */
		[0x1a] = { .length_bytes = 2 },
		[0x1b] = { .length_bytes = 4 },
		[0x1c] = { .length_bytes = 2, .is_scope = true }, /* array */
		[0x1d] = { .length_bytes = 4, .is_scope = true },
		[0x1e] = { .length_bytes = 2, .is_scope = true, .is_map = true },
		[0x1f] = { .length_bytes = 4, .is_scope = true, .is_map = true },
	};

	if (first >= 0xc0 && first <= 0xdf)
		return of_c0[first - 0xc0];
	if (first >> 5 == 0xa0 >> 5)
		return (struct shape){ .body = first & 0x1f };
	if (first >> 4 == 0x80 >> 4)
		return (struct shape){ .objects = 2 * (first & 0x0fu) };
	if (first >> 4 == 0x90 >> 4)
		return (struct shape){ .objects = first & 0x0fu };
	return (struct shape){ 0 };
}

/*
 * The length of the message at data, 0 while it is not complete, -EPROTO. The library would take the
 * room that a header asks for (4 billion elements) before it looks whether they are there, and
 * would begin anew with each piece that comes; so it only gets whole messages of sane size.
 */
static long message_length(const char *data, size_t len)
{
	uint64_t at = 0, waiting = 1, seen = 0;

	while (waiting) {
		if (at >= len)
			return len < FORWARD_REPLY_MAX ? 0 : -EPROTO;
		struct shape shape = shape_of((unsigned char)data[at++]);
		uint64_t length = 0;
		if (at + shape.length_bytes > len)
			return 0;
		for (unsigned i = 0; i < shape.length_bytes; i++)
			length = length << 8 | (unsigned char)data[at++];
		if (shape.is_scope)
			shape.objects = shape.is_map ? 2 * length : length;
		else
			at += length;
		at += shape.body;
		waiting += shape.objects - 1;
		if (at > FORWARD_REPLY_MAX || ++seen + waiting > OBJECTS_MAX)
			return -EPROTO;
	}
	return at <= len ? (long)at : 0;
}

/* A str or bin that fits; servers differ in which of the two they send. */
static size_t copy_bytes(char out[FORWARD_TEXT_MAX], const msgpack_object *o)
{
	const char *from = o->type == MSGPACK_OBJECT_BIN ? o->via.bin.ptr : o->via.str.ptr;
	size_t len = 0;

	if (o->type == MSGPACK_OBJECT_STR || o->type == MSGPACK_OBJECT_BIN)
		len = o->type == MSGPACK_OBJECT_BIN ? o->via.bin.size : o->via.str.size;
	if (len >= FORWARD_TEXT_MAX)
		len = FORWARD_TEXT_MAX - 1;
	if (len)
		memcpy(out, from, len);
	out[len] = '\0';
	return len;
}

static bool is_text(const msgpack_object *o, const char *text)
{
	char value[FORWARD_TEXT_MAX];

	return copy_bytes(value, o) == strlen(text) && !strcmp(value, text);
}

static const msgpack_object *member(const msgpack_object *map, const char *key)
{
	if (map->type != MSGPACK_OBJECT_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->via.map.size; i++)
		if (is_text(&map->via.map.ptr[i].key, key))
			return &map->via.map.ptr[i].val;
	return NULL;
}

static void read_helo(struct forward_reply *r, const msgpack_object *options)
{
	const msgpack_object *nonce = member(options, "nonce");
	const msgpack_object *auth = member(options, "auth");
	const msgpack_object *keepalive = member(options, "keepalive");

	r->kind = FORWARD_HELO;
	if (nonce)
		r->nonce_len = copy_bytes(r->nonce, nonce);
	if (auth)
		r->auth_len = copy_bytes(r->auth, auth);
	r->keepalive =
		!keepalive || keepalive->type != MSGPACK_OBJECT_BOOLEAN || keepalive->via.boolean;
}

/* ["PONG", accepted, reason, server's host name, digest] */
static void read_pong(struct forward_reply *r, const msgpack_object_array *a)
{
	r->kind = FORWARD_PONG;
	r->accepted = a->ptr[1].type == MSGPACK_OBJECT_BOOLEAN && a->ptr[1].via.boolean;
	copy_bytes(r->reason, &a->ptr[2]);
	copy_bytes(r->server, &a->ptr[3]);
	copy_bytes(r->digest, &a->ptr[4]);
}

static void read_message(struct forward_reply *r, const msgpack_object *o)
{
	const msgpack_object *ack = member(o, "ack");
	const msgpack_object_array *a = &o->via.array;

	if (ack) {
		r->kind = FORWARD_ACK;
		copy_bytes(r->chunk, ack);
	} else if (o->type == MSGPACK_OBJECT_ARRAY && a->size >= 2 && is_text(&a->ptr[0], "HELO")) {
		read_helo(r, &a->ptr[1]);
	} else if (o->type == MSGPACK_OBJECT_ARRAY && a->size >= 5 && is_text(&a->ptr[0], "PONG")) {
		read_pong(r, a);
	}
}

long forward_reply(const char *data, size_t len, struct forward_reply *out)
{
	struct forward_reply r = { .kind = FORWARD_OTHER };
	long length = message_length(data, len);
	msgpack_unpacked message;

	if (length <= 0)
		return length;
	msgpack_unpacked_init(&message);
	msgpack_unpack_return status = msgpack_unpack_next(&message, data, (size_t)length, NULL);
	if (status == MSGPACK_UNPACK_SUCCESS)
		read_message(&r, &message.data);
	msgpack_unpacked_destroy(&message);
	/* It says "no memory" when a message is nested too deeply. */
	if (status != MSGPACK_UNPACK_SUCCESS)
		return -EPROTO;
	*out = r;
	return length;
}

struct part {
	const char *data;
	size_t len;
};

/* SHA-512 of the parts, one after another, in hex. 0 or -EIO. */
static int digest_of(char out[FORWARD_DIGEST_SIZE], const struct part *parts, size_t n)
{
	unsigned char digest[FORWARD_DIGEST_SIZE / 2];
	gnutls_hash_hd_t hash;
	int err = gnutls_hash_init(&hash, GNUTLS_DIG_SHA512);

	if (err < 0)
		return -EIO;
	for (size_t i = 0; i < n && err == 0; i++)
		err = gnutls_hash(hash, parts[i].data, parts[i].len);
	gnutls_hash_deinit(hash, digest);
	if (err < 0)
		return -EIO;
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return 0;
}

int forward_digest(char out[FORWARD_DIGEST_SIZE], const char *salt, const char *host,
	const struct forward_reply *helo, const char *key)
{
	const struct part parts[] = { { salt, strlen(salt) }, { host, strlen(host) },
		{ helo->nonce, helo->nonce_len }, { key, strlen(key) } };

	return digest_of(out, parts, ARRAY_SIZE(parts));
}

static int password_digest(char out[FORWARD_DIGEST_SIZE], const struct forward_claim *claim,
	const struct forward_reply *helo)
{
	const struct part parts[] = { { helo->auth, helo->auth_len },
		{ claim->user, strlen(claim->user) },
		{ claim->password, strlen(claim->password) } };

	return digest_of(out, parts, ARRAY_SIZE(parts));
}

static void pack_text(msgpack_packer *packer, const char *text)
{
	msgpack_pack_str_with_body(packer, text, strlen(text));
}

int forward_ping(
	struct strbuf *out, const struct forward_claim *claim, const struct forward_reply *helo)
{
	char digest[FORWARD_DIGEST_SIZE], password[FORWARD_DIGEST_SIZE] = "";
	bool names_user = claim->user && helo->auth_len;
	msgpack_packer packer;

	if (forward_digest(digest, claim->salt, claim->host, helo, claim->key) < 0 ||
		(names_user && password_digest(password, claim, helo) < 0))
		return -EIO;
	msgpack_packer_init(&packer, out, forward_pack);
	msgpack_pack_array(&packer, 6);
	pack_text(&packer, "PING");
	pack_text(&packer, claim->host);
	pack_text(&packer, claim->salt);
	pack_text(&packer, digest);
	pack_text(&packer, names_user ? claim->user : "");
	pack_text(&packer, password);
	return out->failed ? -ENOMEM : 0;
}

bool forward_pong_is_genuine(const struct forward_reply *pong, const char *salt,
	const struct forward_reply *helo, const char *key)
{
	char digest[FORWARD_DIGEST_SIZE];

	return forward_digest(digest, salt, pong->server, helo, key) == 0 &&
	       strlen(pong->digest) == sizeof(digest) - 1 &&
	       gnutls_memcmp(pong->digest, digest, sizeof(digest) - 1) == 0;
}

/* Fast rather than small: the agent shares its node. */
int forward_gzip(struct strbuf *out, const struct strbuf *entries)
{
	z_stream z = { .next_in = (Bytef *)entries->data, .avail_in = (uInt)entries->len };

	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + GZIP_FORM, 8,
		    Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	size_t bound = deflateBound(&z, z.avail_in);
	bool done = strbuf_reserve(out, bound);
	if (done) {
		z.next_out = (Bytef *)out->data;
		z.avail_out = (uInt)bound;
		done = deflate(&z, Z_FINISH) == Z_STREAM_END;
		out->len = bound - z.avail_out;
	}
	deflateEnd(&z);
	return done ? 0 : -ENOMEM;
}

int forward_chunk(struct strbuf *out, const struct forward_batch *batch)
{
	_cleanup_strbuf_ struct strbuf packed = STRBUF_INIT;
	const struct strbuf *body = batch->compress ? &packed : batch->entries;
	msgpack_packer packer;

	if (batch->compress && forward_gzip(&packed, batch->entries) < 0)
		return -ENOMEM;
	msgpack_packer_init(&packer, out, forward_pack);
	msgpack_pack_array(&packer, 3);
	pack_text(&packer, batch->tag);
	msgpack_pack_bin_with_body(&packer, body->data, body->len);
	msgpack_pack_map(&packer, batch->compress ? 3 : 2);
	pack_text(&packer, "chunk");
	pack_text(&packer, batch->id);
	pack_text(&packer, "size");
	msgpack_pack_uint64(&packer, batch->records);
	if (batch->compress) {
		pack_text(&packer, "compressed");
		pack_text(&packer, "gzip");
	}
	return out->failed ? -ENOMEM : 0;
}
