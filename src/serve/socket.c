// SPDX-License-Identifier: MIT
#include "serve/socket.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "record/level.h"
#include "record/ndjson.h"
#include "serve/peer.h"
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
	struct sockaddr_un address;
	struct stat identity; /* of the socket file that we made */
	int fd;
	const gid_t *group;
	size_t backlog_max;
	uid_t turned_away; /* said once, not each time that somebody tries again */
	struct loop *loop;
	struct loop_watch *watch;
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
	} else if (!strcmp(command, "ps") || !strcmp(command, "explain")) {
		struct socket_output *s = c->owner;

		c->state = CLIENT_ANSWERED;
		if (s->answer(s->ctx, command, member(request, "target", ""), &c->out) < 0) {
			strbuf_reset(&c->out);
			refuse(c, "the agent is out of memory");
		}
	} else {
		refuse(c, "unknown command: ask for live, ps or explain");
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

/* Whoever cannot take two lines at once does not get them. */
static void reject(int fd, const char *why)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "{\"error\":\"%s\"}\n", why);

	send(fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void reject_user(struct socket_output *s, int fd, uid_t user)
{
	char why[128];

	if (user != s->turned_away)
		log_warning("user %u asked at %s and was turned away: only root may, and members "
			    "of the group that --socket-group names",
			(unsigned)user, s->address.sun_path);
	s->turned_away = user;
	snprintf(why, sizeof(why),
		"user %u may not ask this agent: root may, and members of its --socket-group",
		(unsigned)user);
	reject(fd, why);
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

static void on_listener(void *ctx, uint32_t events)
{
	struct socket_output *s = ctx;
	uid_t user;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	if (!peer_may_ask(fd, s->group, &user)) {
		reject_user(s, fd, user);
		return;
	}
	struct client *c = find_slot(s);
	if (!c) {
		reject(fd, "the agent has too many clients already");
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
	struct stat now;

	if (!s)
		return;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (s->clients[i].owner)
			hang_up(&s->clients[i]);
	loop_remove(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	/* Somebody may have put another socket there. */
	if (s->identity.st_ino && lstat(s->address.sun_path, &now) == 0 &&
		now.st_ino == s->identity.st_ino && now.st_dev == s->identity.st_dev)
		unlink(s->address.sun_path);
	strbuf_free(&s->line);
	free(s);
}

static const struct output_ops socket_ops = {
	.name = "socket",
	.write = socket_write,
	.flush = socket_flush,
	.free = socket_free,
};

/* Makes room for bind(2): removes a socket that nobody serves, leaves all else alone. */
static int clear_path(const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
		return -EADDRINUSE;
	if (errno != ECONNREFUSED)
		return -errno;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int listen_at(struct socket_output *s)
{
	int err = clear_path(&s->address);

	if (err < 0)
		return err;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	/* The mode must be right from the first moment on: no chmod(2) after the fact. */
	mode_t before = umask(0117);
	err = bind(s->fd, (struct sockaddr *)&s->address, sizeof(s->address)) < 0 ? -errno : 0;
	umask(before);
	if (err < 0)
		return err;
	if (lstat(s->address.sun_path, &s->identity) < 0)
		return -errno;
	if (s->group && fchownat(AT_FDCWD, s->address.sun_path, (uid_t)-1, *s->group,
				AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (listen(s->fd, MAX_CLIENTS) < 0)
		return -errno;
	return loop_add_fd(s->loop, s->fd, EPOLLIN, on_listener, s, &s->watch);
}

int socket_new(const struct socket_options *options, struct output **out)
{
	struct socket_output *s;

	if (strlen(options->path) >= sizeof(s->address.sun_path))
		return -ENAMETOOLONG;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->base.ops = &socket_ops;
	s->fd = -1;
	s->group = options->group;
	s->backlog_max = options->backlog_max ? options->backlog_max : BACKLOG_MAX;
	s->turned_away = NO_USER;
	s->loop = options->loop;
	s->answer = options->answer;
	s->ctx = options->ctx;
	s->address.sun_family = AF_UNIX;
	strcpy(s->address.sun_path, options->path);
	int err = listen_at(s);
	if (err < 0) {
		socket_free(&s->base);
		return err;
	}
	*out = &s->base;
	return 0;
}
