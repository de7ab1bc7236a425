// SPDX-License-Identifier: MIT
#include "forward/forward.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

#include "forward/entry.h"
#include "forward/sender.h"
#include "util/cleanup.h"
#include "util/log.h"

static struct forward *forward_of(const struct output *o)
{
	return (struct forward *)((char *)o - offsetof(struct forward, base));
}

static int forward_write(struct output *o, const struct record *r)
{
	struct forward *f = forward_of(o);

	strbuf_reset(&f->entry);
	int err = forward_entry(&f->entry, r);
	if (err == -EINVAL)
		return err;
	if (err < 0) {
		f->stats.dropped[FORWARD_DROP_INVALID]++;
		sender_sync_losses(f);
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

	sender_go_on(f);
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
		sender_forget(f);
		sender_connect(f);
	}
	sender_rearm(f);
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
	f->end_at = sender_now() + ns;
	f->end_failures = 0;
	f->seal_at = sender_now();
	if (f->retry_at)
		sender_connect(f);
	sender_go_on(f);
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
	};
	sender_listen(f, &link);
	if ((err = link_new(&link, &f->link)) < 0)
		return err;
	f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (f->timer < 0)
		return -errno;
	err = loop_add_fd(f->loop, f->timer, EPOLLIN, sender_on_timer, f, &f->watch);
	/* At once, not with the first record: a wrong key should show when the agent starts. */
	if (err == 0) {
		sender_connect(f);
		sender_rearm(f);
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
	if (sender_is_waiting(f))
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
