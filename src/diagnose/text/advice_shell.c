// SPDX-License-Identifier: MIT
/*
 * A command that is given as a list, with words that only a shell understands: `&&` is then an argument like any other.
 */
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/quoting.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/* An operator that stands alone, and behind what is no option: `cut -d '|'` means the sign itself. */
static bool is_operator(const char *word, const char *before)
{
	static const char *const sure[] = { "&&", "||", "2>&1", ">>", "&>" };
	static const char *const after_words[] = { "|", ">", "<" };

	for (size_t i = 0; i < ARRAY_SIZE(sure); i++)
		if (!strcmp(word, sure[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(after_words); i++)
		if (!strcmp(word, after_words[i]))
			return *before != '-';
	return false;
}

/* Programs that compare or search by such signs, or hand their arguments to a shell. */
static bool takes_operators(const char *program)
{
	static const char *const names[] = { "test", "[", "expr", "find", "tr", "jq", "yq", "ssh",
		"watch", "parallel", "awk", "gawk", "mawk", "busybox" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(program, names[i]))
			return true;
	return false;
}

static const char *unread_operator(const struct event *exec)
{
	if (!exec || program_is_shell(exec) || takes_operators(program_name(exec)))
		return NULL;
	for (uint32_t i = 2; i < exec->argc; i++)
		if (is_operator(exec->args[i], exec->args[i - 1]))
			return exec->args[i];
	return NULL;
}

/* quote_shell() shows no word that may be taken for an option where a name is meant; here it is one. */
static bool is_plain_option(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_=:,./-";

	return *word == '-' && strspn(word, plain) == strlen(word);
}

/* The command as a shell has to be given it; false when a word of it cannot be shown. */
static bool join(const struct container *c, struct strbuf *out)
{
	for (size_t i = 0; i < c->n_args; i++) {
		if (i)
			strbuf_putc(out, ' ');
		bool as_it_is = is_plain_option(c->args[i]) ||
				(i && is_operator(c->args[i], c->args[i - 1]));
		if (as_it_is)
			strbuf_puts(out, c->args[i]);
		else if (!quote_shell(out, c->args[i]))
			return false;
	}
	return out->data != NULL;
}

void advise_shell(const struct context *q, struct report *r)
{
	static const struct advice with_command = {
		.text = "Let a shell read the command (sh -c), as below: {value} is for a shell, "
			"and a command that is given as a list is read by none, so that {program} "
			"was given it as an argument.",
		"{list}:\n  - name: {container}\n    command: [sh, -c, {yaml}]\n",
	};
	static const struct advice alone = {
		.text = "Let a shell read the command (sh -c): {value} is for a shell, and a "
			"command that is given as a list is read by none, so that {program} was "
			"given it as an argument.",
	};
	const struct event *exec = q->first ? q->first->exec : NULL;
	const char *operator= unread_operator(exec);
	_cleanup_strbuf_ struct strbuf words = STRBUF_INIT, yaml = STRBUF_INIT;

	if (!operator)
		return;
	bool known = join(q->container, &words);
	if (known)
		quote_yaml(&yaml, words.data);
	const struct blanks b = {
		.value = operator, .program = program_name(exec), .yaml = known ? yaml.data : NULL
	};
	recommend(r, known ? &with_command : &alone, &b);
}
