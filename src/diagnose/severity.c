// SPDX-License-Identifier: MIT
/*
 * Which lines accuse? Programs log what they tolerate with the same words as what ends them. A line that
 * excuses its failure accuses nothing, and neither does a remark where graver lines were said.
 */
#include <ctype.h>
#include <string.h>

#include "diagnose/log_lines.h"
#include "util/cleanup.h"

/* What a line says it is: by its level, where it bears one. */
enum gravity { GRAVITY_EXCUSE, GRAVITY_REMARK, GRAVITY_NONE, GRAVITY_ERROR };

static const struct level {
	const char *name;
	enum gravity gravity;
} levels[] = {
	{ "TRACE", GRAVITY_REMARK },
	{ "DEBUG", GRAVITY_REMARK },
	{ "LOG", GRAVITY_REMARK },
	{ "INFO", GRAVITY_REMARK },
	{ "NOTICE", GRAVITY_REMARK },
	{ "WARN", GRAVITY_REMARK },
	{ "WARNING", GRAVITY_REMARK },
	{ "ERR", GRAVITY_ERROR },
	{ "ERROR", GRAVITY_ERROR },
	{ "SEVERE", GRAVITY_ERROR },
	{ "CRIT", GRAVITY_ERROR },
	{ "CRITICAL", GRAVITY_ERROR },
	{ "EMERG", GRAVITY_ERROR },
	{ "PANIC", GRAVITY_ERROR },
	{ "FATAL", GRAVITY_ERROR },
};

#define LEVEL_WITHIN 64 /* bytes: behind a time stamp, a pid and a name */

/* "ERROR x", "[error] x", "error: x", level=error: but not the word in a sentence. */
static bool is_level(const char *line, const char *word, size_t len, const struct level *level)
{
	bool upper = true;

	if (strlen(level->name) != len || strncasecmp(word, level->name, len))
		return false;
	for (size_t i = 0; i < len; i++)
		upper &= isupper((unsigned char)word[i]) != 0;
	char before = word > line ? word[-1] : ' ', after = word[len];
	return upper || (before == '[' && after == ']') || (after == ':' && len > 3) ||
	       before == '=' || before == '"';
}

static enum gravity level_of(const char *line)
{
	for (const char *s = line; *s && s < line + LEVEL_WITHIN;) {
		size_t len = 0;
		while (isalpha((unsigned char)s[len]))
			len++;
		for (size_t i = 0; len && i < ARRAY_SIZE(levels); i++)
			if (is_level(line, s, len, &levels[i]))
				return levels[i].gravity;
		s += len ? len : 1;
	}
	return GRAVITY_NONE;
}

/* "skipping missing configuration file": it went on without. */
static bool goes_on_anyway(const char *line)
{
	static const char *const signs[] = { "skipping", "ignoring", "ignored", "using default",
		"falling back", "continuing without", "not found, continuing" };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (strcasestr(line, signs[i]))
			return true;
	return false;
}

static enum gravity gravity_of(const char *line)
{
	return goes_on_anyway(line) ? GRAVITY_EXCUSE : level_of(line);
}

bool line_is_harmless(const char *line)
{
	return gravity_of(line) <= GRAVITY_REMARK;
}

bool line_is_error(const char *line)
{
	return gravity_of(line) == GRAVITY_ERROR;
}

static bool has_one(const char *line, const char *const *signs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasestr(line, signs[i]))
			return true;
	return false;
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
	if (has_one(line, own, ARRAY_SIZE(own)))
		return WHY_OWN;
	/* Numbers, quoted names, paths and assignments say on what. */
	if (line[strcspn(line, "0123456789'\"`/=")] || !has_one(line, fails, ARRAY_SIZE(fails)))
		return WHY_SAID;
	return WHY_OPEN;
}

void log_lines_weigh(struct log_lines *w)
{
	enum gravity gravity[LOG_LINES_MAX];
	bool graver = false;

	for (size_t i = 0; i < w->n; i++) {
		gravity[i] = gravity_of(w->lines[i]);
		graver |= gravity[i] == GRAVITY_ERROR;
	}
	for (size_t i = 0; i < w->n; i++)
		w->accuses[i] = gravity[i] > (graver ? GRAVITY_REMARK : GRAVITY_EXCUSE);
}
