// SPDX-License-Identifier: MIT
#include "cli/explain_sources.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/diagnosis_store.h"
#include "agent/line_file.h"
#include "cli/ask.h"
#include "record/filter.h"
#include "record/lines.h"
#include "record/reader.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"
#include "util/log.h"

#define ROTATED_MAX 99 /* PATH.1 to PATH.99, with or without .gz */

struct reading {
	const struct explain_sources *sources;
	struct container_records_list *out;
	struct record_reader *reader;
	const char *from;        /* what is read now, for messages */
	size_t records, damaged; /* lines of it; records: also those that were passed over */
	char first_damage[128];
	struct strbuf tried; /* why there is no answer, a sentence for each source */
};

static void start(struct reading *x, const char *from)
{
	x->from = from;
	x->records = x->damaged = 0;
}

/* A log has many containers, and reading a record costs a thousand times what this does. */
static bool may_match(const struct reading *x, const char *line, size_t len)
{
	const char *name;
	size_t n = target_name(x->sources->target, &name);

	return !n || memmem(line, len, name, n);
}

static int on_record(struct reading *x, const char *line, size_t len)
{
	struct record r;
	int err = record_reader_line(x->reader, line, len, &r);

	if (err > 0) {
		x->records++;
		return container_records_add(x->out, x->sources->target, x->reader, &r);
	}
	if (err != -EBADMSG)
		return err;
	/* One torn line of a log is no reason to keep quiet about the others. */
	if (x->damaged++ == 0)
		snprintf(x->first_damage, sizeof(x->first_damage), "%s",
			record_reader_error(x->reader));
	return 0;
}

/* Lines that are no records: a few of a torn log, or all of what is no log at all. */
static int judge_damage(const struct reading *x)
{
	if (x->damaged && !x->records) {
		log_error("%s is neither a log nor a recording of ktrace: %s", x->from,
			x->first_damage);
		return -EBADMSG;
	}
	if (x->damaged)
		log_warning("left out %zu line%s of %s: %s", x->damaged,
			x->damaged == 1 ? "" : "s, the first", x->from, x->first_damage);
	return 0;
}

/* Sandboxes alone are no answer: the pod's containers may have one elsewhere. */
static bool is_answered(const struct container_records_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].diagnosis && list->items[i].container->type != CONTAINER_SANDBOX)
			return true;
	return false;
}

static bool starts_with(const char *line, const char *prefix)
{
	return !strncmp(line, prefix, strlen(prefix));
}

/* {"kept":{"id":ID,"times":N,"first":TIME}}: how often what follows came. */
static int on_kept(struct reading *x, const char *line, size_t len)
{
	_cleanup_json_ cJSON *j = cJSON_ParseWithLength(line, len);
	const cJSON *kept = cJSON_GetObjectItemCaseSensitive(j, "kept");
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(kept, "id"));
	const char *first = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(kept, "first"));
	const cJSON *times = cJSON_GetObjectItemCaseSensitive(kept, "times");
	uint64_t since = 0;

	if (!id || !cJSON_IsNumber(times) || times->valuedouble < 1 ||
		times->valuedouble > UINT32_MAX || (first && rfc3339_parse(first, &since) < 0))
		return -EBADMSG;
	container_records_count(x->out, id, (uint32_t)times->valuedouble, since);
	return 0;
}

static int on_agent_line(void *ctx, const char *line, size_t len)
{
	struct reading *x = ctx;

	if (starts_with(line, "{\"kept\":"))
		return on_kept(x, line, len);
	if (starts_with(line, "{\"left_out\":")) {
		log_warning("the time lines of %s containers are left out, as they are too long: "
			    "name one of them for its own",
			line + strlen("{\"left_out\":"));
		return 0;
	}
	return on_record(x, line, len);
}

static int read_agent(struct reading *x)
{
	struct client_request request = { .command = "explain", .target = x->sources->target };

	start(x, "the agent's answer");
	if (!strcmp(x->sources->socket, "off"))
		return 0;
	int err = ask_agent_why(x->sources->socket, &request, on_agent_line, x, &x->tried);
	if (err == -ENOMEM)
		return err;
	if (err < 0)
		strbuf_putc(&x->tried, '\n');
	return judge_damage(x);
}

static int on_store_line(void *ctx, const struct file_line *line)
{
	struct reading *x = ctx;
	struct record r;

	if (!may_match(x, line->json, line->len))
		return 0;
	int err = record_reader_line(x->reader, line->json, line->len, &r);
	if (err <= 0 || r.type != RECORD_DIAGNOSIS || !r.diagnosis->container)
		return err < 0 ? err : -EBADMSG;
	const struct container *c = r.diagnosis->container;
	if (!target_matches(x->sources->target, c))
		return 0;
	_cleanup_free_ char *id = strdup(c->id);
	if (!id)
		return -ENOMEM;
	err = container_records_add(x->out, x->sources->target, x->reader, &r);
	if (err == 0)
		container_records_count(x->out, id, line->times, line->first);
	return err;
}

static int read_store(struct reading *x)
{
	const char *path = x->sources->store;
	struct line_file_report report;

	if (!strcmp(path, "off"))
		return 0;
	start(x, path);
	int err = line_file_read(path, DIAGNOSIS_STORE_HEAD, on_store_line, x, &report);
	if (err == -EBADMSG && report.lines)
		log_warning("%zu of %zu diagnoses in %s are damaged and left out", report.damaged,
			report.lines, path);
	else if (err < 0 && err != -ENOMEM)
		strbuf_printf(&x->tried, "the store %s: %s\n", path,
			err == -EBADMSG ? "it does not hold diagnoses" : strerror(-err));
	return err == -ENOMEM ? err : 0;
}

static int read_file(struct reading *x, const char *path)
{
	struct lines *lines;
	const char *line;
	size_t len;
	int err = lines_open(path, &lines), got = 0;

	if (err < 0)
		return err;
	start(x, path);
	while (err == 0 && (got = lines_next(lines, &line, &len)) > 0) {
		if (*line == '{' && !may_match(x, line, len))
			x->records++;
		else
			err = on_record(x, line, len);
	}
	if (err == 0 && got < 0) {
		log_error("cannot read %s to the end: %s", path, lines_error(lines));
		err = got;
	}
	lines_close(lines);
	err = err < 0 ? err : judge_damage(x);
	x->from = NULL; /* the name may be the caller's buffer */
	return err;
}

/* Oldest first. Files that are not there are no error, but all of them together are: -ENOENT. */
static int read_rotated(struct reading *x, const char *path)
{
	static const char *const forms[] = { "%s.%d.gz", "%s.%d" };
	char name[PATH_MAX];
	int err = 0;

	for (int n = ROTATED_MAX; err == 0 && n > 0; n--)
		for (size_t i = 0; err == 0 && i < ARRAY_SIZE(forms); i++) {
			// NOLINTNEXTLINE(clang-diagnostic-format-nonliteral)
			int len = snprintf(name, sizeof(name), forms[i], path, n);

			if (len >= (int)sizeof(name) || access(name, R_OK) < 0)
				continue;
			err = read_file(x, name);
			/* A damaged one was reported; the others may have the answer. */
			err = err == -ENOENT || err == -EBADMSG ? 0 : err;
		}
	return err < 0 ? err : read_file(x, path);
}

static int read_log(struct reading *x)
{
	const char *path = x->sources->log_file;

	if (!strcmp(path, "off") || !strcmp(path, "-"))
		return 0;
	int err = read_rotated(x, path);
	if (err < 0 && err != -ENOMEM && err != -EBADMSG)
		strbuf_printf(&x->tried, "the log %s: %s\n", path, strerror(-err));
	return err == -ENOMEM ? err : 0;
}

static int read_from(struct reading *x)
{
	const char *path = x->sources->from;
	int err = strcmp(path, "-") ? read_rotated(x, path) : read_file(x, path);

	if (err < 0 && err != -EBADMSG)
		log_error("cannot read %s: %s", path, strerror(-err));
	else if (err == 0 && !x->out->n)
		log_error("nothing is known of \"%s\": no record in the file is its",
			x->sources->target);
	return err;
}

/* The sentences of `tried`, a line each. */
static void report_nothing(struct reading *x)
{
	log_error("nothing is known of \"%s\": neither the agent, nor the store of diagnoses, nor "
		  "the log has it; see `ktrace ps`",
		x->sources->target);
	for (char *line = x->tried.data; line && *line;) {
		size_t len = strcspn(line, "\n");

		log_info("%.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

static int read_all(struct reading *x)
{
	static int (*const sources[])(struct reading * x) = { read_agent, read_store, read_log };

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		int err = sources[i](x);

		if (err < 0)
			return err;
		if (is_answered(x->out))
			return 0;
	}
	if (!x->out->n)
		report_nothing(x);
	return 0;
}

int explain_read(const struct explain_sources *sources, struct record_reader *reader,
	struct container_records_list *out)
{
	struct reading x = { .sources = sources, .out = out, .reader = reader };
	int err = sources->from ? read_from(&x) : read_all(&x);

	if (err == -ENOMEM)
		log_error("out of memory");
	strbuf_free(&x.tried);
	return err;
}
