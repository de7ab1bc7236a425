// SPDX-License-Identifier: MIT
/* The message in a line of a log: less its time, pid, level and program, which a title does not need. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/report.h"
#include "util/cleanup.h"

#define MESSAGE_MAX 160

static bool is_level(const char *word, size_t len)
{
	static const char *const levels[] = { "emerg", "alert", "crit", "critical", "error", "err",
		"fatal", "panic", "severe", "warn", "warning", "notice", "info", "log", "debug" };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (len == strlen(levels[i]) && !strncasecmp(word, levels[i], len))
			return true;
	return false;
}

/* A date, a time, a pid, "1#1:", "[1]", "(7)": digits and what stands between them. */
static bool is_number(const char *word, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (isdigit((unsigned char)word[i]))
			digits++;
		else if (!strchr("-/:.,+#*()[]TZ", word[i]))
			return false;
	}
	return digits > 0;
}

static bool is_time_zone(const char *word, size_t len)
{
	return len == 3 && (!strncmp(word, "GMT", 3) || !strncmp(word, "UTC", 3));
}

static bool is_program(const char *word, size_t len, const char *program)
{
	const char *slash = memrchr(word, '/', len);
	const char *name = slash ? slash + 1 : word;
	size_t name_len = len - (size_t)(name - word);

	return *program && name_len == strlen(program) && !strncmp(name, program, name_len);
}

/* The next word when it is of the head of a log line, else 0: how many bytes it has. */
static size_t head_word(const char *line, const char *program, bool dated)
{
	size_t len = strcspn(line, " \t"), bare = len;
	const char *word = line;
	bool colon = len && line[len - 1] == ':', bracket = false;

	bare -= colon;
	if (bare > 2 && word[0] == '[' && word[bare - 1] == ']') {
		bracket = true;
		word++;
		bare -= 2;
	}
	if (!bare || !line[len])
		return 0;
	bool level = is_level(word, bare) && (colon || bracket || dated);
	bool number = is_number(word, bare) && (bracket || dated || bare > 7);
	bool klog = bare == 5 && strchr("EFWI", word[0]) && is_number(word + 1, 4);

	bool place = dated && word[bare - 1] == ']' && memchr(word, ':', bare); /* "main.go:12]" */

	if (level || number || klog || place || (dated && is_time_zone(word, bare)) ||
		(colon && is_program(word, bare, program)))
		return len;
	return 0;
}

/* The value of "msg": "..." in a line of JSON, or of msg="..." in logfmt. */
static bool structured(const char *line, char *out, size_t size)
{
	static const char *const leads[] = { "\"msg\":\"", "\"msg\": \"", "\"message\":\"",
		"\"message\": \"", " msg=\"", "\"error\":\"" };

	for (size_t i = 0; i < ARRAY_SIZE(leads); i++)
		if (line_after(line, leads[i], "\"", out, size))
			return true;
	return false;
}

/* What runtimes put before a message that nobody caught. */
static const char *after_closing_line(const char *line)
{
	static const char *const leads[] = { "Exception in thread \"main\" ",
		"PHP Fatal error:  Uncaught ", "Uncaught ", "Caused by: " };
	const char *in = strstr(line, ":in `"), *frame = in ? strstr(in, "': ") : NULL;
	size_t digits = strncmp(line, "line ", 5) ? 0 : strspn(line + 5, "0123456789");

	if (digits && !strncmp(line + 5 + digits, ": ", 2)) /* bash, of its own script */
		line += 5 + digits + 2;
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

struct phrase phrase_message(const char *line, const char *program)
{
	struct phrase p;
	bool dated = false;

	if (!structured(line, p.text, sizeof(p.text))) {
		const char *rest = line + strspn(line, " \t");
		for (size_t n; (n = head_word(rest, program, dated)); dated = true)
			rest += n + strspn(rest + n, " \t");
		rest = after_closing_line(rest);
		snprintf(p.text, sizeof(p.text), "%s", *rest ? rest : line);
	}
	shorten(p.text, MESSAGE_MAX);
	for (size_t n = strlen(p.text); n && isspace((unsigned char)p.text[n - 1]);)
		p.text[--n] = '\0';
	return p;
}

#define WRAPPED_LEAST 50 /* nobody wraps shorter lines */

bool line_goes_on(const char *line, const char *next)
{
	size_t len = strlen(line);

	return len > WRAPPED_LEAST && !strchr(".:;", line[len - 1]) &&
	       islower((unsigned char)next[0]);
}
