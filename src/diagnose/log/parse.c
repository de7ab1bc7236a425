// SPDX-License-Identifier: MIT
/* Which form a line has: the structured ones are asked first, as they are sure of themselves. */
#include "diagnose/log/parse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

static const struct word {
	const char *text;
	enum severity severity;
} level_words[] = {
	{ "trace", SEVERITY_DEBUG },
	{ "trce", SEVERITY_DEBUG }, /* .NET */
	{ "debug", SEVERITY_DEBUG },
	{ "dbug", SEVERITY_DEBUG },
	{ "fine", SEVERITY_DEBUG },
	{ "verbose", SEVERITY_DEBUG },
	{ "info", SEVERITY_INFO },
	{ "information", SEVERITY_INFO }, /* Serilog */
	{ "informational", SEVERITY_INFO },
	{ "notice", SEVERITY_INFO },
	{ "note", SEVERITY_INFO },   /* MySQL */
	{ "system", SEVERITY_INFO }, /* MySQL */
	{ "warn", SEVERITY_WARNING },
	{ "warning", SEVERITY_WARNING },
	{ "err", SEVERITY_ERROR },
	{ "error", SEVERITY_ERROR },
	{ "eror", SEVERITY_ERROR }, /* logrus and log15 cut to four */
	{ "fail", SEVERITY_ERROR }, /* .NET */
	{ "severe", SEVERITY_ERROR },
	{ "alert", SEVERITY_FATAL },
	{ "crit", SEVERITY_FATAL },
	{ "critical", SEVERITY_FATAL },
	{ "emerg", SEVERITY_FATAL },
	{ "emergency", SEVERITY_FATAL },
	{ "fatal", SEVERITY_FATAL },
	{ "fata", SEVERITY_FATAL },
	{ "panic", SEVERITY_FATAL },
	{ "dpanic", SEVERITY_FATAL },
};

enum severity severity_of(const char *word, size_t len)
{
	static const char letters[] = "DIWEFC";
	static const enum severity of_letters[] = { SEVERITY_DEBUG, SEVERITY_INFO, SEVERITY_WARNING,
		SEVERITY_ERROR, SEVERITY_FATAL, SEVERITY_FATAL };
	const char *letter = len == 1 ? strchr(letters, *word) : NULL;

	if (letter && *letter)
		return of_letters[letter - letters];
	for (size_t i = 0; i < ARRAY_SIZE(level_words); i++)
		if (strlen(level_words[i].text) == len &&
			!strncasecmp(word, level_words[i].text, len))
			return level_words[i].severity;
	return SEVERITY_NONE;
}

void log_copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		for (len = size - 1; len && ((unsigned char)from[len] & 0xc0) == 0x80;)
			len--;
	memcpy(to, from, len);
	to[len] = '\0';
}

/* The plain quote for the typographic one at `s` (three bytes of UTF-8), or 0. */
static char plain_quote(const char *s)
{
	if (s[0] != '\xe2' || s[1] != '\x80')
		return 0;
	return s[2] == '\x98' || s[2] == '\x99' ? '\'' : s[2] == '\x9c' || s[2] == '\x9d' ? '"' : 0;
}

/* What stands behind the terminal sequence at `s`. */
static const char *behind_sequence(const char *s)
{
	s++;
	if (*s == '[') {
		s++;
		s += strspn(s, "0123456789;:?<=> ");
	}
	return s + (*s && *s != '\n');
}

void log_simplify(char *text)
{
	char *to = text;

	for (const char *s = text; *s;) {
		char quote = plain_quote(s);
		if (*s == '\033') {
			s = behind_sequence(s);
		} else if (quote) {
			*to++ = quote;
			s += 3;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* "E0501 10:00:00.123456       1 main.go:12] message", or "\"message\" err=\"...\"" behind it. */
static bool parse_klog(const char *line, struct parsed_line *out)
{
	const char *end = strstr(line, "] ");

	if (!strchr("IWEF", line[0]) || strspn(line + (line[0] != '\0'), "0123456789") < 4 ||
		!end || strcspn(line, " ") != 5 || !isdigit((unsigned char)line[6]))
		return false;
	const char *message = end + 2;
	const char *stop = *message == '"' ? strchr(message + 1, '"') : NULL;

	out->form = LOG_FIELDS;
	out->severity = severity_of(line, 1);
	if (!stop) {
		log_copy(out->message, sizeof(out->message), message, strlen(message));
		return true;
	}
	while (stop[-1] == '\\' && strchr(stop + 1, '"'))
		stop = strchr(stop + 1, '"');
	log_copy(out->message, sizeof(out->message), message + 1, (size_t)(stop - message - 1));
	log_read_pairs(stop + 1, out);
	return true;
}

static bool is_caller(const char *s, size_t len)
{
	const char *colon = memrchr(s, ':', len);

	return colon && memchr(s, '.', len) && !memchr(s, ' ', len) &&
	       isdigit((unsigned char)colon[1]);
}

/* Console encoding of zap: time TAB level TAB [logger TAB] [caller TAB] message [TAB {fields}]. */
static bool parse_zap(const char *line, struct parsed_line *out)
{
	const char *tab = strchr(line, '\t');
	size_t len = tab ? strcspn(tab + 1, "\t") : 0;
	enum severity level = tab ? severity_of(tab + 1, len) : SEVERITY_NONE;

	if (!level || len < 2 || tab[1 + len] != '\t' || !isdigit((unsigned char)line[0]))
		return false;
	out->form = LOG_FIELDS;
	out->severity = level;
	for (const char *s = tab + 1 + len + 1; *s;) {
		len = strcspn(s, "\t");
		bool more = s[len] && s[len + 1] != '{';
		struct parsed_line fields = { 0 };
		if (*s == '{' && log_parse_json(s, &fields))
			memcpy(out->error, fields.error, sizeof(out->error));
		else if (*s == '{')
			break;
		else if (more && !memchr(s, ' ', len) && !is_caller(s, len))
			log_copy(out->logger, sizeof(out->logger), s, len);
		else if (!is_caller(s, len) && !*out->message)
			log_copy(out->message, sizeof(out->message), s, len);
		s += len + (s[len] != '\0');
	}
	return true;
}

/* nginx, Apache and most libraries: ... "GET /path HTTP/1.1" 404 ... */
static bool parse_access(const char *line, struct parsed_line *out)
{
	const char *protocol = strstr(line, " HTTP/");
	const char *quote = protocol ? strchr(protocol, '"') : NULL;

	if (!quote || !isdigit((unsigned char)quote[1 + strspn(quote + 1, " ")]) ||
		!memchr(line, '"', (size_t)(protocol - line)))
		return false;
	out->form = LOG_ACCESS;
	out->severity = SEVERITY_INFO;
	log_copy(out->message, sizeof(out->message), line, strlen(line));
	return true;
}

static void clear(struct parsed_line *out)
{
	out->form = LOG_PLAIN;
	out->severity = SEVERITY_NONE;
	out->message[0] = out->error[0] = out->logger[0] = '\0';
}

/* A head with nothing behind it is no message: then the whole line is what was said. */
static bool parse_structured(const char *line, struct parsed_line *out)
{
	bool parsed = (*line == '{' && log_parse_json(line, out)) || parse_klog(line, out) ||
		      parse_zap(line, out) || log_parse_logfmt(line, out) ||
		      parse_access(line, out);

	return parsed && (*out->message || *out->error);
}

void log_parse(const char *line, struct parsed_line *out)
{
	clear(out);
	line += strspn(line, " \t");
	if (parse_structured(line, out))
		return;
	clear(out);
	const char *message = log_read_head(line, out);
	log_copy(out->message, sizeof(out->message), message, strlen(message));
}

void log_text(const struct parsed_line *l, char *out, size_t size)
{
	if (!*l->error || strstr(l->message, l->error))
		snprintf(out, size, "%s", l->message);
	else if (!*l->message || strstr(l->error, l->message))
		snprintf(out, size, "%s", l->error);
	else
		snprintf(out, size, "%s: %s", l->message, l->error);
}
