// SPDX-License-Identifier: MIT
#include "forward/forward.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

#include "forward/buffer.h"
#include "forward/config.h"
#include "forward/entry.h"
#include "forward/message.h"
#include "forward/window.h"
#include "record/ndjson.h"
#include "util/cleanup.h"
#include "util/log.h"

#define MS 1000000ull
#define SEAL_NS (250 * MS)        /* how long a record waits for others to go with it */
#define HANDSHAKE_NS (10000 * MS) /* from the look-up of the name to the first chunk */
#define AGAIN_NS (1000 * MS)      /* when memory was short */

struct forward {
	struct output base;
	struct forward_config config;
	struct loop *loop;
	struct buffer *buffer;
	struct link *link;
	int timer;
	struct loop_watch *watch;

	size_t current;                       /* server */
	unsigned failures;                    /* since the last acknowledgement */
	struct window under_way;              /* to it */
	uint64_t seal_at, deadline, retry_at; /* CLOCK_MONOTONIC; 0: not set */
	uint64_t end_at;       /* when forward_finish() gives up; 0: nobody called it */
	unsigned end_failures; /* since it was called */
	uint64_t armed;        /* what the timer is set to */
	struct forward_stats stats;
	struct strbuf line, entry;
};

static struct forward *forward_of(const struct output *o)
{
	return (struct forward *)((char *)o - offsetof(struct forward, base));
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static bool is_waiting(const struct forward *f)
{
	return f->under_way.n > 0;
}

/* One timer for the nearest of the times. */
static void rearm(struct forward *f)
{
	bool seals = f->seal_at && !is_waiting(f) && !f->deadline && !f->retry_at;
	const uint64_t times[] = { f->deadline, f->retry_at, seals ? f->seal_at : 0, f->end_at };
	struct itimerspec spec = { 0 };
	uint64_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		if (times[i] && (!at || times[i] < at))
			at = times[i];
	if (at == f->armed)
		return;
	f->armed = at;
	spec.it_value.tv_sec = (time_t)(at / 1000000000);
	spec.it_value.tv_nsec = (long)(at % 1000000000);
	timerfd_settime(f->timer, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void connect_now(struct forward *f)
{
	f->retry_at = 0;
	f->deadline = now_ns() + HANDSHAKE_NS;
	link_connect(f->link, &f->config.servers[f->current]);
}

/* The next chunk as a message: its entries' number, or a negative errno. Chunks that cannot be read go. */
static long take_chunk(struct forward *f, struct strbuf *message)
{
	const struct buffer_chunk *chunk;

	while ((chunk = buffer_next(f->buffer))) {
		_cleanup_strbuf_ struct strbuf entries = STRBUF_INIT;
		struct buffer_chunk about = *chunk;
		long n = buffer_take(f->buffer, &entries);
		const struct forward_batch batch = {
			.tag = about.tag,
			.id = about.id,
			.records = (uint64_t)n,
			.entries = &entries,
			.compress = f->config.compress,
		};

		if (n == -EBADMSG)
			continue;
		if (n < 0)
			return n;
		if (forward_chunk(message, &batch) < 0) {
			buffer_put_back(f->buffer, about.id);
			return -ENOMEM;
		}
		window_add(&f->under_way, about.id);
		return n;
	}
	return 0;
}

/* False: there is nothing to send, or not now. */
static bool send_chunk(struct forward *f)
{
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;
	bool is_first = !is_waiting(f);
	long n = take_chunk(f, &message);

	if (n < 0)
		f->seal_at = now_ns() + AGAIN_NS;
	if (n <= 0)
		return false;
	f->stats.sent += (uint64_t)n;
	if (is_first)
		f->deadline = now_ns() + f->config.ack_ns;
	link_send(f->link, &message);
	return true;
}

/* A server without keepalive hangs up after each chunk; and what the socket does not take waits on disk. */
static bool has_room(const struct forward *f)
{
	size_t most = link_keepalive(f->link) ? WINDOW_MAX : 1;

	return link_state(f->link) == FORWARD_READY && f->under_way.n < most &&
	       link_backlog(f->link) < BUFFER_CHUNK;
}

/* Goes as far as there is something to send and somebody to take it. */
static void pump(struct forward *f)
{
	bool due = f->seal_at && now_ns() >= f->seal_at && !is_waiting(f);

	if (f->retry_at || !(due || buffer_next(f->buffer)))
		return;
	if (link_state(f->link) == FORWARD_IDLE)
		connect_now(f);
	if (link_state(f->link) != FORWARD_READY)
		return;
	if (!buffer_next(f->buffer)) {
		f->seal_at = 0;
		buffer_seal(f->buffer);
	}
	while (has_room(f) && send_chunk(f))
		;
}

static void sync_losses(struct forward *f)
{
	struct buffer_stats b;

	buffer_stats(f->buffer, &b);
	f->base.lost = b.dropped_full + b.dropped_disk + b.dropped_corrupt +
		       f->stats.dropped[FORWARD_DROP_INVALID];
}

/* Nothing is left to send, or nobody to send it to. */
static void end_if_done(struct forward *f)
{
	struct buffer_stats b;

	if (!f->end_at)
		return;
	buffer_stats(f->buffer, &b);
	if (!b.records || f->end_failures >= f->config.n_servers || now_ns() >= f->end_at)
		loop_stop(f->loop, 0);
}

static void forget_under_way(struct forward *f)
{
	f->under_way.n = 0;
	buffer_put_back(f->buffer, NULL);
}

static void go_on(struct forward *f)
{
	if (buffer_is_open(f->buffer) && !f->seal_at)
		f->seal_at = now_ns() + SEAL_NS;
	pump(f);
	sync_losses(f);
	rearm(f);
	end_if_done(f);
}

/* Once for each kind of trouble that a server has, not once for each attempt. */
static void log_failure(struct forward *f, enum forward_error error, const char *text)
{
	struct link_server *server = &f->config.servers[f->current];

	if (server->reported == error)
		return;
	server->reported = error;
	log_warning("forward: %s %s; records wait in the buffer", server->name, text);
}

static void on_failure(void *ctx, enum forward_error error, const char *text)
{
	struct forward *f = ctx;
	bool idle = !is_waiting(f) && !f->deadline;

	f->deadline = 0;
	forget_under_way(f);
	/* A server may hang up on who has nothing to say: he comes back when he has. */
	if (error == FORWARD_ERROR_CLOSED && idle)
		return;
	f->stats.errors[error]++;
	f->stats.last_error = error;
	f->stats.last_error_time = clock_ns(CLOCK_REALTIME);
	snprintf(f->stats.last_error_text, sizeof(f->stats.last_error_text), "%s", text);
	log_failure(f, error, text);
	f->failures++;
	f->end_failures++;
	f->current = (f->current + 1) % f->config.n_servers;
	f->retry_at = now_ns() + forward_config_pause(&f->config, f->failures);
	rearm(f);
	end_if_done(f);
}

static void on_wait(void *ctx, uint64_t ns)
{
	struct forward *f = ctx;

	f->deadline = now_ns() + ns;
	rearm(f);
}

static void on_ready(void *ctx)
{
	struct forward *f = ctx;

	f->deadline = 0;
	f->stats.connections++;
	go_on(f);
}

static void on_ack(void *ctx, const char *chunk)
{
	struct forward *f = ctx;

	int place = window_remove(&f->under_way, chunk);

	if (place < 0) {
		link_close(f->link);
		on_failure(f, FORWARD_ERROR_PROTOCOL, "acknowledged what was not sent");
		return;
	}
	/* It may be gone by now, when the buffer was full. */
	f->stats.acked += buffer_remove(f->buffer, chunk);
	/* Servers answer in order: each gets its time once those before it have been answered. */
	if (!is_waiting(f))
		f->deadline = 0;
	else if (place == 0)
		f->deadline = now_ns() + f->config.ack_ns;
	if (f->failures)
		log_info("forward: %s takes records", f->config.servers[f->current].name);
	f->failures = 0;
	f->config.servers[f->current].reported = FORWARD_ERROR_NONE;
	if (!link_keepalive(f->link))
		link_close(f->link);
	go_on(f);
}

static void on_room(void *ctx)
{
	go_on(ctx);
}

static void on_timer(void *ctx, uint32_t events)
{
	struct forward *f = ctx;
	uint64_t expirations, now = now_ns();

	(void)events;
	if (read(f->timer, &expirations, sizeof(expirations)) < 0)
		return;
	f->armed = 0;
	if (f->deadline && now >= f->deadline)
		link_time_out(f->link);
	else if (f->retry_at && now >= f->retry_at)
		connect_now(f);
	go_on(f);
}

static int forward_write(struct output *o, const struct record *r)
{
	struct forward *f = forward_of(o);

	strbuf_reset(&f->line);
	strbuf_reset(&f->entry);
	int err = ndjson_append(&f->line, r);
	if (err == -EINVAL)
		return err;
	if (err == 0)
		err = forward_entry(&f->entry, r->time, f->line.data, f->line.len);
	if (err < 0) {
		f->stats.dropped[FORWARD_DROP_INVALID]++;
		sync_losses(f);
		return err;
	}
	buffer_add(f->buffer, f->entry.data, f->entry.len);
	f->stats.buffered++;
	o->written++;
	return 0;
}

static int forward_flush(struct output *o)
{
	struct forward *f = forward_of(o);
	int err = buffer_flush(f->buffer);

	go_on(f);
	return err;
}

/*
 * Keys and certificates are changed while agents run. A server that is up is left alone: it proved itself.
 * All else begins again at once, and says anew what is wrong.
 */
static int forward_reopen(struct output *o)
{
	struct forward *f = forward_of(o);

	if (!f->config.secrets.key && !f->config.secrets.trust)
		return 0;
	int err = forward_secrets_reread(&f->config.secrets);
	link_restart(f->link);
	if (err < 0)
		log_warning("forward: what was read from there before stays in use: correct it and "
			    "send SIGHUP again");
	for (size_t i = 0; i < f->config.n_servers; i++) {
		f->config.servers[i].reported = FORWARD_ERROR_NONE;
		f->config.servers[i].tls = LINK_TLS_UNKNOWN;
	}
	if (link_state(f->link) == FORWARD_IDLE) {
		forget_under_way(f);
		connect_now(f);
	}
	rearm(f);
	return err;
}

void forward_finish(struct output *o, uint64_t ns)
{
	struct forward *f = forward_of(o);
	struct buffer_stats b;

	buffer_flush(f->buffer);
	buffer_stats(f->buffer, &b);
	if (!b.records)
		return;
	f->end_at = now_ns() + ns;
	f->end_failures = 0;
	f->seal_at = now_ns();
	if (f->retry_at)
		connect_now(f);
	go_on(f);
	loop_run(f->loop);
	f->end_at = 0;
}

static void forward_free(struct output *o)
{
	if (!o)
		return;
	struct forward *f = forward_of(o);
	link_free(f->link);
	loop_remove(f->watch);
	if (f->timer >= 0)
		close(f->timer);
	buffer_close(f->buffer);
	forward_config_release(&f->config);
	strbuf_free(&f->line);
	strbuf_free(&f->entry);
	free(f);
}

static const struct output_ops forward_ops = {
	.name = "forward",
	.write = forward_write,
	.flush = forward_flush,
	.reopen = forward_reopen,
	.free = forward_free,
};

static int start(struct forward *f, const struct forward_options *options)
{
	int err = forward_config_read(&f->config, options);

	if (err < 0 || (err = forward_buffer_open(options, &f->buffer)) < 0)
		return err;
	struct link_options link = {
		.loop = f->loop,
		.node = f->config.node,
		.secrets = &f->config.secrets,
		.on_wait = on_wait,
		.on_ready = on_ready,
		.on_room = on_room,
		.on_ack = on_ack,
		.on_failure = on_failure,
		.ctx = f,
	};
	if ((err = link_new(&link, &f->link)) < 0)
		return err;
	f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (f->timer < 0)
		return -errno;
	err = loop_add_fd(f->loop, f->timer, EPOLLIN, on_timer, f, &f->watch);
	/* At once, not with the first record: a wrong key should show when the agent starts. */
	if (err == 0) {
		connect_now(f);
		rearm(f);
	}
	return err;
}

int forward_new(const struct forward_options *options, struct output **out)
{
	struct forward *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->base.ops = &forward_ops;
	f->loop = options->loop;
	f->timer = -1;
	int err = start(f, options);
	if (err < 0) {
		forward_free(&f->base);
		return err;
	}
	*out = &f->base;
	return 0;
}

static enum forward_state state_of(const struct forward *f)
{
	if (is_waiting(f))
		return FORWARD_WAITING;
	return f->retry_at ? FORWARD_BACKING_OFF : link_state(f->link);
}

void forward_stats(const struct output *o, struct forward_stats *out)
{
	const struct forward *f = forward_of(o);
	struct buffer_stats b;

	buffer_stats(f->buffer, &b);
	*out = f->stats;
	out->dropped[FORWARD_DROP_FULL] = b.dropped_full;
	out->dropped[FORWARD_DROP_DISK] = b.dropped_disk;
	out->dropped[FORWARD_DROP_CORRUPT] = b.dropped_corrupt;
	out->waiting_records = b.records;
	out->waiting_bytes = b.bytes;
	out->waiting_chunks = b.chunks;
	out->state = state_of(f);
	out->server = f->config.servers[f->current].name;
}
