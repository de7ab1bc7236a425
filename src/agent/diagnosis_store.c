// SPDX-License-Identifier: MIT
#include "agent/diagnosis_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/diagnosis_entries.h"
#include "agent/line_file.h"
#include "record/ndjson.h"
#include "record/reader.h"
#include "util/cleanup.h"
#include "util/log.h"

#define MAX_BYTES (8 << 20)
#define MAX_ENTRIES 8192
#define REWRITE_MIN (1 << 20)
#define RETRY_SECONDS 1

struct store {
	struct output output;
	size_t max_bytes;
	char *path;
	struct diagnosis_entries kept;
	struct line_file *file; /* NULL: memory only */
	struct strbuf pending;  /* lines to append */
	bool rewrite;           /* append will not do */
	int failing;            /* negative errno of the latest attempt */
	time_t retry_at;        /* monotonic seconds */
};

static struct store *store_of(const struct output *o)
{
	return (struct store *)((char *)o - offsetof(struct store, output));
}

/* Those that failed longest ago go first. What was never written is lost with them, and counted. */
static void keep_bounds(struct store *s, uint64_t now)
{
	for (struct diagnosis_entry *e = s->kept.oldest; e; e = s->kept.oldest) {
		bool old = now > DIAGNOSIS_STORE_AGE && e->time < now - DIAGNOSIS_STORE_AGE;

		if (!old && s->kept.bytes <= s->max_bytes &&
			HASH_COUNT(s->kept.oldest) <= MAX_ENTRIES)
			return;
		s->output.lost += s->file && !e->saved && !old;
		diagnosis_entries_drop(&s->kept, e);
	}
}

static void append_entry(struct strbuf *out, const struct diagnosis_entry *e)
{
	const struct file_line line = { e->times, e->first, e->json, e->len };

	line_file_format(out, &line);
}

/* NULL after an error, which is in *err. */
static struct diagnosis_entry *keep(struct store *s, const struct record *r, int *err)
{
	_cleanup_strbuf_ struct strbuf key = STRBUF_INIT, json = STRBUF_INIT;

	diagnosis_key(&key, r->diagnosis->container);
	*err = ndjson_append(&json, r);
	size_t len = json.len ? json.len - 1 : 0;
	char *line = *err == 0 && key.data && !key.failed ? strbuf_take(&json) : NULL;
	if (line)
		line[len] = '\0'; /* its newline */
	struct diagnosis_entry *e =
		line ? diagnosis_entries_insert(&s->kept, key.data, r->diagnosis, line, len) : NULL;
	if (!e && *err == 0)
		*err = -ENOMEM;
	return e;
}

/* It no longer holds, and the container runs on. */
static void withdraw(struct store *s, const struct event *recovered)
{
	_cleanup_strbuf_ struct strbuf key = STRBUF_INIT;

	if (!recovered->container)
		return;
	diagnosis_key(&key, recovered->container);
	struct diagnosis_entry *e = key.data ? diagnosis_entries_find(&s->kept, key.data) : NULL;
	if (!e || !e->running || strcmp(e->container->id, recovered->container->id) != 0)
		return;
	diagnosis_entries_drop(&s->kept, e);
	s->rewrite = s->file != NULL;
}

static int store_write(struct output *o, const struct record *r)
{
	struct store *s = store_of(o);
	int err;

	if (r->type == RECORD_EVENT && r->event->kind == EVENT_RECOVERED)
		withdraw(s, r->event);
	if (r->type != RECORD_DIAGNOSIS)
		return 0;
	const struct diagnosis_entry *e = keep(s, r, &err);
	if (!e) {
		o->lost++;
		return err;
	}
	o->written++;
	if (s->file && !s->rewrite)
		append_entry(&s->pending, e);
	keep_bounds(s, r->time);
	return 0;
}

static int rewrite(struct store *s)
{
	_cleanup_strbuf_ struct strbuf all = STRBUF_INIT;

	for (const struct diagnosis_entry *e = s->kept.oldest; e; e = e->hh.next)
		append_entry(&all, e);
	if (all.failed)
		return -ENOMEM;
	return line_file_replace(s->file, all.data ? all.data : "", all.len);
}

/* The file's outdated lines outweigh the others. */
static bool is_bloated(const struct store *s)
{
	uint64_t size = line_file_size(s->file) + s->pending.len;

	return size > REWRITE_MIN && size > 2 * (uint64_t)s->kept.bytes;
}

static void note_saved(struct store *s)
{
	/* The latest changes are the last in the list. */
	for (struct diagnosis_entry *e = s->kept.oldest ? ELMT_FROM_HH(s->kept.oldest->hh.tbl,
								  s->kept.oldest->hh.tbl->tail)
							: NULL;
		e && !e->saved; e = e->hh.prev)
		e->saved = true;
	strbuf_reset(&s->pending);
	if (s->failing)
		log_info("diagnoses are written to %s again", s->path);
	s->rewrite = false;
	s->failing = 0;
}

static void note_failure(struct store *s, int err, time_t now)
{
	if (err != s->failing)
		log_warning("cannot write diagnoses to %s: %s; they are kept in memory until it "
			    "can be written",
			s->path, strerror(-err));
	/* All is in memory still: the whole file is written once it can be. */
	strbuf_free(&s->pending);
	s->rewrite = true;
	s->failing = err;
	s->retry_at = now + RETRY_SECONDS;
}

static int store_flush(struct output *o)
{
	struct store *s = store_of(o);
	struct timespec now;
	int err = 0;

	if (!s->file || (!s->pending.len && !s->rewrite))
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (s->failing && now.tv_sec < s->retry_at)
		return s->failing;
	s->rewrite |= s->pending.failed || is_bloated(s);
	if (!s->rewrite)
		err = line_file_append(s->file, s->pending.data, s->pending.len);
	if (s->rewrite || err == -ESTALE)
		err = rewrite(s);
	if (err < 0)
		note_failure(s, err, now.tv_sec);
	else
		note_saved(s);
	return err;
}

static void store_free(struct output *o)
{
	struct store *s = store_of(o);

	if (!o)
		return;
	s->retry_at = 0;
	store_flush(o);
	while (s->kept.oldest)
		diagnosis_entries_drop(&s->kept, s->kept.oldest);
	line_file_close(s->file);
	strbuf_free(&s->pending);
	free(s->path);
	free(s);
}

void diagnosis_store_each(const struct output *o,
	void (*each)(void *ctx, const struct kept_diagnosis *kept), void *ctx)
{
	for (const struct diagnosis_entry *e = store_of(o)->kept.oldest; e; e = e->hh.next) {
		const struct kept_diagnosis kept = {
			.container = e->container,
			.time = e->time,
			.first = e->first,
			.times = e->times,
			.json = e->json,
			.len = e->len,
		};
		each(ctx, &kept);
	}
}

struct loading {
	struct store *store;
	struct record_reader *reader;
};

/* Written anew, so that nothing is handed on that ktrace would not write. */
static int load_line(void *ctx, const struct file_line *line)
{
	struct loading *l = ctx;
	struct record r;
	int err = record_reader_line(l->reader, line->json, line->len, &r);

	if (err < 0)
		return err;
	if (err == 0 || r.type != RECORD_DIAGNOSIS || !r.diagnosis->container)
		return -EBADMSG;
	struct diagnosis_entry *e = keep(l->store, &r, &err);
	if (!e)
		return err;
	e->times = line->times;
	e->first = line->first;
	e->saved = true;
	return 0;
}

static int load(struct store *s)
{
	struct loading l = { .store = s, .reader = record_reader_new() };
	struct line_file_report report;

	if (!l.reader)
		return -ENOMEM;
	int err = line_file_read(s->path, DIAGNOSIS_STORE_HEAD, load_line, &l, &report);
	record_reader_free(l.reader);
	if (err == -EBADMSG) {
		line_file_set_aside(s->path, "diagnoses", &report);
		s->rewrite = true;
		err = 0;
	}
	if (err == 0 && report.torn) {
		log_warning("the last diagnosis in %s was being written when its agent ended: it "
			    "is left out",
			s->path);
		s->rewrite = true;
	}
	return err;
}

static void open_store(struct store *s)
{
	int err = line_file_open(s->path, DIAGNOSIS_STORE_HEAD, &s->file);

	if (err == 0)
		err = load(s);
	if (err == 0)
		return;
	log_warning("diagnoses are kept in memory only: %s: %s; give another place with --store "
		    "FILE (or off)",
		s->path, err == -EBUSY ? "another agent uses it" : strerror(-err));
	line_file_close(s->file);
	s->file = NULL;
}

static const struct output_ops store_ops = {
	.name = "store",
	.write = store_write,
	.flush = store_flush,
	.free = store_free,
};

int diagnosis_store_new(const struct diagnosis_store_options *options, struct output **out)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->output.ops = &store_ops;
	s->max_bytes = options->max_bytes ? options->max_bytes : MAX_BYTES;
	if (options->path && !(s->path = strdup(options->path))) {
		free(s);
		return -ENOMEM;
	}
	if (s->path)
		open_store(s);
	keep_bounds(s, options->now);
	*out = &s->output;
	return 0;
}
