// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/messages.h"

#include <ctype.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/find.h"

static const struct blank {
	const char *name;
	bool digits, word; /* nothing but digits; no blanks in it */
} blanks[BLANK_NAMES] = {
	[BLANK_OPTION] = { "option", .word = true },
	[BLANK_FLAG] = { "flag", .word = true },
	[BLANK_KEY] = { "key" },
	[BLANK_VARIABLE] = { "variable", .word = true },
	[BLANK_SETTING] = { "setting", .word = true },
	[BLANK_FILE] = { "file", .word = true },
	[BLANK_LINE] = { "line", .digits = true },
	[BLANK_LINE_INDEX] = { "line_index", .digits = true },
	[BLANK_PATH] = { "path", .word = true },
	[BLANK_NAME] = { "name" },
	[BLANK_VALUE] = { "value" },
	[BLANK_OTHER] = { "other" },
	[BLANK_HOST] = { "host", .word = true },
	[BLANK_NUMBER] = { "number", .digits = true },
};

#define LONGEST sizeof(((struct message_match *)0)->blanks[0])

/* Which blank stands at `pattern` ("{key}..."); -1 for none. */
static int blank_at(const char *pattern)
{
	for (int i = 0; i < BLANK_NAMES; i++) {
		size_t len = strlen(blanks[i].name);
		if (!strncmp(pattern + 1, blanks[i].name, len) && pattern[1 + len] == '}')
			return i;
	}
	return -1;
}

/* How much of the text the last blank of a pattern takes: a word, less the marks that end a sentence. */
static size_t last_length(const struct blank *b, const char *text)
{
	size_t len = b->digits ? strspn(text, "0123456789") : strcspn(text, " \t\n'\"`,;)");

	while (len && strchr(".:", text[len - 1]))
		len--;
	return len;
}

/*
 * The same before more of the pattern: up to where its next literal is. Further than a blank may be long it is not
 * looked for: a line that begins like a message again and again would be gone through to its end each time.
 */
static size_t length_before(const struct blank *b, const char *text, const char *next)
{
	char literal[128], near[LONGEST + sizeof(literal)];
	size_t len = strcspn(next, "{"), n = strcspn(text, b->word ? " \n" : "\n");

	if (len >= sizeof(literal))
		return 0;
	n = n < LONGEST ? n : LONGEST - 1;
	n += strnlen(text + n, len);
	memcpy(literal, next, len);
	literal[len] = '\0';
	memcpy(near, text, n);
	near[n] = '\0';
	const char *end = find_folded(near, literal);
	if (!end)
		return 0;
	len = (size_t)(end - near);
	return b->digits && strspn(text, "0123456789") != len ? 0 : len;
}

static bool fits_here(const char *pattern, const char *text, struct message_match *m)
{
	while (*pattern) {
		int which = *pattern == '{' ? blank_at(pattern) : -1;
		if (which < 0) {
			if (tolower((unsigned char)*pattern) != tolower((unsigned char)*text))
				return false;
			pattern++;
			text++;
			continue;
		}
		const struct blank *b = &blanks[which];
		pattern += strlen(b->name) + 2;
		if (!*pattern && *text && strchr("'\"`", *text)) /* the name may stand in quotes */
			text++;
		size_t len = *pattern ? length_before(b, text, pattern) : last_length(b, text);
		if (!len || len >= LONGEST)
			return false;
		memcpy(m->blanks[which], text, len);
		m->blanks[which][len] = '\0';
		text += len;
	}
	return true;
}

/* In capitals; one word of them is a variable only where the message says so, or a shell does. */
static bool is_variable(const char *pattern, const char *name)
{
	bool told = strstr(pattern, "environment") || strstr(pattern, "parameter") ||
		    strstr(pattern, "unbound") || strstr(pattern, "non-empty") ||
		    strstr(pattern, "validation error");

	return !*name || (name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0' &&
				 isupper((unsigned char)*name) && (told || strchr(name, '_')));
}

/* "unrecognized option or missing parameter", "unknown option in line 3": a word of the sentence is no option. */
static bool is_option(const char *name)
{
	static const char *const words[] = { "or", "and", "in", "on", "at", "for", "to", "of", "is",
		"was", "the", "given", "found", "specified", "value" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(name, words[i]))
			return false;
	return true;
}

static bool is_flag(const char *name)
{
	return !*name || (*name == '-' && (name[1] == '-' || isalpha((unsigned char)name[1])));
}

static bool is_setting(const char *name)
{
	return !*name || (isalpha((unsigned char)*name) && strchr(name, '_') &&
				 !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-")]);
}

static bool blanks_may_be(const char *pattern, const struct message_match *m)
{
	return is_variable(pattern, m->blanks[BLANK_VARIABLE]) &&
	       is_setting(m->blanks[BLANK_SETTING]) && is_option(m->blanks[BLANK_OPTION]) &&
	       is_flag(m->blanks[BLANK_FLAG]);
}

/* The first literal of a pattern is at one of few places: each is tried. A blank in front takes the word before. */
static bool fits_in(const struct find_index *in, const char *pattern, struct message_match *m)
{
	size_t skip = *pattern == '{' ? strcspn(pattern, "}") + 1 : 0;
	const char *literal = pattern + skip;
	size_t len = strcspn(literal, "{");

	if (!len)
		return false;
	for (const char *at = find_folded_part_in(in, literal, len); at;
		at = find_folded_part(at + 1, literal, len)) {
		struct message_match mine = { 0 };
		const char *start = at;
		while (skip && start > in->text && !strchr(" \t\n\"'`([:", start[-1]))
			start--;
		if (!fits_here(pattern, start, &mine) || !blanks_may_be(pattern, &mine))
			continue;
		*m = mine;
		return true;
	}
	return false;
}

bool message_fits(const char *pattern, const char *text, struct message_match *m)
{
	struct find_index in;

	find_index_make(&in, text);
	return fits_in(&in, pattern, m);
}

const struct config_message *config_message_of(const char *text, struct message_match *m)
{
	const struct config_message *rows;
	struct find_index in;
	size_t n = config_messages(&rows);

	find_index_make(&in, text);
	for (size_t i = 0; i < n; i++)
		if (fits_in(&in, rows[i].pattern, m))
			return &rows[i];
	return NULL;
}

const struct known_message *known_message_of(const char *text, struct message_match *m)
{
	const struct known_message *rows;
	struct find_index in;
	size_t n = known_messages(&rows);

	find_index_make(&in, text);
	for (size_t i = 0; i < n; i++)
		if (fits_in(&in, rows[i].pattern, m))
			return &rows[i];
	return NULL;
}
