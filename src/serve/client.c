// SPDX-License-Identifier: MIT
#include "serve/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "record/json.h"
#include "util/cleanup.h"
#include "util/line_buffer.h"
#include "util/utf8.h"

#define CHUNK 65536

struct client_connection {
	int fd;
	struct line_buffer in;
};

static int ask(int fd, const struct client_request *request)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	struct json j = json_start(&line);

	json_open_object(&j, NULL);
	json_string(&j, "command", request->command);
	if (request->events)
		json_string(&j, "events", request->events);
	if (request->target)
		json_string(&j, "target", request->target);
	json_close_object(&j);
	strbuf_putc(&line, '\n');
	if (line.failed)
		return -ENOMEM;
	ssize_t n = send(fd, line.data, line.len, MSG_NOSIGNAL);
	/* An agent that turns us away does not wait for a question: why is there to be read. */
	if (n < 0 && errno == EPIPE)
		return 0;
	return n < 0 ? -errno : (size_t)n < line.len ? -EIO : 0;
}

int client_open(
	const char *path, const struct client_request *request, struct client_connection **out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	int err = ask(fd, request);
	if (err < 0)
		return err;
	struct client_connection *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->fd = fd;
	fd = -1;
	*out = c;
	return 0;
}

void client_close(struct client_connection *c)
{
	if (!c)
		return;
	close(c->fd);
	line_buffer_free(&c->in);
	free(c);
}

int client_fd(const struct client_connection *c)
{
	return c->fd;
}

long client_fill(struct client_connection *c)
{
	char chunk[CHUNK];
	ssize_t n;

	do
		n = recv(c->fd, chunk, sizeof(chunk), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	int err = line_buffer_add(&c->in, chunk, (size_t)n);
	return err < 0 ? err : n;
}

/* As ndjson.h promises: also whoever prints the line as it is must not have a terminal driven. */
static bool is_printable(const char *line, size_t len)
{
	for (size_t i = utf8_printable_run(line, len); i < len;) {
		uint32_t cp;
		size_t n = utf8_decode(line + i, len - i, &cp);

		if (!n || utf8_is_unsafe(cp))
			return false;
		i += n;
		i += utf8_printable_run(line + i, len - i);
	}
	return true;
}

int client_next(struct client_connection *c, const char **line, size_t *len)
{
	*line = line_buffer_next(&c->in, len);
	if (!*line)
		return 0;
	return is_printable(*line, *len) ? 1 : -EBADMSG;
}
