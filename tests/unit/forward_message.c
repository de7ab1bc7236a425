// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <msgpack.h>
#include <zlib.h>

#include "forward/config.h"
#include "forward/entry.h"
#include "forward/message.h"
#include "record/ndjson.h"
#include "util/cleanup.h"

#include "record_samples.h"

#define TIME 1795177397123456789ull
#define HEAD "\x92\xd7\x00\x6b\x00\x3b\xb5\x07\x5b\xcd\x15" /* [EventTime of TIME, */

/* The same value in both forms. */
static void assert_same(const msgpack_object *o, const cJSON *j)
{
	const cJSON *item;
	uint32_t i = 0;

	switch (o->type) {
	case MSGPACK_OBJECT_MAP:
		assert_true(cJSON_IsObject(j));
		cJSON_ArrayForEach (item, j) {
			const msgpack_object_kv *kv = &o->via.map.ptr[i++];
			assert_int_equal(kv->key.via.str.size, strlen(item->string));
			assert_memory_equal(
				kv->key.via.str.ptr, item->string, kv->key.via.str.size);
			assert_same(&kv->val, item);
		}
		assert_int_equal(o->via.map.size, i);
		break;
	case MSGPACK_OBJECT_ARRAY:
		assert_true(cJSON_IsArray(j));
		cJSON_ArrayForEach (item, j)
			assert_same(&o->via.array.ptr[i++], item);
		assert_int_equal(o->via.array.size, i);
		break;
	case MSGPACK_OBJECT_STR:
		assert_true(cJSON_IsString(j));
		assert_int_equal(o->via.str.size, strlen(j->valuestring));
		assert_memory_equal(o->via.str.ptr, j->valuestring, o->via.str.size);
		break;
	case MSGPACK_OBJECT_BOOLEAN:
		assert_true(cJSON_IsBool(j) && o->via.boolean == cJSON_IsTrue(j));
		break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		assert_true(cJSON_IsNumber(j) && (double)o->via.u64 == j->valuedouble);
		break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		assert_true(cJSON_IsNumber(j) && (double)o->via.i64 == j->valuedouble);
		break;
	case MSGPACK_OBJECT_FLOAT64:
		assert_true(cJSON_IsNumber(j) && o->via.f64 == j->valuedouble);
		break;
	default:
		fail_msg("a value of type %d", (int)o->type);
	}
}

static void assert_entry(const struct record *r)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT, out = STRBUF_INIT;
	msgpack_unpacked message;
	size_t used = 0;

	assert_int_equal(ndjson_append(&line, r), 0);
	assert_int_equal(forward_entry(&out, r), 0);
	assert_memory_equal(out.data, HEAD, sizeof(HEAD) - 1);
	msgpack_unpacked_init(&message);
	assert_int_equal(
		msgpack_unpack_next(&message, out.data, out.len, &used), MSGPACK_UNPACK_SUCCESS);
	assert_int_equal(used, out.len);
	_cleanup_json_ cJSON *json = cJSON_Parse(line.data);
	assert_same(&message.data.via.array.ptr[1], json);
	msgpack_unpacked_destroy(&message);
}

/* Every kind of record, with all that is hostile in it, says the same to Forward and in the log. */
static void events_say_the_same(void **state)
{
	struct container *c = sample_container();

	(void)state;
	for (int kind = EVENT_NONE + 1; kind < EVENT_KINDS; kind++) {
		struct event *e = sample_event((enum event_kind)kind, c);
		struct record r = { .type = RECORD_EVENT,
			.run = UINT64_MAX,
			.sequence = UINT64_MAX,
			.time = TIME,
			.node = "n",
			.event = e };
		if (kind != EVENT_RUNTIME)
			assert_entry(&r);
		event_unref(e);
	}
	container_unref(c);
}

static void diagnoses_say_the_same(void **state)
{
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	struct record r = { .type = RECORD_DIAGNOSIS, .time = TIME, .node = "n", .diagnosis = d };

	(void)state;
	d->restarts = -1;
	assert_entry(&r);
	d->restarts = INT_MIN;
	assert_entry(&r);
	diagnosis_free(d);
	container_unref(c);
}

/* What is too long for a line is cut at the same places. */
static void cut_ones_say_the_same(void **state)
{
	(void)state;
	for (size_t len = 300; len < 100000; len = len * 3 / 2) {
		char *text = malloc(len + 1);
		/* Long as JSON, short as it is; and the other way round. */
		memset(text, len % 2 ? '\x01' : 'x', len);
		text[len] = '\0';
		struct event draft = { .kind = EVENT_OUTPUT, .time = TIME, .text = text };
		struct event *e = event_new(&draft);
		struct record r = { .type = RECORD_EVENT, .time = TIME, .node = "n", .event = e };
		assert_entry(&r);
		event_unref(e);
		free(text);
	}
}

static void the_agents_say_the_same(void **state)
{
	static const struct record_count counts[] = { { "exec", 1 }, { "syscall", UINT64_MAX } };
	struct record r = { .type = RECORD_AGENT_STATS,
		.time = TIME,
		.node = "n",
		.version = "1",
		.produced = counts,
		.n_produced = 2 };

	(void)state;
	assert_entry(&r);
}

static void a_form_is_made_once(void **state)
{
	struct record_forms forms = { 0 };
	struct event *e = sample_event(EVENT_EXEC, NULL);
	struct record r = {
		.type = RECORD_EVENT, .forms = &forms, .time = TIME, .node = "first", .event = e
	};
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT, again = STRBUF_INIT;

	(void)state;
	assert_int_equal(ndjson_append(&line, &r), 0);
	r.node = "second";
	assert_entry(&(struct record){
		.type = RECORD_EVENT, .time = TIME, .node = "other", .event = e });
	assert_int_equal(ndjson_append(&again, &r), 0);
	assert_string_equal(again.data, line.data);
	record_forms_reset(&forms);
	assert_int_equal(ndjson_append(&again, &r), 0);
	assert_non_null(strstr(again.data, "\"second\""));
	record_forms_free(&forms);
	event_unref(e);
}

static void some_are_never_sent(void **state)
{
	struct event *e = sample_event(EVENT_RUNTIME, NULL);
	struct record r = { .type = RECORD_EVENT, .time = TIME, .node = "n", .event = e };
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	(void)state;
	strbuf_puts(&out, "before");
	assert_int_equal(forward_entry(&out, &r), -EINVAL);
	assert_string_equal(out.data, "before");
	event_unref(e);
}

#define reply_of(literal, out) forward_reply(literal, sizeof(literal) - 1, out)

static const char fluentd_helo[] = "\x92\xa4HELO\x83\xa5nonce\xc4\x02\xff\x00\xa4"
				   "auth\xa0\xa9keepalive\xc2";
static const char fluent_bit_helo[] = "\x92\xa4HELO\x82\xa5nonce\xa2\xff\x00\xa4"
				      "auth\xa2\xfe\x00";

static void reads_each_servers_helo(void **state)
{
	struct forward_reply r;

	(void)state;
	assert_int_equal(reply_of(fluentd_helo, &r), sizeof(fluentd_helo) - 1);
	assert_int_equal(r.kind, FORWARD_HELO);
	assert_int_equal(r.nonce_len, 2);
	assert_memory_equal(r.nonce, "\xff\x00", 2);
	assert_int_equal(r.auth_len, 0);
	assert_false(r.keepalive);
	assert_int_equal(reply_of(fluent_bit_helo, &r), sizeof(fluent_bit_helo) - 1);
	assert_int_equal(r.nonce_len, 2);
	assert_int_equal(r.auth_len, 2);
	assert_memory_equal(r.auth, "\xfe\x00", 2);
	assert_true(r.keepalive);
}

static void reads_pong_and_ack(void **state)
{
	struct forward_reply r;

	(void)state;
	reply_of("\x95\xa4PONG\xc2\xa3why\xa4host\xa0", &r);
	assert_int_equal(r.kind, FORWARD_PONG);
	assert_false(r.accepted);
	assert_string_equal(r.reason, "why");
	assert_string_equal(r.server, "host");
	assert_int_equal(reply_of("\x81\xa3"
				  "ack\xa2id\x81",
				 &r),
		8);
	assert_int_equal(r.kind, FORWARD_ACK);
	assert_string_equal(r.chunk, "id");
	reply_of("\x94\xa4PONG\xc3\xa0\xa0", &r); /* too short for one */
	assert_int_equal(r.kind, FORWARD_OTHER);
}

static void waits_for_the_rest(void **state)
{
	struct forward_reply r;

	(void)state;
	for (size_t len = 0; len < sizeof(fluentd_helo) - 1; len++) {
		_cleanup_free_ char *exact =
			malloc(len + 1); /* so that a sanitiser sees a read too far */

		memcpy(exact, fluentd_helo, len);
		assert_int_equal(forward_reply(exact, len, &r), 0);
	}
}

static void refuses_what_asks_too_much(void **state)
{
	struct forward_reply r;
	char deep[2000];

	(void)state;
	memset(deep, '\x91', sizeof(deep));
	assert_int_equal(reply_of("\xdd\xff\xff\xff\xff", &r), -EPROTO); /* 4 billion elements */
	assert_int_equal(reply_of("\xdf\x7f\xff\xff\xff", &r), -EPROTO);
	assert_int_equal(reply_of("\xc6\x00\x02\x00\x00", &r), -EPROTO); /* 128 KiB */
	assert_int_equal(reply_of("\xc1", &r), -EPROTO);
	assert_true(forward_reply(deep, sizeof(deep), &r) <= 0);
	deep[100] = '\x01';
	assert_int_equal(forward_reply(deep, sizeof(deep), &r), -EPROTO);
}

static void proves_the_key(void **state)
{
	/* sha512("salt" "host" "\xff\x00" "key"), by another program */
	static const char expected[] =
		"c6aa254bc3d1985f295f075f030c4499c54ac9effb85214c73a20b8b8191c196"
		"1161f3df8dd1debac5b2bf5d6067d3e255a21731d828ba29d8968ce606814b80";
	struct forward_reply helo,
		pong = { .kind = FORWARD_PONG, .accepted = true, .server = "host" };
	char digest[FORWARD_DIGEST_SIZE];

	(void)state;
	reply_of(fluentd_helo, &helo);
	assert_int_equal(forward_digest(digest, "salt", "host", &helo, "key"), 0);
	assert_string_equal(digest, expected);
	assert_false(forward_pong_is_genuine(&pong, "salt", &helo, "key"));
	strcpy(pong.digest, expected);
	assert_true(forward_pong_is_genuine(&pong, "salt", &helo, "key"));
	assert_false(forward_pong_is_genuine(&pong, "salt", &helo, "kez"));
}

/* The last two of a PING's six members, both str. */
static void assert_user(const struct forward_claim *claim, const struct forward_reply *helo,
	const char *user, const char *digest)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	msgpack_unpacked message;
	size_t used = 0;

	assert_int_equal(forward_ping(&out, claim, helo), 0);
	msgpack_unpacked_init(&message);
	assert_int_equal(
		msgpack_unpack_next(&message, out.data, out.len, &used), MSGPACK_UNPACK_SUCCESS);
	assert_int_equal(used, out.len);
	assert_int_equal(message.data.via.array.size, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(message.data.via.array.ptr[i].type, MSGPACK_OBJECT_STR);
	const msgpack_object_str *named = &message.data.via.array.ptr[4].via.str;
	const msgpack_object_str *shown = &message.data.via.array.ptr[5].via.str;
	assert_int_equal(named->size, strlen(user));
	assert_memory_equal(named->ptr, user, named->size);
	assert_int_equal(shown->size, strlen(digest));
	assert_memory_equal(shown->ptr, digest, shown->size);
	msgpack_unpacked_destroy(&message);
}

static void shows_a_user_who_is_asked_for(void **state)
{
	/* sha512("\xfe\x00" "agent" "secret"), by another program */
	static const char expected[] =
		"cfa62b8e308366dbef7a0d046e95a70ecf9a941548d3d19f720f325c3fdc160f"
		"f922a60784dc8d860c7e478f2aa932ad226a43081d88123ecfc3106fef37d829";
	struct forward_claim claim = { .host = "host", .salt = "salt", .key = "key" };
	struct forward_reply with_salt, without;

	(void)state;
	reply_of(fluent_bit_helo, &with_salt);
	reply_of(fluentd_helo, &without);
	assert_user(&claim, &with_salt, "", "");
	claim.user = "agent";
	claim.password = "secret";
	assert_user(&claim, &with_salt, "agent", expected);
	assert_user(&claim, &without, "", "");
}

static void packs_a_chunk(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct strbuf entries = { .data = (char[]){ "\x92\x01\x80" }, .len = 3 };
	struct forward_batch batch = { .tag = "t", .id = "id", .records = 1, .entries = &entries };

	(void)state;
	assert_int_equal(forward_chunk(&out, &batch), 0);
	static const char expected[] = "\x93\xa1t\xc4\x03\x92\x01\x80\x82\xa5"
				       "chunk\xa2id\xa4size\x01";
	assert_int_equal(out.len, sizeof(expected) - 1);
	assert_memory_equal(out.data, expected, out.len);
}

static void compresses_a_chunk(void **state)
{
	static char body[100000], got[sizeof(body) + 1];
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct strbuf entries = { .data = body, .len = sizeof(body) };
	struct forward_batch batch = {
		.tag = "t", .id = "id", .records = 1, .entries = &entries, .compress = true
	};
	z_stream z = { .next_out = (Bytef *)got, .avail_out = sizeof(got) };
	msgpack_unpacked message;
	size_t used = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (char)(i % 251);
	assert_int_equal(forward_chunk(&out, &batch), 0);
	assert_true(out.len < sizeof(body) / 10);
	msgpack_unpacked_init(&message);
	assert_int_equal(
		msgpack_unpack_next(&message, out.data, out.len, &used), MSGPACK_UNPACK_SUCCESS);
	const msgpack_object *packed = &message.data.via.array.ptr[1];
	const msgpack_object_map *options = &message.data.via.array.ptr[2].via.map;
	assert_int_equal(options->size, 3);
	assert_memory_equal(options->ptr[2].key.via.str.ptr, "compressed", 10);
	assert_memory_equal(options->ptr[2].val.via.str.ptr, "gzip", 4);
	z.next_in = (Bytef *)packed->via.bin.ptr;
	z.avail_in = packed->via.bin.size;
	assert_int_equal(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, sizeof(body));
	assert_memory_equal(got, body, sizeof(body));
	inflateEnd(&z);
	msgpack_unpacked_destroy(&message);
}

static void parses_servers(void **state)
{
	static const struct {
		const char *text, *host, *port, *name;
	} rows[] = {
		{ "logs", "logs", "24224", "logs:24224" },
		{ "logs:1", "logs", "1", "logs:1" },
		{ "10.0.0.1:65535", "10.0.0.1", "65535", "10.0.0.1:65535" },
		{ "[::1]:99", "::1", "99", "[::1]:99" },
		{ "[::1]", "::1", "24224", "[::1]:24224" },
		{ "fd00::1", "fd00::1", "24224", "[fd00::1]:24224" },
		{ "", NULL, NULL, NULL },
		{ ":1", NULL, NULL, NULL },
		{ "a:", NULL, NULL, NULL },
		{ "a:0", NULL, NULL, NULL },
		{ "a:65536", NULL, NULL, NULL },
		{ "a:1x", NULL, NULL, NULL },
		{ "[::1", NULL, NULL, NULL },
		{ "[]:1", NULL, NULL, NULL },
		{ "[::1]x", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct link_server s;

		if (!rows[i].host) {
			assert_int_equal(forward_server_parse(rows[i].text, &s), -EINVAL);
			continue;
		}
		assert_int_equal(forward_server_parse(rows[i].text, &s), 0);
		assert_string_equal(s.host, rows[i].host);
		assert_string_equal(s.port, rows[i].port);
		assert_string_equal(s.name, rows[i].name);
		forward_server_release(&s);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_say_the_same),
		cmocka_unit_test(diagnoses_say_the_same),
		cmocka_unit_test(cut_ones_say_the_same),
		cmocka_unit_test(the_agents_say_the_same),
		cmocka_unit_test(a_form_is_made_once),
		cmocka_unit_test(some_are_never_sent),
		cmocka_unit_test(reads_each_servers_helo),
		cmocka_unit_test(reads_pong_and_ack),
		cmocka_unit_test(waits_for_the_rest),
		cmocka_unit_test(refuses_what_asks_too_much),
		cmocka_unit_test(proves_the_key),
		cmocka_unit_test(shows_a_user_who_is_asked_for),
		cmocka_unit_test(packs_a_chunk),
		cmocka_unit_test(compresses_a_chunk),
		cmocka_unit_test(parses_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
