// SPDX-License-Identifier: MIT
/*
 * Connections to a port of its own network that does not answer, since its queue is full:
 *
 *	late_connects victim	one that fails seconds after connect(2) has returned, with ETIMEDOUT
 *	late_connects N		N of them that wait for 10 seconds, by processes of 800 each
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 7777
#define EACH 800 /* below the usual limit on open files */
#define SECONDS 10

static struct sockaddr_in at = { .sin_family = AF_INET };

/* tries: how often the kernel asks again; 0: as it is set, minutes long. */
static int ask(int tries)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (tries)
		setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &tries, sizeof(tries));
	connect(fd, (struct sockaddr *)&at, sizeof(at));
	return fd;
}

static int wait_for_failure(void)
{
	struct pollfd p = { .fd = ask(1), .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);

	poll(&p, 1, SECONDS * 1000);
	getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	fprintf(stderr, "connect: %s\n", strerror(error));
	return 1;
}

int main(int argc, char **argv)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (argc != 2)
		return 2;
	at.sin_port = htons(PORT);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(listener, (struct sockaddr *)&at, sizeof(at));
	listen(listener, 0);
	for (int i = 0; i < 3; i++)
		ask(0); /* fill its queue */
	usleep(200000);
	if (!strcmp(argv[1], "victim"))
		return wait_for_failure();
	for (int n = atoi(argv[1]); n > 0; n -= EACH) {
		if (fork())
			continue;
		for (int i = 0; i < EACH && i < n; i++)
			ask(0);
		sleep(SECONDS);
		_exit(0);
	}
	sleep(SECONDS);
	return 0;
}
