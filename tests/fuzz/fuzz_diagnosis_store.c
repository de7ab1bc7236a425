// SPDX-License-Identifier: MIT
/*
 * Any bytes as a store of diagnoses, and as a record in one with the right checksum: the store opens, keeps what is
 * whole, and the next one to open its file finds the same.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/diagnosis_store.h"
#include "agent/line_file.h"
#include "fuzz/fuzz.h"
#include "util/cleanup.h"
#include "util/log.h"

#define NOW 1790000000000000000ULL

static char path[64];

static void put(const char *data, size_t size)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static void add(void *ctx, const struct kept_diagnosis *kept)
{
	check(strlen(kept->json) == kept->len && kept->times < UINT32_MAX);
	strbuf_append(ctx, kept->json, kept->len);
}

static void read_all(struct strbuf *out)
{
	const struct diagnosis_store_options options = { .path = path, .now = NOW };
	struct output *o;

	check(diagnosis_store_new(&options, &o) == 0);
	diagnosis_store_each(o, add, out);
	o->ops->flush(o);
	o->ops->free(o);
}

static void settle(const char *data, size_t size)
{
	_cleanup_strbuf_ struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;

	put(data, size);
	read_all(&once);
	read_all(&twice);
	check(once.len == twice.len && (!once.len || !memcmp(once.data, twice.data, once.len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_strbuf_ struct strbuf file = STRBUF_INIT, text = STRBUF_INIT;

	if (!*path) {
		snprintf(path, sizeof(path), "/dev/shm/ktrace-fuzz-%d", (int)getpid());
		log_set_level(LOG_ERROR);
	}
	strbuf_append(&text, (const char *)data, size);
	const struct file_line line = { 1, NOW, text.data ? text.data : "", text.len };

	settle((const char *)data, size);
	strbuf_puts(&file, "ktrace-diagnoses 1\n");
	line_file_format(&file, &line);
	settle(file.data, file.len);
	return 0;
}
