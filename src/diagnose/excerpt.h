/* SPDX-License-Identifier: MIT */
/*
 * What of a story has to stand beside its diagnosis, so that whoever has only a log of `--events errors`
 * can follow it and come to the same one again. Such a log has a container's life, its signals and OOM
 * kills, and the failures that may matter. Healthy programs fail too, hundreds of times each: those
 * failures are only counted, and so are those that come too often; starts and ends of processes, and what
 * they write, are not worth a record. But any of them may be what a diagnosis rests on. Which ones those are is known when it is made, and not before.
 * Pure.
 */
#ifndef KTRACE_DIAGNOSE_EXCERPT_H
#define KTRACE_DIAGNOSE_EXCERPT_H

#include "diagnose/diagnose.h"

#define EXCERPT_BYTES_MAX 4608 /* of its events as they are written, about */

struct excerpt {
	struct event **events; /* owned references, in order of time */
	size_t n;
};

/*
 * The events that d, the diagnosis of that story and input, rests on, without those that are in the log
 * anyway: of a few ways to choose the one with the fewest that gives d again, or what comes nearest to it.
 * 0 or -ENOMEM.
 */
int excerpt_make(const struct story *s, const struct diagnose_input *input,
	const struct diagnosis *d, struct excerpt *out);
void excerpt_clear(struct excerpt *x);

/*
 * The end of what a process wrote to its standard output (1) or error (2), `most` bytes and from the beginning of a line where
 * there is one, as one write that ended when the last one did. The caller's reference, NULL when out of memory. Only
 * where excerpt_has_output().
 */
struct event *excerpt_output(const struct process *p, uint32_t fd, size_t most);
bool excerpt_has_output(const struct process *p, uint32_t fd);

/* A failure that healthy programs make too, or one step of a search for a command. */
bool excerpt_is_ordinary(const struct event *e);

#endif
