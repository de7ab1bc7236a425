// SPDX-License-Identifier: MIT
/*
 * What the frames above an exception show. An exception that says only "invalid literal: 'four'" or "line 3: not valid
 * JSON" names neither the variable nor the file, but the line of the program that a traceback quotes above it often does.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/log/lines.h"
#include "util/cleanup.h"

#define FRAMES 40 /* lines of a stack above the message that are read */

/* How languages read a variable of the environment; what follows is its name. */
static bool variable_read_in(const char *line, char *out, size_t size)
{
	static const char *const leads[] = { "environ['", "environ[\"", "environ.get('",
		"environ.get(\"", "getenv('", "getenv(\"", "LookupEnv(\"", "env::var(\"", "ENV['",
		"ENV[\"", "ENV.fetch('", "ENV.fetch(\"", "process.env." };

	for (size_t i = 0; i < ARRAY_SIZE(leads); i++)
		if (line_after(line, leads[i], " '\"`),;.|?:+", out, size) &&
			(isalpha((unsigned char)*out) || *out == '_'))
			return true;
	return false;
}

/* The nearest of the lines above the message for which `reads` finds something; a message of its own ends the stack. */
static bool above(const struct log_lines *w, const char *message,
	bool (*reads)(const char *line, char *out, size_t size), char *out, size_t size)
{
	size_t at = log_lines_index(w, message), oldest = at < w->n_err ? w->n_err : w->n;

	for (size_t i = at + 1; i < oldest && i <= at + FRAMES; i++) {
		if (!strncmp(w->lines[i], "Traceback (most", 15))
			break;
		if (reads(w->lines[i], out, size))
			return true;
	}
	out[0] = '\0';
	return false;
}

bool log_source_variable(const struct log_lines *w, const char *message, char *out, size_t size)
{
	return above(w, message, variable_read_in, out, size);
}

/* open('/etc/app/config.json'): the whole path stands between quotes, and is no program's own source. */
static bool file_read_in(const char *line, char *out, size_t size)
{
	const char *dot;

	if (!strncmp(line, "File \"", 6) || !line_path(line, out, size) || out[0] != '/')
		return false;
	dot = strrchr(out, '.');
	return dot && line_is_settings_file(out);
}

bool log_source_file(const struct log_lines *w, const char *message, char *out, size_t size)
{
	return above(w, message, file_read_in, out, size);
}
