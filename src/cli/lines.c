// SPDX-License-Identifier: MIT
#include "cli/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <zlib.h>

#include "util/cleanup.h"
#include "util/strbuf.h"

#define CHUNK 65536
#define LINE_MAX_BYTES (1 << 20) /* ktrace writes 16 KiB at most: more is no line of its own */

struct lines {
	gzFile file;
	struct strbuf in;
	size_t taken; /* of in: what was handed out */
	const char *error;
};

int lines_open(const char *path, struct lines **out)
{
	_cleanup_fd_ int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
						: fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	struct lines *l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->file = gzdopen(fd, "rb"); /* what is not compressed comes through as it is */
	if (!l->file) {
		free(l);
		return -ENOMEM;
	}
	fd = -1;
	*out = l;
	return 0;
}

void lines_close(struct lines *l)
{
	if (!l)
		return;
	gzclose(l->file);
	strbuf_free(&l->in);
	free(l);
}

static int fail(struct lines *l, const char *error)
{
	l->error = error;
	return -EBADMSG;
}

/* More bytes behind those that wait: how many, 0 at the end, or -EBADMSG. */
static int fill(struct lines *l)
{
	char chunk[CHUNK];
	size_t rest = l->in.len - l->taken;
	int code, n;

	if (rest > LINE_MAX_BYTES)
		return fail(l, "it has a line that ktrace would not write");
	if (l->taken)
		memmove(l->in.data, l->in.data + l->taken, rest);
	l->in.len = rest;
	l->taken = 0;
	n = gzread(l->file, chunk, sizeof(chunk));
	if (n > 0) {
		strbuf_append(&l->in, chunk, (size_t)n);
		return l->in.failed ? fail(l, "it does not fit into memory") : n;
	}
	gzerror(l->file, &code);
	if (code == Z_BUF_ERROR)
		return fail(l, "it ends in the middle: it was cut, or is still being written");
	if (code == Z_ERRNO)
		return fail(l, strerror(errno));
	return n < 0 ? fail(l, "it is damaged") : 0;
}

int lines_next(struct lines *l, const char **line, size_t *len)
{
	for (;;) {
		size_t rest = l->in.len - l->taken;
		const char *start = rest ? l->in.data + l->taken : NULL;
		const char *end = rest ? memchr(start, '\n', rest) : NULL;

		if (!end) {
			int n = fill(l);

			if (n > 0)
				continue;
			if (n < 0 || !rest)
				return n;
			start = l->in.data; /* the last line has no newline: a log that is being written */
			end = start + rest;
		}
		*line = start;
		*len = (size_t)(end - start);
		l->taken = (size_t)(end - l->in.data) + (*len < rest);
		return 1;
	}
}

const char *lines_error(const struct lines *l)
{
	return l->error ? l->error : "";
}
