// SPDX-License-Identifier: MIT
#include "publish/otlp.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "forward/config.h"
#include "forward/forward.h"
#include "forward/message.h"
#include "publish/otlp_headers.h"
#include "publish/otlp_record.h"
#include "util/alarm.h"
#include "util/cleanup.h"
#include "util/log.h"

#define MS 1000000ULL
#define SECOND 1000000000ULL
#define SEAL_NS (500 * MS) /* how long a record waits for others to go with it */
#define BACKOFF_MAX_NS (60 * SECOND)
#define LOGS_PATH "/v1/logs"
#define TAG "otlp"

struct otlp {
	struct output output;
	struct otlp_options options;
	char *url;
	struct otlp_headers headers;
	struct buffer *buffer;
	struct http_client *client;
	struct alarm *alarm;
	struct strbuf entry;
	char under_way[sizeof(((struct buffer_chunk *)0)->id)]; /* of the chunk; "" none */
	uint64_t under_way_records;
	uint64_t seal_at, retry_at, end_at;
	unsigned failures; /* in a row */
	enum http_outcome reported;
	bool partial_reported;
	struct otlp_stats stats;
};

static struct otlp *otlp_of(const struct output *o)
{
	return (struct otlp *)((char *)o - offsetof(struct otlp, output));
}

const char *otlp_drop_name(enum otlp_drop drop)
{
	static const char *const names[OTLP_DROPS] = { "full", "disk", "corrupt", "refused",
		"invalid" };

	return names[drop];
}

/* The buffer counts what it dropped by itself. */
static void sync_losses(struct otlp *t)
{
	struct buffer_stats b;

	buffer_stats(t->buffer, &b);
	t->stats.dropped[OTLP_DROP_FULL] = b.dropped_full;
	t->stats.dropped[OTLP_DROP_DISK] = b.dropped_disk;
	t->stats.dropped[OTLP_DROP_CORRUPT] = b.dropped_corrupt;
	t->stats.waiting_records = b.records;
	t->stats.waiting_bytes = b.bytes;
	t->output.lost = 0;
	for (size_t i = 0; i < OTLP_DROPS; i++)
		t->output.lost += t->stats.dropped[i];
}

static int send_body(struct otlp *t, const struct strbuf *records)
{
	_cleanup_strbuf_ struct strbuf body = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf packed = STRBUF_INIT;
	const char *headers[OTLP_HEADERS_MAX + 3] = { "Content-Type: application/json",
		"Content-Encoding: gzip" };

	otlp_request(&body, records);
	if (body.failed || forward_gzip(&packed, &body) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < t->headers.n; i++)
		headers[2 + i] = t->headers.lines[i];
	return http_client_send(
		t->client, &(struct http_request){ "POST", t->url, headers, &packed });
}

/* The oldest chunk that is sealed: 1 when it is under way, 0 when there is none, or a negative errno. */
static int send_chunk(struct otlp *t)
{
	const struct buffer_chunk *chunk;

	while ((chunk = buffer_next(t->buffer))) {
		_cleanup_strbuf_ struct strbuf records = STRBUF_INIT;
		char id[sizeof(t->under_way)];

		memcpy(id, chunk->id, sizeof(id));
		long n = buffer_take(t->buffer, &records);
		if (n == -EBADMSG)
			continue;
		int err = n < 0 ? (int)n : send_body(t, &records);
		if (err < 0) {
			buffer_put_back(t->buffer, id);
			return err;
		}
		memcpy(t->under_way, id, sizeof(id));
		t->under_way_records = (uint64_t)n;
		t->stats.sent += (uint64_t)n;
		return 1;
	}
	return 0;
}

static void fail(struct otlp *t, uint64_t least)
{
	uint64_t pause = backoff_pause(t->options.backoff_ns, BACKOFF_MAX_NS, ++t->failures);

	t->retry_at = alarm_now() + (pause > least ? pause : least);
	/* Who is about to end does not wait for a server that is away: the buffer keeps what is left. */
	if (t->end_at)
		t->end_at = 1;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static void go_on(struct otlp *t)
{
	uint64_t now = alarm_now(), at = 0;

	if (buffer_is_open(t->buffer) && !t->seal_at)
		t->seal_at = t->end_at ? now : now + SEAL_NS;
	if (t->seal_at && now >= t->seal_at) {
		buffer_seal(t->buffer);
		t->seal_at = 0;
	}
	if (!*t->under_way && now >= t->retry_at) {
		t->retry_at = 0;
		if (send_chunk(t) < 0)
			fail(t, 0);
	}
	sync_losses(t);
	if (t->end_at && (now >= t->end_at || (!t->stats.waiting_records && !*t->under_way)))
		loop_stop(t->options.loop, 0);
	at = earlier(t->seal_at, *t->under_way ? 0 : t->retry_at);
	alarm_set(t->alarm, earlier(at, t->end_at));
}

static void on_alarm(void *ctx)
{
	go_on(ctx);
}

/* "All other 4xx or 5xx response status codes MUST NOT be retried"; no answer at all is. */
static bool is_retryable(const struct http_answer *answer)
{
	static const long statuses[] = { 0, 429, 502, 503, 504 };

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (answer->status == statuses[i])
			return true;
	return false;
}

static uint64_t number_of(const cJSON *value)
{
	if (cJSON_IsString(value)) /* as protobuf writes 64 bits */
		return strtoull(value->valuestring, NULL, 10);
	return cJSON_IsNumber(value) && value->valuedouble > 0 ? (uint64_t)value->valuedouble : 0;
}

/* How many of so many records the collector took in and threw away. */
static uint64_t rejected_by(struct otlp *t, const struct http_answer *answer, uint64_t records)
{
	_cleanup_json_ cJSON *reply = cJSON_ParseWithLength(answer->body, answer->len);
	const cJSON *partial = cJSON_GetObjectItemCaseSensitive(reply, "partialSuccess");
	const char *why =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(partial, "errorMessage"));
	uint64_t n = number_of(cJSON_GetObjectItemCaseSensitive(partial, "rejectedLogRecords"));

	n = n < records ? n : records;
	if ((n || (why && *why)) && !t->partial_reported) {
		log_warning("otlp: %s rejected %llu records of a request: %.200s (reported once)",
			t->url, (unsigned long long)n, why ? why : "it does not say why");
		t->partial_reported = true;
	}
	return n;
}

static void log_failure(struct otlp *t, const struct http_answer *answer, bool again)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (t->reported == answer->outcome)
		return;
	t->reported = answer->outcome;
	http_answer_text(&text, answer);
	log_warning("otlp: %s %s; %s", t->url, text.data ? text.data : "",
		again ? "records wait in the buffer" : "these records are dropped");
}

static void on_taken(struct otlp *t, const struct http_answer *answer)
{
	uint64_t rejected = rejected_by(t, answer, t->under_way_records);

	if (t->failures)
		log_info("otlp: %s takes records", t->url);
	t->failures = 0;
	t->reported = HTTP_DONE;
	/* It may be gone by now, when the buffer was full. */
	uint64_t records = buffer_remove(t->buffer, t->under_way);
	rejected = rejected < records ? rejected : records;
	t->stats.dropped[OTLP_DROP_REFUSED] += rejected;
	t->stats.acked += records - rejected;
}

static void on_answer(void *ctx, const struct http_answer *answer)
{
	struct otlp *t = ctx;

	if (answer->outcome == HTTP_DONE) {
		on_taken(t, answer);
	} else {
		bool again = is_retryable(answer);

		t->stats.errors[answer->outcome]++;
		log_failure(t, answer, again);
		if (again) {
			buffer_put_back(t->buffer, t->under_way);
			fail(t, answer->retry_after);
		} else {
			t->stats.dropped[OTLP_DROP_REFUSED] +=
				buffer_remove(t->buffer, t->under_way);
		}
	}
	*t->under_way = '\0';
	go_on(t);
}

static int otlp_write(struct output *o, const struct record *r)
{
	struct otlp *t = otlp_of(o);

	strbuf_reset(&t->entry);
	int err = otlp_record(&t->entry, r, t->options.clock());
	if (err == -EINVAL)
		return err;
	if (err < 0 || t->entry.len > BUFFER_CHUNK) {
		t->stats.dropped[OTLP_DROP_INVALID]++;
		o->lost++;
		return err < 0 ? err : -EMSGSIZE;
	}
	buffer_add(t->buffer, t->entry.data, t->entry.len);
	t->stats.buffered++;
	o->written++;
	return 0;
}

static int otlp_flush(struct output *o)
{
	struct otlp *t = otlp_of(o);
	int err = buffer_flush(t->buffer);

	go_on(t);
	return err;
}

static int otlp_reopen(struct output *o)
{
	struct otlp *t = otlp_of(o);
	int err = otlp_headers_read(&t->headers, t->options.headers_file);

	if (err < 0)
		log_warning("otlp: the headers that were read before stay in use");
	t->retry_at = 0;
	t->reported = HTTP_DONE;
	go_on(t);
	return err;
}

void otlp_finish(struct output *o, uint64_t ns)
{
	struct otlp *t = otlp_of(o);

	buffer_flush(t->buffer);
	sync_losses(t);
	if (!t->stats.waiting_records)
		return;
	t->end_at = alarm_now() + ns;
	t->seal_at = alarm_now();
	t->retry_at = 0;
	go_on(t);
	loop_run(t->options.loop);
	t->end_at = 0;
}

static void otlp_free(struct output *o)
{
	if (!o)
		return;
	struct otlp *t = otlp_of(o);
	http_client_free(t->client);
	alarm_free(t->alarm);
	buffer_close(t->buffer);
	otlp_headers_release(&t->headers);
	strbuf_free(&t->entry);
	free(t->url);
	free(t);
}

/* The specification: a base URL gets the path of the signal. */
static char *url_of(const char *text)
{
	struct strbuf url = STRBUF_INIT;
	size_t len = strlen(text), path = strlen(LOGS_PATH);

	if ((strncmp(text, "http://", 7) && strncmp(text, "https://", 8)) || text[len - 1] == ':' ||
		strpbrk(text, " \t\r\n?#")) {
		log_error("--otlp cannot be \"%s\": it must be http://HOST:PORT or "
			  "https://HOST:PORT, as "
			  "http://collector.observability:4318",
			text);
		return NULL;
	}
	while (len && text[len - 1] == '/')
		len--;
	strbuf_append(&url, text, len);
	if (len < path || strncmp(text + len - path, LOGS_PATH, path) != 0)
		strbuf_puts(&url, LOGS_PATH);
	return strbuf_take(&url);
}

static int start(struct otlp *t)
{
	const struct otlp_options *o = &t->options;
	const struct http_client_options client = {
		.loop = o->loop,
		.ca_file = o->ca_file,
		.on_answer = on_answer,
		.ctx = t,
	};

	t->url = url_of(o->url);
	if (!t->url)
		return -EINVAL;
	const struct forward_options buffer = {
		.buffer_dir = o->buffer_dir, .buffer_bytes = o->buffer_bytes, .tag = TAG
	};
	int err = otlp_headers_read(&t->headers, o->headers_file);
	if (err < 0 || (err = forward_buffer_open(&buffer, &t->buffer)) < 0)
		return -EINVAL;
	err = http_client_new(&client, &t->client);
	return err < 0 ? err : alarm_new(o->loop, on_alarm, t, &t->alarm);
}

int otlp_new(const struct otlp_options *options, struct output **out)
{
	static const struct output_ops ops = {
		.name = "otlp",
		.write = otlp_write,
		.flush = otlp_flush,
		.reopen = otlp_reopen,
		.free = otlp_free,
	};
	struct otlp *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->output.ops = &ops;
	t->options = *options;
	t->options.backoff_ns = options->backoff_ns ? options->backoff_ns : SECOND;
	int err = start(t);
	if (err == 0)
		go_on(t); /* what an earlier agent left */
	if (err < 0) {
		otlp_free(&t->output);
		return err;
	}
	*out = &t->output;
	return 0;
}

void otlp_stats(const struct output *o, struct otlp_stats *out)
{
	struct otlp *t = otlp_of(o);

	sync_losses(t);
	*out = t->stats;
}
