// SPDX-License-Identifier: MIT
/*
 * Names that show by themselves that they are not what was meant: something was to be taken off, or replaced,
 * before the program was given them.
 */
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/* What a name ends with that nobody sees. */
static const struct odd_end {
	char end;
	const char *what;
	struct advice advice;
} ends[] = {
	{ '\r', "a carriage return (CR)",
		{ .text = "Convert the file that names {path} to Unix line ends (`dos2unix`): a "
			  "carriage return (CR) at the end of its line has become part of the "
			  "name." } },
	{ '\n', "a line break",
		{ .text = "Take the line break from the end of the value that names {path}: make "
			  "it with `printf` or `echo -n`, also before `base64`." } },
	{ ' ', "a blank",
		{ .text = "Take the blank from the end of the value that names {path}: it has "
			  "become part of the name." } },
	{ '\t', "a tab",
		{ .text = "Take the tab from the end of the value that names {path}: it has become "
			  "part of the name." } },
};

static const struct odd_end *end_of(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(ends) && len > 1; i++)
		if (path[len - 1] == ends[i].end)
			return &ends[i];
	return NULL;
}

const char *odd_end_of(const char *path)
{
	const struct odd_end *end = end_of(path);

	return end ? end->what : NULL;
}

/* Asked for as no shell would have passed it on: "/data" with its quotes, ~/data, $HOME/data. */
static bool advise_literal(struct report *r, const char *asked)
{
	static const struct advice quotes = {
		.text = "Take the quotes from the value {value}: they are part of the name that is "
			"asked for, as no shell reads it. The `env` of a pod, --env-file and "
			"property files keep quotes.",
	};
	static const struct advice home = {
		.text = "Write the whole path in place of {value}: only shells replace `~` with "
			"the home directory.",
	};
	static const struct advice variable = {
		.text = "Write the value itself in place of {value}: no shell replaces the "
			"variable there. In a pod's command, args and env $(NAME) is replaced.",
	};
	size_t len = strlen(asked);
	struct blanks b = { .value = asked };

	if (len > 2 && strchr("\"'", asked[0]) && asked[len - 1] == asked[0])
		return recommend(r, &quotes, &b);
	if (!strncmp(asked, "~/", 2))
		return recommend(r, &home, &b);
	return asked[0] == '$' && len > 2 && recommend(r, &variable, &b);
}

bool advise_odd_name(struct report *r, const struct failure *f, const char *path)
{
	static const struct advice pattern = {
		.text = "Provide at least one file that matches {path}, or let the script skip "
			"what does not exist: a shell leaves a pattern as it is when nothing "
			"matches.",
	};
	const struct odd_end *end = end_of(path);
	char name[512];
	size_t len = strlen(path);

	if (end && len < sizeof(name)) {
		memcpy(name, path, len - 1);
		name[len - 1] = '\0';
		return recommend(r, &end->advice, &(struct blanks){ .path = name });
	}
	if (f->event && !strcmp(f->event->path, path) && advise_literal(r, f->event->requested))
		return true;
	return strpbrk(path, "*?") && recommend(r, &pattern, &(struct blanks){ .path = path });
}
