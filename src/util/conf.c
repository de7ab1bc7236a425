// SPDX-License-Identifier: MIT
#include "util/conf.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Not isspace(), which asks the locale. \r: a file that was written on Windows. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts the first line off the rest. */
static char *next_line(struct conf *c)
{
	char *line = c->rest, *end = strchr(line, '\n');

	if (end)
		*end++ = '\0';
	c->rest = end ? end : line + strlen(line);
	c->number++;
	return line;
}

/* A # within a word stays: file names may have one. */
static void cut_comment(char *line)
{
	for (char *s = line; (s = strchr(s, '#')); s++)
		if (s == line || is_blank(s[-1])) {
			*s = '\0';
			return;
		}
}

static char *trim(char *s)
{
	while (is_blank(*s))
		s++;
	size_t len = strlen(s);
	while (len && is_blank(s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

int conf_next(struct conf *c, const char **name, const char **value, const char **wrong)
{
	while (*c->rest) {
		char *line = next_line(c);

		cut_comment(line);
		line = trim(line);
		if (!*line)
			continue;
		char *equals = strchr(line, '=');
		if (!equals || equals == line) {
			*wrong = equals ? "there is no name before the ="
					: "expected a line NAME = VALUE";
			return -EINVAL;
		}
		*equals = '\0';
		*name = trim(line);
		*value = trim(equals + 1);
		return 1;
	}
	return 0;
}
