/* SPDX-License-Identifier: MIT */
/*
 * What a program said before it gave up, read for the few things that tie words to system calls: the
 * name of an error, in any language's spelling, a path, a port. Pure.
 */
#ifndef KTRACE_DIAGNOSE_WORDS_H
#define KTRACE_DIAGNOSE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "story/story.h"

#define WORDS_LINES 64

/* The latest lines of a process, latest first: those on stderr before those on stdout. */
struct words {
	char *text;                     /* owned */
	const char *lines[WORDS_LINES]; /* without newlines, never empty */
	int errors[WORDS_LINES];        /* words_errno() of each */
	bool accuses[WORDS_LINES];      /* not a remark that graver lines outrank */
	size_t n, n_err;                /* all; those of stderr */
	size_t size;                    /* bytes of text, with NULs between the lines */
};

int words_of(const struct process *p, struct words *out); /* 0 or -ENOMEM */
void words_free(struct words *w);

/* remarks.c: sets accuses. */
void words_weigh(struct words *w);
/* By its own account the line is no error: "WARNING: ...", "[info] ...", "skipping ...". */
bool words_remark(const char *line);
bool words_error(const char *line); /* "FATAL ...", "[emerg] ..." */

/*
 * Does a complaint tell why? WHY_OWN: for a reason that no failed call shows ("invalid port", "KEY must be
 * set"); WHY_OPEN: it fails and leaves open why and on what ("could not load configuration"), as does
 * who says nothing (NULL); WHY_SAID: else.
 */
enum why { WHY_OPEN, WHY_SAID, WHY_OWN };
enum why words_why(const char *line);

/* The error that a line speaks of ("Permission denied", "EACCES", "[Errno 13]", ...), 0 for none. */
int words_errno(const char *line);

/* `name` stands in the line with nothing of a longer name around it. */
bool words_name(const char *line, const char *name);
/* The same for a path, or its last part: another folder in front of that makes it another file. */
bool words_file(const char *line, const char *path);
bool words_number(const char *line, unsigned number);

/* The text that follows `lead` in the line, up to a character of `ends`; false when `lead` is not there. */
bool words_after(const char *line, const char *lead, const char *ends, char *out, size_t size);

/* The path that a line complains about: quoted, or the last word with a slash. False when there is none. */
bool words_path(const char *line, char *out, size_t size);

/* Says nothing by itself: a stack frame, a ruler, one field of a printed error. */
bool words_hollow(const char *line);

#define WORDS_BLOCK 4
/*
 * A line of w with what was said around it, in the order it was said and less the stack frames: at most
 * about 400 bytes. Returns how many lines.
 */
size_t words_block(const struct words *w, const char *line, const char *out[WORDS_BLOCK]);

/* The line that says most about why, and where it is; NULL when nothing was said. */
const char *words_last(const struct words *w);

#endif
