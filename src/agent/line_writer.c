// SPDX-License-Identifier: MIT
#include "agent/line_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/new_file.h"
#include "util/cleanup.h"
#include "util/log.h"

#define PIECE_BYTES (128 * 1024) /* of the new file, with each flush: well below a millisecond */
#define RETRY_SECONDS 1
#define CLOSE_MS 1000 /* a disk that takes longer keeps the old file */

struct line_writer {
	struct line_writer_options options;
	struct line_file *file;
	struct strbuf pending;  /* lines to append */
	struct new_file *fresh; /* NULL: the file goes on */
	bool renew;             /* a new one is to be begun */
	bool stale;             /* the file lacks some of what is in memory */
	int failing;            /* negative errno of the latest attempt */
	time_t retry_at;        /* monotonic seconds */
};

int line_writer_open(const struct line_writer_options *options, struct line_writer **out)
{
	struct line_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->options = *options;
	int err = line_file_open(options->path, options->head, &w->file);
	if (err < 0) {
		free(w);
		return err;
	}
	*out = w;
	return 0;
}

uint64_t line_writer_size(const struct line_writer *w)
{
	return w && !w->renew && !w->fresh ? line_file_size(w->file) + w->pending.len : 0;
}

/* What comes before a new file is begun will be among the lines of that. */
void line_writer_add(struct line_writer *w, const struct file_line *line)
{
	if (w && (w->fresh || !w->stale))
		line_file_format(&w->pending, line);
}

void line_writer_renew(struct line_writer *w)
{
	if (w)
		w->renew = true;
}

static int begin(struct line_writer *w)
{
	int err = new_file_begin(w->options.path, &w->fresh);

	if (err < 0)
		return err;
	w->renew = false;
	w->options.first(w->options.ctx);
	return new_file_add(w->fresh, w->options.head, strlen(w->options.head));
}

/* A piece more of it. */
static int go_on(struct line_writer *w)
{
	_cleanup_strbuf_ struct strbuf piece = STRBUF_INIT;
	bool more = true;

	while (more && !piece.failed && piece.len < PIECE_BYTES)
		more = w->options.next(w->options.ctx, &piece);
	if (piece.failed)
		return -ENOMEM;
	int err = piece.len ? new_file_add(w->fresh, piece.data, piece.len) : 0;
	return err == 0 && !more ? new_file_finish(w->fresh) : err;
}

static void drop_fresh(struct line_writer *w)
{
	new_file_free(w->fresh);
	w->fresh = NULL;
}

/* 1: it is being written still. */
static int advance(struct line_writer *w)
{
	int err = 0;

	if (!new_file_is_finished(w->fresh))
		err = go_on(w);
	if (err < 0)
		return err;
	err = new_file_is_finished(w->fresh) ? new_file_poll(w->fresh) : 1;
	if (err)
		return err;
	uint64_t size;
	int fd = new_file_take(w->fresh, &size);
	line_file_adopt(w->file, fd, size);
	drop_fresh(w);
	w->stale = w->renew;
	return w->renew;
}

/* To both files: the new one may be in place at any moment, and of what it has twice the last one holds. */
static int append(struct line_writer *w)
{
	int err = w->pending.failed ? -ENOMEM : 0;

	if (err == 0 && !w->stale)
		err = line_file_append(w->file, w->pending.data, w->pending.len);
	if (err == -ESTALE) {
		w->renew |= !w->fresh;
		w->stale |= w->renew;
		err = 0;
	}
	if (err == 0 && w->fresh)
		err = new_file_add(w->fresh, w->pending.data, w->pending.len);
	strbuf_free(&w->pending);
	return err;
}

/* All is in memory still: the whole file is written once it can be. */
static void note_failure(struct line_writer *w, int err, time_t now)
{
	if (err != w->failing)
		log_warning("cannot write %s to %s: %s; they are kept in memory until it can be "
			    "written",
			w->options.things, w->options.path, strerror(-err));
	strbuf_free(&w->pending);
	/* One that waits for the disk may take its place yet: what it lacks the next one has. */
	if (w->fresh && (!new_file_is_finished(w->fresh) || new_file_poll(w->fresh) < 0))
		drop_fresh(w);
	w->renew = w->stale = true;
	w->failing = err;
	w->retry_at = now + RETRY_SECONDS;
}

static int write_on(struct line_writer *w)
{
	int err = w->pending.len || w->pending.failed ? append(w) : 0;

	if (err == 0 && w->renew && !w->fresh)
		err = begin(w);
	if (err == 0 && w->fresh)
		err = advance(w);
	return err == 1 && !w->stale && !w->failing ? 0 : err;
}

int line_writer_flush(struct line_writer *w)
{
	struct timespec now;

	if (!w || (!w->pending.len && !w->pending.failed && !w->renew && !w->fresh))
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (w->failing && !w->fresh && now.tv_sec < w->retry_at)
		return w->failing;
	int err = write_on(w);
	if (err < 0) {
		note_failure(w, err, now.tv_sec);
	} else if (err == 0 && w->failing) {
		log_info("%s are written to %s again", w->options.things, w->options.path);
		w->failing = 0;
	}
	return err;
}

void line_writer_close(struct line_writer *w)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	int waited = 0;

	if (!w)
		return;
	w->retry_at = 0;
	while (line_writer_flush(w) >= 0 && (w->fresh || w->renew) && waited < CLOSE_MS)
		if (w->fresh && new_file_is_finished(w->fresh) && nanosleep(&ms, NULL) == 0)
			waited++;
	drop_fresh(w);
	line_file_close(w->file);
	strbuf_free(&w->pending);
	free(w);
}
