// SPDX-License-Identifier: MIT
#include "agent/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "record/json.h"
#include "record/ndjson.h"
#include "util/cleanup.h"
#include "util/hash.h"

struct recording {
	struct output base;
	const struct pipeline *pipeline;
	gzFile file;
	bool has_head;
	int err; /* the first thing that went wrong */
	struct strbuf line;
};

static void add_head(struct strbuf *out, const struct pipeline *p)
{
	const struct pipeline_options *o = pipeline_about(p);
	struct json j = json_start(out);
	char run[sizeof("ffffffffffffffff")];

	snprintf(run, sizeof(run), "%016" PRIx64, o->run);

	json_open_object(&j, NULL);
	json_open_object(&j, "ktrace");
	json_int(&j, "recording", RECORDING_FORMAT);
	json_string(&j, "version", KTRACE_VERSION);
	json_string(&j, "node", o->node);
	json_int(&j, "machine", o->machine);
	json_string(&j, "run", run);
	json_string(&j, "missing_probes", pipeline_missing(p));
	json_close_object(&j);
	json_close_object(&j);
	strbuf_putc(out, '\n');
}

static int recording_write(struct output *o, const struct record *r)
{
	struct recording *rec = (struct recording *)o;
	int err = 0;

	strbuf_reset(&rec->line);
	if (!rec->has_head)
		add_head(&rec->line, rec->pipeline);
	rec->has_head = true;
	if (!rec->err)
		err = ndjson_append(&rec->line, r);
	if (!rec->err && !err && gzwrite(rec->file, rec->line.data, (unsigned)rec->line.len) <= 0)
		err = errno ? -errno : -EIO;
	if (rec->err || err) {
		rec->err = rec->err ? rec->err : err;
		o->lost++;
		return rec->err;
	}
	o->written++;
	return 0;
}

/* Compressed data is on its way when it is worth a block: a batch is no reason to end one. */
static int recording_flush(struct output *o)
{
	return ((struct recording *)o)->err;
}

int recording_finish(struct output *o)
{
	struct recording *rec = (struct recording *)o;

	if (rec->file && gzclose(rec->file) != Z_OK && !rec->err)
		rec->err = errno ? -errno : -EIO;
	rec->file = NULL;
	return rec->err;
}

static void recording_free(struct output *o)
{
	struct recording *rec = (struct recording *)o;

	recording_finish(o);
	strbuf_free(&rec->line);
	free(rec);
}

static const struct output_ops recording_ops = {
	.name = "recording",
	.write = recording_write,
	.flush = recording_flush,
	.free = recording_free,
};

int recording_new(const char *path, const struct pipeline *p, struct output **out)
{
	/* What processes wrote and where they failed is nobody else's business. */
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	struct recording *rec = calloc(1, sizeof(*rec));
	if (!rec)
		return -ENOMEM;
	rec->base.ops = &recording_ops;
	rec->pipeline = p;
	rec->file = gzdopen(fd, "wb6");
	if (!rec->file) {
		free(rec);
		return -ENOMEM;
	}
	fd = -1;
	*out = &rec->base;
	return 0;
}

static void copy_text(char *out, size_t size, const cJSON *value)
{
	const char *text = cJSON_GetStringValue(value);

	snprintf(out, size, "%s", text ? text : "");
}

int recording_head_read(const char *line, size_t len, struct recording_head *out)
{
	_cleanup_json_ cJSON *j = cJSON_ParseWithLength(line, len);
	const cJSON *k = cJSON_GetObjectItemCaseSensitive(j, "ktrace");
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(k, "recording");
	const cJSON *machine = cJSON_GetObjectItemCaseSensitive(k, "machine");
	struct recording_head head = { 0 };
	char run[sizeof("ffffffffffffffff")];

	if (!cJSON_IsNumber(format) || format->valueint < 1)
		return -EBADMSG;
	head.format = format->valueint;
	if (cJSON_IsNumber(machine) && machine->valueint > 0 && machine->valueint <= UINT16_MAX)
		head.machine = (uint16_t)machine->valueint;
	copy_text(
		head.version, sizeof(head.version), cJSON_GetObjectItemCaseSensitive(k, "version"));
	copy_text(head.node, sizeof(head.node), cJSON_GetObjectItemCaseSensitive(k, "node"));
	copy_text(head.missing_probes, sizeof(head.missing_probes),
		cJSON_GetObjectItemCaseSensitive(k, "missing_probes"));
	copy_text(run, sizeof(run), cJSON_GetObjectItemCaseSensitive(k, "run"));
	head.run = run[0] ? strtoull(run, NULL, 16) : hash_bytes(HASH_START, line, len);
	*out = head;
	return 0;
}
