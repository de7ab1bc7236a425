// SPDX-License-Identifier: MIT
/* The server in its loop; the clients are in a child process, which says by its status what it saw. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/http.h"
#include "util/cleanup.h"

#define IDLE_CLIENTS 200
#define CROWD 300       /* clients at once */
#define CONNECTIONS 256 /* that are served at once */

static void hello(void *ctx, const char *accept, struct http_reply *reply)
{
	int *asked = ctx;

	++*asked;
	strbuf_printf(&reply->body, "accept=%s", accept);
}

static void teapot(void *ctx, const char *accept, struct http_reply *reply)
{
	(void)ctx, (void)accept;
	reply->status = 418;
}

static void big(void *ctx, const char *accept, struct http_reply *reply)
{
	(void)ctx, (void)accept;
	for (int i = 0; i < 1 << 20; i++)
		strbuf_putc(&reply->body, 'x');
}

static const struct http_page pages[] = {
	{ .path = "/hello", .answer = hello },
	{ .path = "/teapot", .answer = teapot, .at_home = true },
	{ .path = "/big", .answer = big, .at_home = true },
	{ 0 },
};

/* A port that was free a moment ago. */
static uint16_t free_port(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(any);
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &len), 0);
	return ntohs(any.sin_port);
}

static int open_client(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ? -1 : fd;
}

static char reply[2 << 20];

/* Sends a request and reads to the end; whether the answer begins and ends like this, and its length. */
static bool answers(
	uint16_t port, const char *request, const char *head, const char *tail, size_t at_least)
{
	_cleanup_fd_ int fd = open_client(port);
	size_t len = 0;
	ssize_t n;

	if (fd < 0 || send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		return false;
	while ((n = recv(fd, reply + len, sizeof(reply) - 1 - len, 0)) > 0)
		len += (size_t)n;
	reply[len] = '\0';
	return len >= at_least && !strncmp(reply, head, strlen(head)) && len >= strlen(tail) &&
	       !strcmp(reply + len - strlen(tail), tail);
}
#define REQUEST(method, path) method " " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
#define OK "HTTP/1.1 200 "

/* In the child: 0, or the number of the check that failed. */
static int ask_all(uint16_t port)
{
	int idle[IDLE_CLIENTS];

	if (!answers(port, REQUEST("GET", "/hello") "\r\n", OK, "\r\n\r\naccept=", 0))
		return 1;
	if (!answers(port, REQUEST("GET", "/hello?a=b") "Accept: text/plain\r\n\r\n", OK,
		    "accept=text/plain", 0))
		return 2;
	if (!answers(port, REQUEST("GET", "/teapot") "\r\n", "HTTP/1.1 418 ", "\r\n\r\n", 0))
		return 3;
	if (!answers(port, REQUEST("GET", "/") "\r\n", "HTTP/1.1 404 ", "not found\n", 0))
		return 4;
	if (!answers(port, REQUEST("GET", "/../hello") "\r\n", "HTTP/1.1 404 ", "not found\n", 0))
		return 5;
	if (!answers(port, REQUEST("POST", "/hello") "Content-Length: 3\r\n\r\nabc",
		    "HTTP/1.1 405 ", "only GET is answered\n", 0))
		return 6;
	if (!answers(port, REQUEST("BREW", "/hello") "\r\n", "HTTP/1.1 405 ", "", 0))
		return 7;
	if (!answers(port, REQUEST("GET", "/big") "\r\n", OK, "xxxx", 1 << 20))
		return 8;
	if (answers(port, "\001\002 rubbish\r\n\r\n", OK, "", 0))
		return 9;
	/* A scraper keeps its connection: two answers in one. */
	if (!answers(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n" REQUEST("GET", "/hello") "\r\n",
		    OK, "accept=", 0) ||
		!strstr(reply + 1, OK))
		return 13;
	for (int i = 0; i < IDLE_CLIENTS; i++)
		if ((idle[i] = open_client(port)) < 0)
			return 10;
	if (!answers(port, REQUEST("GET", "/hello") "\r\n", OK, "accept=", 0))
		return 11;
	/* They are hung up on, and not for having said anything. */
	char byte;
	struct timeval patience = { .tv_sec = 15 };
	for (int i = 0; i < IDLE_CLIENTS; i++) {
		setsockopt(idle[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		if (recv(idle[i], &byte, 1, 0) != 0)
			return 12;
		close(idle[i]);
	}
	return 0;
}

struct child {
	pid_t pid;
	int status;
	struct loop *loop;
};

static void look_after(void *ctx)
{
	struct child *c = ctx;

	if (waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		loop_stop(c->loop, 0);
}

static void answers_and_bounds(void **state)
{
	(void)state;
	char where[32];
	int asked = 0;
	uint16_t port = free_port();
	struct loop *loop;
	struct http *http = NULL, *second = NULL;

	snprintf(where, sizeof(where), "127.0.0.1:%u", port);
	assert_int_equal(loop_new(&loop), 0);
	struct http_options options = {
		.listen = where, .loop = loop, .home = loop, .pages = pages, .ctx = &asked
	};
	assert_int_equal(http_new(&options, &http), 0);
	assert_int_equal(http_new(&options, &second), -EADDRINUSE);
	struct child child = { .pid = fork(), .loop = loop };
	if (child.pid == 0)
		_exit(ask_all(port));
	assert_int_equal(loop_add_timer(loop, 20000000, look_after, &child), 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(child.status, 0);
	assert_int_equal(asked, 5);
	http_free(http);
	loop_free(loop);
}

static void stop(void *ctx)
{
	loop_stop(ctx, 0);
}

static int open_files(void)
{
	_cleanup_dir_ DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	return n;
}

static void connections_are_bounded(void **state)
{
	(void)state;
	char where[32];
	uint16_t port = free_port();
	struct http *http = NULL;
	struct loop *loop;
	int crowd[CROWD];
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	snprintf(where, sizeof(where), "127.0.0.1:%u", port);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(loop_add_timer(loop, 20000000, stop, loop), 0);
	struct http_options options = { .listen = where, .loop = loop, .pages = pages };
	assert_int_equal(http_new(&options, &http), 0);
	int before = open_files();
	for (int i = 0; i < CROWD; i++) {
		crowd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (connect(crowd[i], (struct sockaddr *)&to, sizeof(to)) < 0)
			assert_int_equal(errno, EINPROGRESS);
		if (i % 32 == 0)
			loop_run(loop); /* its queue is short */
	}
	for (int i = 0; i < 5; i++)
		loop_run(loop);
	/* Those that hold a connection without a request go when they are too many. */
	assert_in_range(open_files(), before + CROWD + 200, before + CROWD + CONNECTIONS);
	for (int i = 0; i < CROWD; i++)
		close(crowd[i]);
	http_free(http);
	loop_free(loop);
}

static void places_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text, *address;
		uint16_t port;
	} good[] = {
		{ "127.0.0.1:9435", "127.0.0.1", 9435 },
		{ ":80", "0.0.0.0", 80 },
		{ "[::1]:65535", "::1", 65535 },
		{ "[fe80::1%lo]:0", "fe80::1", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct sockaddr_storage found;
		const struct sockaddr_in *v4 = (struct sockaddr_in *)&found;
		const struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&found;
		socklen_t len;
		char text[INET6_ADDRSTRLEN];

		assert_int_equal(http_address(good[i].text, &found, &len), 0);
		inet_ntop(found.ss_family,
			len == sizeof(*v4) ? (const void *)&v4->sin_addr : &v6->sin6_addr, text,
			sizeof(text));
		assert_string_equal(text, good[i].address);
		assert_int_equal(ntohs(v4->sin_port), good[i].port);
	}
}

static void places_that_are_none_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:99999999999999999999", "::1:9435",
		"[::1]", "[::1", "localhost:9435", "256.0.0.1:80", "1.2.3.4:1:2" };
	struct loop *loop;
	struct http *http = NULL;

	assert_int_equal(loop_new(&loop), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct http_options options = { .listen = bad[i], .loop = loop, .pages = pages };
		if (http_new(&options, &http) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
	}
	struct http_options elsewhere = {
		.listen = "192.0.2.1:9435", .loop = loop, .pages = pages
	};
	assert_int_equal(http_new(&elsewhere, &http), -EADDRNOTAVAIL);
	assert_null(http);
	http_free(NULL);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_and_bounds),
		cmocka_unit_test(connections_are_bounded),
		cmocka_unit_test(places_are_read),
		cmocka_unit_test(places_that_are_none_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
