// SPDX-License-Identifier: MIT
#include "agent/diagnosis_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/diagnosis_entries.h"
#include "agent/line_writer.h"
#include "record/ndjson.h"
#include "record/reader.h"
#include "util/cleanup.h"
#include "util/log.h"

#define MAX_BYTES (8 << 20)
#define MAX_ENTRIES 8192
#define REWRITE_MIN (1 << 20)

struct store {
	struct output output;
	size_t max_bytes;
	char *path;
	struct diagnosis_entries kept;
	struct line_writer *file; /* NULL: memory only */
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

static struct file_line line_of(const struct diagnosis_entry *e)
{
	return (struct file_line){ e->times, e->first, e->json, e->len };
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
	line_writer_renew(s->file);
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
	const struct file_line line = line_of(e);
	line_writer_add(s->file, &line);
	keep_bounds(s, r->time);
	return 0;
}

static void first_entry(void *ctx)
{
	struct store *s = ctx;

	s->kept.next = s->kept.oldest;
}

static bool next_entry(void *ctx, struct strbuf *out)
{
	struct store *s = ctx;
	const struct diagnosis_entry *e = s->kept.next;

	if (!e)
		return false;
	const struct file_line line = line_of(e);
	line_file_format(out, &line);
	s->kept.next = e->hh.next;
	return true;
}

/* The file's outdated lines outweigh the others. */
static bool is_bloated(const struct store *s)
{
	uint64_t size = line_writer_size(s->file);

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
}

static int store_flush(struct output *o)
{
	struct store *s = store_of(o);

	if (!s->file)
		return 0;
	if (is_bloated(s))
		line_writer_renew(s->file);
	int err = line_writer_flush(s->file);
	if (err == 0)
		note_saved(s);
	return err < 0 ? err : 0;
}

static void store_free(struct output *o)
{
	struct store *s = store_of(o);

	if (!o)
		return;
	line_writer_close(s->file);
	while (s->kept.oldest)
		diagnosis_entries_drop(&s->kept, s->kept.oldest);
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
		line_writer_renew(s->file);
		err = 0;
	}
	if (err == 0 && report.torn) {
		log_warning("the last diagnosis in %s was being written when its agent ended: it "
			    "is left out",
			s->path);
		line_writer_renew(s->file);
	}
	return err;
}

static void open_store(struct store *s)
{
	const struct line_writer_options options = {
		.path = s->path,
		.head = DIAGNOSIS_STORE_HEAD,
		.things = "diagnoses",
		.first = first_entry,
		.next = next_entry,
		.ctx = s,
	};
	int err = line_writer_open(&options, &s->file);

	if (err == 0)
		err = load(s);
	if (err == 0)
		return;
	log_warning("diagnoses are kept in memory only: %s: %s; give another place with --store "
		    "FILE (or off)",
		s->path, err == -EBUSY ? "another agent uses it" : strerror(-err));
	line_writer_close(s->file);
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
