// SPDX-License-Identifier: MIT
/* Any bytes as what a Forward server says, as a chunk's file and as a record's line. */
#include <errno.h>
#include <msgpack/unpack.h>
#include <zlib.h>

#include "forward/buffer_chunk.h"
#include "forward/message.h"
#include "fuzz/fuzz.h"
#include "util/cleanup.h"

/* In whatever pieces a message comes: it is waited for until its last byte, and then it is this one. */
static void pieces(const char *data, size_t len)
{
	struct forward_reply reply;

	for (size_t n = 0; n < len; n += n < 64 || n + 64 > len ? 1 : 61) {
		_cleanup_free_ char *piece = malloc(n ? n : 1);

		memcpy(piece, data, n);
		check(forward_reply(piece, n, &reply) == 0);
	}
}

/* What is answered to a HELO is one message; a PONG is genuine for who knows the key alone. */
static void handshake(const struct forward_reply *reply)
{
	struct forward_claim claim = { .host = "node", .salt = "salt", .key = "key" };
	struct forward_reply pong = *reply;
	struct forward_reply parsed;

	for (int n = 0; n < 2; n++) {
		_cleanup_strbuf_ struct strbuf ping = STRBUF_INIT;

		check(forward_ping(&ping, &claim, reply) == 0);
		check(forward_reply(ping.data, ping.len, &parsed) == (long)ping.len);
		check(parsed.kind == FORWARD_OTHER);
		claim.user = "user";
		claim.password = "password";
	}
	check(!forward_pong_is_genuine(reply, "salt", reply, "key"));
	check(forward_digest(pong.digest, "salt", pong.server, reply, "key") == 0);
	check(forward_pong_is_genuine(&pong, "salt", reply, "key"));
	pong.digest[7] ^= 1;
	check(!forward_pong_is_genuine(&pong, "salt", reply, "key"));
}

static void replies(const char *data, size_t len)
{
	struct forward_reply reply;
	size_t used = 0;
	long n = 0;

	while (used < len && (n = forward_reply(data + used, len - used, &reply)) > 0) {
		check((size_t)n <= len - used && n <= FORWARD_REPLY_MAX);
		check(reply.nonce_len < sizeof(reply.nonce) && reply.auth_len < sizeof(reply.auth));
		pieces(data + used, (size_t)n);
		handshake(&reply);
		used += (size_t)n;
	}
	check(used == len || n == 0 || n == -EPROTO);
}

/* What comes out of a damaged file goes in again, to the byte. */
static void frames(const char *data, size_t len)
{
	_cleanup_strbuf_ struct strbuf entries = STRBUF_INIT, again = STRBUF_INIT;
	struct strbuf file = { .data = (char *)data, .len = len };
	struct chunk_content content = chunk_unframe(&file, &entries);

	check(entries.len + content.records * CHUNK_FRAME <= len);
	check((content.records + content.missing) * CHUNK_FRAME <= len + CHUNK_FRAME);
	chunk_frame_tag(&again, 1, "tag");
	chunk_frame(&again, 1, data, len);
	content = chunk_unframe(&again, NULL);
	check(content.records == 1 && content.missing == 0 && content.tag_len == 3);
	/* Behind what is damaged, whatever that is. */
	chunk_frame(&again, 2, "next", 4);
	memset(again.data + CHUNK_FRAME + 3, 0, CHUNK_FRAME);
	content = chunk_unframe(&again, NULL);
	check(content.records >= 1 && content.records + content.missing >= 2);
}

/* Entries of any bytes come back from a chunk, compressed or not. */
static void chunk(const char *data, size_t len, bool compress)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_free_ char *got = malloc(len + 1);
	const struct strbuf entries = { .data = (char *)data, .len = len };
	const struct forward_batch batch = {
		.tag = "t", .id = "id", .records = 1, .entries = &entries, .compress = compress
	};
	z_stream z = { .next_out = (Bytef *)got, .avail_out = (uInt)len + 1 };
	msgpack_unpacked message;

	check(forward_chunk(&out, &batch) == 0);
	msgpack_unpacked_init(&message);
	check(msgpack_unpack_next(&message, out.data, out.len, NULL) == MSGPACK_UNPACK_SUCCESS);
	const msgpack_object_bin *packed = &message.data.via.array.ptr[1].via.bin;
	check(message.data.via.array.ptr[2].via.map.size == (compress ? 3u : 2u));
	if (compress) {
		z.next_in = (Bytef *)packed->ptr;
		z.avail_in = packed->size;
		check(inflateInit2(&z, MAX_WBITS + 16) == Z_OK);
		check(inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == len);
		inflateEnd(&z);
		check(!memcmp(got, data, len));
	} else {
		check(packed->size == len && !memcmp(packed->ptr, data, len));
	}
	msgpack_unpacked_destroy(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* At its own address, so that the sanitiser sees a read behind the end. */
	_cleanup_free_ char *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	replies(copy, size);
	frames(copy, size);
	chunk(copy, size, false);
	chunk(copy, size, true);
	return 0;
}
