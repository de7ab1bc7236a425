/* SPDX-License-Identifier: MIT */
/*
 * When chunks of the buffer go to which server: batches, retries, times. It is one with forward.c, which is what
 * others see of it.
 */
#ifndef KTRACE_FORWARD_SENDER_H
#define KTRACE_FORWARD_SENDER_H

#include "forward/config.h"
#include "forward/window.h"

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
	struct strbuf entry;
};

uint64_t sender_now(void);                       /* CLOCK_MONOTONIC, nanoseconds */
bool sender_is_waiting(const struct forward *f); /* for acknowledgements */

/* Fills in what a link is to tell. */
void sender_listen(struct forward *f, struct link_options *link);
void sender_on_timer(void *ctx, uint32_t events); /* of the timer */

void sender_connect(struct forward *f); /* to the current server; the link is closed */
void sender_go_on(struct forward *f);   /* as far as there is something to do */
void sender_rearm(struct forward *f);   /* the timer, for the nearest of the times */
void sender_forget(struct forward *f);  /* what is under way: it will be sent again */
void sender_sync_losses(struct forward *f);

#endif
