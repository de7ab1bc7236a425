// SPDX-License-Identifier: MIT
#include "publish/kubernetes_events.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "publish/event_table.h"
#include "publish/kubernetes_event.h"
#include "publish/service_account.h"
#include "util/alarm.h"
#include "util/cleanup.h"
#include "util/log.h"

#define SECOND 1000000000ULL
#define BURST 25
#define EACH_NS (2 * SECOND)
/* Of a pod: what client-go lets through of one source about one object. */
#define POD_BURST 25
#define POD_EACH_NS (300 * SECOND)
#define REPEAT_NS (10 * SECOND)
#define REPEAT_MAX_NS (300 * SECOND)
#define BACKOFF_MAX_NS (60 * SECOND)

enum { STATUS_NOT_FOUND = 404, STATUS_CONFLICT = 409 };

struct kubernetes_events {
	struct output output;
	struct kubernetes_events_options options; /* all of it set */
	struct service_account account;
	struct http_client *client;
	struct alarm *alarm;
	struct event_table table;
	struct event_entry *under_way; /* NULL: none */
	uint64_t under_way_count;      /* what the server knows when it takes it */
	struct request_budget budget;  /* of all pods together */
	uint64_t retry_at, end_at;
	unsigned failures; /* in a row */
	enum http_outcome reported;
	bool token_failed; /* reported once */
	struct kubernetes_events_stats stats;
};

static struct kubernetes_events *events_of(const struct output *o)
{
	return (struct kubernetes_events *)((char *)o - offsetof(struct kubernetes_events, output));
}

const char *event_drop_name(enum event_drop drop)
{
	static const char *const names[EVENT_DROPS] = { "full", "refused", "invalid" };

	return names[drop];
}

/* An entry's next request: its method, what follows the server in the URL, and its body. */
static const char *write_request(
	const struct event_entry *e, struct strbuf *url, struct strbuf *body)
{
	strbuf_puts(url, e->path);
	if (e->state == EVENT_NEW) {
		strbuf_puts(body, e->head);
		if (e->count > 1) {
			strbuf_putc(body, ',');
			kubernetes_event_series(body, e->count, e->last);
		}
	} else {
		strbuf_printf(url, "/%s", e->name);
		strbuf_putc(body, '{');
		/* A patch of nothing is answered with what is there, and needs no right to read. */
		if (e->state == EVENT_CREATED)
			kubernetes_event_series(body, e->before + e->count, e->last);
	}
	strbuf_putc(body, '}');
	strbuf_puts(url, "?fieldManager=ktrace");
	return e->state == EVENT_NEW ? "POST" : "PATCH";
}

static int send_entry(struct kubernetes_events *k, struct event_entry *e)
{
	_cleanup_strbuf_ struct strbuf url = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf body = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf token = STRBUF_INIT;
	int err = service_account_header(&k->account, &token);

	if (err < 0) {
		if (!k->token_failed)
			log_warning("kubernetes-events: cannot read the token %s: %s",
				k->account.token_file, strerror(-err));
		k->token_failed = true;
		return err;
	}
	k->token_failed = false;
	strbuf_puts(&url, k->account.server);
	const char *method = write_request(e, &url, &body);
	const char *headers[] = {
		token.data,
		e->state == EVENT_NEW ? "Content-Type: application/json"
				      : "Content-Type: application/merge-patch+json",
		"Accept: application/json",
		NULL,
	};
	const struct http_request request = { method, url.data, headers, &body };
	if (url.failed || body.failed)
		return -ENOMEM;
	err = http_client_send(k->client, &request);
	if (err == 0) {
		k->under_way = e;
		k->under_way_count = e->count;
	}
	return err;
}

static void fail(struct kubernetes_events *k, uint64_t least)
{
	uint64_t pause = backoff_pause(k->options.backoff_ns, BACKOFF_MAX_NS, ++k->failures);

	k->retry_at = alarm_now() + (pause > least ? pause : least);
	/* Who is about to end does not wait for a server that is away. */
	if (k->end_at)
		k->end_at = 1;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Sends what is due, one after another; and sets the alarm for what is not. */
static void go_on(struct kubernetes_events *k)
{
	uint64_t now = alarm_now(), at = 0;
	struct event_entry *e = k->under_way ? NULL : event_table_next(&k->table);

	if (e) {
		at = later(event_table_due(&k->table, e),
			request_budget_free_at(&k->budget, &k->options.rate));
		at = later(at, 1);
		if (k->end_at)
			at = 1;
		at = later(at, k->retry_at);
		if (at <= now) {
			at = 0;
			request_budget_spend(&k->budget, &k->options.rate, now);
			request_budget_spend(&e->object->budget, &k->table.object_rate, now);
			if (send_entry(k, e) < 0) {
				fail(k, 0);
				at = k->retry_at;
			}
		}
	}
	if (k->end_at && ((!e && !k->under_way) || now >= k->end_at))
		loop_stop(k->options.loop, 0);
	if (k->end_at && (!at || at > k->end_at))
		at = k->end_at;
	alarm_set(k->alarm, at);
}

static void on_alarm(void *ctx)
{
	go_on(ctx);
}

static void log_failure(struct kubernetes_events *k, const struct http_answer *answer)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (k->reported == answer->outcome)
		return;
	k->reported = answer->outcome;
	http_answer_text(&text, answer);
	log_warning("kubernetes-events: %s %s%s", k->account.server, text.data ? text.data : "",
		answer->outcome == HTTP_FORBIDDEN ? "; the service account needs a Role for "
						    "events, with the verbs create and "
						    "patch (deploy/kubernetes-events)"
						  : "");
}

/* What the server has is of an earlier agent, or our own, made by a request whose answer got lost. */
static void adopt(struct event_entry *e, const struct http_answer *answer)
{
	_cleanup_json_ cJSON *event = cJSON_ParseWithLength(answer->body, answer->len);
	const cJSON *series = cJSON_GetObjectItemCaseSensitive(event, "series");
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(series, "count");
	const char *time =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(event, "eventTime"));
	bool counts =
		cJSON_IsNumber(count) && count->valuedouble >= 1 && count->valuedouble < INT32_MAX;
	uint64_t there = counts ? (uint64_t)count->valuedouble : 1;
	char ours[EVENT_TIME_SIZE];

	kubernetes_event_time(ours, e->first);
	e->state = EVENT_CREATED;
	if (!time || strcmp(time, ours))
		e->before = there;
	else
		e->told = there < e->count ? there : e->count;
}

static void on_taken(
	struct kubernetes_events *k, struct event_entry *e, const struct http_answer *answer)
{
	if (k->failures)
		log_info("kubernetes-events: %s takes Events", k->account.server);
	k->failures = 0;
	k->reported = HTTP_DONE;
	if (e->state == EVENT_THERE) {
		adopt(e, answer);
		return;
	}
	k->stats.created += e->state == EVENT_NEW;
	k->stats.updated += e->state == EVENT_CREATED;
	e->state = EVENT_CREATED;
	e->told = k->under_way_count;
	uint64_t pause = k->options.repeat_ns;
	for (unsigned i = 0; i < e->repeats && pause < REPEAT_MAX_NS; i++)
		pause *= 2;
	e->due = alarm_now() + (pause < REPEAT_MAX_NS ? pause : REPEAT_MAX_NS);
	e->repeats++;
}

/* It will never be taken: what waits is given up, and counted. */
static void drop(struct kubernetes_events *k, struct event_entry *e, enum event_drop why)
{
	k->stats.dropped[why] += e->count - e->told;
	k->output.lost += e->count - e->told;
	e->told = e->count;
}

static bool passes(enum http_outcome outcome)
{
	return outcome != HTTP_FORBIDDEN && outcome != HTTP_REJECTED;
}

static void on_failure(
	struct kubernetes_events *k, struct event_entry *e, const struct http_answer *answer)
{
	if (answer->status == STATUS_CONFLICT && e->state == EVENT_NEW) {
		e->state = EVENT_THERE;
		return;
	}
	/* The server keeps Events for an hour. */
	if (answer->status == STATUS_NOT_FOUND && e->state != EVENT_NEW) {
		e->state = EVENT_NEW;
		e->count -= e->told;
		e->told = e->before = 0;
		return;
	}
	k->stats.errors[answer->outcome]++;
	log_failure(k, answer);
	if (passes(answer->outcome) || answer->status == STATUS_CONFLICT)
		fail(k, answer->retry_after);
	else
		drop(k, e, EVENT_DROP_REFUSED);
}

static void on_answer(void *ctx, const struct http_answer *answer)
{
	struct kubernetes_events *k = ctx;
	struct event_entry *e = take(k->under_way);

	if (answer->outcome == HTTP_DONE)
		on_taken(k, e, answer);
	else
		on_failure(k, e, answer);
	go_on(k);
}

static int lose(struct kubernetes_events *k, enum event_drop why)
{
	k->stats.dropped[why]++;
	k->output.lost++;
	return -ENOSPC;
}

static int events_write(struct output *o, const struct record *r)
{
	struct kubernetes_events *k = events_of(o);
	const struct diagnosis *d = r->diagnosis;

	if (r->type != RECORD_DIAGNOSIS || !d->container || !*d->container->pod)
		return 0;
	if (!kubernetes_event_is_possible(d))
		return lose(k, EVENT_DROP_INVALID);
	struct event_entry *e = event_table_find(&k->table, kubernetes_event_key(d));
	if (!e)
		e = event_table_add(
			&k->table, d, k->options.node, k->options.clock(), k->under_way);
	if (!e)
		return lose(k, EVENT_DROP_FULL);
	e->last = r->time;
	if (e->count && !strcmp(e->container, d->container->id))
		return 0;
	snprintf(e->container, sizeof(e->container), "%s", d->container->id);
	e->count++;
	o->written++;
	return 0;
}

static int events_flush(struct output *o)
{
	go_on(events_of(o));
	return 0;
}

void kubernetes_events_finish(struct output *o, uint64_t ns)
{
	struct kubernetes_events *k = events_of(o);

	if (!event_table_waiting(&k->table) && !k->under_way)
		return;
	k->end_at = alarm_now() + ns;
	go_on(k);
	loop_run(k->options.loop);
	k->end_at = 0;
}

static void events_free(struct output *o)
{
	if (!o)
		return;
	struct kubernetes_events *k = events_of(o);
	http_client_free(k->client);
	alarm_free(k->alarm);
	event_table_free(&k->table);
	service_account_release(&k->account);
	free(k);
}

static void set_rate(struct request_rate *rate, unsigned burst, uint64_t each_ns)
{
	if (!rate->burst)
		rate->burst = burst;
	if (!rate->each_ns)
		rate->each_ns = each_ns;
}

static int start(struct kubernetes_events *k, const struct kubernetes_events_options *o)
{
	int err = service_account_find(&k->account, o->server, o->token_file, o->ca_file);

	if (err < 0)
		return err;
	k->options = *o;
	set_rate(&k->options.rate, BURST, EACH_NS);
	set_rate(&k->options.pod_rate, POD_BURST, POD_EACH_NS);
	k->table.object_rate = k->options.pod_rate;
	k->options.repeat_ns = o->repeat_ns ? o->repeat_ns : REPEAT_NS;
	k->options.backoff_ns = o->backoff_ns ? o->backoff_ns : SECOND;
	k->table.most = KUBERNETES_EVENTS_MAX;
	const struct http_client_options client = {
		.loop = o->loop,
		.ca_file = k->account.ca_file,
		.on_answer = on_answer,
		.ctx = k,
	};
	err = http_client_new(&client, &k->client);
	return err < 0 ? err : alarm_new(o->loop, on_alarm, k, &k->alarm);
}

int kubernetes_events_new(const struct kubernetes_events_options *options, struct output **out)
{
	static const struct output_ops ops = {
		.name = "kubernetes-events",
		.write = events_write,
		.flush = events_flush,
		.free = events_free,
	};
	struct kubernetes_events *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->output.ops = &ops;
	int err = start(k, options);
	if (err < 0) {
		events_free(&k->output);
		return err;
	}
	*out = &k->output;
	return 0;
}

void kubernetes_events_stats(const struct output *o, struct kubernetes_events_stats *out)
{
	const struct kubernetes_events *k = events_of(o);

	*out = k->stats;
	out->waiting = event_table_waiting(&k->table);
}
