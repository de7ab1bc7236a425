// SPDX-License-Identifier: MIT
/*
 * A line is parsed when its workload starts and not before: as text, thousands of workloads take no more room in memory
 * than on disk. In the list they stand in the order of their latest start, so the first one is the one to forget.
 */
#include "agent/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "agent/line_writer.h"
#include "agent/memory_entry.h"
#include "util/cleanup.h"
#include "util/log.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define HEAD "ktrace-memory 1\n"
#define MAX_BYTES (4 << 20)
#define LINE_OVERHEAD 64 /* checksum, numbers and newline */

struct workload {
	char *key;
	char *json;
	size_t len;
	uint32_t starts;
	uint64_t time;
	UT_hash_handle hh;
};

struct memory {
	char *path;
	size_t max_bytes, bytes; /* bytes: of all lines */
	uint8_t salt[SALT_SIZE];
	bool has_salt;         /* read from the file */
	struct workload *all;  /* the one that started longest ago first */
	struct workload *next; /* of those that are written anew by and by */
	bool at_salt;          /* that comes before them */
	uint64_t forgotten;
	struct line_writer *file; /* NULL: in memory only */
};

const uint8_t *memory_salt(const struct memory *m)
{
	return m->salt;
}

void memory_stats(const struct memory *m, struct memory_stats *out)
{
	*out = (struct memory_stats){ HASH_COUNT(m->all), m->bytes, m->forgotten };
}

static void drop(struct memory *m, struct workload *w)
{
	if (m->next == w)
		m->next = w->hh.next;
	HASH_DEL(m->all, w);
	m->bytes -= w->len + LINE_OVERHEAD;
	free(w->key);
	free(w->json);
	free(w);
}

static struct workload *find(const struct memory *m, const char *key)
{
	struct workload *w;

	HASH_FIND_STR(m->all, key, w);
	return w;
}

/* A quarter of the file is for lines that were appended and are outdated. */
static size_t most_bytes(const struct memory *m)
{
	return m->max_bytes - m->max_bytes / 4;
}

/* What comes until the new one has taken the place fits as well. */
static size_t renewed_at(const struct memory *m)
{
	return m->max_bytes - m->max_bytes / 8;
}

static void keep_bounds(struct memory *m)
{
	while (m->all && m->bytes > most_bytes(m)) {
		drop(m, m->all);
		m->forgotten++;
	}
}

/* Takes over json, which is freed on an error as well. */
static struct workload *insert(struct memory *m, const char *key, char *json, size_t len)
{
	struct workload *old = find(m, key), *w = calloc(1, sizeof(*w));

	if (old)
		drop(m, old);
	if (!w || !(w->key = strdup(key))) {
		free(w);
		free(json);
		return NULL;
	}
	w->json = json;
	w->len = len;
	HASH_ADD_KEYPTR(hh, m->all, w->key, strlen(w->key), w);
	if (!w->hh.tbl) {
		free(w->key);
		free(w->json);
		free(w);
		return NULL;
	}
	m->bytes += len + LINE_OVERHEAD;
	return w;
}

static struct file_line line_of(const struct workload *w)
{
	return (struct file_line){ w->starts, w->time, w->json, w->len };
}

static void append_salt(struct strbuf *out, const struct memory *m)
{
	char json[sizeof("{\"salt\":\"\"}") + 2 * SALT_SIZE];
	int len = snprintf(json, sizeof(json), "{\"salt\":\"");

	for (size_t i = 0; i < SALT_SIZE; i++)
		len += snprintf(json + len, sizeof(json) - (size_t)len, "%02x", m->salt[i]);
	len += snprintf(json + len, sizeof(json) - (size_t)len, "\"}");
	const struct file_line line = { 0, 0, json, (size_t)len };
	line_file_format(out, &line);
}

static void entry_cleanup(struct memory_entry *e)
{
	memory_entry_clear(e);
}

struct remembered *memory_recall(const struct memory *m, const struct container *c)
{
	_cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
	_cleanup_(entry_cleanup) struct memory_entry e = { 0 };
	const struct workload *w = memory_key(c, &key) ? find(m, key.data) : NULL;

	if (!w || memory_entry_read(w->json, w->len, m->salt, &e) < 0)
		return NULL;
	struct remembered *r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->healthy_at = e.last.time;
	r->starts = e.starts;
	r->listening_ns = e.last.listening_ns;
	r->peak_memory = e.last.peak_memory;
	memcpy(r->harmless, e.harmless, sizeof(r->harmless));
	r->n_harmless = e.n_harmless;
	if (snapshot_compare(e.last.snapshot, c->start, &r->changes) < 0) {
		remembered_free(r);
		return NULL;
	}
	return r;
}

static bool has_signature(const struct memory_entry *e, uint64_t signature)
{
	for (size_t i = 0; i < e->n_harmless; i++)
		if (e->harmless[i] == signature)
			return true;
	return false;
}

/* Those of this start first; what earlier ones had as well stays as long as there is room. */
static void merge_harmless(struct memory_entry *e, const struct healthy_start *start)
{
	struct memory_entry merged = { 0 };

	for (size_t i = 0; i < start->n_harmless && merged.n_harmless < HARMLESS_MAX; i++)
		if (!has_signature(&merged, start->harmless[i]))
			merged.harmless[merged.n_harmless++] = start->harmless[i];
	for (size_t i = 0; i < e->n_harmless && merged.n_harmless < HARMLESS_MAX; i++)
		if (!has_signature(&merged, e->harmless[i]))
			merged.harmless[merged.n_harmless++] = e->harmless[i];
	memcpy(e->harmless, merged.harmless, sizeof(merged.harmless));
	e->n_harmless = merged.n_harmless;
}

static void add_start(struct memory_entry *e, const struct healthy_start *start)
{
	struct kept_start fresh = {
		.time = start->time,
		.listening_ns = start->listening_ns,
		.peak_memory = start->peak_memory,
		.snapshot = snapshot_ref(start->container->start),
	};

	snprintf(fresh.container, sizeof(fresh.container), "%s", start->container->id);
	if (!e->last.time || strcmp(e->last.container, fresh.container)) {
		snapshot_unref(e->before.snapshot);
		e->before = e->last;
		e->starts += e->starts < UINT32_MAX;
	} else {
		snapshot_unref(e->last.snapshot);
	}
	e->last = fresh;
	merge_harmless(e, start);
}

/* A line that may be longer than this does not leave room for others. */
static bool is_modest(const struct memory *m, const struct strbuf *json)
{
	return json->len + LINE_OVERHEAD <= most_bytes(m) / 4;
}

void memory_keep(struct memory *m, const struct healthy_start *start)
{
	_cleanup_strbuf_ struct strbuf key = STRBUF_INIT, json = STRBUF_INIT;
	_cleanup_(entry_cleanup) struct memory_entry e = { 0 };

	if (!memory_key(start->container, &key))
		return;
	const struct workload *known = find(m, key.data);
	if (known)
		memory_entry_read(known->json, known->len, m->salt, &e);
	if (!e.key && !(e.key = strdup(key.data)))
		return;
	add_start(&e, start);
	if (memory_entry_write(&e, &json) < 0 || !is_modest(m, &json))
		return;
	size_t len = json.len;
	char *text = strbuf_take(&json);
	struct workload *w = text ? insert(m, key.data, text, len) : NULL;
	if (!w)
		return;
	w->starts = e.starts;
	w->time = e.last.time;
	const struct file_line line = line_of(w);
	line_writer_add(m->file, &line);
	keep_bounds(m);
}

static void first_line(void *ctx)
{
	struct memory *m = ctx;

	m->at_salt = true;
	m->next = m->all;
}

static bool next_line(void *ctx, struct strbuf *out)
{
	struct memory *m = ctx;
	const struct workload *w = m->next;

	if (m->at_salt) {
		append_salt(out, m);
		m->at_salt = false;
		return true;
	}
	if (!w)
		return false;
	const struct file_line line = line_of(w);
	line_file_format(out, &line);
	m->next = w->hh.next;
	return true;
}

void memory_flush(struct memory *m)
{
	if (!m)
		return;
	if (line_writer_size(m->file) > renewed_at(m))
		line_writer_renew(m->file);
	line_writer_flush(m->file);
}

static int read_salt(struct memory *m, const cJSON *text)
{
	const char *hex = cJSON_GetStringValue(text) ?: "";

	if (strlen(hex) != 2 * SALT_SIZE || strspn(hex, "0123456789abcdef") != 2 * SALT_SIZE)
		return -EBADMSG;
	for (size_t i = 0; i < SALT_SIZE; i++)
		sscanf(hex + 2 * i, "%2hhx", &m->salt[i]);
	m->has_salt = true;
	return 0;
}

/* The salt comes first: what stands behind a damaged one cannot be compared, and counts as damaged as well. */
static int load_line(void *ctx, const struct file_line *line)
{
	struct memory *m = ctx;
	_cleanup_(entry_cleanup) struct memory_entry e = { 0 };

	if (!m->has_salt) {
		_cleanup_json_ cJSON *json = cJSON_ParseWithLength(line->json, line->len);
		return read_salt(m, cJSON_GetObjectItemCaseSensitive(json, "salt"));
	}
	int err = memory_entry_read(line->json, line->len, m->salt, &e);
	if (err < 0)
		return err;
	char *copy = malloc(line->len + 1);
	if (!copy)
		return -ENOMEM;
	/* Not as a string: a line that somebody else wrote may hold a NUL. */
	memcpy(copy, line->json, line->len);
	copy[line->len] = '\0';
	struct workload *w = insert(m, e.key, copy, line->len);
	if (!w)
		return -ENOMEM;
	w->starts = line->times;
	w->time = line->first;
	return 0;
}

static int load(struct memory *m)
{
	struct line_file_report report;
	int err = line_file_read(m->path, HEAD, load_line, m, &report);

	if (err == -EBADMSG) {
		line_file_set_aside(m->path, "workloads", &report);
		line_writer_renew(m->file);
		err = 0;
	}
	if (err == 0 && report.torn)
		log_warning(
			"the last line in %s was being written when its agent ended: it is left "
			"out",
			m->path);
	if (report.torn || !m->has_salt)
		line_writer_renew(m->file);
	return err;
}

static void open_file(struct memory *m)
{
	const struct line_writer_options options = {
		.path = m->path,
		.head = HEAD,
		.things = "healthy starts",
		.first = first_line,
		.next = next_line,
		.ctx = m,
	};
	int err = line_writer_open(&options, &m->file);

	if (err == 0)
		err = load(m);
	if (err == 0)
		return;
	log_warning("what healthy starts looked like is kept in memory only: %s: %s; give another "
		    "place with --memory FILE (or off)",
		m->path, err == -EBUSY ? "another agent uses it" : strerror(-err));
	line_writer_close(m->file);
	m->file = NULL;
}

int memory_new(const struct memory_options *options, struct memory **out)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->max_bytes = options->max_bytes ? options->max_bytes : MAX_BYTES;
	if (options->path && !(m->path = strdup(options->path))) {
		free(m);
		return -ENOMEM;
	}
	if (m->path)
		open_file(m);
	if (!m->has_salt && getrandom(m->salt, SALT_SIZE, 0) != SALT_SIZE) {
		memory_free(m);
		return -EIO;
	}
	m->has_salt = true;
	keep_bounds(m);
	memory_flush(m);
	*out = m;
	return 0;
}

void memory_free(struct memory *m)
{
	if (!m)
		return;
	line_writer_close(m->file);
	while (m->all)
		drop(m, m->all);
	free(m->path);
	free(m);
}
