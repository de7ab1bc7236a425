// SPDX-License-Identifier: MIT
#include "forward/buffer_chunk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <zlib.h>

#include "util/cleanup.h"

/* Neither byte is in any UTF-8, and msgpack has no use for the first. */
#define MARK "\xc1\xffk"
#define MARK_LEN 3

enum frame_kind { FRAME_ENTRY = 'E', FRAME_TAG = 'T' };

/* Of this machine's byte order: a buffer does not leave its node. */
struct frame {
	char mark[MARK_LEN], kind;
	uint32_t number, len;
	uint32_t body_sum, head_sum; /* the second is of what stands before it */
};
_Static_assert(sizeof(struct frame) == CHUNK_FRAME, "a frame's size is part of the header");

static uint32_t checksum(const void *data, size_t len)
{
	return (uint32_t)crc32(0, data, (uInt)len);
}

static uint32_t head_sum(const struct frame *f)
{
	return checksum(f, offsetof(struct frame, head_sum));
}

int chunk_new(uint64_t sequence, const char *tag, struct chunk **out)
{
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	struct chunk *c = calloc(1, sizeof(*c));
	if (!c || !(c->about.tag = strdup(tag))) {
		free(c);
		return -ENOMEM;
	}
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
	free(c->about.tag);
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

static void append_frame(
	struct strbuf *frames, enum frame_kind kind, uint32_t number, const char *body, size_t len)
{
	struct frame frame = {
		.mark = MARK,
		.kind = (char)kind,
		.number = number,
		.len = (uint32_t)len,
		.body_sum = checksum(body, len),
	};

	frame.head_sum = head_sum(&frame);
	if (!strbuf_reserve(frames, sizeof(frame) + len))
		return;
	strbuf_append(frames, (const char *)&frame, sizeof(frame));
	strbuf_append(frames, body, len);
}

void chunk_frame(struct strbuf *frames, uint32_t number, const char *entry, size_t len)
{
	append_frame(frames, FRAME_ENTRY, number, entry, len);
}

void chunk_frame_tag(struct strbuf *frames, uint32_t number, const char *tag)
{
	append_frame(frames, FRAME_TAG, number - 1, tag, strlen(tag));
}

/* Where the next frame with a good head begins, at or after `at`; SIZE_MAX: there is none. */
static size_t find_frame(const struct strbuf *frames, size_t at, struct frame *out)
{
	const char *found;

	while (at < frames->len &&
		(found = memmem(frames->data + at, frames->len - at, MARK, MARK_LEN))) {
		at = (size_t)(found - frames->data);
		if (frames->len - at < sizeof(*out))
			break;
		memcpy(out, found, sizeof(*out));
		if (out->head_sum == head_sum(out))
			return at;
		at++;
	}
	return SIZE_MAX;
}

/* What a walk over the frames has come to. */
struct walk {
	struct chunk_content content;
	uint32_t first, last; /* number of the first entry, of the last frame */
	bool numbered;        /* both are set */
};

static void note_number(struct walk *w, const struct frame *f)
{
	if (!w->numbered)
		w->first = f->kind == FRAME_TAG ? f->number + 1 : f->number;
	w->last = f->number;
	w->numbered = true;
}

static void take_frame(struct walk *w, const struct frame *f, const char *body, struct strbuf *out)
{
	note_number(w, f);
	if (checksum(body, f->len) != f->body_sum)
		return;
	if (f->kind == FRAME_TAG) {
		w->content.tag = body;
		w->content.tag_len = f->len;
		return;
	}
	w->content.records++;
	if (out)
		strbuf_append(out, body, f->len);
}

struct chunk_content chunk_unframe(const struct strbuf *frames, struct strbuf *out)
{
	struct walk w = { 0 };
	struct frame f;
	size_t at = 0, next;

	while ((next = find_frame(frames, at, &f)) != SIZE_MAX) {
		const char *body = frames->data + next + sizeof(f);

		at = next + sizeof(f) + f.len;
		if (at > frames->len) {
			f.number--; /* torn: the one before it is the last that was written */
			note_number(&w, &f);
			at = frames->len;
			break;
		}
		take_frame(&w, &f, body, out);
	}
	uint64_t seen = w.numbered ? w.last - w.first + 1 : 0;
	if (seen > frames->len / sizeof(f))
		seen = frames->len / sizeof(f);
	if (seen > w.content.records)
		w.content.missing = seen - w.content.records;
	/* What is left begins no frame, and is more than the beginning of one: at least one entry. */
	if (frames->len - at >= sizeof(f))
		w.content.missing++;
	return w.content;
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

int chunk_write(int file, const struct strbuf *frames, uint64_t before)
{
	size_t done = 0;

	while (done < frames->len) {
		ssize_t n = write(file, frames->data + done, frames->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int err = -errno;

			return ftruncate(file, (off_t)before) < 0 ? -EUCLEAN : err;
		}
		done += (size_t)n;
	}
	return 0;
}

bool chunk_is_lost(int err)
{
	return err == -ENOENT || err == -EINVAL || err == -ELOOP || err == -EIO;
}

int chunk_recover(int dir, const char *name, const char *tag, struct chunk **out, uint64_t *missing)
{
	_cleanup_strbuf_ struct strbuf frames = STRBUF_INIT;
	struct chunk draft = { 0 };

	if (!chunk_parse_name(name, &draft))
		return 0;
	int err = chunk_read_file(dir, name, &frames);
	if (err < 0)
		return err;
	struct chunk_content content = chunk_unframe(&frames, NULL);
	draft.about.records = content.records;
	draft.about.bytes = frames.len;
	draft.about.tag = content.tag ? strndup(content.tag, content.tag_len) : strdup(tag);
	struct chunk *c = draft.about.tag ? malloc(sizeof(*c)) : NULL;
	if (!c) {
		free(draft.about.tag);
		return -ENOMEM;
	}
	*c = draft;
	*missing = content.missing;
	*out = c;
	return 0;
}
