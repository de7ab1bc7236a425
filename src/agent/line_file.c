// SPDX-License-Identifier: MIT
#include "agent/line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "agent/new_file.h"
#include "util/cleanup.h"
#include "util/line_buffer.h"
#include "util/log.h"

#define CRC_DIGITS 8
#define PIECE_BYTES 16384

static uint32_t checksum(const char *data, size_t len)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), (const unsigned char *)data, (uInt)len);
}

void line_file_format(struct strbuf *out, const struct file_line *line)
{
	size_t start = out->len;
	char crc[CRC_DIGITS + 1];

	strbuf_printf(out, "%08x %" PRIu32 " %" PRIu64 " ", 0U, line->times, line->first);
	strbuf_append(out, line->json, line->len);
	if (!out->failed) {
		size_t body = start + CRC_DIGITS + 1;

		snprintf(crc, sizeof(crc), "%08x", checksum(out->data + body, out->len - body));
		memcpy(out->data + start, crc, CRC_DIGITS);
	}
	strbuf_putc(out, '\n');
}

/* A decimal number and the blank behind it. */
static bool cut_number(char **at, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = **at >= '0' && **at <= '9' ? strtoull(*at, &end, 10) : (end = *at, 0);
	if (end == *at || *end != ' ' || errno || *out > max)
		return false;
	*at = end + 1;
	return true;
}

/* line ends with a NUL in place of its newline. */
static bool parse_line(char *line, size_t len, struct file_line *out)
{
	char crc[CRC_DIGITS + 1], *at = line + CRC_DIGITS + 1;
	uint64_t times;

	if (len <= CRC_DIGITS + 1 || line[CRC_DIGITS] != ' ')
		return false;
	snprintf(crc, sizeof(crc), "%08x", checksum(at, len - CRC_DIGITS - 1));
	if (memcmp(crc, line, CRC_DIGITS) || !cut_number(&at, UINT32_MAX, &times) ||
		!cut_number(&at, UINT64_MAX, &out->first))
		return false;
	out->times = (uint32_t)times;
	out->json = at;
	out->len = len - (size_t)(at - line);
	return true;
}

/* Opened where it is a file that may be ours. A descriptor or a negative errno. */
static int open_to_read(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > LINE_FILE_MAX)
		return -EBADMSG;
	int opened = fd;
	fd = -1;
	return opened;
}

/* A file that is being read, by pieces: all of it may be more than memory should hold. */
struct reading {
	int fd;
	struct line_buffer lines;
	bool ended; /* the file, of which some may wait in `lines` */
};

static int read_piece(struct reading *r)
{
	char piece[PIECE_BYTES];
	ssize_t n;

	do
		n = read(r->fd, piece, sizeof(piece));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	r->ended = n == 0;
	int err = line_buffer_add(&r->lines, piece, (size_t)n);
	return err == -EMSGSIZE ? -EBADMSG : err;
}

/* The next line with a NUL in place of its newline; NULL at the end, or with a negative errno in *err. */
static char *next_line(struct reading *r, size_t *len, int *err)
{
	const char *line;

	*err = 0;
	while (!(line = line_buffer_next(&r->lines, len)) && !r->ended && *err == 0)
		*err = read_piece(r);
	return (char *)line;
}

static int take_line(char *line, size_t len, int (*each)(void *ctx, const struct file_line *line),
	void *ctx, struct line_file_report *report)
{
	struct file_line parsed;

	report->lines++;
	int err = parse_line(line, len, &parsed) ? each(ctx, &parsed) : -EBADMSG;
	if (err == -EBADMSG)
		report->damaged++;
	return err == -EBADMSG ? 0 : err;
}

static int read_lines(struct reading *r, const char *head,
	int (*each)(void *ctx, const struct file_line *line), void *ctx,
	struct line_file_report *report)
{
	size_t len, head_len = strlen(head) - 1;
	int err;
	char *line = next_line(r, &len, &err);

	if (err < 0)
		return err;
	if (!line) {
		const char *rest = line_buffer_rest(&r->lines, &len);

		report->torn = rest && len <= head_len && !strncmp(head, rest, len);
		return rest && !report->torn ? -EBADMSG : 0;
	}
	if (len != head_len || memcmp(head, line, len) != 0)
		return -EBADMSG;
	while (err == 0 && (line = next_line(r, &len, &err)))
		err = take_line(line, len, each, ctx, report);
	if (err == -EBADMSG) { /* too long to be a line of ours */
		report->lines++;
		report->damaged++;
	}
	if (err < 0)
		return err;
	report->torn = line_buffer_rest(&r->lines, &len) != NULL;
	return report->damaged ? -EBADMSG : 0;
}

int line_file_read(const char *path, const char *head,
	int (*each)(void *ctx, const struct file_line *line), void *ctx,
	struct line_file_report *report)
{
	struct reading r = { .fd = open_to_read(path) };

	*report = (struct line_file_report){ 0 };
	if (r.fd < 0)
		return r.fd;
	int err = read_lines(&r, head, each, ctx, report);
	line_buffer_free(&r.lines);
	close(r.fd);
	return err;
}

struct line_file {
	char *path;
	const char *head;
	int fd;
	uint64_t size;
};

uint64_t line_file_size(const struct line_file *f)
{
	return f->size;
}

int line_file_append(struct line_file *f, const char *lines, size_t len)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return -errno;
	/* Somebody removed it, or wrote into it: only a new one is ours. */
	if (!st.st_nlink || (uint64_t)st.st_size != f->size)
		return -ESTALE;
	return file_append(f->fd, &f->size, lines, len);
}

void line_file_adopt(struct line_file *f, int fd, uint64_t size)
{
	close(f->fd);
	f->fd = fd;
	f->size = size;
}

static int open_file(struct line_file *f)
{
	struct stat st, named;

	f->fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (flock(f->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	/* Whoever had it may have put another file in its place before we got the lock. */
	if (lstat(f->path, &named) < 0 || named.st_ino != st.st_ino)
		return -EBUSY;
	f->size = (uint64_t)st.st_size;
	return f->size ? 0 : line_file_append(f, f->head, strlen(f->head));
}

int line_file_open(const char *path, const char *head, struct line_file **out)
{
	struct line_file *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->fd = -1;
	f->head = head;
	f->path = strdup(path);
	int err = f->path ? open_file(f) : -ENOMEM;
	if (err < 0) {
		line_file_close(f);
		return err;
	}
	*out = f;
	return 0;
}

void line_file_close(struct line_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

void line_file_set_aside(
	const char *path, const char *things, const struct line_file_report *report)
{
	char aside[PATH_MAX];

	if (snprintf(aside, sizeof(aside), "%s.damaged", path) >= (int)sizeof(aside) ||
		rename(path, aside) < 0)
		snprintf(aside, sizeof(aside), "(nowhere: %s)", strerror(errno));
	if (report->lines)
		log_warning("%zu of %zu %s in %s are damaged: the file was set aside as %s, and "
			    "the others are kept",
			report->damaged, report->lines, things, path, aside);
	else
		log_warning("%s does not hold %s of ktrace: it was set aside as %s", path, things,
			aside);
}
