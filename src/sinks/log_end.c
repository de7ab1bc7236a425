// SPDX-License-Identifier: MIT
#include "sinks/log_end.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/record.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"

#define TAIL (2 * RECORD_MAX) /* holds a whole line, wherever the file was cut off */

static const char head[] = "{\"@timestamp\":\"";

/* Of a line that begins as ndjson.c begins each. */
static int time_of_line(const char *line, const char *end, uint64_t *ns)
{
	char time[RFC3339_SIZE];
	size_t len = sizeof(head) - 1;

	if ((size_t)(end - line) < len + RFC3339_SIZE || memcmp(line, head, len) != 0)
		return -EINVAL;
	memcpy(time, line + len, RFC3339_SIZE - 1);
	time[RFC3339_SIZE - 1] = '\0';
	return rfc3339_parse(time, ns);
}

/* Backwards from the last line break: what follows it was cut off. */
static int last_time(const char *text, size_t len, uint64_t *ns)
{
	const char *end = memrchr(text, '\n', len);

	while (end) {
		const char *before = memrchr(text, '\n', (size_t)(end - text));
		const char *line = before ? before + 1 : text;
		if (time_of_line(line, end, ns) == 0)
			return 0;
		end = before;
	}
	return -ENOENT;
}

static int file_last_time(const char *path, uint64_t *ns)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_free_ char *text = malloc(TAIL);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!text)
		return -ENOMEM;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -ENOENT;
	ssize_t n = pread(fd, text, TAIL, st.st_size > TAIL ? st.st_size - TAIL : 0);
	return n < 0 ? -errno : last_time(text, (size_t)n, ns);
}

int log_last_time(const char *path, uint64_t *ns)
{
	char rotated[PATH_MAX];
	int err = file_last_time(path, ns);

	if (err != -ENOENT || snprintf(rotated, sizeof(rotated), "%s.1", path) >= PATH_MAX)
		return err;
	return file_last_time(rotated, ns);
}
