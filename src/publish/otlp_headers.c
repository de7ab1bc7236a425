// SPDX-License-Identifier: MIT
#include "publish/otlp_headers.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/log.h"

#define LINE_MAX_BYTES 8192

void otlp_headers_release(struct otlp_headers *h)
{
	for (size_t i = 0; i < h->n; i++) {
		explicit_bzero(h->lines[i], strlen(h->lines[i]));
		free(h->lines[i]);
	}
	h->n = 0;
}

/* A name of letters, digits and '-', a colon, and no control byte: curl sends it as it is. */
static bool is_header(const char *line)
{
	size_t name =
		strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

	if (!name || line[name] != ':')
		return false;
	for (const char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			return false;
	return true;
}

static int read_lines(struct otlp_headers *h, FILE *f)
{
	_cleanup_free_ char *line = malloc(LINE_MAX_BYTES);

	while (line && fgets(line, LINE_MAX_BYTES, f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		if (!is_header(line) || h->n == OTLP_HEADERS_MAX)
			return -EINVAL;
		h->lines[h->n] = strdup(line);
		if (!h->lines[h->n])
			return -ENOMEM;
		h->n++;
	}
	return line ? 0 : -ENOMEM;
}

int otlp_headers_read(struct otlp_headers *h, const char *path)
{
	struct otlp_headers fresh = { .n = 0 };

	if (!path)
		return 0;
	_cleanup_file_ FILE *f = fopen(path, "re");
	int err = f ? read_lines(&fresh, f) : -errno;
	if (err < 0) {
		otlp_headers_release(&fresh);
		log_error("--otlp-headers-file %s: %s", path,
			err == -EINVAL ? "it must hold at most 8 lines \"Name: value\""
				       : strerror(-err));
		return err;
	}
	otlp_headers_release(h);
	*h = fresh;
	return 0;
}
