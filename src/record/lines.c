// SPDX-License-Identifier: MIT
#include "record/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <zlib.h>

#include "util/cleanup.h"
#include "util/line_buffer.h"

#define CHUNK 65536

struct lines {
	gzFile file;
	struct line_buffer in;
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
	line_buffer_free(&l->in);
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
	int code, n = gzread(l->file, chunk, sizeof(chunk));

	if (n > 0) {
		int err = line_buffer_add(&l->in, chunk, (size_t)n);

		if (err == -EMSGSIZE)
			return fail(l, "it has a line that ktrace would not write");
		return err < 0 ? fail(l, "it does not fit into memory") : n;
	}
	gzerror(l->file, &code);
	if (code == Z_BUF_ERROR)
		return fail(l, "it is truncated, or still being written");
	if (code == Z_ERRNO)
		return fail(l, strerror(errno));
	return n < 0 ? fail(l, "it is damaged") : 0;
}

int lines_next(struct lines *l, const char **line, size_t *len)
{
	int n = 1;

	while (n > 0 && !(*line = line_buffer_next(&l->in, len)))
		n = fill(l);
	if (n == 0) /* the last line has no newline: a log that is being written */
		*line = line_buffer_rest(&l->in, len);
	return n < 0 ? n : *line != NULL;
}

const char *lines_error(const struct lines *l)
{
	return l->error ? l->error : "";
}
