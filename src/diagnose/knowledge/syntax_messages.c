// SPDX-License-Identifier: MIT
/* What is mostly wrong where a parser says this, as a noun phrase. The texts are those of their sources. */
#include "diagnose/knowledge/messages.h"

#include "util/cleanup.h"

#define TRAILING_COMMA "a comma before a closing bracket"
#define LACKING_COMMA "a missing comma between two entries, or a quote that is not closed"
#define SINGLE_QUOTES "single quotes: JSON takes double quotes only"
#define COMMENT "a comment: JSON has none"

static const struct syntax_message {
	const char *text, *mostly;
} rows[] = {
	/* YAML: libyaml, PyYAML, yaml.v2 and v3, SnakeYAML, js-yaml */
	{ "found character that cannot start any token",
		"a tab that indents a line, or a value that begins with @, ` or % without quotes" },
	{ "that cannot start any token",
		"a tab that indents a line, or a value that begins with @, ` or % without quotes" },
	{ "found a tab character", "a tab that indents a line" },
	{ "tab characters must not be used in indentation", "a tab that indents a line" },
	{ "mapping values are not allowed",
		"a value that holds a colon and a blank without quotes, or a line that is indented "
		"too far" },
	{ "bad indentation of a mapping entry",
		"a line that is indented differently from the others of its level" },
	{ "did not find expected key",
		"a line that is indented differently from the others of its level, or text behind "
		"a closing quote" },
	{ "did not find expected '-' indicator",
		"an entry of a list that is indented differently from the others" },
	{ "could not find expected ':'",
		"a key without a colon and a blank behind it, or a text of several lines that is "
		"not indented" },
	{ "did not find expected node content",
		"a value that begins with { or [ without quotes, as a template that nobody filled "
		"in does" },
	{ "did not find expected ',' or", "a bracket that is not closed, or a value that begins "
					  "with one without quotes" },
	{ "found unknown escape character",
		"a backslash in double quotes: in single quotes it stands for itself" },
	{ "found unexpected end of stream", "a quote or a bracket that is not closed" },
	{ "control characters are not allowed", "a file that is not UTF-8, or no text" },
	/* JSON: Go, Python, V8, Jackson, jq */
	{ "invalid character '}' looking for beginning of object key", TRAILING_COMMA },
	{ "invalid character ']' looking for beginning of value", TRAILING_COMMA },
	{ "Illegal trailing comma", TRAILING_COMMA },
	{ "Expected another key-value pair", TRAILING_COMMA },
	{ "Expected another array element", TRAILING_COMMA },
	{ "Expected separator between values", LACKING_COMMA },
	{ "Invalid numeric literal", "a word that is not in double quotes, or no JSON at all" },
	{ "Objects must consist of key:value pairs",
		"a colon between name and value that is missing" },
	{ "Unfinished JSON term",
		"a quote or a bracket that is not closed: the text may be cut off" },
	{ "invalid character '\\'' looking for beginning of", SINGLE_QUOTES },
	{ "invalid character '/' looking for beginning of", COMMENT },
	{ "Unexpected token / in JSON", COMMENT },
	{ "Unexpected token '/'", COMMENT },
	{ "Unexpected token ' in JSON", SINGLE_QUOTES },
	{ "Unexpected token '''", SINGLE_QUOTES },
	{ "Unexpected token } in JSON", TRAILING_COMMA },
	{ "Unexpected token ] in JSON", TRAILING_COMMA },
	{ "Expecting property name enclosed in double quotes",
		"a comma before a closing bracket, or a name that is not in double quotes" },
	{ "Expected double-quoted property name",
		"a comma before a closing bracket, or a name that is not in double quotes" },
	{ "Expected property name or '}'", "a name that is not in double quotes" },
	{ "after object key:value pair", LACKING_COMMA },
	{ "after array element", LACKING_COMMA },
	{ "Expecting ',' delimiter", LACKING_COMMA },
	{ "Expected ',' or '}' after property value", LACKING_COMMA },
	{ "was expecting comma to separate", LACKING_COMMA },
	{ "Bad control character in string literal",
		"a line break within a text: JSON writes it as \\n" },
	{ "Invalid control character at", "a line break within a text: JSON writes it as \\n" },
};

const char *syntax_mostly(const char *text)
{
	struct message_match m;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (message_fits(rows[i].text, text, &m))
			return rows[i].mostly;
	return NULL;
}
