/* SPDX-License-Identifier: MIT */
/*
 * What a program said before it gave up, read for the few things that tie words to system calls: the
 * name of an error, in any language's spelling, a path, a port. Pure.
 */
#ifndef KTRACE_DIAGNOSE_LOG_LINES_H
#define KTRACE_DIAGNOSE_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "diagnose/log/parse.h"
#include "story/story.h"

#define LOG_LINES_MAX 96

/* What a line is there for; line_role.c. */
enum line_role { LINE_MESSAGE, LINE_DETAIL, LINE_STACK, LINE_USAGE, LINE_CLOSING };

/* The latest lines of a process, latest first: those on stderr before those on stdout. */
struct log_lines {
	char *text; /* owned */
	const char
		*raw[LOG_LINES_MAX]; /* as written, less colours and leading blanks; never empty */
	const char
		*lines[LOG_LINES_MAX]; /* what each says: less time, level, ids and field names */
	enum severity severities[LOG_LINES_MAX];
	enum line_role roles[LOG_LINES_MAX];
	int errors[LOG_LINES_MAX];     /* line_errno() of each */
	bool indented[LOG_LINES_MAX];  /* it began with a blank */
	bool accuses[LOG_LINES_MAX];   /* it may say what went wrong: severity.c */
	bool complains[LOG_LINES_MAX]; /* and says that something did */
	size_t n, n_err;               /* all; those of stderr */
	size_t size;                   /* bytes of text, with NULs between the lines */
};

int log_lines_of(const struct process *p, struct log_lines *out); /* 0 or -ENOMEM */
void log_lines_free(struct log_lines *w);

/* Of a line that is one of w's lines; w->n else. */
size_t log_lines_index(const struct log_lines *w, const char *line);

/* line_role.c: sets the roles of one stream. */
void log_lines_find_roles(struct log_lines *w, size_t newest, size_t oldest);

/* severity.c: sets accuses and complains. */
void log_lines_weigh(struct log_lines *w);
enum severity line_severity(const struct parsed_line *l);
/* By its own level or words line i says that something went wrong. */
bool log_lines_complaint(const struct log_lines *w, size_t i);
/* By its own account the line is no error: "WARNING: ...", "[info] ...", "skipping ...". */
bool line_is_harmless(const char *line, enum severity severity);
/* Its words say that something went wrong, by themselves: "cannot ...", "invalid ...", an errno's text. */
bool line_complains(const char *line);

/*
 * Does a complaint tell why? WHY_OWN: for a reason that no failed call shows ("invalid port", "KEY must be
 * set"); WHY_OPEN: it fails and leaves open why and on what ("could not load configuration"), as does
 * who says nothing (NULL); WHY_SAID: else.
 */
enum why { WHY_OPEN, WHY_SAID, WHY_OWN };
enum why line_reason(const char *line);

/*
 * It names nothing in particular: no path, number, name in quotes or error, and no reason that is one of a certain kind
 * (a password, a version). "Failed to start: invalid state", "unsupported driver ''".
 */
bool line_is_vague(const char *line);

/* The error that a line speaks of ("Permission denied", "EACCES", "[Errno 13]", ...), 0 for none. */
int line_errno(const char *line);

/* `name` stands in the line with nothing of a longer name around it. */
bool line_names(const char *line, const char *name);
/* The same for a path, or its last part: another directory in front of that makes it another file. */
bool line_names_file(const char *line, const char *path);
bool line_names_number(const char *line, unsigned number);

/* It speaks of huge pages, in any spelling. */
bool line_names_huge_pages(const char *line);

/* The text that follows `lead` in the line, up to a character of `ends`; false when `lead` is not there. */
bool line_after(const char *line, const char *lead, const char *ends, char *out, size_t size);

/* The path that a line complains about: quoted, or the last word with a slash. False when there is none. */
bool line_path(const char *line, char *out, size_t size);
/* "src/io.rs:41: ...": that path is where in its own source the program was, and not what it failed on. */
bool line_is_source_location(const char *line, const char *path);

/* "/etc/x.conf:3: ...", "in /etc/x.conf, line 3": the line tells where in that file; false for "". */
bool line_locates(const char *line, const char *path);

/* A file could not be opened, or a call failed: another cause than a wrong setting, whatever names the file. */
bool line_tells_of_opening(const char *line);
/* Something that is named is not there: "interface ens192 doesn't exist", "upstream x not defined". */
bool line_tells_of_absence(const char *line);
/* "invalid value: ''": it was given, and came out empty; why that is may be another failure. */
bool line_names_empty_value(const char *line);

/* A file that people write for a program, and not the program's own: by its name. */
/* A parser found nothing at all, or gave up at the first character. */
bool line_tells_of_empty_text(const char *line);
bool line_is_settings_file(const char *path);

/*
 * source.c: the variable or the file of settings that the source lines of a stack above a message name.
 * False, and *out is "", when there is none.
 */
bool log_source_variable(const struct log_lines *w, const char *message, char *out, size_t size);
bool log_source_file(const struct log_lines *w, const char *message, char *out, size_t size);

/* issue.c: what a library that checks settings says of one of them, in the lines around a message. */
struct issue {
	char name[256], text[512]; /* "server.port"; "must not be null" */
};
bool log_issue(const struct log_lines *w, const char *message,
	struct issue *out); /* false: it is no such */

/* Says nothing by itself: a stack frame, a ruler, one field of a printed error. */
bool line_is_filler(const char *line);

/* It shows what was read, as in ">>> 'dir /data'": the line below says what is wrong with that. */
bool line_quotes(const char *line);
/* It sends the reader to what was said before: "see warnings above", "See logs for details". */
bool line_points_back(const char *line);
/* It only says that a complaint above it was the end of it: "Invalid config, exiting abnormally". */
bool line_sums_up(const char *line);
/* The next line is the rest of a hard-wrapped sentence. */
bool line_goes_on(const char *line, const char *next);

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
