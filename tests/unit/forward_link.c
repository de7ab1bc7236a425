// SPDX-License-Identifier: MIT
/* A link and what a server may do to it: the server is a script for each connection, in the same loop. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "forward/link.h"
#include "forward/message.h"
#include "util/cleanup.h"

#define SAYS(what, literal) .what = literal, .what##_len = sizeof(literal) - 1
#define TICK_NS 20000000ull
#define TICKS 150 /* until a test has failed */

struct script {
	const char *greeting;
	size_t greeting_len;
	const char *answer; /* to the first bytes that come */
	size_t answer_len;
	bool hangs_up; /* after the answer; without one, at the first bytes */
	bool hangs_up_at_once;
};

struct scene {
	struct loop *loop;
	struct forward_secrets secrets;
	struct link_server server;
	struct link *link;
	int listener, connection;
	const struct script *scripts; /* of the connections, in order; the last one stays */
	size_t n_scripts, n_connections;
	const char *chunk; /* is sent once the link is ready */
	unsigned waits, ready, ticks;
	bool late; /* nothing comes any more: link_time_out() */
	char ack[64];
	enum forward_error error;
	char text[256];
};

static const struct script *script_of(const struct scene *s)
{
	return &s->scripts[s->n_connections < s->n_scripts ? s->n_connections - 1
							   : s->n_scripts - 1];
}

static void hang_up(struct scene *s)
{
	if (s->connection >= 0)
		close(s->connection);
	s->connection = -1;
}

/* The server's side, looked at in each tick. */
static void serve(struct scene *s)
{
	char data[4096];
	int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0) {
		hang_up(s);
		s->connection = fd;
		s->n_connections++;
		if (script_of(s)->greeting_len)
			assert_true(send(fd, script_of(s)->greeting, script_of(s)->greeting_len,
					    MSG_NOSIGNAL) > 0);
		if (script_of(s)->hangs_up_at_once)
			hang_up(s);
	}
	if (s->connection < 0 || recv(s->connection, data, sizeof(data), MSG_DONTWAIT) <= 0)
		return;
	if (script_of(s)->answer_len)
		assert_true(send(s->connection, script_of(s)->answer, script_of(s)->answer_len,
				    MSG_NOSIGNAL) > 0);
	if (script_of(s)->hangs_up)
		hang_up(s);
}

static void on_tick(void *ctx)
{
	struct scene *s = ctx;

	serve(s);
	/* Not before the server had its turn after the last step. */
	if (++s->ticks % 8 == 0 && s->late)
		link_time_out(s->link);
	if (s->ticks > TICKS)
		loop_stop(s->loop, -ETIMEDOUT);
}

static void on_wait(void *ctx, uint64_t ns)
{
	struct scene *s = ctx;

	assert_true(ns > 0);
	s->waits++;
	s->late = true;
}

static void on_ready(void *ctx)
{
	struct scene *s = ctx;
	struct strbuf message = { .data = (char *)s->chunk,
		.len = s->chunk ? strlen(s->chunk) : 0 };

	s->ready++;
	s->late = false;
	if (s->chunk)
		link_send(s->link, &message);
	else
		loop_stop(s->loop, 0);
}

static void on_room(void *ctx)
{
	(void)ctx;
}

static void on_ack(void *ctx, const char *chunk)
{
	struct scene *s = ctx;

	snprintf(s->ack, sizeof(s->ack), "%s", chunk);
	loop_stop(s->loop, 0);
}

static void on_failure(void *ctx, enum forward_error error, const char *text)
{
	struct scene *s = ctx;

	assert_int_equal(link_state(s->link), FORWARD_IDLE);
	s->error = error;
	snprintf(s->text, sizeof(s->text), "%s", text);
	loop_stop(s->loop, 0);
}

static void listen_anywhere(struct scene *s, char port[8])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(s->listener, 8), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &len), 0);
	snprintf(port, 8, "%u", ntohs(address.sin_port));
}

/* From the first connection to the first ack, failure, or (without a chunk) to being ready. */
static void play(struct scene *s)
{
	struct link_options options = { .node = "node",
		.secrets = &s->secrets,
		.on_wait = on_wait,
		.on_ready = on_ready,
		.on_room = on_room,
		.on_ack = on_ack,
		.on_failure = on_failure,
		.ctx = s };
	char port[8];

	s->connection = -1;
	listen_anywhere(s, port);
	s->server.host = (char *)"127.0.0.1";
	s->server.port = port;
	assert_int_equal(loop_new(&s->loop), 0);
	options.loop = s->loop;
	assert_int_equal(loop_add_timer(s->loop, TICK_NS, on_tick, s), 0);
	assert_int_equal(link_new(&options, &s->link), 0);
	link_connect(s->link, &s->server);
	assert_int_equal(loop_run(s->loop), 0);
	link_free(s->link);
	loop_free(s->loop);
	hang_up(s);
	close(s->listener);
}

#define HELO \
	"\x92\xa4HELO\x82\xa5nonce\xa2\xff\x01\xa4" \
	"auth\xa2\xfe\x02"
#define PONG_FALSE(reason) "\x95\xa4PONG\xc2" reason "\xa0\xa0"

static void is_ready_when_nobody_asks_for_a_key(void **state)
{
	static const struct script quiet = { .answer = "\x81\xa3"
						       "ack\xa2id",
		.answer_len = 8 };
	struct scene s = { .scripts = &quiet, .n_scripts = 1, .chunk = "chunk" };

	(void)state;
	play(&s);
	assert_int_equal(s.waits, 1);
	assert_int_equal(s.ready, 1);
	assert_string_equal(s.ack, "id");
	assert_int_equal(s.server.tls, LINK_TLS_NO);
}

/* What comes of each, with a key or without. */
static void tells_failures_apart(void **state)
{
	static const struct {
		const char *key, *user;
		struct script first;
		enum forward_error error;
		const char *says;
		unsigned ready;
	} rows[] = {
		{ NULL, NULL, { SAYS(greeting, HELO) }, FORWARD_ERROR_KEY, "asks for a shared key",
			0 },
		{ NULL, NULL, { .hangs_up_at_once = true }, FORWARD_ERROR_HANDSHAKE,
			"closed the connection as soon as it was made", 0 },
		{ "k", NULL, { .hangs_up_at_once = true }, FORWARD_ERROR_HANDSHAKE,
			"closed the connection before its HELO", 0 },
		{ "k", NULL, { SAYS(greeting, HELO), .hangs_up = true }, FORWARD_ERROR_KEY,
			"closed the connection at the shared key", 0 },
		{ "k", NULL,
			{ SAYS(greeting, HELO), SAYS(answer, PONG_FALSE("\xb3shared_key mismatch")),
				.hangs_up = true },
			FORWARD_ERROR_KEY, "refused the shared key: shared_key mismatch", 0 },
		{ "k", NULL,
			{ SAYS(greeting, HELO),
				SAYS(answer, PONG_FALSE("\xbausername/password mismatch")) },
			FORWARD_ERROR_USER, "asks for a user and a password", 0 },
		{ "k", "me",
			{ SAYS(greeting, HELO),
				SAYS(answer, PONG_FALSE("\xbausername/password mismatch")) },
			FORWARD_ERROR_USER, "refused the user \"me\" and the password", 0 },
		{ "k", NULL,
			{ SAYS(greeting, HELO), SAYS(answer, PONG_FALSE("\xb0"
									"anonymous source")) },
			FORWARD_ERROR_REFUSED, "refused this client: anonymous source", 0 },
		{ "k", NULL, { SAYS(greeting, HELO), SAYS(answer, "\x95\xa4PONG\xc3\xa0\xa0\xa0") },
			FORWARD_ERROR_KEY, "does not know the shared key", 0 },
		{ "k", NULL, { 0 }, FORWARD_ERROR_TIMEOUT, "did not finish the handshake", 0 },
		{ NULL, NULL, { .hangs_up = true }, FORWARD_ERROR_CLOSED, "closed the connection",
			1 },
		{ NULL, NULL, { .answer = "\x15\x03\x03", .answer_len = 3 },
			FORWARD_ERROR_TLS_WANTED, "speaks TLS", 1 },
		{ NULL, NULL, { .answer = "\xc1", .answer_len = 1 }, FORWARD_ERROR_PROTOCOL,
			"answered with what is no msgpack", 1 },
		{ NULL, NULL, { .answer = "\xc0", .answer_len = 1 }, FORWARD_ERROR_PROTOCOL,
			"answered with what is no message", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene s = { .scripts = &rows[i].first, .n_scripts = 1, .chunk = "chunk" };

		s.secrets.key = (char *)rows[i].key;
		s.secrets.user = (char *)rows[i].user;
		s.secrets.password = (char *)"secret";
		s.late = rows[i].key && !rows[i].first.greeting && !rows[i].first.hangs_up_at_once;
		play(&s);
		assert_string_equal(
			strstr(s.text, rows[i].says) ? rows[i].says : s.text, rows[i].says);
		assert_int_equal(s.error, rows[i].error);
		assert_int_equal(s.ready, rows[i].ready);
	}
}

/* One that hangs up on plain data is asked, once, whether it speaks TLS. */
static void asks_whether_it_is_tls(void **state)
{
	static const struct script scripts[] = { { .hangs_up = true },
		{ .answer = "\x15\x03\x01", .answer_len = 3, .hangs_up = true } };
	struct scene s = { .scripts = scripts, .n_scripts = 2, .chunk = "chunk" };

	(void)state;
	play(&s);
	assert_int_equal(s.error, FORWARD_ERROR_TLS_WANTED);
	assert_int_equal(s.n_connections, 2);
	assert_int_equal(s.server.tls, LINK_TLS_YES);

	struct scene again = { .scripts = scripts,
		.n_scripts = 1,
		.chunk = "chunk",
		.server = { .tls = LINK_TLS_YES } };
	play(&again);
	assert_int_equal(again.error, FORWARD_ERROR_TLS_WANTED);
	assert_int_equal(again.n_connections, 1);

	struct scene plain = { .scripts = scripts,
		.n_scripts = 1,
		.chunk = "chunk",
		.server = { .tls = LINK_TLS_NO } };
	play(&plain);
	assert_int_equal(plain.error, FORWARD_ERROR_CLOSED);
	assert_int_equal(plain.n_connections, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_ready_when_nobody_asks_for_a_key),
		cmocka_unit_test(tells_failures_apart),
		cmocka_unit_test(asks_whether_it_is_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
