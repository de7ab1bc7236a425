/* SPDX-License-Identifier: MIT */
/*
 * One line of a program's log, taken apart. What stands in front of a message (a time, a level, ids, the
 * name of a logger) is no part of what the line says: a port that is only in a time stamp was not named, and
 * "info" in front says more about a line than any word in it. Structured lines (JSON, logfmt) hold the reason
 * in a field of its own. Pure.
 */
#ifndef KTRACE_DIAGNOSE_LOG_PARSE_H
#define KTRACE_DIAGNOSE_LOG_PARSE_H

#include <stdbool.h>
#include <stddef.h>

enum severity {
	SEVERITY_NONE,
	SEVERITY_DEBUG,
	SEVERITY_INFO,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
	SEVERITY_FATAL
};

enum log_form {
	LOG_PLAIN,  /* no head that is known: the message is the whole line */
	LOG_HEADED, /* a time, a level in brackets, ... and the message */
	LOG_FIELDS, /* JSON, logfmt, klog, zap's console: the message may have an error beside it */
	LOG_ACCESS, /* a request that was served */
};

#define LOG_TEXT_MAX 1024

struct parsed_line {
	enum log_form form;
	enum severity severity;
	char message[LOG_TEXT_MAX]; /* cut behind a whole character */
	char error[LOG_TEXT_MAX];   /* of the fields error, err, cause, exception, ...; or "" */
	char logger[128];           /* who logged it, or "" */
};

void log_parse(const char *line, struct parsed_line *out);

/* What it says: "message: error", at most size - 1 bytes; the error only where the message lacks it. */
void log_text(const struct parsed_line *l, char *out, size_t size);

/* The level that a word stands for: "ERROR", "err", "fail", "E"; SEVERITY_NONE for other words. */
enum severity severity_of(const char *word, size_t len);

/*
 * Removes colours and other terminal sequences, in place, and makes typographic quotes plain ones: in a UTF-8 locale
 * GNU programs print ‘x’ where they print 'x' elsewhere.
 */
void log_simplify(char *text);

/* For parse.c: copies a value into a field of `size` bytes, cut behind a whole character. */
void log_copy(char *to, size_t size, const char *from, size_t len);

/* parse_fields.c: true when the line is of that form, and *out is filled; else *out is as it was. */
bool log_parse_json(const char *line, struct parsed_line *out);
bool log_parse_logfmt(const char *line, struct parsed_line *out);
/* Fills what key=value pairs behind a message hold of a reason. */
void log_read_pairs(const char *text, struct parsed_line *out);

/* parse_head.c: reads the head of a plain line; returns where the message begins. */
const char *log_read_head(const char *line, struct parsed_line *out);

#endif
