// SPDX-License-Identifier: MIT
/*
 * The head of a plain line: what stands before the message. There are as many orders of time, level, pid,
 * thread and logger as there are programs, but the pieces are few. They are taken one after the other, until one
 * comes that is none; some are only pieces of a head behind a time or a level ("root:" in "ERROR root: x").
 */
#include <ctype.h>
#include <string.h>

#include "diagnose/log/parse.h"
#include "util/cleanup.h"

struct head {
	const char *at; /* what is not read yet */
	struct parsed_line *out;
	bool dated;     /* a time was there */
	bool bracketed; /* something in brackets was of the head */
};

/* 9 is a digit, _ a digit or a blank, A a letter, all else itself. Longer ones before what they begin with. */
static const char *const times[] = {
	"9999-99-99T99:99:99",
	"9999-99-99 99:99:99",
	"9999-99-99 _9:99:99", /* MySQL 5.5 */
	"9999/99/99 99:99:99",
	"99/AAA/9999:99:99:99",
	"99-AAA-9999 99:99:99", /* PHP-FPM, Tomcat */
	"99 AAA 9999 99:99:99", /* Redis */
	"AAA AAA _9 99:99:99",  /* Apache */
	"AAA _9 99:99:99",      /* syslog */
	"999999 99:99:99",      /* old MySQL */
	"9999999999.999",
	"99:99:99",
};

static size_t fits(const char *s, const char *form)
{
	size_t i = 0;

	for (; form[i]; i++) {
		unsigned char c = (unsigned char)s[i];
		bool ok = form[i] == '9'   ? isdigit(c)
			  : form[i] == '_' ? isdigit(c) || c == ' '
			  : form[i] == 'A' ? isalpha(c)
					   : c == (unsigned char)form[i];
		if (!ok)
			return 0;
	}
	return i;
}

/* " UTC", "Z", "+02:00", " 2024" of Apache. */
static size_t zone_length(const char *s)
{
	static const char *const names[] = { "Z", " UTC", " GMT", " CET", " CEST", " EST", " EDT",
		" PST", " PDT", " MSK", " IST", " JST", " Z" };
	size_t blank = *s == ' ';

	for (size_t i = ARRAY_SIZE(names); i-- > 0;)
		if (!strncmp(s, names[i], strlen(names[i])) &&
			!isalnum((unsigned char)s[strlen(names[i])]))
			return strlen(names[i]);
	if ((s[blank] == '+' || s[blank] == '-') && isdigit((unsigned char)s[blank + 1]))
		return blank + 1 + strspn(s + blank + 1, "0123456789:");
	bool year = blank && fits(s + 1, "9999");
	return year && (s[5] == ']' || !strncmp(s + 5, " -> ", 4)) ? 5 : 0; /* Apache, ClamAV */
}

static size_t time_length(const char *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		size_t n = fits(s, times[i]);
		if (!n)
			continue;
		if ((s[n] == '.' || s[n] == ',' || s[n] == ':') && isdigit((unsigned char)s[n + 1]))
			n += 1 + strspn(s + n + 1, "0123456789");
		return n + zone_length(s + n);
	}
	return 0;
}

static bool is_upper(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isupper((unsigned char)s[i]))
			return false;
	return len > 0;
}

static size_t letters(const char *s)
{
	size_t n = 0;

	while (isalpha((unsigned char)s[n]))
		n++;
	return n;
}

static void set_severity(struct head *h, enum severity level)
{
	if (!h->out->severity)
		h->out->severity = level;
}

static bool take_time(struct head *h)
{
	size_t n = time_length(h->at);

	/* A clock alone may be of the message. */
	if (!n || (!h->dated && n < 8))
		return false;
	h->dated = true;
	h->at += n;
	if (*h->at == ':' && isspace((unsigned char)h->at[1]))
		h->at++;
	return true;
}

/* May a level's word end like this? In capitals it may before a blank; else a mark must say so. */
static bool ends_level(const struct head *h, size_t len)
{
	const char *end = h->at + len;
	bool upper = is_upper(h->at, len), apart = *end == '|' || *end == '\t' || *end == '/';

	if (*end == ':')
		return len > 1;
	if (len == 1)
		return h->dated && (*end == ' ' || *end == '!');
	if (upper)
		return apart || *end == ' ' || *end == ',' || *end == '!';
	return h->dated && (apart || !strncmp(end, "  ", 2) || !strncmp(end, " - ", 3) ||
				   !strncmp(end, " |", 2));
}

/* "ERROR x", "error: x", "E! x" behind a time; "Error: x" alone is how languages begin a message. */
static bool take_severity(struct head *h)
{
	size_t len = letters(h->at);
	enum severity level = len ? severity_of(h->at, len) : SEVERITY_NONE;

	/* PostgreSQL's LOG says nothing about how grave it is: failures to listen are logged so. */
	if (h->dated && !strncmp(h->at, "LOG:", 4)) {
		h->at += 4;
		return true;
	}
	if (!level || h->out->severity || !ends_level(h, len))
		return false;
	h->out->severity = level;
	h->at += len;
	h->at += *h->at == ':' || *h->at == '!';
	if (*h->at == '/') /* celery: ERROR/MainProcess */
		h->at += strcspn(h->at, " \t");
	return true;
}

/* What stands in brackets, from s to end. */
struct bracket {
	const char *s, *end;
	enum severity level; /* of "error", "core:error", "2024-05-01T10:00:00Z ERROR app" */
	bool time, number;   /* "1", "7#7", "pid 1:tid 2" */
};

static struct bracket read_bracket(const char *s, const char *end)
{
	const char *colon = memchr(s, ':', (size_t)(end - s));
	struct bracket b = { .s = s, .end = end, .level = severity_of(s, letters(s)) };

	if (b.level && s + letters(s) != end && s[letters(s)] != ' ')
		b.level = SEVERITY_NONE;
	if (!b.level && colon && colon + 1 + letters(colon + 1) == end)
		b.level = severity_of(colon + 1, letters(colon + 1));
	size_t n = time_length(s);
	b.time = n > 0;
	if (n) {
		const char *word = s + n + strspn(s + n, " :#0123456789");
		b.level = severity_of(word, letters(word));
	}
	b.number = s + strspn(s, "0123456789#:*") == end || !strncmp(s, "pid ", 4);
	return b;
}

/* "[error]", a time, a pid; and behind these the name of a thread or logger, which is one word. */
static bool take_brackets(struct head *h)
{
	const char *s = h->at + 1, *end = *h->at == '[' ? strchr(s, ']') : NULL;

	if (!end || end - s > 100 || !end[1])
		return false;
	s += strspn(s, " ");
	struct bracket b = read_bracket(s, end);
	bool behind = h->bracketed || h->dated;
	size_t word = strcspn(s, " ]");
	/* PHP-FPM: "[/etc/php-fpm.conf:8] unknown entry" */
	bool name = behind && *s != '/' && s + word + strspn(s + word, " ") == end;

	if (!b.level && !b.time && !(b.number && behind) && !name)
		return false;
	if (!b.level && !b.time && !b.number && !*h->out->logger)
		log_copy(h->out->logger, sizeof(h->out->logger), s, word);
	set_severity(h, b.level);
	h->dated |= b.time;
	h->bracketed = true;
	h->at = end + 1;
	h->at += *h->at == ':';
	return true;
}

/* "1#1:", "*5", "(1)", "<0.12.0>", "0" before "[", "1 ---": numbers that count processes and threads. */
static bool take_ids(struct head *h)
{
	size_t len = strcspn(h->at, " \t");
	bool closed = *h->at == '(' || *h->at == '<';
	bool number = h->at[strspn(h->at, "0123456789#*.:()<>")] == h->at[len];
	const char *next = h->at + len + strspn(h->at + len, " \t");
	bool before = *next == '[' || !strncmp(next, "---", 3);

	if (!len || !*next || !number || (!h->dated && !h->bracketed))
		return false;
	if (!memchr(h->at, '#', len) && *h->at != '*' && !closed && !before &&
		h->at[len - 1] != ':')
		return false;
	h->at += len;
	return true;
}

/* "main.go:12:", "app.module -", "o.s.boot.SpringApplication :", "root:" behind a level. */
static bool take_logger(struct head *h)
{
	size_t len = strcspn(h->at, " \t");
	const char *next = h->at + len + strspn(h->at + len, " \t");
	bool mark = (next[0] == '-' || next[0] == ':' || next[0] == '|') && next[1] == ' ' &&
		    next != h->at + len;

	if (!len || !*next || (!h->dated && !h->out->severity))
		return false;
	bool colon = h->at[len - 1] == ':' || h->at[len - 1] == ']';
	size_t name = len - colon;
	const char *dot = memchr(h->at, '.', name), *twice = memmem(h->at, name, "::", 2);
	bool plain = strspn(h->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_.$:/<>@-") >= name;
	bool place = dot && colon && isdigit((unsigned char)h->at[name - 1]) &&
		     memchr(dot, ':', (size_t)(h->at + name - dot));
	bool dotted = colon && h->dated && (twice || (dot && !memchr(h->at, '/', name)));

	if (!plain || (!(mark && (h->dated || h->bracketed)) && !(place && h->dated) &&
			      !(dotted && isalpha((unsigned char)*h->at) && h->out->severity)))
		return false;
	if (!place && !*h->out->logger)
		log_copy(h->out->logger, sizeof(h->out->logger), h->at, name);
	h->at += len;
	return true;
}

static bool take_separator(struct head *h)
{
	size_t n = strspn(h->at, "-|:>");

	if (!n || !isspace((unsigned char)h->at[n]) || (!h->dated && !h->out->severity))
		return false;
	h->at += n;
	return true;
}

/* Heads with an order of their own: syslog's priority and host, Redis' sign, Ruby's letter, Python's colons. */
static void take_special(struct head *h)
{
	const char *s = h->at;
	size_t n = strspn(s, "0123456789");

	if (*s == '<' && (n = strspn(s + 1, "0123456789")) && n <= 3 && s[1 + n] == '>') {
		static const enum severity levels[] = { SEVERITY_FATAL, SEVERITY_FATAL,
			SEVERITY_FATAL, SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO,
			SEVERITY_INFO, SEVERITY_DEBUG };
		int priority = 0;
		for (size_t i = 1; i <= n; i++)
			priority = priority * 10 + (s[i] - '0');
		set_severity(h, levels[priority & 7]);
		h->at += n + 2;
		if (!strncmp(h->at, "1 ", 2))
			h->at += 2;
	} else if (n && s[n] == ':' && s[n + 1] && strchr("MSCX", s[n + 1]) && s[n + 2] == ' ' &&
		   time_length(s + n + 3)) {
		h->at = s + n + 3;
		take_time(h);
		const char *sign = h->at + strspn(h->at, " ");
		if (*sign && strchr(".-*#", *sign) && sign[1] == ' ') {
			set_severity(h, *sign == '#' ? SEVERITY_NONE : SEVERITY_INFO);
			h->at = sign + 1;
		}
	} else if (strchr("DIWEF", *s) && *s && !strncmp(s + 1, ", [", 3)) {
		h->at = s + 3;
	}
}

/* syslog: "May  1 10:00:00 host program[12]: message"; RFC 5424 has id and data before the message. */
static void take_host(struct head *h)
{
	const char *host = h->at + strspn(h->at, " "), *program = host + strcspn(host, " ");

	program += strspn(program, " ");
	size_t len = strcspn(program, " ");
	if (len < 2 || program[len - 1] != ':' || !program[len])
		return;
	log_copy(h->out->logger, sizeof(h->out->logger), program, strcspn(program, "[: "));
	h->at = program + len;
}

/* "ERROR:root:message", with no time at all. */
static bool take_python(struct head *h)
{
	size_t len = letters(h->at), name;

	if (!is_upper(h->at, len) || len < 4 || h->at[len] != ':' || !severity_of(h->at, len))
		return false;
	name = strcspn(h->at + len + 1, ": ");
	if (!name || h->at[len + 1 + name] != ':')
		return false;
	set_severity(h, severity_of(h->at, len));
	log_copy(h->out->logger, sizeof(h->out->logger), h->at + len + 1, name);
	h->at += len + 1 + name + 1;
	return true;
}

/* "nginx: [emerg] x", "fail: Microsoft.Hosting.Lifetime[0]": a program or a category around a level. */
static void take_program(struct head *h)
{
	size_t len = strcspn(h->at, ": ");
	const char *bracket = h->at + len + 2;

	if (!len || strncmp(h->at + len, ": [", 3) || memchr(h->at, '[', len))
		return;
	if (!severity_of(bracket + 1, letters(bracket + 1)))
		return;
	log_copy(h->out->logger, sizeof(h->out->logger), h->at, len);
	h->at = bracket;
}

const char *log_read_head(const char *line, struct parsed_line *out)
{
	struct head h = { .at = line, .out = out };
	bool syslog = fits(line, "AAA _9 99:99:99") > 0 || *line == '<';

	take_special(&h);
	take_program(&h);
	if (take_python(&h)) {
		out->form = LOG_HEADED;
		return h.at;
	}
	for (;;) {
		h.at += strspn(h.at, " \t");
		if (take_time(&h)) {
			if (syslog)
				take_host(&h);
			syslog = false;
			continue;
		}
		if (!take_brackets(&h) && !take_severity(&h) && !take_ids(&h) && !take_logger(&h) &&
			!take_separator(&h))
			break;
	}
	if (!*h.at || (!h.dated && !h.bracketed && !*out->logger))
		return line;
	out->form = LOG_HEADED;
	return h.at;
}
