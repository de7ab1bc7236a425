// SPDX-License-Identifier: MIT
#include "forward/buffer_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <utlist.h>

#include "util/cleanup.h"
#include "util/log.h"

void buffer_link(struct buffer *b, struct chunk *c)
{
	DL_APPEND(b->chunks, c);
	b->stats.chunks++;
	b->stats.records += c->about.records;
	b->stats.bytes += c->about.bytes;
}

void buffer_unlink(struct buffer *b, struct chunk *c)
{
	char name[CHUNK_NAME_SIZE];

	if (!c->memory.len) {
		chunk_name(name, c);
		if (unlinkat(b->dir, name, 0) < 0 && errno != ENOENT)
			log_warning(
				"cannot remove %s from the buffer, so it will be sent twice: %s",
				name, strerror(errno));
	}
	DL_DELETE(b->chunks, c);
	b->stats.chunks--;
	b->stats.records -= c->about.records;
	b->stats.bytes -= c->about.bytes;
	chunk_free(c);
}

static int make_file(struct buffer *b, struct chunk *c)
{
	_cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
	char name[CHUNK_NAME_SIZE];

	chunk_frame_tag(&head, b->next_number - (uint32_t)b->pending_records, c->about.tag);
	if (head.failed)
		return -ENOMEM;
	chunk_name(name, c);
	b->file = openat(b->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (b->file < 0)
		return -errno;
	int err = chunk_write(b->file, &head, 0);
	if (err < 0) {
		close(b->file);
		b->file = -1;
		unlinkat(b->dir, name, 0);
	}
	c->about.bytes = head.len;
	return err;
}

static int start_chunk(struct buffer *b)
{
	struct chunk *c;
	int err = chunk_new(b->next_sequence, b->tag, &c);

	if (err < 0)
		return err;
	b->next_sequence++;
	if ((err = make_file(b, c)) < 0) {
		chunk_free(c);
		return err;
	}
	buffer_link(b, c);
	b->growing = c;
	return 0;
}

void buffer_seal_file(struct buffer *b)
{
	struct chunk *c = b->growing;

	if (!c)
		return;
	close(b->file);
	b->file = -1;
	b->growing = NULL;
	if (!c->about.records)
		buffer_unlink(b, c);
}

/* The oldest that nobody is about to acknowledge; where all are under way, the oldest. */
static struct chunk *least_needed(const struct buffer *b)
{
	struct chunk *c = b->chunks;

	while (c && c->under_way)
		c = c->next;
	if (!c || c == b->growing)
		c = b->chunks;
	return c == b->growing ? NULL : c;
}

void buffer_make_space(struct buffer *b, uint64_t len)
{
	struct chunk *c;

	while (b->stats.bytes + len > b->max_bytes && (c = least_needed(b))) {
		if (!b->stats.dropped_full)
			log_warning("the buffer is full: the oldest records are dropped; increase "
				    "--buffer-size");
		b->stats.dropped_full += c->about.records;
		buffer_unlink(b, c);
	}
}

static int write_pending(struct buffer *b)
{
	struct chunk *c = b->growing;
	int err = chunk_write(b->file, &b->pending, c->about.bytes);

	if (err == -EUCLEAN)
		buffer_seal_file(b);
	if (err < 0)
		return err;
	c->about.bytes += b->pending.len;
	c->about.records += b->pending_records;
	b->stats.bytes += b->pending.len;
	b->stats.records += b->pending_records;
	return 0;
}

static int flush_pending(struct buffer *b)
{
	int err;

	if (b->growing && b->growing->about.bytes + b->pending.len > BUFFER_CHUNK)
		buffer_seal_file(b);
	buffer_make_space(b, b->pending.len);
	if (!b->growing && (err = start_chunk(b)) < 0)
		return err;
	if ((err = write_pending(b)) < 0)
		return err;
	strbuf_reset(&b->pending);
	b->pending_records = 0;
	return 0;
}

int buffer_flush(struct buffer *b)
{
	int err = b->pending.len ? flush_pending(b) : 0;

	if (err < 0 && !b->failing)
		log_warning("cannot write to the buffer, a few records are kept in memory: %s",
			strerror(-err));
	if (err == 0 && b->failing && b->pending_records == 0)
		log_info("the buffer can be written again");
	b->failing = err;
	return err;
}

void buffer_add(struct buffer *b, const char *entry, size_t len)
{
	if (b->pending.len + CHUNK_FRAME + len > BUFFER_CHUNK)
		buffer_flush(b);
	if (b->pending.len + CHUNK_FRAME + len <= BUFFER_CHUNK) {
		size_t before = b->pending.len;

		chunk_frame(&b->pending, b->next_number, entry, len);
		if (b->pending.len > before) {
			b->pending_records++;
			b->next_number++;
			return;
		}
		b->pending.failed = false;
	}
	b->stats.dropped_disk++;
}

bool buffer_is_open(const struct buffer *b)
{
	return b->growing || b->pending_records;
}

/* Where the disk fails, what waits in memory becomes a chunk too, once those before it have gone. */
static void seal_memory(struct buffer *b)
{
	struct chunk *c;

	if (!b->pending_records || b->chunks || chunk_new(b->next_sequence, b->tag, &c) < 0)
		return;
	c->memory = b->pending;
	c->about.bytes = b->pending.len;
	c->about.records = b->pending_records;
	b->pending = (struct strbuf)STRBUF_INIT;
	b->pending_records = 0;
	buffer_link(b, c);
}

void buffer_seal(struct buffer *b)
{
	buffer_flush(b);
	buffer_seal_file(b);
	seal_memory(b);
}

static struct chunk *next_chunk(const struct buffer *b)
{
	struct chunk *c = b->chunks;

	while (c && c->under_way)
		c = c->next;
	return c == b->growing ? NULL : c;
}

const struct buffer_chunk *buffer_next(const struct buffer *b)
{
	const struct chunk *c = next_chunk(b);

	return c ? &c->about : NULL;
}

void buffer_count_damage(struct buffer *b, uint64_t missing, uint64_t records)
{
	log_warning("a chunk of the buffer is damaged: %" PRIu64 " of its %" PRIu64
		    " records are lost",
		missing, records);
	b->stats.dropped_corrupt += missing;
}

/*
 * Somebody else's hand, or a failing disk: what is left of it goes on. It holds more only where a write failed
 * and could not be undone.
 */
static void correct_records(struct buffer *b, struct chunk *c, uint64_t records)
{
	if (records < c->about.records)
		buffer_count_damage(b, c->about.records - records, c->about.records);
	b->stats.records += records - c->about.records;
	c->about.records = records;
	if (!records)
		buffer_unlink(b, c);
}

/* Once for each time that it begins: descriptors or memory may be short for long. */
static int warn_unreadable(struct buffer *b, int err)
{
	if (err < 0 && !b->unreadable)
		log_warning("cannot read the buffer, so records wait in it: %s", strerror(-err));
	b->unreadable = err < 0;
	return err;
}

long buffer_take(struct buffer *b, struct strbuf *out)
{
	struct chunk *c = next_chunk(b);
	_cleanup_strbuf_ struct strbuf file = STRBUF_INIT;
	const struct strbuf *frames = c->memory.len ? &c->memory : &file;
	char name[CHUNK_NAME_SIZE];

	chunk_name(name, c);
	int err = frames == &file ? chunk_read_file(b->dir, name, &file) : 0;
	struct chunk_content content = chunk_unframe(frames, out);
	if (out->failed)
		err = -ENOMEM;
	if (warn_unreadable(b, chunk_is_lost(err) ? 0 : err) < 0)
		return err;
	if (content.records != c->about.records)
		correct_records(b, c, content.records);
	if (!content.records)
		return -EBADMSG;
	c->under_way = true;
	return (long)content.records;
}

void buffer_put_back(struct buffer *b, const char *id)
{
	struct chunk *c;

	DL_FOREACH(b->chunks, c)
	c->under_way &= id && strcmp(c->about.id, id) != 0;
}

uint64_t buffer_remove(struct buffer *b, const char *id)
{
	struct chunk *c;

	DL_FOREACH(b->chunks, c)
	{
		uint64_t records = c->about.records;

		if (c == b->growing || strcmp(c->about.id, id) != 0)
			continue;
		buffer_unlink(b, c);
		return records;
	}
	return 0;
}

void buffer_stats(const struct buffer *b, struct buffer_stats *out)
{
	*out = b->stats;
	out->records += b->pending_records;
	out->bytes += b->pending.len;
}
