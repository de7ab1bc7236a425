// SPDX-License-Identifier: MIT
/*
 * Quoting for what is pasted: into a Dockerfile, a shell, a manifest.
 *
 * A shell word in single quotes holds any byte, so the danger that is left is what people see: control
 * characters that move the cursor, marks that turn the direction of text, a backtick that ends the code
 * span around the command. No command is shown for names like that. YAML has escapes for all of them.
 */
#include "diagnose/text/quoting.h"

#include <ctype.h>
#include <string.h>

#include "util/cleanup.h"

#define SHELL_LONGEST 400

/* Characters that nobody sees, or that turn the direction of text: the first and the last of each range. */
static const struct invisible {
	unsigned first, last;
} invisibles[] = {
	{ 0, 0x1f },
	{ 0x7f, 0x9f },
	{ 0xad, 0xad },
	{ 0x61c, 0x61c },
	{ 0x200b, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2060, 0x206f },
	{ 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },
	{ 0xe0000, 0xe007f },
};

/* The character that the valid UTF-8 text starts with, and how many bytes it has. */
static unsigned character(const char *text, size_t *len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	unsigned c = n == 1 ? s[0] : s[0] & (0x7fu >> n);

	*len = 1;
	for (; *len < n && (s[*len] & 0xc0) == 0x80; (*len)++)
		c = c << 6 | (s[*len] & 0x3f);
	return c;
}

static bool is_invisible(unsigned c)
{
	for (size_t i = 0; i < ARRAY_SIZE(invisibles); i++)
		if (c >= invisibles[i].first && c <= invisibles[i].last)
			return true;
	return false;
}

static bool all_visible(const char *text)
{
	for (size_t len; *text; text += len)
		if (is_invisible(character(text, &len)))
			return false;
	return true;
}

bool quote_shell(struct strbuf *b, const char *text)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_@%+=:,./-";

	if (strlen(text) > SHELL_LONGEST || text[0] == '-' || strchr(text, '`') ||
		!all_visible(text))
		return false;
	if (*text && !text[strspn(text, safe)]) {
		strbuf_printf(b, "%s", text);
		return true;
	}
	strbuf_putc(b, '\'');
	for (const char *s = text; *s; s++)
		if (*s == '\'')
			strbuf_printf(b, "'\\''");
		else
			strbuf_putc(b, *s);
	strbuf_putc(b, '\'');
	return true;
}

void quote_yaml_inside(struct strbuf *b, const char *text)
{
	for (size_t len; *text; text += len) {
		unsigned c = character(text, &len);
		if (c == '"' || c == '\\')
			strbuf_printf(b, "\\%c", (int)c);
		else if (is_invisible(c))
			strbuf_printf(b, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
		else
			strbuf_printf(b, "%.*s", (int)len, text);
	}
}

/* Letters, digits and dashes, and no word that YAML reads as something else than text. */
static bool is_plain(const char *text)
{
	static const char *const others[] = { "true", "false", "null", "yes", "no", "on", "off",
		"y", "n" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcasecmp(text, others[i]))
			return false;
	if (!isascii((unsigned char)text[0]) || !isalpha((unsigned char)text[0]))
		return false;
	while (isascii((unsigned char)*text) && (isalnum((unsigned char)*text) || *text == '-'))
		text++;
	return !*text;
}

void quote_yaml(struct strbuf *b, const char *text)
{
	if (is_plain(text)) {
		strbuf_printf(b, "%s", text);
		return;
	}
	strbuf_putc(b, '"');
	quote_yaml_inside(b, text);
	strbuf_putc(b, '"');
}
