// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/client.h"
#include "serve/socket.h"

static char path[64];

struct fixture {
	struct loop *loop;
	struct output *socket;
};

static int on_question(void *ctx, const char *command, const char *target, struct strbuf *out)
{
	(void)ctx;
	strbuf_printf(out, "{\"command\":\"%s\",\"target\":\"%s\"}\n", command, target);
	/* more than a socket takes at once */
	for (int i = 0; i < 20000; i++)
		strbuf_printf(
			out, "{\"line\":%d,\"filler\":\"................................\"}\n", i);
	return 0;
}

static void stop(void *ctx)
{
	loop_stop(ctx, 0);
}

/* Lets the agent's side work for a moment. */
static void turn(struct fixture *f)
{
	loop_run(f->loop);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(path, sizeof(path), "/tmp/ktrace-socket-%d", (int)getpid());
	assert_int_equal(loop_new(&f->loop), 0);
	assert_int_equal(loop_add_timer(f->loop, 20000000, stop, f->loop), 0);
	struct socket_options options = { .path = path, .loop = f->loop, .answer = on_question };
	assert_int_equal(socket_new(&options, &f->socket), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	f->socket->ops->free(f->socket);
	loop_free(f->loop);
	free(f);
	assert_int_equal(access(path, F_OK), -1);
	return 0;
}

static struct client_connection *join(const char *command, const char *events)
{
	struct client_request request = { .command = command, .events = events, .target = "a\"b" };
	struct client_connection *c;

	assert_int_equal(client_open(path, &request, &c), 0);
	fcntl(client_fd(c), F_SETFL, O_NONBLOCK);
	return c;
}

/* How many lines there are to read, letting the agent go on until nothing more comes; *end: it hung up. */
static size_t read_lines(struct fixture *f, struct client_connection *c, bool *end)
{
	size_t lines = 0, len;
	const char *line;
	int idle = 0;
	long n;

	*end = false;
	while (idle < 3) {
		n = client_fill(c);
		if (n == 0 || n == -ECONNRESET) {
			*end = true;
			break;
		}
		if (n < 0) {
			turn(f);
			idle++;
			continue;
		}
		idle = 0;
		while (client_next(c, &line, &len) > 0)
			lines++;
	}
	return lines;
}

static void say(struct fixture *f, enum event_kind kind, unsigned times)
{
	struct event e = { .refs = 1,
		.kind = kind,
		.comm = "x",
		.parent_comm = "",
		.executable = "",
		.interpreter = "",
		.cwd = "",
		.syscall = "openat",
		.flags = "",
		.path = "/x",
		.requested = "/x",
		.path2 = "",
		.address = "",
		.holder_comm = "",
		.sender_comm = "",
		.text = "",
		.error = kind == EVENT_FILE_ERROR ? ENOENT : 0,
		.repeats = 1 };
	struct record r = { .type = RECORD_EVENT, .event = &e, .node = "n1" };

	while (times--) {
		r.sequence++;
		assert_int_equal(f->socket->ops->write(f->socket, &r), 0);
	}
	f->socket->ops->flush(f->socket);
}

static void questions_are_answered_whole(void **state)
{
	struct fixture *f = *state;
	struct client_connection *c = join("ps", NULL);
	bool end;

	assert_int_equal(read_lines(f, c, &end), 20001);
	assert_true(end);
	client_close(c);
	c = join("nonsense", NULL);
	assert_int_equal(read_lines(f, c, &end), 1);
	assert_true(end);
	client_close(c);
}

static void live_gets_its_level(void **state)
{
	struct fixture *f = *state;
	struct client_connection *errors = join("live", "errors"), *all = join("live", "all");
	bool end;

	turn(f);
	say(f, EVENT_FILE_ERROR, 3);
	say(f, EVENT_EXEC, 4);
	assert_int_equal(read_lines(f, errors, &end), 3);
	assert_false(end);
	assert_int_equal(read_lines(f, all, &end), 7);
	client_close(errors);
	client_close(all);
	turn(f);
	say(f, EVENT_EXEC, 1);
}

static void a_slow_reader_is_cut_off_and_counted(void **state)
{
	struct fixture *f = *state;
	struct client_connection *slow = join("live", "all"), *quick = join("live", "all");
	size_t got = 0;
	bool end;

	turn(f);
	for (int i = 0; i < 100; i++) {
		say(f, EVENT_EXEC, 500);
		got += read_lines(f, quick, &end);
		assert_false(end);
	}
	assert_int_equal(got, 50000);
	/* The rest of the slow one's is what the kernel had taken for it. */
	size_t taken = read_lines(f, slow, &end);
	assert_true(end);
	uint64_t lost = f->socket->lost;
	assert_true(taken > 0 && lost > 100);
	assert_int_equal(f->socket->written, got + taken);
	assert_true(taken + lost < got);
	client_close(slow);
	client_close(quick);
}

static size_t heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* A burst that a client lagged behind for once is no reason to keep its memory for ever. */
static void a_burst_is_given_back(void **state)
{
	struct fixture *f = *state;
	struct client_connection *c = join("live", "all");
	size_t before, lines = 0;
	bool end;

	turn(f);
	before = heap();
	say(f, EVENT_EXEC, 2000);
	lines = read_lines(f, c, &end);
	assert_false(end);
	assert_int_equal(lines, 2000);
	/* What the reader's own side keeps is less than the half of it. */
	assert_true(heap() < before + 300000);
	client_close(c);
}

static int connect_raw(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Whether the second line has come with the first must not matter. */
static void a_request_is_one_line(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "{\"command\":\n\"live\"}\n";
	char reply[256];
	int fd = connect_raw();

	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	turn(f);
	assert_true(recv(fd, reply, sizeof(reply), MSG_DONTWAIT) > 0);
	assert_memory_equal(reply, "{\"error\":", 9);
	close(fd);
}

static void too_many_and_too_long_are_refused(void **state)
{
	struct fixture *f = *state;
	struct client_connection *c[20];
	char flood[8192];
	bool end;

	for (size_t i = 0; i < 20; i++) {
		c[i] = join("live", "all");
		turn(f);
	}
	for (size_t i = 0; i < 20; i++) {
		size_t lines = read_lines(f, c[i], &end);

		assert_int_equal(lines, i < 16 ? 0 : 1);
		assert_int_equal(end, i >= 16);
		client_close(c[i]);
	}
	turn(f);

	int fd = connect_raw();
	memset(flood, 'x', sizeof(flood));
	assert_int_equal(send(fd, flood, sizeof(flood), MSG_NOSIGNAL), sizeof(flood));
	turn(f);
	assert_true(recv(fd, flood, sizeof(flood), MSG_DONTWAIT) > 0);
	assert_memory_equal(flood, "{\"error\":", 9);
	close(fd);
}

static int plain_connection(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Who only holds a connection, or asked and never reads, goes first, the oldest of them. */
static void the_idle_make_room(void **state)
{
	struct fixture *f = *state;
	struct client_connection *live = join("live", "all");
	char byte;
	int idle[15];
	bool end;

	turn(f);
	for (size_t i = 0; i < 15; i++) {
		idle[i] = plain_connection();
		turn(f);
	}
	assert_int_equal(send(idle[0], "{\"command\":\"ps\"}\n", 17, MSG_NOSIGNAL), 17);
	turn(f);
	for (int i = 0; i < 2; i++) {
		struct client_connection *c = join("ps", NULL);

		assert_int_equal(read_lines(f, c, &end), 20001);
		client_close(c);
		turn(f);
	}
	assert_int_equal(recv(idle[1], &byte, 1, MSG_DONTWAIT),
		-1); /* the second ps took the first one's place */
	say(f, EVENT_EXEC, 1);
	assert_int_equal(read_lines(f, live, &end), 1);
	for (size_t i = 0; i < 15; i++)
		close(idle[i]);
	client_close(live);
}

static void paths_are_taken_with_care(void **state)
{
	struct fixture *f = *state;
	struct socket_options options = { .path = path, .loop = f->loop, .answer = on_question };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct output *o;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(socket_new(&options, &o), -EADDRINUSE);

	char other[80];
	snprintf(other, sizeof(other), "%s-other", path);
	options.path = other;
	int fd = open(other, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(socket_new(&options, &o), -EEXIST);
	assert_int_equal(unlink(other), 0);

	/* what a killed agent leaves behind */
	strcpy(address.sun_path, other);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(socket_new(&options, &o), 0);
	o->ops->free(o);
	assert_int_equal(access(other, F_OK), -1);
}

/* Who comes when no descriptor is left is turned away, and the loop does not spin on it. */
static void no_descriptor_left_turns_away(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, few = { .rlim_cur = 64 };
	struct client_connection *c = join("live", "errors");
	int taken[64], n = 0;
	const char *line;
	size_t len;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (n < 64 && (taken[n] = dup(0)) >= 0)
		n++;
	clock_t start = clock();
	for (int i = 0; i < 5; i++)
		turn(f);
	assert_true((clock() - start) * 1000 / CLOCKS_PER_SEC < 60);
	while (client_fill(c) > 0)
		;
	assert_int_equal(client_next(c, &line, &len), 1);
	assert_non_null(strstr(line, "too many files open"));
	client_close(c);
	while (n > 0)
		close(taken[--n]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	c = join("live", "errors");
	turn(f);
	assert_true(client_fill(c) == -EAGAIN);
	client_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(questions_are_answered_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(live_gets_its_level, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_slow_reader_is_cut_off_and_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			too_many_and_too_long_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_burst_is_given_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_request_is_one_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_idle_make_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_descriptor_left_turns_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(paths_are_taken_with_care, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("serve_socket", tests, NULL, NULL);
}
