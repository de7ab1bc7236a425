// SPDX-License-Identifier: MIT
/*
 * Writes numbered records to a log file as the agent does, without a kernel to watch: it flushes after
 * each batch and every 50 ms, opens anew on SIGHUP, ends with its standard input, and says what became
 * of the records.
 *
 *	driver PATH MAX_BYTES KEEP
 *
 * Each line on standard input is a number: how many records may have been made by now. So whoever reads
 * the log decides how far behind it gets.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "sinks/logfile.h"
#include "util/cleanup.h"

#define TIME 1795177397123456789ull
#define FLUSH_MS 50
#define BATCH_MAX 67
#define ARGS_MAX 600

struct driver {
	struct output *log;
	uint64_t made, allowed;
	char line[32]; /* the beginning of one */
	size_t line_len;
};

/* Lines of many lengths, so that files and batches end at every place in them. */
static void make_one(struct driver *d)
{
	static char filler[ARGS_MAX + 1];
	uint64_t n = d->made++;
	size_t len = n * 31 % ARGS_MAX;
	struct event e = { .kind = EVENT_EXEC, .time = TIME + n, .pid = 1, .comm = "driver" };
	struct record r = {
		.type = RECORD_EVENT, .sequence = n, .time = TIME + n, .node = "node", .event = &e
	};

	memset(filler, 'x', len);
	filler[len] = '\0';
	e.executable = filler;
	d->log->ops->write(d->log, &r);
}

static void make_batch(struct driver *d)
{
	uint64_t end = d->made + 1 + d->made % BATCH_MAX;

	while (d->made < d->allowed && d->made < end)
		make_one(d);
}

/* 0 at the end of the input, else 1; a negative errno. */
static int read_allowance(struct driver *d)
{
	char text[4096];
	ssize_t n = read(STDIN_FILENO, text, sizeof(text));

	if (n < 0)
		return -errno;
	for (ssize_t i = 0; i < n; i++) {
		if (d->line_len == sizeof(d->line) - 1)
			return -EINVAL;
		d->line[d->line_len++] = text[i];
		if (text[i] != '\n')
			continue;
		d->line[d->line_len] = '\0';
		d->allowed = strtoull(d->line, NULL, 10);
		d->line_len = 0;
	}
	return n > 0;
}

static int serve(struct driver *d, int signals)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo info;
	int more = 1;

	while (more > 0) {
		if (poll(fds, ARRAY_SIZE(fds), d->made < d->allowed ? 0 : FLUSH_MS) < 0)
			return -errno;
		if (fds[0].revents)
			more = read_allowance(d);
		make_batch(d);
		if (fds[1].revents && read(signals, &info, sizeof(info)) == sizeof(info))
			d->log->ops->reopen(d->log); /* between a batch and its flush */
		d->log->ops->flush(d->log);
	}
	return more;
}

int main(int argc, char **argv)
{
	struct driver d = { 0 };
	sigset_t set;

	if (argc != 4) {
		fprintf(stderr, "usage: driver PATH MAX_BYTES KEEP\n");
		return 2;
	}
	struct logfile_options options = {
		.path = argv[1],
		.max_bytes = strtoull(argv[2], NULL, 10),
		.keep = (unsigned)strtoul(argv[3], NULL, 10),
	};
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	_cleanup_fd_ int signals = signalfd(-1, &set, SFD_CLOEXEC);
	int err = signals < 0 ? -errno : logfile_new(&options, &d.log);
	if (err == 0) {
		err = serve(&d, signals);
		printf("{\"made\":%" PRIu64 ",\"written\":%" PRIu64 ",\"lost\":%" PRIu64 "}\n",
			d.made, d.log->written, d.log->lost);
		d.log->ops->free(d.log);
	}
	if (err < 0)
		fprintf(stderr, "driver: %s: %s\n", argv[1], strerror(-err));
	return err < 0;
}
