/* SPDX-License-Identifier: MIT */
/*
 * What a program said before it gave up, read for the few things that tie words to system calls: the
 * name of an error, in any language's spelling, a path, a port. Pure.
 */
#ifndef KTRACE_DIAGNOSE_LOG_LINES_H
#define KTRACE_DIAGNOSE_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "story/story.h"

#define LOG_LINES_MAX 64

/* The latest lines of a process, latest first: those on stderr before those on stdout. */
struct log_lines {
	char *text;                       /* owned */
	const char *lines[LOG_LINES_MAX]; /* without newlines, never empty */
	int errors[LOG_LINES_MAX];        /* line_errno() of each */
	bool accuses[LOG_LINES_MAX];      /* not a remark that graver lines outrank */
	size_t n, n_err;                  /* all; those of stderr */
	size_t size;                      /* bytes of text, with NULs between the lines */
};

int log_lines_of(const struct process *p, struct log_lines *out); /* 0 or -ENOMEM */
void log_lines_free(struct log_lines *w);

/* severity.c: sets accuses. */
void log_lines_weigh(struct log_lines *w);
/* By its own account the line is no error: "WARNING: ...", "[info] ...", "skipping ...". */
bool line_is_harmless(const char *line);
bool line_is_error(const char *line); /* "FATAL ...", "[emerg] ..." */

/*
 * Does a complaint tell why? WHY_OWN: for a reason that no failed call shows ("invalid port", "KEY must be
 * set"); WHY_OPEN: it fails and leaves open why and on what ("could not load configuration"), as does
 * who says nothing (NULL); WHY_SAID: else.
 */
enum why { WHY_OPEN, WHY_SAID, WHY_OWN };
enum why line_reason(const char *line);

/* The error that a line speaks of ("Permission denied", "EACCES", "[Errno 13]", ...), 0 for none. */
int line_errno(const char *line);

/* `name` stands in the line with nothing of a longer name around it. */
bool line_names(const char *line, const char *name);
/* The same for a path, or its last part: another directory in front of that makes it another file. */
bool line_names_file(const char *line, const char *path);
bool line_names_number(const char *line, unsigned number);

/* The text that follows `lead` in the line, up to a character of `ends`; false when `lead` is not there. */
bool line_after(const char *line, const char *lead, const char *ends, char *out, size_t size);

/* The path that a line complains about: quoted, or the last word with a slash. False when there is none. */
bool line_path(const char *line, char *out, size_t size);

/* Says nothing by itself: a stack frame, a ruler, one field of a printed error. */
bool line_is_filler(const char *line);

#define LOG_LINES_AROUND 4
/*
 * A line of w with what was said around it, in the order it was said and less the stack frames: at most
 * about 400 bytes. Returns how many lines.
 */
size_t log_lines_around(
	const struct log_lines *w, const char *line, const char *out[LOG_LINES_AROUND]);

/* The line that says most about why, and where it is; NULL when nothing was said. */
const char *log_lines_decisive(const struct log_lines *w);

#endif
