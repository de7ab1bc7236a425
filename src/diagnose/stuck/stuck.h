/* SPDX-License-Identifier: MIT */
/*
 * What a container that runs is stuck on: something that fails again and again, or is waited for, over at
 * least 20 seconds, and is nothing that healthy programs do.
 */
#ifndef KTRACE_DIAGNOSE_STUCK_H
#define KTRACE_DIAGNOSE_STUCK_H

#include "diagnose/context.h"

/* Fills q->wait; kind WAIT_NONE when there is nothing. Before anybody is held responsible. */
void find_wait(struct context *q);

/* The end came while, or right after, the same thing had failed again and again: fills q->wait as well. */
void find_given_up(struct context *q);

#define STUCK_AFTER SECONDS(20)

/* blocked.c: fills q->wait where a call does not come back. */
void find_blocked(struct context *q);

/* kinds.c. */
/* How much a group says by itself; of several that go on the first here is told. */
enum group_kind {
	GROUP_NETWORK,
	GROUP_NAME,
	GROUP_SERVER, /* of names; what it was asked was not seen */
	GROUP_COMMAND,
	GROUP_REFUSED,
	GROUP_FILE,
	GROUP_LOOKUP, /* such as healthy programs make all the time */
	GROUP_NONE
};
enum group_kind wait_group_kind(const struct context *q, const struct failure *f);

/* The same step once more: a call for the same thing with the same answer, a question to a name server, a program with
 * the same arguments (NULL: not one). */
bool wait_same_call(const struct event *a, const struct event *b);
bool wait_same_question(const struct event *a, const struct event *b);
bool wait_same_program(const struct event *a, const struct event *b);

/* words.c: somebody says, in words or in the script's text, that this very thing is waited for. */
bool is_awaited(const struct context *q, const struct process *waiter, const char *name);
/* The same, and by this name. */
bool is_named_awaited(const struct context *q, const struct process *waiter, const char *name);
/* It, or what it started, wrote that a name cannot be resolved. */
bool says_names_fail(const struct context *q, const struct process *p);
bool complains_in_words(const struct process *p);
/* The waiter's script has this step as a command of its own, whose message is seen and whose status is no answer. */
bool is_run_openly(const struct process *waiter, const struct process *step);
/* An init container, as far as its kind or its name tells. */
bool looks_like_init(const struct container *c);
/* It speaks of electing one of several, where waiting is what the others are there for. */
bool is_standby(const struct context *q, const struct process *waiter);

#endif
