// SPDX-License-Identifier: MIT
/*
 * Which lines accuse? Programs log what they tolerate with the same words as what ends them. A line that
 * excuses its failure accuses nothing, and neither does a remark where graver lines were said, one that merely
 * tells what is done, or what is said after the fatal line: there a program is only tidying up.
 */
#include <ctype.h>
#include <string.h>

#include "diagnose/log/lines.h"
#include "util/cleanup.h"
#include "util/find.h"

/* "skipping missing configuration file": it went on without. */
static bool goes_on_anyway(const char *line)
{
	static const char *const signs[] = { "skipping", "ignoring", "ignored", "using default",
		"falling back", "continuing without", "not found, continuing", "will retry",
		"no errors", "0 errors", "without error" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs));
}

#define LEVEL_WITHIN 64 /* bytes: behind a time stamp, a pid and a name */

/* A level in capitals, in a head whose form is not known. */
static enum severity severity_in(const char *line)
{
	for (const char *s = line; *s && s < line + LEVEL_WITHIN;) {
		size_t len = 0;
		while (isupper((unsigned char)s[len]))
			len++;
		bool apart = (s == line || !isalnum((unsigned char)s[-1])) &&
			     !isalnum((unsigned char)s[len]) && s[len] != '_';
		enum severity level = len > 2 && apart ? severity_of(s, len) : SEVERITY_NONE;
		if (level)
			return level;
		s += len ? len : 1;
	}
	return SEVERITY_NONE;
}

/* "perl: warning: ...", as compilers and tools write it. */
static bool is_called_warning(const char *line)
{
	static const char word[] = "warning: ";
	const char *at = find_folded(line, word);

	return at && (at == line || (at < line + LEVEL_WITHIN && at > line + 1 &&
					    !strncmp(at - 2, ": ", 2)));
}

enum severity line_severity(const struct parsed_line *l)
{
	if (l->severity || l->form != LOG_PLAIN)
		return l->severity;
	enum severity level = severity_in(l->message);
	return level || !is_called_warning(l->message) ? level : SEVERITY_WARNING;
}

bool line_is_harmless(const char *line, enum severity severity)
{
	return goes_on_anyway(line) || (severity && severity < SEVERITY_ERROR);
}

bool line_complains(const char *line)
{
	static const char *const signs[] = { "error", "fatal", "panic", "exception", "cannot",
		"can't", "can not", "could not", "couldn't", "failed", "failure", "unable",
		"missing", "invalid", "denied", "refused", "not found", "abort", "critical",
		"required", "must ", "unrecogni", "unknown", "no such", "does not exist",
		"doesn't exist", "not permitted", "not allowed", "not set", "undefined", "illegal",
		"unsupported", "unexpected", "bad ", "too many", "too large", "timed out",
		"already in use", "mismatch", "what():", "Can't locate", "no module named",
		"not a directory", "is a directory", "no space left", "read-only", "expired",
		"dubious", "corrupt", "unreachable", "duplicate", "conflict", "not supported",
		"not defined", "which prevents", "not provided", "not available", "permission",
		"can only ", "violat", "not recogni", "not a valid", "not look like", "not in gzip",
		"not enabled", "not trusted", "rejected", "forbidden", "unauthorized" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs)) || line_errno(line) != 0;
}

enum why line_reason(const char *line)
{
	static const char *const own[] = { "invalid", "not set", "unset", "must ", "required",
		"unbound", "KeyError", "ValueError", "TypeError", "syntax", "parse", "parsing",
		"unknown", "unrecogni", "unexpected", "expected", "expired", "licen", "version",
		"usage:", "assert", "unsupported", "undefined", "not defined", "password",
		"authenticat", "mismatch", "corrupt", "illegal", "duplicate", "out of memory",
		"environment", "variable", "option", "argument" };
	static const char *const fails[] = { "can't", "cannot", "could not", "couldn't", "unable",
		"fail", "error opening", "error loading", "error reading", "not available",
		"unavailable", "missing", "no usable", "giving up", "gave up", "not ready",
		"not be ", "incomplete", "abort", "exiting", "stopping" };

	if (!line)
		return WHY_OPEN;
	if (has_one_folded(line, own, ARRAY_SIZE(own)))
		return WHY_OWN;
	/* Numbers, quoted names, paths and assignments say on what. */
	if (line[strcspn(line, "0123456789'\"`/=")] ||
		!has_one_folded(line, fails, ARRAY_SIZE(fails)))
		return WHY_SAID;
	return WHY_OPEN;
}

/* An empty text in quotes is one that was not there. */
static bool quotes_something(const char *line)
{
	const char *s = line;

	while ((s = strpbrk(s, "'\"`"))) {
		const char *end = strchr(s + 1, *s);
		/* "doesn't" has no other one. */
		if (end ? end > s + 1 : *s != '\'')
			return true;
		s = end ? end + 1 : s + 1;
	}
	return false;
}

bool line_is_vague(const char *line)
{
	static const char *const kinds[] = { "expired", "syntax", "parse", "parsing", "version",
		"usage", "password", "authenticat", "credential", "memory", "timed out", "timeout",
		"refused", "denied", "Error: ", "Exception", "Traceback", "option", "argument" };
	/* 0 is what came of nothing. */
	size_t digits = strcspn(line, "123456789/=@_<>{}[]");

	return !line[digits] && !line_errno(line) && !quotes_something(line) &&
	       !has_one_folded(line, kinds, ARRAY_SIZE(kinds));
}

/* After such a line a program does nothing but end. */
static bool is_final(const struct log_lines *w, size_t i)
{
	static const char *const heads[] = { "panic: ", "fatal error:", "Unhandled exception",
		"Uncaught ", "PHP Fatal error", "Fatal error" };

	/* "*** FATAL CONFIG FILE ERROR ***" stands above what it is about. */
	if (w->roles[i] != LINE_MESSAGE || ispunct((unsigned char)w->lines[i][0]))
		return false;
	for (size_t k = 0; k < ARRAY_SIZE(heads); k++)
		if (!strncmp(w->lines[i], heads[k], strlen(heads[k])))
			return true;
	return w->severities[i] == SEVERITY_FATAL && line_complains(w->raw[i]);
}

/* "java.io.IOException: x", "KeyError: 'x'", "Caused by: ...": what a message is about may stand below it. */
static bool continues_message(const struct log_lines *w, size_t i)
{
	static const char *const heads[] = { "Caused by", "DETAIL:", "HINT:", "CONTEXT:", "--->" };
	const char *line = w->lines[i];
	size_t name = strcspn(line, ": ");

	for (size_t k = 0; k < ARRAY_SIZE(heads); k++)
		if (!strncmp(line, heads[k], strlen(heads[k])))
			return true;
	return w->indented[i] || memmem(line, name, "Error", 5) ||
	       memmem(line, name, "Exception", 9);
}

bool log_lines_complaint(const struct log_lines *w, size_t i)
{
	/* "tip: ..." below an error has that one's level only. */
	return line_complains(w->lines[i]) ||
	       (w->severities[i] >= SEVERITY_ERROR && !w->indented[i]);
}

/* Of one stream, from its latest line to its first. */
static void weigh_stream(struct log_lines *w, size_t newest, size_t oldest, bool graver)
{
	size_t last_words = newest;

	while (last_words < oldest && !is_final(w, last_words))
		last_words++;
	/* A server logs fatal errors of its clients and goes on. */
	bool final = last_words < oldest && last_words - newest < 16;
	for (size_t i = newest; i < oldest; i++) {
		enum severity severity = w->severities[i];
		bool complains = log_lines_complaint(w, i);
		bool after = final && i < last_words && severity < SEVERITY_ERROR &&
			     !continues_message(w, i);
		bool outranked = severity && severity < SEVERITY_ERROR && graver;
		bool tells =
			(severity == SEVERITY_INFO || severity == SEVERITY_DEBUG) && !complains;

		w->accuses[i] = w->roles[i] < LINE_USAGE && !goes_on_anyway(w->lines[i]) &&
				!after && !outranked && !tells;
		w->complains[i] = w->accuses[i] && complains && severity != SEVERITY_INFO &&
				  severity != SEVERITY_DEBUG;
	}
}

void log_lines_weigh(struct log_lines *w)
{
	bool graver = false;

	for (size_t i = 0; i < w->n; i++)
		graver |= w->severities[i] >= SEVERITY_ERROR && !goes_on_anyway(w->lines[i]);
	weigh_stream(w, 0, w->n_err, graver);
	weigh_stream(w, w->n_err, w->n, graver);
}
