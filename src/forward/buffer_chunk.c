// SPDX-License-Identifier: MIT
#include "forward/buffer_chunk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <zlib.h>

#include "util/cleanup.h"

/* Of this machine's byte order: a buffer does not leave its node. */
struct frame {
	uint32_t len, crc;
};
_Static_assert(sizeof(struct frame) == CHUNK_FRAME, "a frame's size is part of the header");

static uint32_t checksum(const char *entry, size_t len)
{
	return (uint32_t)crc32(0, (const Bytef *)entry, (uInt)len);
}

int chunk_new(uint64_t sequence, struct chunk **out)
{
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	struct chunk *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	snprintf(c->about.id, sizeof(c->about.id), "%016" PRIx64 "%016" PRIx64, random[0],
		random[1]);
	c->sequence = sequence;
	*out = c;
	return 0;
}

void chunk_free(struct chunk *c)
{
	if (!c)
		return;
	strbuf_free(&c->memory);
	free(c);
}

void chunk_name(char name[CHUNK_NAME_SIZE], const struct chunk *c)
{
	snprintf(name, CHUNK_NAME_SIZE, "%016" PRIx64 "-%s.chunk", c->sequence, c->about.id);
}

bool chunk_parse_name(const char *name, struct chunk *c)
{
	char again[CHUNK_NAME_SIZE];

	if (strlen(name) != CHUNK_NAME_SIZE - 1 ||
		sscanf(name, "%16" SCNx64 "-%32[0-9a-f]", &c->sequence, c->about.id) != 2)
		return false;
	chunk_name(again, c);
	return strcmp(again, name) == 0;
}

void chunk_frame(struct strbuf *frames, const char *entry, size_t len)
{
	struct frame frame = { .len = (uint32_t)len, .crc = checksum(entry, len) };

	if (!strbuf_reserve(frames, sizeof(frame) + len))
		return;
	strbuf_append(frames, (const char *)&frame, sizeof(frame));
	strbuf_append(frames, entry, len);
}

uint64_t chunk_unframe(const struct strbuf *frames, struct strbuf *out, size_t *good)
{
	struct frame frame;
	uint64_t n = 0;
	size_t at = 0;

	while (frames->len - at >= sizeof(frame)) {
		memcpy(&frame, frames->data + at, sizeof(frame));
		const char *entry = frames->data + at + sizeof(frame);
		if (!frame.len || frame.len > frames->len - at - sizeof(frame) ||
			checksum(entry, frame.len) != frame.crc)
			break;
		if (out)
			strbuf_append(out, entry, frame.len);
		at += sizeof(frame) + frame.len;
		n++;
	}
	if (good)
		*good = at;
	return n;
}

int chunk_read_file(int dir, const char *name, struct strbuf *frames)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > 2 * BUFFER_CHUNK)
		return -EINVAL;
	if (!strbuf_reserve(frames, (size_t)st.st_size))
		return -ENOMEM;
	ssize_t n = pread(fd, frames->data, (size_t)st.st_size, 0);
	if (n < 0)
		return -errno;
	frames->len = (size_t)n;
	return 0;
}
