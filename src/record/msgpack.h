/* SPDX-License-Identifier: MIT */
/*
 * An appending MessagePack writer, the twin of json.h: the same calls give the same values, with strings
 * unescaped. A map's and a list's size is filled in when it is closed, so nothing is counted beforehand.
 * Allocation failures show in out->failed. Pure.
 */
#ifndef KTRACE_RECORD_MSGPACK_H
#define KTRACE_RECORD_MSGPACK_H

#include "record/key.h"
#include "util/strbuf.h"

#define MSGPACK_DEPTH_MAX 16 /* a record has six levels */

struct msgpack {
	struct strbuf *out;
	size_t string_max; /* as in struct json */
	bool cut;
	size_t depth;
	struct {
		size_t count_at; /* in out: two bytes */
		uint32_t members;
	} scopes[MSGPACK_DEPTH_MAX];
};

struct msgpack msgpack_start(struct strbuf *out);

void msgpack_open_object(struct msgpack *m, struct key key);
void msgpack_open_array(struct msgpack *m, struct key key);
void msgpack_close(struct msgpack *m);
void msgpack_string(struct msgpack *m, struct key key, const char *value);
void msgpack_int(struct msgpack *m, struct key key, int64_t value);
void msgpack_uint(struct msgpack *m, struct key key, uint64_t value);
void msgpack_bool(struct msgpack *m, struct key key, bool value);
void msgpack_double(struct msgpack *m, struct key key, double value);

#endif
