// SPDX-License-Identifier: MIT
#include "forward/entry.h"

#include <errno.h>
#include <msgpack/pack.h>

#include "record/ndjson.h"

int forward_pack(void *data, const char *bytes, size_t len)
{
	struct strbuf *out = data;

	strbuf_append(out, bytes, len);
	return out->failed ? -1 : 0;
}

/* Seconds and nanoseconds, big endian, as ext type 0: no server takes a float for a time and keeps it. */
static void pack_time(msgpack_packer *packer, uint64_t time)
{
	uint32_t seconds = (uint32_t)(time / 1000000000), ns = (uint32_t)(time % 1000000000);
	char body[8];

	for (int i = 0; i < 4; i++) {
		body[i] = (char)(seconds >> (24 - 8 * i));
		body[4 + i] = (char)(ns >> (24 - 8 * i));
	}
	msgpack_pack_ext_with_body(packer, body, sizeof(body), 0);
}

int forward_entry(struct strbuf *out, const struct record *r)
{
	msgpack_packer packer;
	size_t start = out->len;

	msgpack_packer_init(&packer, out, forward_pack);
	msgpack_pack_array(&packer, 2);
	pack_time(&packer, r->time);
	int err = out->failed ? -ENOMEM : record_append(out, r, FORM_MSGPACK);
	if (err < 0) {
		out->len = start;
		if (out->data)
			out->data[start] = '\0';
	}
	return err;
}
