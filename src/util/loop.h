/* SPDX-License-Identifier: MIT */
/*
 * A thin loop over epoll: file descriptors, timers and signals, each with a function to call. One
 * thread, no global state. What a function may do to the loop from within: anything but free it.
 */
#ifndef KTRACE_UTIL_LOOP_H
#define KTRACE_UTIL_LOOP_H

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

struct loop;
struct loop_watch; /* one thing that is waited for */

typedef void (*loop_fd_fn)(void *ctx, uint32_t events);
typedef void (*loop_timer_fn)(void *ctx);
typedef void (*loop_signal_fn)(void *ctx, const struct signalfd_siginfo *info);

int loop_new(struct loop **out); /* 0 or a negative errno */
/* Drops all watches, gives the signals that were watched back to the mask before. NULL is fine. */
void loop_free(struct loop *l);

/* The descriptor stays the caller's. *out (may be NULL) is for loop_modify and loop_remove. 0 or a negative errno. */
int loop_add_fd(
	struct loop *l, int fd, uint32_t events, loop_fd_fn fn, void *ctx, struct loop_watch **out);
/* Of a descriptor's watch. 0 or a negative errno. */
int loop_modify(struct loop_watch *w, uint32_t events);
/* Before the descriptor is closed. NULL is fine. */
void loop_remove(struct loop_watch *w);

/* Calls fn each interval_ns nanoseconds; calls that were missed are not made up for. */
int loop_add_timer(struct loop *l, uint64_t interval_ns, loop_timer_fn fn, void *ctx);

/* Blocks these signals for the thread and calls fn for each that arrives. Once per loop. */
int loop_add_signals(struct loop *l, const sigset_t *signals, loop_signal_fn fn, void *ctx);

/* Until loop_stop: the status that it was given, or a negative errno. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l, int status);

#endif
