/* SPDX-License-Identifier: MIT */
#ifndef KTRACE_DIAGNOSE_LOG_MATCH_H
#define KTRACE_DIAGNOSE_LOG_MATCH_H

#include "diagnose/context.h"

/* What words can say of a failure, ever more. */
enum log_match {
	LOG_MATCH_NOTHING, /* nobody said anything */
	LOG_MATCH_OTHER,   /* something was said, not of this */
	LOG_MATCH_ERROR,   /* the error's name or text */
	LOG_MATCH_NAME,    /* the path, port or call */
	LOG_MATCH_BOTH,
};

/* In the words of the failure's process and its nearest ancestors; *line is set for LOG_MATCH_ERROR and more. */
enum log_match match_log(const struct context *q, const struct failure *f, const char **line);

/* The line that says most of a process's end, its own or of those that waited for it, and whose; or NULL. */
const char *decisive_line(
	const struct context *q, const struct process *p, const struct candidate **who);

/* What the line says it is by its level, in whoever's words it stands: "[info] ...", "skipping ..."; "ERROR ...". */
bool logged_as_harmless(const struct context *q, const char *line);
bool logged_as_error(const struct context *q, const char *line);

/* "cannot open", "not found", "failed", ... */
bool reports_failure(const char *line);

/*
 * Adds a failure that only the words of this candidate process tell of, when there is one: Python refuses to open a
 * directory without any call failing, and a probe may be missing. There must be room in q->failures.
 */
void add_logged_failure(struct context *q, const struct candidate *s);

#endif
