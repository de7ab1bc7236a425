// SPDX-License-Identifier: MIT
#include "forward/buffer_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <utlist.h>

#include "util/cleanup.h"
#include "util/log.h"

static int recover_chunk(struct buffer *b, const char *name)
{
	uint64_t missing = 0;
	struct chunk *c = NULL;
	int err = chunk_recover(b->dir, name, b->tag, &c, &missing);

	if (err < 0)
		log_warning("ignoring %s in the buffer: %s", name, strerror(-err));
	if (!c)
		return err == -ENOMEM || err == -EMFILE || err == -ENFILE ? err : 0;
	buffer_link(b, c);
	if (missing)
		buffer_count_damage(b, missing, missing + c->about.records);
	if (c->sequence >= b->next_sequence)
		b->next_sequence = c->sequence + 1;
	if (!c->about.records)
		buffer_unlink(b, c);
	return 0;
}

static int by_sequence(const struct chunk *a, const struct chunk *b)
{
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

static int recover(struct buffer *b)
{
	int fd = openat(b->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		int err = -errno;

		if (fd >= 0)
			close(fd);
		return err;
	}
	while ((errno = 0, entry = readdir(dir))) {
		int err = recover_chunk(b, entry->d_name);

		if (err < 0)
			return err;
	}
	if (errno)
		return -errno;
	DL_SORT(b->chunks, by_sequence);
	if (b->stats.records)
		log_info("records from an earlier agent in the buffer: %" PRIu64, b->stats.records);
	buffer_make_space(b, 0);
	return 0;
}

static int take_directory(struct buffer *b, const char *path)
{
	/* Command lines and paths of containers are nobody else's business. */
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	b->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->dir < 0)
		return -errno;
	if (flock(b->dir, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return recover(b);
}

int buffer_open(const struct buffer_options *options, struct buffer **out)
{
	if (options->max_bytes < BUFFER_MIN)
		return -EINVAL;
	struct buffer *b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->dir = b->file = -1;
	b->max_bytes = options->max_bytes;
	b->next_sequence = 1;
	b->tag = strdup(options->tag);
	int err = !b->tag ? -ENOMEM : take_directory(b, options->dir);
	if (err < 0) {
		buffer_close(b);
		return err;
	}
	*out = b;
	return 0;
}

void buffer_close(struct buffer *b)
{
	struct chunk *c, *next;

	if (!b)
		return;
	buffer_flush(b);
	if (b->pending_records)
		log_warning("%" PRIu64 " records are lost: the buffer cannot be written",
			b->pending_records);
	buffer_seal_file(b);
	DL_FOREACH_SAFE(b->chunks, c, next)
	chunk_free(c);
	strbuf_free(&b->pending);
	free(b->tag);
	if (b->dir >= 0)
		close(b->dir);
	free(b);
}
