// SPDX-License-Identifier: MIT
/*
 * "What changed?" is answered by a list; which change is the cause only by a match. A wrong claim sends people to undo
 * something that had nothing to do with it, so a change is called the cause only where it and the failure are about the
 * same thing: the key and the path, the variable and the words that name it, the limit and what ran into it. All else
 * that makes failures of this kind is told first and left open.
 *
 * The tables (ways_*.c) hold one row for each way in which a change makes a failure; the first that fits counts.
 */
#include "diagnose/changes/ways.h"

#include <ctype.h>
#include <string.h>

#include "diagnose/context.h"
#include "util/cleanup.h"

bool change_is_gone(const struct change *c)
{
	return !*c->after;
}

bool change_is_new(const struct change *c)
{
	return !*c->before;
}

const char *suspect_path(const struct suspect *s)
{
	const struct event *e = s->d->culprit;

	return s->d->path ? s->d->path : e ? e->path : "";
}

static bool is_word_character(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The text names it as a word: not as a part of a longer one. */
bool says_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; len && (at = strstr(at, word)); at += len)
		if ((at == text || !is_word_character(at[-1])) && !is_word_character(at[len]))
			return true;
	return false;
}

bool change_any(const struct suspect *s, const struct change *c)
{
	(void)s, (void)c;
	return true;
}

bool change_same_path(const struct suspect *s, const struct change *c)
{
	return path_under(suspect_path(s), c->name);
}

bool change_now_on(const struct suspect *s, const struct change *c)
{
	(void)s;
	return !strcmp(c->after, "on");
}

bool suspect_failed_with(const struct suspect *s, int error)
{
	return s->d->culprit && s->d->culprit->error == error;
}

static bool is_cause(const struct suspect *s, const char *causes)
{
	size_t len = strlen(s->d->root_cause);

	for (const char *at = causes; (at = strstr(at, s->d->root_cause)); at += len)
		if ((at == causes || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

enum bearing change_bears(const struct suspect *s, const struct change *c)
{
	const struct change_ways *const all[] = { &ways_of_files, &ways_of_process };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (size_t j = 0; j < all[i]->n; j++) {
			const struct change_way *way = &all[i]->rows[j];
			if (way->kind == c->kind && (!way->causes || is_cause(s, way->causes)) &&
				way->fits(s, c))
				return way->bearing;
		}
	return BEARS_NOT;
}
