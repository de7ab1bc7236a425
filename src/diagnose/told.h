/* SPDX-License-Identifier: MIT */
#ifndef KTRACE_DIAGNOSE_TOLD_H
#define KTRACE_DIAGNOSE_TOLD_H

#include "diagnose/inquiry.h"

/* What words can say of a failure, ever more. */
enum told {
	TOLD_NOTHING, /* nobody said anything */
	TOLD_OTHER,   /* something was said, not of this */
	TOLD_ERROR,   /* the error's name or text */
	TOLD_NAME,    /* the path, port or call */
	TOLD_BOTH,
};

/* In the words of the failure's process and its nearest ancestors; *line is set for TOLD_ERROR and more. */
enum told told(const struct inquiry *q, const struct failure *f, const char **line);

/* The line that says most of a process's end, its own or of those that waited for it, and whose; or NULL. */
const char *last_words(
	const struct inquiry *q, const struct process *p, const struct suspect **who);

/* "cannot open", "not found", "failed", ... */
bool says_it_failed(const char *line);

/*
 * Adds a failure that only the words of this suspect tell of, when there is one: Python refuses to open a
 * folder without any call failing, and a probe may be missing. There must be room in q->failures.
 */
void add_told(struct inquiry *q, const struct suspect *s);

#endif
