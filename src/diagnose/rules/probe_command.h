/* SPDX-License-Identifier: MIT */
/* Commands that the kubelet has the runtime run in a container: which one failed, and what is told of it. */
#ifndef KTRACE_DIAGNOSE_RULES_PROBE_COMMAND_H
#define KTRACE_DIAGNOSE_RULES_PROBE_COMMAND_H

#include "diagnose/rules.h"

/* How often in a row the command has failed, and since when. */
struct probe_failures {
	unsigned times;
	uint64_t since;
};

/* It came in from outside, after the container's own program, and has ended. */
bool probe_is_command(const struct context *q, const struct process *p);
/* What the runtime looked for along PATH, or could not run, when it ran nothing; NULL. */
const struct story_entry *probe_refused(const struct context *q, const struct process *p);
/* As it was given, or the name that the runtime looked for. */
struct phrase probe_command(const struct context *q, const struct process *p);
/* The command that came in last by that time, if it failed, and how often it had by then; NULL: none. */
const struct process *probe_last_failed(
	const struct context *q, uint64_t until, struct probe_failures *row);
/* A postStart hook: run once, and the container was stopped for it. */
bool probe_is_hook(
	const struct context *q, const struct process *p, const struct probe_failures *row);

/* How long the start was let take, and how long it takes where that is known. Only once it was stopped. */
void probe_say_time(const struct context *q, struct report *r);
/* A preStop hook, most likely: the only command that came in, which ended right before that signal or still ran; NULL. */
const struct process *probe_last_hook(const struct context *q, uint64_t stop);

void probe_command_explain(const struct context *q, const struct verdict *v, struct report *r);

#endif
