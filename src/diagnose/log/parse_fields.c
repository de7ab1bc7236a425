// SPDX-License-Identifier: MIT
/*
 * Lines of named fields: JSON as zap, zerolog, logrus, slog, bunyan, pino, winston, Serilog, logstash, ECS,
 * Python's structlog, Rust's tracing, MongoDB and HashiCorp write it, and logfmt. Each library has names of its
 * own for the same four things; the table has them all. The reader is forgiving: of a line that was cut,
 * it takes what is there.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/log/parse.h"
#include "util/cleanup.h"

enum field { FIELD_NONE, FIELD_SEVERITY, FIELD_MESSAGE, FIELD_ERROR, FIELD_TRACE, FIELD_LOGGER };

static const struct key {
	const char *name; /* with a dot between the object and what is in it */
	enum field field;
} keys[] = {
	{ "level", FIELD_SEVERITY },
	{ "lvl", FIELD_SEVERITY },
	{ "severity", FIELD_SEVERITY },   /* Google's, Stackdriver */
	{ "log.level", FIELD_SEVERITY },  /* Elastic Common Schema */
	{ "levelname", FIELD_SEVERITY },  /* python-json-logger */
	{ "level_name", FIELD_SEVERITY }, /* Monolog */
	{ "loglevel", FIELD_SEVERITY },
	{ "severity_text", FIELD_SEVERITY },
	{ "@l", FIELD_SEVERITY },     /* Serilog, compact */
	{ "@level", FIELD_SEVERITY }, /* hclog */
	{ "Level", FIELD_SEVERITY },  /* Serilog; also .NET's LogLevel */
	{ "LogLevel", FIELD_SEVERITY },
	{ "s", FIELD_SEVERITY }, /* MongoDB 4.4 */
	{ "msg", FIELD_MESSAGE },
	{ "message", FIELD_MESSAGE },
	{ "Message", FIELD_MESSAGE },
	{ "short_message", FIELD_MESSAGE }, /* GELF */
	{ "textPayload", FIELD_MESSAGE },
	{ "fields.message", FIELD_MESSAGE }, /* tracing */
	{ "@m", FIELD_MESSAGE },
	{ "@mt", FIELD_MESSAGE },
	{ "@message", FIELD_MESSAGE },
	{ "MessageTemplate", FIELD_MESSAGE },
	{ "RenderedMessage", FIELD_MESSAGE },
	{ "event", FIELD_MESSAGE }, /* structlog */
	{ "log", FIELD_MESSAGE },   /* Docker's json-file */
	{ "error", FIELD_ERROR },
	{ "err", FIELD_ERROR },
	{ "cause", FIELD_ERROR },
	{ "reason", FIELD_ERROR },
	{ "error.message", FIELD_ERROR },
	{ "error.msg", FIELD_ERROR },
	{ "error.reason", FIELD_ERROR },
	{ "err.message", FIELD_ERROR }, /* pino, bunyan */
	{ "errorMessage", FIELD_ERROR },
	{ "error_message", FIELD_ERROR },
	{ "exception.message", FIELD_ERROR },
	{ "exception.exception_message", FIELD_ERROR },
	{ "fields.error", FIELD_ERROR },
	{ "fields.err", FIELD_ERROR },
	{ "attr.error", FIELD_ERROR }, /* MongoDB */
	{ "attr.error.errmsg", FIELD_ERROR },
	{ "context.exception.message", FIELD_ERROR }, /* Monolog */
	{ "exception", FIELD_TRACE },
	{ "Exception", FIELD_TRACE },
	{ "exc_info", FIELD_TRACE },
	{ "@x", FIELD_TRACE },
	{ "stack", FIELD_TRACE },
	{ "err.stack", FIELD_TRACE },
	{ "error.stack", FIELD_TRACE },
	{ "stack_trace", FIELD_TRACE }, /* logstash-logback-encoder */
	{ "error.stack_trace", FIELD_TRACE },
	{ "stacktrace",
		FIELD_TRACE }, /* Elasticsearch: an array, its first piece has the message */
	{ "exception.stacktrace", FIELD_TRACE },
	{ "thrown.message", FIELD_ERROR }, /* log4j2's JsonLayout */
	{ "logger", FIELD_LOGGER },
	{ "logger_name", FIELD_LOGGER },
	{ "loggerName", FIELD_LOGGER },
	{ "log.logger", FIELD_LOGGER },
	{ "name", FIELD_LOGGER },
	{ "component", FIELD_LOGGER },
	{ "target", FIELD_LOGGER },
	{ "scope", FIELD_LOGGER },
	{ "SourceContext", FIELD_LOGGER },
	{ "Properties.SourceContext", FIELD_LOGGER },
};

static enum field field_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(name, keys[i].name))
			return keys[i].field;
	return FIELD_NONE;
}

/* pino and bunyan count in tens, syslog (GELF) from 0, the worst, to 7. */
static enum severity severity_of_number(int n)
{
	static const enum severity tens[] = { SEVERITY_DEBUG, SEVERITY_DEBUG, SEVERITY_DEBUG,
		SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_FATAL };
	static const enum severity syslog[] = { SEVERITY_FATAL, SEVERITY_FATAL, SEVERITY_FATAL,
		SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO, SEVERITY_INFO, SEVERITY_DEBUG };

	if (n >= 0 && n < (int)ARRAY_SIZE(syslog))
		return syslog[n];
	return n >= 10 && n < 70 ? tens[n / 10] : SEVERITY_NONE;
}

static size_t line_length(const char *text)
{
	return strcspn(text, "\r\n");
}

/* Of a trace the one line that counts: the innermost cause, Python's last, else the first. */
static const char *gist(const char *text)
{
	const char *last = text;

	for (const char *at = text; (at = strstr(at, "Caused by: ")); at++)
		last = at + strlen("Caused by: ");
	if (last != text || strncmp(text, "Traceback (most", 15))
		return last;
	for (const char *s = text; *s;) {
		if (!isspace((unsigned char)*s))
			last = s;
		s += line_length(s);
		s += strspn(s, "\r\n");
	}
	return last;
}

/* A message may have several lines, as Elasticsearch's failed checks: one line up to where a stack begins. */
static void store_message(struct parsed_line *out, const char *text)
{
	size_t used = 0;

	while (*text) {
		size_t len = line_length(text);
		if (used && (isspace((unsigned char)*text) || !strncmp(text, "at ", 3) ||
				    !strncmp(text, "Traceback (most", 15)))
			break;
		if (used && used + 1 < sizeof(out->message))
			out->message[used++] = ' ';
		log_copy(out->message + used, sizeof(out->message) - used, text, len);
		used += strlen(out->message + used);
		text += len;
		text += strspn(text, "\r\n");
	}
	if (!strncmp(text, "Traceback (most", 15) && !*out->error) {
		text = gist(text);
		log_copy(out->error, sizeof(out->error), text, line_length(text));
	}
}

/* One line, and the next where that ends with a colon: "yaml: unmarshal errors:\n  line 2: field x not found". */
static void store_error(struct parsed_line *out, const char *text)
{
	size_t len = line_length(text), size = sizeof(out->error);

	log_copy(out->error, size, text, len);
	text += len + strspn(text + len, "\r\n \t");
	len = strlen(out->error);
	if (len && out->error[len - 1] == ':' && *text)
		snprintf(out->error + len, size - len, " %.*s", (int)line_length(text), text);
}

static void store(struct parsed_line *out, enum field field, const char *value)
{
	switch (field) {
	case FIELD_SEVERITY:
		if (!out->severity)
			out->severity = isdigit((unsigned char)*value)
						? severity_of_number(atoi(value))
						: severity_of(value, strlen(value));
		break;
	case FIELD_MESSAGE:
		if (!*out->message)
			store_message(out, value);
		break;
	case FIELD_LOGGER:
		if (!*out->logger)
			log_copy(out->logger, sizeof(out->logger), value, line_length(value));
		break;
	case FIELD_ERROR:
	case FIELD_TRACE:
		if (!*out->error)
			store_error(out, gist(value));
		break;
	default:
		break;
	}
}

#define NAME_MAX_BYTES 64
#define VALUE_MAX 4096
#define DEPTH_MAX 6

struct json {
	struct parsed_line *out;
	char name[NAME_MAX_BYTES]; /* of the value that is read: "error.message" */
	char value[VALUE_MAX];
};

static size_t put_utf8(char *to, unsigned code)
{
	if (code < 0x20 && code != '\n')
		code = ' ';
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code >= 0xd800 && code < 0xe000) /* half of a pair: no error message needs it */
		code = 0xfffd;
	to[0] = (char)(0xe0 | code >> 12);
	to[1] = (char)(0x80 | (code >> 6 & 0x3f));
	to[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

/* One escape, at the backslash; returns what follows it. */
static const char *unescape(const char *s, char *to, size_t *n)
{
	static const char from[] = "nrtbf", into[] = "\n   ";
	const char *at = s[1] ? strchr(from, s[1]) : NULL;
	char digits[5] = "";

	if (!s[1])
		return s + 1;
	if (s[1] == 'u' && strspn(s + 2, "0123456789abcdefABCDEF") >= 4) {
		memcpy(digits, s + 2, 4);
		*n += put_utf8(to + *n, (unsigned)strtoul(digits, NULL, 16));
		return s + 6;
	}
	to[(*n)++] = !at ? s[1] : at - from < 4 ? into[at - from] : ' ';
	return s + 2;
}

/* A string, at its quote; what has no room is left out. Returns what follows the closing quote. */
static const char *read_string(const char *s, char *out, size_t size)
{
	size_t used = 0;
	char piece[8];

	for (s++; *s && *s != '"';) {
		size_t n = 0;
		if (*s == '\\')
			s = unescape(s, piece, &n);
		else
			piece[n++] = *s++;
		if (used + n >= size)
			size = used; /* nothing behind a gap */
		for (size_t i = 0; i < n && used + n < size; i++)
			out[used + i] = piece[i];
		used += used + n < size ? n : 0;
	}
	out[used] = '\0';
	return *s ? s + 1 : s;
}

static const char *read_value(struct json *j, const char *s, int depth);

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* The members of an object, behind its brace; returns what follows it, or the end of what was cut. */
static const char *read_members(struct json *j, const char *s, int depth)
{
	size_t outer = strlen(j->name);

	for (;;) {
		s += strspn(s, " \t\r\n,");
		if (*s != '"')
			break;
		size_t at = outer + (outer > 0);
		if (at + 1 >= sizeof(j->name))
			return "";
		if (outer)
			j->name[outer] = '.';
		s = skip_blanks(read_string(s, j->name + at, sizeof(j->name) - at));
		if (*s != ':')
			return "";
		s = read_value(j, s + 1, depth);
		j->name[outer] = '\0';
	}
	return *s == '}' ? s + 1 : "";
}

/* Of an array only what its first piece says counts: store() takes the first of each. */
static const char *read_array(struct json *j, const char *s, int depth)
{
	while (*(s += strspn(s, " \t\r\n,")) && *s != ']')
		s = read_value(j, s, depth);
	return *s ? s + 1 : s;
}

static const char *read_value(struct json *j, const char *s, int depth)
{
	enum field field = field_of(j->name);
	size_t len;

	s = skip_blanks(s);
	switch (depth < DEPTH_MAX ? *s : '\0') {
	case '{':
		return read_members(j, s + 1, depth + 1);
	case '[':
		return read_array(j, s + 1, depth + 1);
	case '"':
		s = read_string(s, j->value, sizeof(j->value));
		store(j->out, field, j->value);
		return s;
	case '\0':
		return "";
	default:
		len = strcspn(s, ",}] \t\r\n");
		if (field == FIELD_SEVERITY)
			log_copy(j->value, sizeof(j->value), s, len);
		if (field == FIELD_SEVERITY)
			store(j->out, field, j->value);
		return len ? s + len : "";
	}
}

/* Kubernetes' own JSON has no level, but an error only where there is one. */
static void settle(struct parsed_line *out)
{
	out->form = LOG_FIELDS;
	if (!out->severity && *out->error)
		out->severity = SEVERITY_ERROR;
}

bool log_parse_json(const char *line, struct parsed_line *out)
{
	struct json j = { .out = out };

	read_members(&j, line + 1, 0);
	if (!*out->message && !*out->error) {
		out->severity = SEVERITY_NONE;
		out->logger[0] = '\0';
		return false;
	}
	settle(out);
	return true;
}

/* One "key=value" or "key=\"value\"", or a word that is none; returns what follows. */
static const char *read_pair(const char *s, struct parsed_line *out, size_t *pairs)
{
	size_t len = 0;
	char name[NAME_MAX_BYTES], value[LOG_TEXT_MAX];

	while (isalnum((unsigned char)s[len]) || (s[len] && strchr("_.@-/", s[len])))
		len++;
	if (!len || s[len] != '=' || len >= sizeof(name))
		return s + len + strcspn(s + len, " \t");
	memcpy(name, s, len);
	name[len] = '\0';
	s += len + 1;
	if (*s == '"') {
		s = read_string(s, value, sizeof(value));
	} else {
		len = strcspn(s, " \t");
		log_copy(value, sizeof(value), s, len);
		s += len;
	}
	store(out, field_of(name), value);
	++*pairs;
	return s;
}

void log_read_pairs(const char *text, struct parsed_line *out)
{
	size_t pairs = 0;

	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t"))
		text = read_pair(text, out, &pairs);
}

bool log_parse_logfmt(const char *line, struct parsed_line *out)
{
	size_t pairs = 0, level_words = 0;

	if (!memchr(line, '=', strcspn(line, " \t")))
		return false;
	struct parsed_line mine = { 0 };
	for (const char *s = line; *s; s += strspn(s, " \t"), level_words++)
		s = read_pair(s, &mine, &pairs);
	if (pairs < 2 || pairs * 2 < level_words || (!mine.severity && !*mine.message) ||
		(!*mine.message && !*mine.error))
		return false;
	*out = mine;
	settle(out);
	return true;
}
