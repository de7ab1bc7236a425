// SPDX-License-Identifier: MIT
/* flood MODE SECONDS WORKERS: one container does one thing as fast as it can. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char long_name[3900]; /* many short names */

static void open_missing(unsigned long n)
{
	char path[64];

	snprintf(path, sizeof(path), "/nonexistent/%d/%lu", getpid(), n);
	open(path, O_RDONLY);
}

static void open_refused(unsigned long n)
{
	char path[4096];

	snprintf(path, sizeof(path), "/etc/passwd/%d/%lu", getpid(), n);
	open(path, O_RDONLY);
}

static void open_long(unsigned long n)
{
	char path[4096];

	snprintf(path, sizeof(path), "/etc/passwd/%d/%lu/%s", getpid(), n, long_name);
	open(path, O_RDONLY);
}

static void exec_missing(unsigned long n)
{
	char path[4096], *args[] = { path, NULL };

	snprintf(path, sizeof(path), "/nonexistent/%d/%lu/%s", getpid(), n, long_name);
	execv(path, args);
}

static void run_program(unsigned long n)
{
	char *args[] = { "/flood", "none", "0", "1", NULL };

	(void)n;
	if (!vfork()) {
		execv(args[0], args);
		_exit(1);
	}
	wait(NULL);
}

static void fork_and_fail(unsigned long n)
{
	(void)n;
	if (!fork())
		_exit(1);
	wait(NULL);
}

static void send_signal(unsigned long n)
{
	(void)n;
	signal(SIGTERM, SIG_IGN);
	kill(getpid(), SIGTERM);
}

static void write_line(unsigned long n)
{
	dprintf(2, "error: cannot open thing number %lu\n", n);
}

static void listen_once(unsigned long n)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	(void)n;
	listen(s, 1);
	close(s);
}

static void connect_once(unsigned long n)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((unsigned short)(1 + n % 60000)),
		.sin_addr.s_addr = htonl((in_addr_t)(INADDR_LOOPBACK + n / 60000)) };

	connect(s, (struct sockaddr *)&to, sizeof(to));
	close(s);
}

static const struct {
	const char *name;
	void (*once)(unsigned long n);
} modes[] = {
	{ "missing", open_missing },
	{ "refused", open_refused },
	{ "long", open_long },
	{ "exec-missing", exec_missing },
	{ "exec", run_program },
	{ "fork", fork_and_fail },
	{ "signal", send_signal },
	{ "output", write_line },
	{ "listen", listen_once },
	{ "connect", connect_once },
};

int main(int argc, char **argv)
{
	void (*once)(unsigned long n) = NULL;

	if (argc != 4)
		return 2;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(argv[1], modes[i].name))
			once = modes[i].once;
	if (!once)
		return !strcmp(argv[1], "none") ? 0 : 2;
	for (size_t i = 0; i + 1 < sizeof(long_name); i++)
		long_name[i] = i % 200 ? 'a' : '/';
	for (int i = 1; i < atoi(argv[3]); i++)
		if (!fork())
			break;
	time_t end = time(NULL) + atoi(argv[2]);
	for (unsigned long n = 0; time(NULL) < end; n++)
		once(n);
	return 0;
}
