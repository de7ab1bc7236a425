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

#include "util/cleanup.h"
#include "util/log.h"

#define CRC_DIGITS 8

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

/* All of it, with a NUL behind. 0 or a negative errno. */
static int read_whole(const char *path, char **out, size_t *len)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t used = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > LINE_FILE_MAX)
		return -EBADMSG;
	_cleanup_free_ char *data = malloc((size_t)st.st_size + 1);
	if (!data)
		return -ENOMEM;
	while (used < (size_t)st.st_size) {
		ssize_t n = read(fd, data + used, (size_t)st.st_size - used);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		used += n > 0 ? (size_t)n : 0;
	}
	data[used] = '\0';
	*len = used;
	*out = data;
	data = NULL;
	return 0;
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

int line_file_read(const char *path, const char *head,
	int (*each)(void *ctx, const struct file_line *line), void *ctx,
	struct line_file_report *report)
{
	_cleanup_free_ char *data = NULL;
	size_t len = 0;
	int err = read_whole(path, &data, &len);

	*report = (struct line_file_report){ 0 };
	if (err < 0 || !len)
		return err;
	if (strncmp(data, head, strlen(head))) {
		report->torn = !strncmp(head, data, len);
		return report->torn ? 0 : -EBADMSG;
	}
	for (char *line = data + strlen(head), *end = data + len; err == 0 && line < end;) {
		char *newline = memchr(line, '\n', (size_t)(end - line));

		report->torn = !newline;
		if (!newline)
			break;
		*newline = '\0';
		err = take_line(line, (size_t)(newline - line), each, ctx, report);
		line = newline + 1;
	}
	return err ? err : report->damaged ? -EBADMSG : 0;
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

/* All of it, or a negative errno with the file as long as before. */
static int write_whole(int fd, uint64_t size, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, data + done, len - done, (off_t)(size + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n < 0 ? -errno : -ENOSPC;

			return ftruncate(fd, (off_t)size) < 0 ? -errno : err;
		}
		done += (size_t)n;
	}
	return 0;
}

int line_file_append(struct line_file *f, const char *lines, size_t len)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return -errno;
	/* Somebody removed it, or wrote into it: only a new one is ours. */
	if (!st.st_nlink || (uint64_t)st.st_size != f->size)
		return -ESTALE;
	int err = write_whole(f->fd, f->size, lines, len);

	f->size += err < 0 ? 0 : len;
	return err;
}

/* A new name is safe only when its directory is. A file system that cannot sync one keeps it by itself. */
static void sync_directory(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (slash)
		*slash = '\0';
	_cleanup_fd_ int fd = open(!slash  ? "."
				   : *copy ? copy
					   : "/",
		O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd);
}

int line_file_replace(struct line_file *f, const char *lines, size_t len)
{
	char beside[PATH_MAX];

	if (snprintf(beside, sizeof(beside), "%s.new", f->path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	_cleanup_fd_ int fd =
		open(beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return -errno;
	int err = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	if (err == 0)
		err = write_whole(fd, 0, f->head, strlen(f->head));
	if (err == 0)
		err = write_whole(fd, strlen(f->head), lines, len);
	if (err == 0 && (fsync(fd) < 0 || rename(beside, f->path) < 0))
		err = -errno;
	if (err < 0) {
		unlink(beside);
		return err;
	}
	sync_directory(f->path);
	close(f->fd);
	f->fd = fd;
	fd = -1;
	f->size = strlen(f->head) + len;
	return 0;
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
