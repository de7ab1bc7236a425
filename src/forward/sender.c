// SPDX-License-Identifier: MIT
#include "forward/sender.h"

#include <errno.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>

#include "forward/message.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/log.h"

#define MS 1000000ull
#define SEAL_NS (250 * MS)        /* how long a record waits for others to go with it */
#define HANDSHAKE_NS (10000 * MS) /* from the look-up of the name to the first chunk */
#define AGAIN_NS (1000 * MS)      /* when memory was short */

uint64_t sender_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

bool sender_is_waiting(const struct forward *f)
{
	return f->under_way.n > 0;
}

/* One timer for the nearest of the times. */
void sender_rearm(struct forward *f)
{
	bool seals = f->seal_at && !sender_is_waiting(f) && !f->deadline && !f->retry_at;
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

void sender_connect(struct forward *f)
{
	f->retry_at = 0;
	f->deadline = sender_now() + HANDSHAKE_NS;
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
	bool is_first = !sender_is_waiting(f);
	long n = take_chunk(f, &message);

	if (n < 0)
		f->seal_at = sender_now() + AGAIN_NS;
	if (n <= 0)
		return false;
	f->stats.sent += (uint64_t)n;
	if (is_first)
		f->deadline = sender_now() + f->config.ack_ns;
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
	bool due = f->seal_at && sender_now() >= f->seal_at && !sender_is_waiting(f);

	if (f->retry_at || !(due || buffer_next(f->buffer)))
		return;
	if (link_state(f->link) == FORWARD_IDLE)
		sender_connect(f);
	if (link_state(f->link) != FORWARD_READY)
		return;
	if (!buffer_next(f->buffer)) {
		f->seal_at = 0;
		buffer_seal(f->buffer);
	}
	while (has_room(f) && send_chunk(f))
		;
}

void sender_sync_losses(struct forward *f)
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
	if (!b.records || f->end_failures >= f->config.n_servers || sender_now() >= f->end_at)
		loop_stop(f->loop, 0);
}

void sender_forget(struct forward *f)
{
	f->under_way.n = 0;
	buffer_put_back(f->buffer, NULL);
}

void sender_go_on(struct forward *f)
{
	if (buffer_is_open(f->buffer) && !f->seal_at)
		f->seal_at = sender_now() + SEAL_NS;
	pump(f);
	sender_sync_losses(f);
	sender_rearm(f);
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
	bool idle = !sender_is_waiting(f) && !f->deadline;

	f->deadline = 0;
	sender_forget(f);
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
	f->retry_at = sender_now() + forward_config_pause(&f->config, f->failures);
	sender_rearm(f);
	end_if_done(f);
}

static void on_wait(void *ctx, uint64_t ns)
{
	struct forward *f = ctx;

	f->deadline = sender_now() + ns;
	sender_rearm(f);
}

static void on_ready(void *ctx)
{
	struct forward *f = ctx;

	f->deadline = 0;
	f->stats.connections++;
	sender_go_on(f);
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
	if (!sender_is_waiting(f))
		f->deadline = 0;
	else if (place == 0)
		f->deadline = sender_now() + f->config.ack_ns;
	if (f->failures)
		log_info("forward: %s takes records", f->config.servers[f->current].name);
	f->failures = 0;
	f->config.servers[f->current].reported = FORWARD_ERROR_NONE;
	if (!link_keepalive(f->link))
		link_close(f->link);
	sender_go_on(f);
}

static void on_room(void *ctx)
{
	sender_go_on(ctx);
}

void sender_on_timer(void *ctx, uint32_t events)
{
	struct forward *f = ctx;
	uint64_t expirations, now = sender_now();

	(void)events;
	if (read(f->timer, &expirations, sizeof(expirations)) < 0)
		return;
	f->armed = 0;
	if (f->deadline && now >= f->deadline)
		link_time_out(f->link);
	else if (f->retry_at && now >= f->retry_at)
		sender_connect(f);
	sender_go_on(f);
}

void sender_listen(struct forward *f, struct link_options *link)
{
	link->on_wait = on_wait;
	link->on_ready = on_ready;
	link->on_room = on_room;
	link->on_ack = on_ack;
	link->on_failure = on_failure;
	link->ctx = f;
}
