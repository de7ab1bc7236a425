/* SPDX-License-Identifier: MIT */
/* The file of headers that go with each request of OTLP: for collectors that want to know who sends. */
#ifndef KTRACE_PUBLISH_OTLP_HEADERS_H
#define KTRACE_PUBLISH_OTLP_HEADERS_H

#include <stddef.h>

#define OTLP_HEADERS_MAX 8

struct otlp_headers {
	char *lines[OTLP_HEADERS_MAX]; /* "Authorization: Bearer ..." */
	size_t n;
};

/* Lines "Name: value"; empty ones and those with # first are left out. path NULL: none. 0, or a negative errno after a message: *h is as before. */
int otlp_headers_read(struct otlp_headers *h, const char *path);
void otlp_headers_release(struct otlp_headers *h);

#endif
