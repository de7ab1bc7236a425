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
	size_t n, n_err;                /* all; those of stderr */
};

int words_of(const struct process *p, struct words *out); /* 0 or -ENOMEM */
void words_free(struct words *w);

/* The error that a line speaks of ("Permission denied", "EACCES", "[Errno 13]", ...), 0 for none. */
int words_errno(const char *line);

/* `name` stands in the line with nothing of a longer name around it. */
bool words_name(const char *line, const char *name);
bool words_number(const char *line, unsigned number);

/* The text that follows `lead` in the line, up to a character of `ends`; false when `lead` is not there. */
bool words_after(const char *line, const char *lead, const char *ends, char *out, size_t size);

/* The path that a line complains about: quoted, or the last word with a slash. False when there is none. */
bool words_path(const char *line, char *out, size_t size);

/* The latest lines that are no stack frames, in the order they were said: " | " between them. */
void words_context(const struct words *w, char *out, size_t size);

/* The line that says most about why, and where it is; NULL when nothing was said. */
const char *words_last(const struct words *w);

#endif
