// SPDX-License-Identifier: MIT
/* Where the HTTP server listens. */
#include "serve/http.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

#define BACKLOG 256 /* a crowd does not turn a probe away, to try again after a second */

/* "ADDR:PORT" to its two parts, an IPv6 address without its brackets. */
static int split(char *text, char **address, char **port)
{
	char *colon = strrchr(text, ':');

	if (!colon || !colon[1])
		return -EINVAL;
	*colon = '\0';
	*port = colon + 1;
	size_t len = strlen(text);
	bool bracketed = text[0] == '[' && len > 2 && text[len - 1] == ']';
	if (bracketed)
		text[len - 1] = '\0';
	else if (strchr(text, ':'))
		return -EINVAL; /* an IPv6 address, or one whose last part was taken for the port */
	*address = bracketed ? text + 1 : text;
	return 0;
}

int http_address(const char *listen_at, struct sockaddr_storage *out, socklen_t *len)
{
	struct addrinfo *found, hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	_cleanup_free_ char *copy = strdup(listen_at);
	char *address, *port;

	if (!copy)
		return -ENOMEM;
	if (split(copy, &address, &port) < 0)
		return -EINVAL;
	/* getaddrinfo() takes 70000 for 4464 */
	if (strspn(port, "0123456789") != strlen(port) || strtoul(port, NULL, 10) > UINT16_MAX)
		return -EINVAL;
	if (getaddrinfo(*address ? address : "0.0.0.0", port, &hints, &found))
		return -EINVAL;
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

int http_listen(const char *listen_at)
{
	struct sockaddr_storage address;
	socklen_t len;
	int on = 1, err = http_address(listen_at, &address, &len);

	if (err < 0)
		return err;
	_cleanup_fd_ int fd =
		socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	int listener = fd;
	fd = -1;
	return listener;
}
