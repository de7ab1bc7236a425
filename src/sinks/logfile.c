// SPDX-License-Identifier: MIT
#include "sinks/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "record/ndjson.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/log.h"

/* What is held back at most, between two flushes or while the file cannot be written. */
#define BATCH_MAX (256 * 1024)
#define RETRY_NS 1000000000ull

struct logfile {
	struct output output;
	char *path; /* NULL: stdout */
	uint64_t max_bytes;
	unsigned keep;
	uint64_t limit; /* size at which to rotate; 0: never */

	int fd;        /* -1: to be opened */
	uint64_t size; /* of the file */
	bool ends_torn; /* the file's last line lacks its newline, and its rest is not ours to give */
	struct strbuf batch; /* whole lines, but for the first one where `torn` is set */
	bool torn; /* the batch begins with the rest of a line whose head is in the file */

	int failing;          /* negative errno of the latest attempt, 0 when all is well */
	uint64_t retry_at;    /* CLOCK_MONOTONIC */
	uint64_t lost_before; /* output.lost when the failing began */
};

static struct logfile *logfile_of(struct output *o)
{
	return (struct logfile *)((char *)o - offsetof(struct logfile, output));
}

static uint64_t count_lines(const char *data, size_t len)
{
	uint64_t n = 0;

	for (const char *p = data, *end = data + len; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

static void consume(struct logfile *l, size_t len)
{
	memmove(l->batch.data, l->batch.data + len, l->batch.len - len + 1);
	l->batch.len -= len;
}

/* The rest of a line whose head is in another file is of use to nobody. */
static void forget_torn(struct logfile *l)
{
	if (!l->torn)
		return;
	const char *end = memchr(l->batch.data, '\n', l->batch.len);
	consume(l, end ? (size_t)(end - l->batch.data) + 1 : l->batch.len);
	l->output.lost++;
	l->torn = false;
}

static void close_file(struct logfile *l)
{
	if (l->path && l->fd >= 0)
		close(l->fd);
	if (l->path)
		l->fd = -1;
	forget_torn(l);
}

static bool ends_with_newline(const char *path, off_t size)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char last;

	return fd < 0 || pread(fd, &last, 1, size - 1) != 1 || last == '\n';
}

static int open_file(struct logfile *l)
{
	struct stat st, named;
	_cleanup_fd_ int fd = open(l->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0 || fstat(fd, &st) < 0 || lstat(l->path, &named) < 0)
		return -errno;
	/* Nobody wants /dev/stdout or /dev/null renamed: only what is a file under its own name. */
	l->limit = S_ISREG(named.st_mode) ? l->max_bytes : 0;
	l->size = (uint64_t)st.st_size;
	l->ends_torn =
		S_ISREG(st.st_mode) && st.st_size > 0 && !ends_with_newline(l->path, st.st_size);
	l->fd = fd;
	fd = -1;
	return 0;
}

/* PATH.2 becomes PATH.3, PATH.1 PATH.2, PATH PATH.1. A name that is not there yet is no error. */
static int rename_all(struct logfile *l)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (unsigned n = l->keep; n > 0; n--) {
		int len = snprintf(to, sizeof(to), "%s.%u", l->path, n);
		if (len < 0 || (size_t)len >= sizeof(to))
			return -ENAMETOOLONG;
		if (n > 1)
			snprintf(from, sizeof(from), "%s.%u", l->path, n - 1);
		else
			snprintf(from, sizeof(from), "%s", l->path);
		if (rename(from, to) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int rotate(struct logfile *l)
{
	int err = rename_all(l);

	if (err) {
		/* Records matter more than the limit: it is tried again as much further on. */
		l->limit = l->size + l->max_bytes;
		log_warning("cannot rotate %s: %s", l->path, strerror(-err));
		return 0;
	}
	close_file(l);
	return open_file(l);
}

/*
 * Makes sure that l->fd is the file at l->path as far as can be told for the price of an fstat():
 * somebody who removes the log or its directory leaves us with a file that nobody can read any more.
 */
static int ready_file(struct logfile *l)
{
	struct stat st;

	if (!l->path)
		return 0;
	if (l->fd >= 0 && fstat(l->fd, &st) == 0) {
		l->size = (uint64_t)st.st_size;
		if (st.st_nlink > 0)
			return 0;
	}
	close_file(l);
	return open_file(l);
}

/* Bytes of whole lines at the batch's head that fit in the file; one line at least where it is empty. */
static size_t fitting(const struct logfile *l)
{
	const char *data = l->batch.data, *end;
	uint64_t space = l->limit > l->size ? l->limit - l->size : 0;

	if (l->limit == 0 || l->batch.len <= space)
		return l->batch.len;
	end = space ? memrchr(data, '\n', space) : NULL;
	if (end)
		return (size_t)(end - data) + 1;
	/* A torn line is completed wherever the limit is. */
	if (l->size > 0 && !l->torn)
		return 0;
	end = memchr(data, '\n', l->batch.len);
	return end ? (size_t)(end - data) + 1 : l->batch.len;
}

static int write_some(struct logfile *l, const char *data, size_t len, size_t *written)
{
	ssize_t n = write(l->fd, data, len);

	if (n >= 0) {
		l->size += (uint64_t)n;
		*written = (size_t)n;
		return 0;
	}
	*written = 0;
	if (errno == EINTR)
		return 0;
	if (errno == EAGAIN) {
		/* stdout may be a pipe that somebody made non-blocking: its reader gets a moment. */
		struct pollfd poller = { .fd = l->fd, .events = POLLOUT };
		return poll(&poller, 1, 100) == 1 ? 0 : -EAGAIN;
	}
	return -errno;
}

/* Writes the batch's first `len` bytes. On an error what was written is out of the batch. */
static int write_lines(struct logfile *l, size_t len)
{
	while (len > 0) {
		size_t written;
		int err = write_some(l, l->batch.data, len, &written);
		if (err)
			return err;
		if (written == 0)
			continue;
		l->output.written += count_lines(l->batch.data, written);
		l->torn = l->batch.data[written - 1] != '\n';
		consume(l, written);
		len -= written;
	}
	return 0;
}

static int end_torn_line(struct logfile *l)
{
	while (l->ends_torn) {
		size_t written;
		int err = write_some(l, "\n", 1, &written);
		if (err)
			return err;
		l->ends_torn = written == 0;
	}
	return 0;
}

static int attempt(struct logfile *l)
{
	int err = ready_file(l);

	while (!err && l->batch.len > 0) {
		err = end_torn_line(l);
		size_t len = fitting(l);
		if (!err)
			err = len ? write_lines(l, len) : rotate(l);
	}
	return err;
}

static const char *name_of(const struct logfile *l)
{
	return l->path ? l->path : "standard output";
}

/* Logs once that records are lost, and once that they are no longer. */
static void note(struct logfile *l, int err)
{
	if (err) {
		l->retry_at = clock_ns(CLOCK_MONOTONIC) + RETRY_NS;
		if (!l->failing) {
			l->lost_before = l->output.lost;
			log_warning(
				"cannot write %s: %s; records will be lost until it works again",
				name_of(l), strerror(-err));
		}
	} else if (l->failing) {
		log_warning("%s can be written again; %llu records were lost", name_of(l),
			(unsigned long long)(l->output.lost - l->lost_before));
	}
	l->failing = err;
}

static int logfile_flush(struct output *o)
{
	struct logfile *l = logfile_of(o);

	if (l->batch.len == 0)
		return 0;
	if (l->failing && clock_ns(CLOCK_MONOTONIC) < l->retry_at)
		return l->failing;
	int err = attempt(l);
	note(l, err);
	return err;
}

static int logfile_write(struct output *o, const struct record *r)
{
	struct logfile *l = logfile_of(o);
	int err = 0;

	if (l->batch.len + RECORD_MAX > BATCH_MAX)
		err = logfile_flush(o);
	if (l->batch.len + RECORD_MAX > BATCH_MAX) {
		o->lost++;
		return err;
	}
	err = ndjson_append(&l->batch, r);
	if (err < 0) {
		/* What was there before is still whole: the next append may succeed. */
		l->batch.failed = false;
		o->lost++;
	}
	return err;
}

static int logfile_reopen(struct output *o)
{
	struct logfile *l = logfile_of(o);

	if (!l->path)
		return 0;
	logfile_flush(o);
	close_file(l);
	int err = open_file(l);
	note(l, err);
	return err;
}

static void logfile_free(struct output *o)
{
	struct logfile *l;

	if (!o)
		return;
	l = logfile_of(o);
	if (l->batch.len > 0 && attempt(l)) {
		o->lost += count_lines(l->batch.data, l->batch.len);
		log_warning("%s cannot be written: %llu records were lost", name_of(l),
			(unsigned long long)o->lost);
	}
	l->torn = false;
	close_file(l);
	strbuf_free(&l->batch);
	free(l->path);
	free(l);
}

int logfile_new(const struct logfile_options *options, struct output **out)
{
	static const struct output_ops ops = {
		.name = "logfile",
		.write = logfile_write,
		.flush = logfile_flush,
		.reopen = logfile_reopen,
		.free = logfile_free,
	};
	bool to_stdout = strcmp(options->path, "-") == 0;
	struct logfile *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->output.ops = &ops;
	l->max_bytes = options->max_bytes;
	l->keep = options->keep ? options->keep : 1;
	l->fd = to_stdout ? STDOUT_FILENO : -1;
	l->path = to_stdout ? NULL : strdup(options->path);
	int err = to_stdout ? 0 : l->path ? open_file(l) : -ENOMEM;
	if (err) {
		logfile_free(&l->output);
		return err;
	}
	*out = &l->output;
	return 0;
}
