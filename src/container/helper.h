/* SPDX-License-Identifier: MIT */
/*
 * The helper: a process that looks at files and processes of containers in the agent's place. A file system that
 * never answers then holds up the helper and not the agent, and what a container could make of a look it can make of a
 * process that has no right to write, to connect or to run anything.
 *
 * Two processes: a starter, forked before the agent opens anything, and the worker that it forks. A worker that
 * does not answer in time is left alone and another one is started; one that answers late after all is taken back.
 */
#ifndef KTRACE_CONTAINER_HELPER_H
#define KTRACE_CONTAINER_HELPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HELPER_MESSAGE_MAX 65536
#define HELPER_HANGING_MAX 4 /* workers that do not answer; with so many nobody looks any more */

/* Answers a question in the worker; returns the length of the reply, at most `size`, or a negative errno. */
typedef int (*helper_serve_fn)(
	unsigned kind, const void *question, size_t len, void *reply, size_t size);

/* What the worker does. rest(): no question came for a moment, and what was kept for the next one goes; NULL: nothing is kept. */
struct helper_work {
	helper_serve_fn serve;
	void (*rest)(void);
};

/*
 * Forks the starter, which calls confine() first of all. Before the first thread, and before anything is open that a
 * worker must not hold. One for each process. 0 or a negative errno: then all is done without a helper.
 */
int helper_start(const struct helper_work *work, void (*confine)(void));
/* The same, with the worker that makes the looks of looks.h. */
int looks_start(void (*confine)(void));
void helper_stop(void); /* does not wait for anybody */

/*
 * Asks, and waits for the answer. The length of the reply, what the worker answered as a negative errno, -ENOTCONN
 * without a helper (ask yourself), -ETIMEDOUT, or -EBUSY when too many hang.
 */
int helper_ask(unsigned kind, const void *question, size_t len, void *reply, size_t size);

struct helper_stats {
	uint64_t asked, late, refused; /* refused: nobody was there to be asked */
	unsigned hanging;
	pid_t worker; /* 0: none */
};
void helper_stats(struct helper_stats *out);

#endif
