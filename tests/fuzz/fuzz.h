/* SPDX-License-Identifier: MIT */
/* What fuzzers share: a check that ends the run, an input that is eaten from its front, and looks at the process. */
#ifndef KTRACE_FUZZ_H
#define KTRACE_FUZZ_H

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv); /* where a fuzzer has one */

#define check(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

struct input {
	const uint8_t *data;
	size_t size;
};

/* The next byte, 0 at the end. */
static inline uint8_t next(struct input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++;
}

/* The next bytes, at most len: how many there are, and *out, which points into the input. */
static inline size_t next_bytes(struct input *in, size_t len, const char **out)
{
	len = len < in->size ? len : in->size;
	*out = (const char *)in->data;
	in->data += len;
	in->size -= len;
	return len;
}

/* Descriptors that are open, of the first 256. */
static inline unsigned open_files(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Valid UTF-8, and nothing but line ends that a terminal would act on. */
static inline bool is_harmless(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t cp;

		n = 1;
		if (text[i] >= ' ' && text[i] <= '~')
			continue;
		n = utf8_decode(text + i, len - i, &cp);
		if (!n || (cp != '\n' && utf8_is_unsafe(cp)))
			return false;
	}
	return true;
}

/* One whole value, with nothing before or behind it. */
static inline bool is_json(const char *line, size_t len)
{
	const char *end = NULL;
	cJSON *json = cJSON_ParseWithLengthOpts(line, len, &end, false);
	bool whole = json && end == line + len;

	cJSON_Delete(json);
	return whole;
}

#endif
