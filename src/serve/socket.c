// SPDX-License-Identifier: MIT
#include "serve/socket.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "record/level.h"
#include "record/ndjson.h"
#include "serve/listener.h"
#include "util/cleanup.h"
#include "util/log.h"

#define MAX_CLIENTS 16
#define REQUEST_MAX 4096
#define BACKLOG_MAX (8 << 20) /* bytes that wait for all clients of `live`: a full ring's records */
#define SEND_EACH (64 * 1024) /* bytes for one after which the end of the batch is not waited for */
#define KEEP_CAPACITY SEND_EACH /* a buffer that is larger is given back once it is empty */

enum client_state { CLIENT_ASKING, CLIENT_LIVE, CLIENT_ANSWERED };

struct client {
	struct socket_output *owner; /* NULL: the slot is free */
	uint64_t number;             /* the older, the lower */
	int fd;
	struct loop_watch *watch;
	enum client_state state;
	enum level level;
	char request[REQUEST_MAX];
	size_t request_len;
	struct strbuf out;
	size_t sent;     /* of out */
	uint32_t events; /* that we wait for; that the client is gone comes anyway */
};

struct socket_output {
	struct output base;
	struct listener *listener;
	size_t backlog_max;
	struct loop *loop;
	int (*answer)(void *ctx, const char *command, const char *target, struct strbuf *out);
	void *ctx;
	struct client clients[MAX_CLIENTS];
	uint64_t n_clients; /* that ever came */
	struct strbuf line;
};

static void hang_up(struct client *c)
{
	loop_remove(c->watch);
	close(c->fd);
	strbuf_free(&c->out);
	*c = (struct client){ .fd = -1 };
}

static void wait_for(struct client *c, uint32_t events)
{
	if (c->events != events && loop_modify(c->watch, events) == 0)
		c->events = events;
}

/* A client that always lags a little must not make its buffer grow for ever. */
static void compact(struct client *c)
{
	if (c->sent < c->out.len / 2)
		return;
	memmove(c->out.data, c->out.data + c->sent, c->out.len - c->sent);
	c->out.len -= c->sent;
	c->sent = 0;
}

static void send_some(struct client *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			compact(c);
			wait_for(c, c->events | EPOLLOUT);
			return;
		}
		if (n < 0) {
			hang_up(c);
			return;
		}
		c->sent += (size_t)n;
	}
	if (c->out.capacity > KEEP_CAPACITY)
		strbuf_free(&c->out);
	strbuf_reset(&c->out);
	c->sent = 0;
	if (c->state == CLIENT_ANSWERED)
		hang_up(c);
	else
		wait_for(c, c->events & ~(uint32_t)EPOLLOUT);
}

static void refuse(struct client *c, const char *why)
{
	strbuf_printf(&c->out, "{\"error\":\"%s\"}\n", why); /* why is ours: nothing to escape */
	c->state = CLIENT_ANSWERED;
}

static const char *member(const cJSON *request, const char *name, const char *otherwise)
{
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, name));

	return value ? value : otherwise;
}

static void serve(struct client *c, size_t len)
{
	_cleanup_json_ cJSON *request = cJSON_ParseWithLength(c->request, len);
	const char *command = member(request, "command", "");

	if (!strcmp(command, "live")) {
		if (level_from_name(member(request, "events", "errors"), &c->level) < 0)
			refuse(c, "events must be diagnoses, errors or all");
		else
			c->state = CLIENT_LIVE;
	} else if (!strcmp(command, "ps") || !strcmp(command, "explain") ||
		   !strcmp(command, "agent")) {
		struct socket_output *s = c->owner;

		c->state = CLIENT_ANSWERED;
		if (s->answer(s->ctx, command, member(request, "target", ""), &c->out) < 0) {
			strbuf_reset(&c->out);
			refuse(c, "the agent is out of memory");
		}
	} else {
		refuse(c, "unknown command: ask for live, ps, explain or agent");
	}
	send_some(c);
}

static void read_request(struct client *c)
{
	char *end = c->request + c->request_len;
	ssize_t n = recv(c->fd, end, REQUEST_MAX - c->request_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(c);
		return;
	}
	c->request_len += (size_t)n;
	const char *newline = memchr(end, '\n', (size_t)n);
	if (newline) {
		serve(c, (size_t)(newline - c->request));
	} else if (c->request_len == REQUEST_MAX) {
		refuse(c, "the request is too long");
		send_some(c);
	}
}

/*
 * What a client says after its request is of no interest. An end of it only means that it has no more
 * to say (`echo '{"command":"ps"}' | nc -U ...`); a client that is gone shows as EPOLLHUP.
 */
static void discard(struct client *c)
{
	char waste[512];
	ssize_t n = recv(c->fd, waste, sizeof(waste), MSG_DONTWAIT);

	if (n == 0)
		wait_for(c, c->events & ~(uint32_t)EPOLLIN);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		hang_up(c);
}

static void on_client(void *ctx, uint32_t events)
{
	struct client *c = ctx;

	if (events & (EPOLLHUP | EPOLLERR)) {
		hang_up(c);
		return;
	}
	if (events & EPOLLOUT) {
		send_some(c);
		if (!c->owner)
			return;
	}
	if (!(events & EPOLLIN))
		return;
	if (c->state == CLIENT_ASKING)
		read_request(c);
	else
		discard(c);
}

/* A slot for one more client: who never asks, or does not take its answer, must not keep others out. NULL: none. */
static struct client *find_slot(struct socket_output *s)
{
	struct client *oldest = NULL;

	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (!c->owner)
			return c;
		if (c->state != CLIENT_LIVE && (!oldest || c->number < oldest->number))
			oldest = c;
	}
	if (oldest)
		hang_up(oldest);
	return oldest;
}

static void on_connected(void *ctx, int fd)
{
	struct socket_output *s = ctx;
	struct client *c = find_slot(s);

	if (!c) {
		listener_reject(fd, "the agent has too many clients already");
		return;
	}
	*c = (struct client){ .owner = s, .number = s->n_clients++, .fd = fd, .events = EPOLLIN };
	if (loop_add_fd(s->loop, fd, EPOLLIN, on_client, c, &c->watch) < 0) {
		close(fd);
		*c = (struct client){ .fd = -1 };
	}
}

/* What waits for a client that does not read: none of it will arrive, nor the end of what was sent in part. */
static void cut_off(struct client *c)
{
	struct output *o = &c->owner->base;
	uint64_t waiting = c->out.failed; /* the latest found no room then */

	for (size_t i = c->sent; i < c->out.len; i++)
		waiting += c->out.data[i] == '\n';
	o->written -= waiting;
	o->lost += waiting;
	log_warning("a client of the socket reads too slowly and was cut off: %llu records were "
		    "lost to it",
		(unsigned long long)waiting);
	hang_up(c);
}

static size_t waiting_for(const struct client *c)
{
	return c->owner && c->state == CLIENT_LIVE ? c->out.len - c->sent : 0;
}

/* A burst may fill the buffer of whoever reads; of one who does not, the most waits. */
static void keep_bounds(struct socket_output *s)
{
	struct client *slowest = &s->clients[0];
	size_t all = 0;

	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		all += waiting_for(&s->clients[i]);
		if (waiting_for(&s->clients[i]) > waiting_for(slowest))
			slowest = &s->clients[i];
	}
	if (all > s->backlog_max)
		cut_off(slowest);
}

static int socket_write(struct output *o, const struct record *r)
{
	struct socket_output *s = (struct socket_output *)o;

	strbuf_reset(&s->line);
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (!c->owner || c->state != CLIENT_LIVE || !level_takes(c->level, r))
			continue;
		if (!s->line.len) {
			int err = ndjson_append(&s->line, r);

			if (err < 0) {
				o->lost++;
				return err;
			}
		}
		strbuf_append(&c->out, s->line.data, s->line.len);
		o->written++;
		if (c->out.failed)
			cut_off(c);
		else if (c->out.len / SEND_EACH != (c->out.len - s->line.len) / SEND_EACH)
			send_some(c);
	}
	keep_bounds(s);
	return 0;
}

static int socket_flush(struct output *o)
{
	struct socket_output *s = (struct socket_output *)o;

	listener_retry(s->listener);
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (c->owner && c->state == CLIENT_LIVE && c->out.len && !(c->events & EPOLLOUT))
			send_some(c);
	}
	return 0;
}

static void socket_free(struct output *o)
{
	struct socket_output *s = (struct socket_output *)o;

	if (!s)
		return;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (s->clients[i].owner)
			hang_up(&s->clients[i]);
	listener_free(s->listener);
	strbuf_free(&s->line);
	free(s);
}

static const struct output_ops socket_ops = {
	.name = "socket",
	.write = socket_write,
	.flush = socket_flush,
	.free = socket_free,
};

int socket_new(const struct socket_options *options, struct output **out)
{
	struct socket_output *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->base.ops = &socket_ops;
	s->backlog_max = options->backlog_max ? options->backlog_max : BACKLOG_MAX;
	s->loop = options->loop;
	s->answer = options->answer;
	s->ctx = options->ctx;
	struct listener_options listener_options = {
		.path = options->path,
		.group = options->group,
		.loop = options->loop,
		.connected = on_connected,
		.ctx = s,
	};
	int err = listener_new(&listener_options, &s->listener);
	if (err < 0) {
		socket_free(&s->base);
		return err;
	}
	*out = &s->base;
	return 0;
}
