/* SPDX-License-Identifier: MIT */
/*
 * Messages whose meaning is known. config_messages.c has the forms in which option parsers, languages and servers
 * say that an option, a setting or a variable is wrong, syntax_messages.c what parsers of YAML and JSON say, and
 * known_messages.c has messages with one known fix: square brackets in a fix hold what is left out where its blanks have no
 * value, and are not printed.
 *
 * A pattern is text with blanks: "unknown directive \"{key}\" in {file}:{line}". It is looked for anywhere in a
 * message, in any case. {option}, {flag}, {file}, {path}, {variable}, {setting} and {host} hold no blank, {line}, {line_index} (a line counted from 0)
 * and {number} only digits, {flag} begins with a hyphen, {setting} is of small letters with a _ among them; a line break stands for the start of the next line. Of several rows the first
 * that fits counts.
 */
#ifndef KTRACE_DIAGNOSE_KNOWLEDGE_MESSAGES_H
#define KTRACE_DIAGNOSE_KNOWLEDGE_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

enum problem {
	PROBLEM_UNKNOWN,
	PROBLEM_MISSING,
	PROBLEM_INVALID,
	PROBLEM_SYNTAX,
	PROBLEM_MISPLACED,
	PROBLEM_REMOVED /* an earlier release knew it */
};

/* What is wrong with something that a person wrote. */
struct config_message {
	const char *pattern;
	enum problem problem;
};

/* A message with one known fix, whatever the case is. */
struct known_message {
	const char *pattern;
	const char *cause; /* root cause that it shows */
	const char *
		means; /* a sentence, with the pattern's blanks: path, name, value, other, host, number, option */
	const char *fix;      /* the recommendation, with the pattern's blanks */
	const char *manifest; /* YAML for the pod spec, or NULL */
};

enum blank_name {
	BLANK_OPTION,
	BLANK_FLAG, /* an option where only its hyphen tells that it is one */
	BLANK_KEY,
	BLANK_VARIABLE,
	BLANK_SETTING, /* a key where only its spelling tells that it is one: cache_size */
	BLANK_FILE,
	BLANK_LINE,
	BLANK_LINE_INDEX, /* counted from 0 */
	BLANK_PATH,
	BLANK_NAME,
	BLANK_VALUE,
	BLANK_OTHER,
	BLANK_HOST,
	BLANK_NUMBER,
	BLANK_NAMES
};

struct message_match {
	char blanks[BLANK_NAMES][256]; /* "" where the pattern has none */
};

/* True when the pattern is in the text; *m is only written then. */
bool message_fits(const char *pattern, const char *text, struct message_match *m);

size_t config_messages(const struct config_message **out); /* static; how many */
size_t known_messages(const struct known_message **out);

/* What a value of this type looks like ("int64": "a whole number"), of Go's, Rust's and YAML's names; NULL: not known. */
const char *value_type_words(const char *type);

/* What is mostly wrong in a file of which a parser says this, as a noun phrase ("a tab that indents a line"); NULL: not known. */
const char *syntax_mostly(const char *text);

/* The first row that fits, or NULL. */
const struct config_message *config_message_of(const char *text, struct message_match *m);
const struct known_message *known_message_of(const char *text, struct message_match *m);

#endif
