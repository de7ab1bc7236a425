// SPDX-License-Identifier: MIT
/*
 * What validation libraries print field by field: the message stands in one line, and the setting that it is of in another.
 * zod and others built like it: path: [ 'PORT' ], message: 'Required'; pydantic: the name, and the message indented below
 * it; Spring's failure analysis: Property: app.url, Reason: must not be null.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/log/lines.h"
#include "util/cleanup.h"

#define FIELDS 8 /* lines that one issue takes at most */

/* Behind the field's name, quoted or not ("path": or path:), or NULL. */
static const char *field(const char *line, const char *name)
{
	size_t len = strlen(name);

	line += *line == '"';
	if (strncmp(line, name, len) != 0)
		return NULL;
	line += len + (line[len] == '"');
	return *line == ':' ? line + 1 + strspn(line + 1, " ") : NULL;
}

/* The first quoted text of the line. */
static bool quoted_text(const char *line, char *out, size_t size)
{
	const char *from = line + strcspn(line, "'\"");
	const char *end = *from ? strchr(from + 1, *from) : NULL;

	if (!end || (size_t)(end - from) > size || end == from + 1)
		return false;
	snprintf(out, size, "%.*s", (int)(end - from - 1), from + 1);
	return true;
}

/* Lines are newest first: what was printed above one has a higher index. */
static bool by_path(const struct log_lines *w, size_t i, size_t oldest, struct issue *issue)
{
	const char *message = field(w->lines[i], "message");

	if (!message || !quoted_text(message, issue->text, sizeof(issue->text)))
		return false;
	for (size_t k = i + 1; k < oldest && k <= i + FIELDS; k++) {
		const char *path = field(w->lines[k], "path");
		if (path)
			return quoted_text(path, issue->name, sizeof(issue->name)) ||
			       quoted_text(w->lines[k - 1], issue->name, sizeof(issue->name));
	}
	return false;
}

static bool by_property(const struct log_lines *w, size_t i, size_t oldest, struct issue *issue)
{
	const char *reason = field(w->lines[i], "Reason");

	for (size_t k = i + 1; reason && k < oldest && k <= i + FIELDS; k++) {
		const char *property = field(w->lines[k], "Property");
		if (!property)
			continue;
		snprintf(issue->name, sizeof(issue->name), "%s", property);
		snprintf(issue->text, sizeof(issue->text), "%s", reason);
		return true;
	}
	return false;
}

static bool is_one_name(const char *line)
{
	size_t len =
		strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");

	return len && !line[len] && !isdigit((unsigned char)*line);
}

/* "[type=missing, input_value={}, ...]" ends the message. */
static bool by_name_above(const struct log_lines *w, size_t i, size_t oldest, struct issue *issue)
{
	const char *type = strstr(w->lines[i], " [type=");

	if (!type || i + 1 >= oldest || !is_one_name(w->lines[i + 1]))
		return false;
	snprintf(issue->name, sizeof(issue->name), "%s", w->lines[i + 1]);
	snprintf(issue->text, sizeof(issue->text), "%.*s", (int)(type - w->lines[i]), w->lines[i]);
	return true;
}

/* "ZodError: [" stands above what it is about. */
static bool below(const struct log_lines *w, size_t heading, struct issue *issue)
{
	size_t newest = heading < w->n_err ? 0 : w->n_err;

	for (size_t i = heading; i > newest && i + FIELDS > heading; i--)
		if (by_path(w, i - 1, heading, issue))
			return true;
	return false;
}

bool log_issue(const struct log_lines *w, const char *message, struct issue *out)
{
	size_t i = log_lines_index(w, message), oldest = i < w->n_err ? w->n_err : w->n;

	return i < w->n && (by_path(w, i, oldest, out) || by_property(w, i, oldest, out) ||
				   by_name_above(w, i, oldest, out) || below(w, i, out));
}
