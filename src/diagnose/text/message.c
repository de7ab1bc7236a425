// SPDX-License-Identifier: MIT
/* A message as a title quotes it: less what stands before it, and less what a title says anyway. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/report.h"
#include "util/cleanup.h"

#define MESSAGE_MAX 160

#define COMM_MAX 15 /* the kernel keeps no more of a name */

/* "[1]: " behind a program's name, and the blank before it. */
static size_t pid_prefix(const char *line)
{
	size_t blank = *line == ' ',
	       digits = strspn(line + blank + (line[blank] == '['), "0123456789");
	const char *end = line + blank + 1 + digits;

	return digits && line[blank] == '[' && !strncmp(end, "]:", 2) ? (size_t)(end + 2 - line)
								      : 0;
}

/* "initdb: error: x", "/bin/sh: 3: x", "agentd [1]: x": the program that says it, which the title names. */
static size_t program_prefix(const char *line, const char *program)
{
	size_t len = strcspn(line, " \t:["), known = strlen(program);
	const char *slash = len ? memrchr(line, '/', len) : NULL;
	const char *name = slash ? slash + 1 : line;
	size_t name_len = len - (size_t)(name - line);
	bool is_it = known && !strncmp(name, program, known) &&
		     (name_len == known || (known == COMM_MAX && name_len > known));

	if (!is_it)
		return 0;
	return line[len] == ':' && isspace((unsigned char)line[len + 1]) ? len + 1
	       : pid_prefix(line + len) ? len + pid_prefix(line + len)
					: 0;
}

/* "error: x", "FATAL: x", but not "Error: x", which is how a language writes its exceptions. */
static size_t level_prefix(const char *line)
{
	size_t len = strcspn(line, ": ");
	bool title_case = isupper((unsigned char)line[0]) && islower((unsigned char)line[1]);

	bool colon = line[len] == ':' && line[len + 1] == ' ' && !title_case;
	bool capitals = line[len] == ' ' && isupper((unsigned char)line[0]) &&
			isupper((unsigned char)line[1]);

	return (colon || capitals) && len > 2 && severity_of(line, len) ? len + colon : 0;
}

/* What runtimes put before a message that nobody caught. */
static const char *after_closing_line(const char *line)
{
	static const char *const leads[] = { "Exception in thread \"main\" ",
		"PHP Fatal error:  Uncaught ", "PHP Fatal error:  ", "Unhandled exception. ",
		"Uncaught ", "Caused by: ", "panic: " };
	/* `set -x`: what a shell writes of a command before it is run */
	size_t plus = strspn(line, "+");
	if (plus && line[plus] == ' ')
		line += plus + 1;
	const char *in = strstr(line, ":in `"), *frame = in ? strstr(in, "': ") : NULL;
	size_t digits = strncmp(line, "line ", 5) ? 0 : strspn(line + 5, "0123456789");

	if (digits && !strncmp(line + 5 + digits, ": ", 2)) /* bash, of its own script */
		line += 5 + digits + 2;
	digits = strspn(line, "0123456789");
	if (digits && !strncmp(line + digits, ": ", 2)) /* dash */
		line += digits + 2;
	for (size_t i = 0; i < ARRAY_SIZE(leads); i++)
		if (!strncmp(line, leads[i], strlen(leads[i])))
			line += strlen(leads[i]);
	if (!frame) /* Ruby: "app.rb:7:in `fetch': key not found" */
		return line;
	return frame + strlen("': ");
}

/* Cut behind a whole character. */
static void shorten(char *text, size_t max)
{
	if (strlen(text) <= max)
		return;
	while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	snprintf(text + max, 4, "...");
}

/* Blanks at the end; and "at" or "in" there: "Unknown field: 'prot' at" has the place in its next line. */
static void trim_end(char *text)
{
	static const char *const ends[] = { " at", " in" };
	size_t n = strlen(text);

	for (; n && isspace((unsigned char)text[n - 1]); n--)
		;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t len = strlen(ends[i]);
		if (n > len && !strncmp(text + n - len, ends[i], len))
			n -= len;
	}
	text[n] = '\0';
}

struct phrase phrase_message(const char *line, const char *program)
{
	struct parsed_line l;
	struct phrase p;
	char text[2 * LOG_TEXT_MAX];

	log_parse(line, &l);
	log_text(&l, text, sizeof(text));
	const char *rest = text + strspn(text, " \t");
	rest += strncmp(rest, "==> ", 4) ? 0
					 : 4; /* Consul, and scripts, in front of each message */
	for (size_t n; (n = program_prefix(rest, program)) || (n = level_prefix(rest));)
		rest += n + strspn(rest + n, " \t");
	rest = after_closing_line(rest);
	log_copy(p.text, sizeof(p.text), *rest ? rest : line, strlen(*rest ? rest : line));
	shorten(p.text, MESSAGE_MAX);
	trim_end(p.text);
	return p;
}

/* A full stop, and no dot of a file's name or a version. */
static size_t sentence_length(const char *text)
{
	size_t len = strcspn(text, ".");

	while (text[len] && text[len + 1] && !isspace((unsigned char)text[len + 1]))
		len += 1 + strcspn(text + len + 1, ".");
	return len;
}

/* A hard-wrapped sentence is put together again; else the line alone. */
struct phrase phrase_decisive(const struct candidate *who, const char *line)
{
	const char *lines[LOG_LINES_AROUND];
	size_t n = log_lines_around(&who->log_lines, line, lines), i = 0;
	struct issue issue;
	struct phrase p;

	if (log_issue(&who->log_lines, line, &issue))
		return phrase_print("%.140s: %.300s", issue.name, issue.text);

	while (i < n && lines[i] != line)
		i++;
	if (i == 1 &&
		line_quotes(lines[0])) { /* ">>> 'maxmemory-polcy'": what the line below is about */
		snprintf(p.text, sizeof(p.text), "%.140s: %.140s",
			lines[0] + strspn(lines[0], "> "), line);
		return p;
	}
	snprintf(p.text, sizeof(p.text), "%.300s", line);
	for (; i + 1 < n && line_goes_on(lines[i], lines[i + 1]) &&
		who->log_lines.roles[log_lines_index(&who->log_lines, lines[i + 1])] ==
			LINE_MESSAGE;
		i++) {
		size_t used = strlen(p.text), stop = sentence_length(lines[i + 1]);
		snprintf(p.text + used, sizeof(p.text) - used, " %.*s", (int)stop, lines[i + 1]);
		if (lines[i + 1][stop])
			break;
	}
	return phrase_message(p.text, who->process->comm);
}

/* All that the program said about it, the time stamps left out. */
void report_decisive_lines(struct report *r, const struct candidate *who, const char *line)
{
	const char *lines[LOG_LINES_AROUND];
	size_t n = log_lines_around(&who->log_lines, line, lines);
	_cleanup_strbuf_ struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < n; i++)
		strbuf_printf(&b, "%s%s", block_joint(lines, i),
			phrase_message(lines[i], who->process->comm).text);
	if (b.data)
		report_sentence(r, "It said: \"%s\".", b.data);
}
