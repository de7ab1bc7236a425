// SPDX-License-Identifier: MIT
#include "serve/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <time.h>

#include "util/cleanup.h"
#include "util/clock.h"

#define MAX_CONNECTIONS 256
#define IDLE_SECONDS 5
/* Those who hold a connection without a whole request do not keep a probe out: they go when they are too many, or too old. */
#define MANY_CONNECTIONS 224
#define UNANSWERED_NS 10000000000ULL
#define CONNECTION_BYTES 4096 /* for a request's line and headers: a scraper's have 400 bytes */
#define TIMER_INTERVAL 1000000000ULL
#define MAX_ROUNDS 64

/* One connection, from its beginning or its latest answer on. */
struct http_peer {
	TAILQ_ENTRY(http_peer) list;
	int fd; /* the library's */
	uint64_t since;
};
TAILQ_HEAD(http_peers, http_peer);

/* A connection that waits for a page that is made at home. */
struct question {
	TAILQ_ENTRY(question) list;
	struct MHD_Connection *connection;
	const struct http_page *page;
	const char *accept; /* the connection's */
	struct http_reply reply;
};
TAILQ_HEAD(questions, question);

struct http {
	pthread_mutex_t lock; /* of questions: all else is the loop's own */
	struct questions questions;
	int asked, answered; /* eventfds: there are some, there were; -1: there is no home */
	struct loop_watch *home, *back;
	struct http_peers peers; /* who waits longest is the first */
	unsigned n_peers;
	struct MHD_Daemon *daemon;
	struct loop_watch *watch;
	const struct http_page *pages;
	void *ctx;
};

/* The library closes it once it has seen the end. */
static void let_go(struct http *h, struct http_peer *p)
{
	shutdown(p->fd, SHUT_RDWR);
	TAILQ_REMOVE(&h->peers, p, list);
	p->fd = -1;
	h->n_peers--;
}

static void let_go_of_old_ones(struct http *h)
{
	struct http_peer *p;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	while ((p = TAILQ_FIRST(&h->peers)) &&
		(h->n_peers > MANY_CONNECTIONS || now - p->since > UNANSWERED_NS))
		let_go(h, p);
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http *h = ctx;
	struct http_peer *p = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED && info && (p = calloc(1, sizeof(*p)))) {
		*p = (struct http_peer){ .fd = info->connect_fd,
			.since = clock_ns(CLOCK_MONOTONIC) };
		TAILQ_INSERT_TAIL(&h->peers, p, list);
		h->n_peers++;
		*context = p;
		let_go_of_old_ones(h);
	} else if (what == MHD_CONNECTION_NOTIFY_CLOSED && p) {
		if (p->fd >= 0) {
			TAILQ_REMOVE(&h->peers, p, list);
			h->n_peers--;
		}
		free(p);
		*context = NULL;
	}
}

/* A scraper that keeps its connection has as long again for the next request. */
static void note_answer(struct http *h, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_peer *p = info ? info->socket_context : NULL;

	if (!p || p->fd < 0)
		return;
	p->since = clock_ns(CLOCK_MONOTONIC);
	TAILQ_REMOVE(&h->peers, p, list);
	TAILQ_INSERT_TAIL(&h->peers, p, list);
}

static enum MHD_Result send_reply(
	struct MHD_Connection *connection, struct http_reply *reply, const char *allow)
{
	size_t len = reply->body.len;
	char *body = strbuf_take(&reply->body);

	if (!body)
		return MHD_NO; /* out of memory: the connection is closed */
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (allow)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
	enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return result;
}

static bool has_header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name) != NULL;
}

/*
 * The library closes a connection once it has answered before the end of the request was reported (*state): right
 * for a body that nobody wants to read, and wrong for a scraper that keeps its connection.
 */
static bool ends_here(struct MHD_Connection *connection, const char *method)
{
	return !strcmp(method, MHD_HTTP_METHOD_GET) &&
	       !has_header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH) &&
	       !has_header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

/* The library asks again once the connection goes on. */
static enum MHD_Result ask_at_home(struct http *h, struct MHD_Connection *connection,
	const struct question *draft, void **state)
{
	struct question *q = malloc(sizeof(*q));

	if (!q)
		return MHD_NO;
	*q = *draft;
	*state = q;
	MHD_suspend_connection(connection);
	pthread_mutex_lock(&h->lock);
	TAILQ_INSERT_TAIL(&h->questions, q, list);
	pthread_mutex_unlock(&h->lock);
	eventfd_write(h->asked, 1);
	return MHD_YES;
}

static struct question *next_question(struct http *h)
{
	pthread_mutex_lock(&h->lock);
	struct question *q = TAILQ_FIRST(&h->questions);
	if (q)
		TAILQ_REMOVE(&h->questions, q, list);
	pthread_mutex_unlock(&h->lock);
	return q;
}

static void on_asked(void *ctx, uint32_t events)
{
	struct http *h = ctx;
	struct question *q;
	eventfd_t count;

	(void)events;
	eventfd_read(h->asked, &count);
	while ((q = next_question(h))) {
		q->page->answer(h->ctx, q->accept, &q->reply);
		MHD_resume_connection(q->connection);
	}
	eventfd_write(h->answered, 1); /* the library does not wake its loop itself */
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode how)
{
	(void)connection, (void)how;
	if (*state && *state != ctx) {
		struct question *q = *state;

		strbuf_free(&q->reply.body);
		free(q);
	}
	*state = NULL;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **state)
{
	struct http *h = ctx;
	const struct http_page *page = h->pages;
	struct http_reply reply = { MHD_HTTP_OK, "text/plain; charset=utf-8", STRBUF_INIT };
	const char *accept =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	(void)version, (void)upload, (void)upload_size;
	if (!*state && ends_here(connection, method)) {
		*state = ctx;
		return MHD_YES;
	}
	if (*state && *state != ctx)
		return send_reply(connection, &((struct question *)*state)->reply, NULL);
	note_answer(h, connection);
	while (page->path && strcmp(page->path, url))
		page++;
	if (!page->path) {
		reply.status = MHD_HTTP_NOT_FOUND;
		strbuf_puts(&reply.body, "not found\n");
		return send_reply(connection, &reply, NULL);
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET)) {
		reply.status = MHD_HTTP_METHOD_NOT_ALLOWED;
		strbuf_puts(&reply.body, "only GET is answered\n");
		return send_reply(connection, &reply, MHD_HTTP_METHOD_GET);
	}
	const struct question q = { .connection = connection,
		.page = page,
		.accept = accept ? accept : "",
		.reply = reply };
	if (page->at_home)
		return ask_at_home(h, connection, &q, state);
	page->answer(h->ctx, q.accept, &reply);
	return send_reply(connection, &reply, NULL);
}

/* The library's epoll speaks once for all: what it could do at once it must be asked to do now. */
static void run(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG timeout;
	int rounds = 0;

	do
		MHD_run(h->daemon);
	while (++rounds < MAX_ROUNDS && MHD_get_timeout(h->daemon, &timeout) == MHD_YES &&
		timeout == 0);
}

static void on_ready(void *ctx, uint32_t events)
{
	(void)events;
	run(ctx);
}

/* Connections grow old without any event. */
static void on_timer(void *ctx)
{
	let_go_of_old_ones(ctx);
	run(ctx);
}

static int start(struct http *h, int listener, struct loop *loop)
{
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		on_request, h, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
		MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)CONNECTION_BYTES / 4,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
	if (!h->daemon) {
		close(listener);
		return -ENOMEM;
	}
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return -ENOTSUP;
	int err = loop_add_fd(loop, info->epoll_fd, EPOLLIN, on_ready, h, &h->watch);
	return err < 0 ? err : loop_add_timer(loop, TIMER_INTERVAL, on_timer, h);
}

static void on_answered(void *ctx, uint32_t events)
{
	struct http *h = ctx;
	eventfd_t count;

	(void)events;
	eventfd_read(h->answered, &count);
	run(h);
}

static int open_home(struct http *h, const struct http_options *options)
{
	if (!options->home)
		return 0;
	h->asked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	h->answered = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (h->asked < 0 || h->answered < 0)
		return -errno;
	int err = loop_add_fd(options->home, h->asked, EPOLLIN, on_asked, h, &h->home);
	return err < 0 ? err
		       : loop_add_fd(options->loop, h->answered, EPOLLIN, on_answered, h, &h->back);
}

int http_new(const struct http_options *options, struct http **out)
{
	int listener = http_listen(options->listen);

	if (listener < 0)
		return listener;
	struct http *h = calloc(1, sizeof(*h));
	if (!h) {
		close(listener);
		return -ENOMEM;
	}
	TAILQ_INIT(&h->peers);
	TAILQ_INIT(&h->questions);
	pthread_mutex_init(&h->lock, NULL);
	h->pages = options->pages;
	h->ctx = options->ctx;
	h->asked = h->answered = -1;
	int err = open_home(h, options);
	if (err < 0)
		close(listener);
	else
		err = start(h, listener, options->loop);
	if (err < 0) {
		http_free(h);
		return err;
	}
	*out = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	struct question *q;

	loop_remove(h->watch);
	loop_remove(h->home);
	loop_remove(h->back);
	while ((q = next_question(
			h))) /* it is the library's, which does not end with one that waits */
		MHD_resume_connection(q->connection);
	if (h->daemon)
		MHD_stop_daemon(h->daemon); /* closes the listening socket too */
	if (h->asked >= 0)
		close(h->asked);
	if (h->answered >= 0)
		close(h->answered);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
