// SPDX-License-Identifier: MIT
#include "publish/http_client.h"

#include <errno.h>
#include <string.h>

#include "publish/curl_library.h"
#include "util/alarm.h"
#include "util/cleanup.h"

#define MS 1000000ULL
#define SECOND 1000000000ULL
#define TIMEOUT_MS 30000
#define CONNECT_TIMEOUT_MS 10000L
#define RETRY_AFTER_MAX (3600 * SECOND)
#define SHOWN 200 /* bytes of a body in a message */

static const struct curl_library *curl; /* once there is a client */

struct http_client {
	struct http_client_options options;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	struct alarm *alarm;
	struct strbuf body;
	char why[CURL_ERROR_SIZE];
	bool busy;
};

const char *http_outcome_name(enum http_outcome outcome)
{
	static const char *const names[HTTP_OUTCOMES] = {
		[HTTP_DONE] = "done",
		[HTTP_UNREACHABLE] = "unreachable",
		[HTTP_TIMEOUT] = "timeout",
		[HTTP_UNTRUSTED] = "untrusted",
		[HTTP_UNAUTHORIZED] = "unauthorized",
		[HTTP_FORBIDDEN] = "forbidden",
		[HTTP_THROTTLED] = "throttled",
		[HTTP_SERVER_ERROR] = "server_error",
		[HTTP_REJECTED] = "rejected",
	};

	return names[outcome];
}

static enum http_outcome outcome_of(CURLcode code, long status)
{
	static const struct {
		CURLcode code;
		enum http_outcome outcome;
	} failures[] = {
		{ CURLE_OPERATION_TIMEDOUT, HTTP_TIMEOUT },
		{ CURLE_SSL_CONNECT_ERROR, HTTP_UNTRUSTED },
		{ CURLE_PEER_FAILED_VERIFICATION, HTTP_UNTRUSTED },
		{ CURLE_SSL_CACERT_BADFILE, HTTP_UNTRUSTED },
		{ CURLE_SSL_CERTPROBLEM, HTTP_UNTRUSTED },
		{ CURLE_SSL_ISSUER_ERROR, HTTP_UNTRUSTED },
	};

	if (code != CURLE_OK) {
		for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
			if (failures[i].code == code)
				return failures[i].outcome;
		return HTTP_UNREACHABLE;
	}
	if (status >= 200 && status < 300)
		return HTTP_DONE;
	if (status == 401)
		return HTTP_UNAUTHORIZED;
	if (status == 403)
		return HTTP_FORBIDDEN;
	if (status == 429)
		return HTTP_THROTTLED;
	return status >= 500 ? HTTP_SERVER_ERROR : HTTP_REJECTED;
}

/* One request's end: it may be followed by the next one at once. */
static void finish(struct http_client *c, CURLcode code)
{
	struct http_answer answer = { .why = *c->why ? c->why : curl->easy_strerror(code) };
	curl_off_t retry_after = 0;

	curl->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &answer.status);
	curl->easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &retry_after);
	curl->multi_remove_handle(c->multi, c->easy);
	answer.outcome = outcome_of(code, answer.status);
	if (code != CURLE_OK)
		answer.status = 0;
	if (retry_after > 0)
		answer.retry_after = (uint64_t)retry_after < RETRY_AFTER_MAX / SECOND
					     ? (uint64_t)retry_after * SECOND
					     : RETRY_AFTER_MAX;
	_cleanup_strbuf_ struct strbuf body = c->body;
	c->body = (struct strbuf)STRBUF_INIT;
	answer.body = body.data ? body.data : "";
	answer.len = body.len;
	c->busy = false;
	c->options.on_answer(c->options.ctx, &answer);
}

static void look_for_end(struct http_client *c)
{
	CURLMsg *message;
	int left;

	while ((message = curl->multi_info_read(c->multi, &left)))
		if (message->msg == CURLMSG_DONE) {
			finish(c, message->data.result);
			return;
		}
}

static void on_alarm(void *ctx)
{
	struct http_client *c = ctx;
	int running;

	curl->multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	look_for_end(c);
}

/* A socket of libcurl's, as the loop watches it. */
struct watched {
	struct http_client *client;
	curl_socket_t fd;
	struct loop_watch *watch;
};

static void on_socket(void *ctx, uint32_t events)
{
	const struct watched *w = ctx;
	struct http_client *c = w->client;
	int running, bits = 0;

	if (events & (EPOLLIN | EPOLLHUP))
		bits |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		bits |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		bits |= CURL_CSELECT_ERR;
	/* w may be gone after this. */
	curl->multi_socket_action(c->multi, w->fd, bits, &running);
	look_for_end(c);
}

static void unwatch(struct http_client *c, struct watched *w)
{
	curl->multi_assign(c->multi, w->fd, NULL);
	loop_remove(w->watch);
	free(w);
}

/* libcurl: what it waits for at a socket, from now on. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
	struct http_client *c = ctx;
	struct watched *w = known;
	uint32_t events =
		(what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			unwatch(c, w);
		return 0;
	}
	if (w)
		return loop_modify(w->watch, events);
	w = calloc(1, sizeof(*w));
	if (!w)
		return -1;
	w->client = c;
	w->fd = fd;
	if (loop_add_fd(c->options.loop, fd, events, on_socket, w, &w->watch) < 0) {
		free(w);
		return -1;
	}
	curl->multi_assign(c->multi, fd, w);
	return 0;
}

/* libcurl: when it wants to be called though nothing happens; -1: not at all. */
static int watch_time(CURLM *multi, long ms, void *ctx)
{
	struct http_client *c = ctx;

	(void)multi;
	alarm_set(c->alarm, ms < 0 ? 0 : alarm_now() + (uint64_t)ms * MS);
	return 0;
}

static size_t take_body(char *data, size_t size, size_t n, void *ctx)
{
	struct http_client *c = ctx;
	size_t len = size * n, room = HTTP_ANSWER_MAX - c->body.len;

	strbuf_append(&c->body, data, len < room ? len : room);
	return len;
}

static int set_up(struct http_client *c)
{
	long timeout = c->options.timeout_ms ? (long)c->options.timeout_ms : TIMEOUT_MS;

	c->multi = curl->multi_init();
	c->easy = curl->easy_init();
	if (!c->multi || !c->easy)
		return -ENOMEM;
	curl->multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl->multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl->multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, watch_time);
	curl->multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl->easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(c->easy, CURLOPT_QUICK_EXIT, 1L);
	curl->easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl->easy_setopt(c->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl->easy_setopt(c->easy, CURLOPT_USERAGENT, "ktrace/" KTRACE_VERSION);
	curl->easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl->easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, timeout);
	curl->easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->why);
	curl->easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl->easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	if (c->options.ca_file)
		curl->easy_setopt(c->easy, CURLOPT_CAINFO, c->options.ca_file);
	return 0;
}

int http_client_new(const struct http_client_options *options, struct http_client **out)
{
	curl = curl_library();
	if (!curl)
		return -ELIBACC;
	struct http_client *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->options = *options;
	int err = alarm_new(options->loop, on_alarm, c, &c->alarm);
	if (err == 0)
		err = set_up(c);
	if (err < 0) {
		http_client_free(c);
		return err;
	}
	*out = c;
	return 0;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	if (c->busy)
		curl->multi_remove_handle(c->multi, c->easy);
	curl->easy_cleanup(c->easy);
	curl->multi_cleanup(c->multi);
	curl->slist_free_all(c->headers);
	alarm_free(c->alarm);
	strbuf_free(&c->body);
	free(c);
}

bool http_client_is_busy(const struct http_client *c)
{
	return c->busy;
}

static int set_headers(struct http_client *c, const char *const *headers)
{
	/* No "Expect: 100-continue": it costs a round trip, and some servers do not know it. */
	struct curl_slist *list = curl->slist_append(NULL, "Expect:");

	for (; list && *headers; headers++) {
		struct curl_slist *longer = curl->slist_append(list, *headers);
		if (!longer)
			curl->slist_free_all(list);
		list = longer;
	}
	if (!list)
		return -ENOMEM;
	curl->easy_setopt(c->easy, CURLOPT_HTTPHEADER, list);
	curl->slist_free_all(c->headers);
	c->headers = list;
	return 0;
}

int http_client_send(struct http_client *c, const struct http_request *request)
{
	const struct strbuf *body = request->body;
	int err = set_headers(c, request->headers);

	if (err < 0)
		return err;
	*c->why = '\0';
	strbuf_reset(&c->body);
	if (curl->easy_setopt(c->easy, CURLOPT_URL, request->url) != CURLE_OK ||
		curl->easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, request->method) != CURLE_OK ||
		curl->easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len) !=
			CURLE_OK ||
		curl->easy_setopt(c->easy, CURLOPT_COPYPOSTFIELDS, body->data ? body->data : "") !=
			CURLE_OK ||
		curl->multi_add_handle(c->multi, c->easy) != CURLM_OK)
		return -ENOMEM;
	c->busy = true;
	return 0;
}

void http_answer_text(struct strbuf *out, const struct http_answer *a)
{
	static const char *const words[HTTP_OUTCOMES] = {
		[HTTP_UNREACHABLE] = "cannot be reached",
		[HTTP_TIMEOUT] = "did not answer in time",
		[HTTP_UNTRUSTED] = "is not trusted",
	};

	if (!a->status) {
		strbuf_printf(out, "%s: %s", words[a->outcome], a->why);
		return;
	}
	strbuf_printf(out, "answered %ld", a->status);
	if (a->len)
		strbuf_printf(out, ": %.*s", SHOWN, a->body);
}
