// SPDX-License-Identifier: MIT
/*
 * Any clients at the HTTP port, over the loopback: the input is a script of who connects and says what in
 * which pieces. Or, by its first byte, any text as ADDR:PORT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <strings.h>

#include "fuzz/scene.h"
#include "serve/http.h"
#include "util/cleanup.h"

#define PEERS 6
#define BIG_PAGE 300000 /* bytes: more than a connection takes at once */
#define AT_ONCE 16      /* requests of a client; who sends dozens waits for the server's timer */
#define TURNS_MAX 200   /* of the loop, until the server must have come to rest */

struct peer {
	int fd;
	bool half_closed, ended;
	bool reset;     /* said more than was listened to: the end of an answer may be lost */
	bool rude;      /* said something else than requests for pages that there are */
	unsigned asked; /* such requests */
	struct strbuf said, heard;
};

static struct loop *loop;
static struct http *http;
static struct sockaddr_in server = { .sin_family = AF_INET };
static unsigned pages_made;

static void hello(void *ctx, const char *accept, struct http_reply *reply)
{
	(void)ctx;
	check(accept);
	pages_made++;
	strbuf_puts(&reply->body, "hello\n");
}

static void big(void *ctx, const char *accept, struct http_reply *reply)
{
	static char page[BIG_PAGE];

	(void)ctx, (void)accept;
	pages_made++;
	memset(page, 'x', sizeof(page));
	strbuf_append(&reply->body, page, sizeof(page));
}

static const struct http_page pages[] = { { .path = "/hello", .answer = hello },
	{ .path = "/big", .answer = big, .at_home = true }, { 0 } };

/* At a port that was free a moment ago. */
static int serve(void)
{
	socklen_t len = sizeof(server);
	char where[32];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct http_options options = {
		.listen = where, .loop = loop, .home = loop, .pages = pages
	};

	server.sin_port = 0;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(bind(fd, (struct sockaddr *)&server, sizeof(server)) == 0);
	check(getsockname(fd, (struct sockaddr *)&server, &len) == 0);
	close(fd);
	snprintf(where, sizeof(where), "127.0.0.1:%u", ntohs(server.sin_port));
	return http_new(&options, &http);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int err;

	(void)argc, (void)argv;
	check(loop_new(&loop) == 0);
	scene_in_turns(loop);
	while ((err = serve()) == -EADDRINUSE)
		;
	check(err == 0);
	return 0;
}

static void turn(void)
{
	check(loop_run(loop) == 0);
}

static void connect_peer(struct peer *p)
{
	/*
	 * A port waits for a minute after its connection, and there are too few of them: so there is a
	 * reset at the end, which helps where nobody has half closed it, and each has its own address.
	 */
	static uint32_t connections;
	struct linger at_once = { .l_onoff = 1 };
	struct sockaddr_in own = { .sin_family = AF_INET };

	if (p->fd >= 0)
		return;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(p->fd >= 0);
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + connections++ % 65536);
	check(bind(p->fd, (struct sockaddr *)&own, sizeof(own)) == 0);
	/* The fuzzer's own alarm may interrupt it, and it goes on all the same. */
	while (connect(p->fd, (struct sockaddr *)&server, sizeof(server)) < 0 && errno != EISCONN)
		check(errno == EINTR || errno == EALREADY);
}

static const char *const requests[] = {
	"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET /big HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET /hello HTTP/1.0\r\n\r\n",
	"HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
	"POST /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
	"chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"GET /none HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: x\r\nX: ",
	"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	"BREW /hello?a=%00&b HTTP/1.1\r\nHost: x\r\n\r\n",
};
#define POLITE 2 /* of these, from the first: they get a page */

static bool send_text(struct peer *p, const char *text, size_t len)
{
	if (p->fd < 0 || p->half_closed)
		return false;
	ssize_t n = send(p->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0)
		strbuf_append(&p->said, text, (size_t)n);
	else
		p->reset |= errno != EAGAIN;
	return n == (ssize_t)len;
}

static void send_any(struct peer *p, const char *text, size_t len)
{
	p->rude |= send_text(p, text, len) || p->reset;
}

static void ask(struct peer *p, unsigned which)
{
	const char *text = requests[which % ARRAY_SIZE(requests)];

	if (which % ARRAY_SIZE(requests) >= POLITE)
		send_any(p, text, strlen(text));
	else if (p->asked < AT_ONCE && send_text(p, text, strlen(text)))
		p->asked++;
}

/* False when there was nothing to read. */
static bool read_log(struct peer *p, size_t most)
{
	char piece[65536];

	if (p->fd < 0 || p->ended)
		return false;
	ssize_t n = recv(p->fd, piece, most < sizeof(piece) ? most : sizeof(piece), MSG_DONTWAIT);
	if (n > 0)
		strbuf_append(&p->heard, piece, (size_t)n);
	else if (n < 0 && errno == EAGAIN)
		return false;
	else
		p->ended = true;
	p->reset |= n < 0;
	check(n >= 0 || errno == ECONNRESET);
	return n > 0;
}

static unsigned count(const struct strbuf *in, const char *word)
{
	const char *at = in->data, *end = at ? at + in->len : at;
	unsigned n = 0;

	while (at && (at = memmem(at, (size_t)(end - at), word, strlen(word)))) {
		at++;
		n++;
	}
	return n;
}

/* The number behind a header's name, -1 when it is not there. */
static long number_of(const char *head, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	for (const char *line = head, *end;
		(end = memmem(line, (size_t)(head + len - line), "\r\n", 2)); line = end + 2)
		if ((size_t)(end - line) > name_len && !strncasecmp(line, name, name_len))
			return strtol(line + name_len, NULL, 10);
	return -1;
}

static bool is_known(int status)
{
	return status == 100 || status == 200 || (status >= 400 && status < 500) || status == 501 ||
	       status == 505;
}

/* The length of the answer at text. 0: only its beginning is there. */
static size_t check_answer(const char *text, size_t len, int *status)
{
	const char *end = memmem(text, len, "\r\n\r\n", 4);
	int major, minor;

	if (!end)
		return 0;
	check(sscanf(text, "HTTP/%d.%d %3d ", &major, &minor, status) == 3);
	check(major == 1 && is_known(*status));
	size_t head = (size_t)(end - text) + 4;
	long body = number_of(text, head, "Content-Length: ");
	if (*status == 100)
		return head;
	check(body >= 0);
	/* To HEAD: the length of what is not sent. No body of ours looks like an answer. */
	if (*status != 200 && (len == head || !strncmp(text + head, "HTTP/1.", 7)))
		return head;
	check(*status != 200 || body == BIG_PAGE || body == 6);
	check(*status != 405 || memmem(text, head, "\r\nAllow: GET\r\n", 14));
	return (size_t)body <= len - head ? head + (size_t)body : 0;
}

/* How many of the answers were pages. */
static unsigned check_answers(const struct peer *p)
{
	unsigned answered = 0;
	int status;

	for (size_t at = 0, len; at < p->heard.len; at += len) {
		len = check_answer(p->heard.data + at, p->heard.len - at, &status);
		check(len || p->reset);
		if (!len)
			break;
		answered += status == 200;
	}
	/* libmicrohttpd takes a NUL too for the end of the method. */
	check(answered <= count(&p->said, "GET"));
	check(p->rude || p->half_closed || answered == p->asked);
	return answered;
}

static void hang_up(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	strbuf_free(&p->said);
	strbuf_free(&p->heard);
	*p = (struct peer){ .fd = -1 };
}

static void act(struct peer *peers, struct input *in)
{
	uint8_t what = next(in);
	struct peer *p = &peers[next(in) % PEERS];
	const char *text;
	size_t len;

	switch (what % 8) {
	case 0:
		connect_peer(p);
		break;
	case 1:
		len = next_bytes(in, next(in), &text);
		send_any(p, text, len);
		break;
	case 2:
		ask(p, next(in));
		break;
	case 3:
		if (p->fd >= 0 && shutdown(p->fd, SHUT_WR) == 0)
			p->half_closed = true;
		break;
	case 4:
		hang_up(p);
		break;
	case 5:
		read_log(p, next(in) + 1u);
		break;
	case 6:
		turn();
		break;
	case 7: /* a line that does not end */
		for (unsigned n = next(in) % 16; n; n--)
			send_any(p, requests[7], strlen(requests[7]) - 5);
		break;
	}
}

static void fuzz_clients(struct input *in)
{
	struct peer peers[PEERS];
	unsigned files = open_files(), answered = 0, idle = 0;

	pages_made = 0;
	for (size_t i = 0; i < PEERS; i++)
		peers[i] = (struct peer){ .fd = -1 };
	for (int acts = 0; in->size && acts < 60; acts++)
		act(peers, in);
	for (int turns = 0; idle < 6;
		turns++) { /* a page that is made at home takes turns of its own */
		bool heard = false;

		check(turns < TURNS_MAX);
		turn();
		for (size_t i = 0; i < PEERS; i++)
			while (read_log(&peers[i], SIZE_MAX))
				heard = true;
		idle = heard ? 0 : idle + 1;
	}
	for (size_t i = 0; i < PEERS; i++)
		answered += check_answers(&peers[i]);
	check(answered <= pages_made);
	for (size_t i = 0; i < PEERS; i++)
		hang_up(&peers[i]);
	for (int turns = 0; open_files() != files; turns++) {
		check(turns < TURNS_MAX);
		turn();
	}
}

/* What was taken comes back when it is written as the numbers that it stands for. */
static void fuzz_address(const char *data, size_t len)
{
	struct sockaddr_storage address, again;
	socklen_t address_len, again_len;
	char host[INET6_ADDRSTRLEN + 16], port[8], where[80];
	_cleanup_free_ char *text = strndup(data, len);
	int err = http_address(text, &address, &address_len);

	check(err == 0 || err == -EINVAL);
	if (err < 0)
		return;
	check(address.ss_family == AF_INET || address.ss_family == AF_INET6);
	check(getnameinfo((struct sockaddr *)&address, address_len, host, sizeof(host), port,
		      sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0);
	check(strtoul(strrchr(text, ':') + 1, NULL, 10) == strtoul(port, NULL, 10));
	snprintf(where, sizeof(where), address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		port);
	check(http_address(where, &again, &again_len) == 0 && again_len == address_len);
	check(!memcmp(&again, &address, address_len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	if (next(&in) == 'A')
		fuzz_address((const char *)in.data, in.size);
	else
		fuzz_clients(&in);
	return 0;
}
