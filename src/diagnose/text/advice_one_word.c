// SPDX-License-Identifier: MIT
/* A whole command line in one element of command or args: nobody takes it apart, and it is looked for as a program. */
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/quoting.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/* "FOO=bar" is for a shell to set. */
static bool is_assignment(const char *text)
{
	size_t len =
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return len && text[len] == '=';
}

#define ARGUMENTS_MOST 24

/* "python3 -m app" as the YAML list [python3, "-m", app]; false where a shell would have to read it. */
static bool as_list(const char *line, struct strbuf *out)
{
	int n = 0;

	if (strpbrk(line, "'\"\\$`;|&<>(){}*?#~\n\t"))
		return false;
	for (const char *s = line + strspn(line, " "); *s; s += strspn(s, " ")) {
		char word[256];
		size_t len = strcspn(s, " ");
		if (len >= sizeof(word) || n++ == ARGUMENTS_MOST)
			return false;
		snprintf(word, sizeof(word), "%.*s", (int)len, s);
		strbuf_printf(out, "%s", n > 1 ? ", " : "");
		quote_yaml(out, word);
		s += len;
	}
	return n > 1;
}

/* A whole line in one element of `command`: Kubernetes starts no shell that would take it apart. */
static bool advise_one_string(struct report *r, const char *line)
{
	static const struct advice shell = {
		.text = "Let a shell read it: Kubernetes takes each element of command as one "
			"word, "
			"and the first as the name of a program.",
		"{list}:\n  - name: {container}\n    command: [sh, -c, {value}]\n",
	};
	static const struct advice split = {
		.text = "Make each word an element of its own in command: Kubernetes takes the "
			"first element as a whole as the name of the program.",
		"{list}:\n  - name: {container}\n    command: [{yaml}]\n",
	};
	_cleanup_strbuf_ struct strbuf list = STRBUF_INIT;

	if (!strchr(line, ' ') || (line[0] == '/' && !strpbrk(line, " ")))
		return false;
	bool for_shell = !as_list(line, &list) || is_assignment(line);
	/* What follows it would be lost: to `sh -c LINE` it is no part of the line. */
	if (for_shell)
		return r->q->container->n_args <= 1 &&
		       recommend(r, &shell, &(struct blanks){ .value = line });
	recommend(r, &split, &(struct blanks){ .yaml = list.data });
	return true;
}

/* The same behind tini, dumb-init or gosu: they hand an argument on as it is, spaces and all. */
static bool advise_one_argument(struct report *r, const char *line)
{
	static const struct advice split = {
		.text = "Make each word of `{name}` an element of its own in command or args: an "
			"element is handed on as one word, spaces included, and here as the name "
			"of a program.",
		"{list}:\n  - name: {container}\n    command: [{yaml}]\n",
	};
	static const struct advice shell = {
		.text = "Put `sh`, `-c` in front of `{name}` in command or args: an element is "
			"handed on as one word, spaces included, and here as the name of a "
			"program.",
	};
	const struct container *c = r->q->container;
	_cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
	size_t at = 1;

	while (at < c->n_args && strcmp(c->args[at], line))
		at++;
	if (!strchr(line, ' ') || at >= c->n_args)
		return false;
	for (size_t i = 0; i < at; i++) {
		quote_yaml(&list, c->args[i]);
		strbuf_puts(&list, ", ");
	}
	if (at + 1 < c->n_args || !as_list(line, &list) || is_assignment(line))
		return recommend(r, &shell, &(struct blanks){ .name = line });
	return recommend(r, &split, &(struct blanks){ .name = line, .yaml = list.data });
}

bool advise_one_word(struct report *r, const char *name)
{
	return r->q->started ? advise_one_argument(r, name) : advise_one_string(r, name);
}
