// SPDX-License-Identifier: MIT
/*
 * Where a value ends, and whether it is a secret. What a failed program says of its secrets is often why it failed
 * ("DB_PASSWORD: unbound variable", "token: /run/token: no such file", "--password=$(DB_PASSWORD)"), so words, paths and
 * references stay; whatever else stands behind such a name is masked.
 */
#include <ctype.h>
#include <string.h>

#include "event/redact_parts.h"
#include "util/cleanup.h"

#define URL_MAX 512      /* a bound, not the length of a URL */
#define PATH_PART_MAX 24 /* a longer part between slashes may be base64, which has slashes too */

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* Compares from the end, so that "DB_PASSWORD", "dbPassword" and "spring.datasource.password" are all found. */
static bool ends_with(const char *key, size_t len, const struct secret_name *name)
{
	size_t n = strlen(name->name), i = len;

	while (n && i) {
		char c = key[i - 1];
		if (!is_one_of(c, "_-.")) {
			if (tolower((unsigned char)c) != name->name[n - 1])
				return false;
			n--;
		}
		i--;
	}
	if (n)
		return false;
	return !(name->flags & NAME_ALONE) || !i || !isalpha((unsigned char)key[i - 1]) ||
	       (islower((unsigned char)key[i - 1]) && isupper((unsigned char)key[i]));
}

const struct secret_name *secret_name_of(const char *key, size_t len)
{
	static const char *const working_directory[] = { "PWD", "OLDPWD" };

	for (size_t i = 0; i < ARRAY_SIZE(working_directory); i++)
		if (len == strlen(working_directory[i]) && !memcmp(key, working_directory[i], len))
			return NULL;
	while (len && is_one_of(key[len - 1], "_-."))
		len--;
	int last = len ? tolower((unsigned char)key[len - 1]) : 0;
	for (const struct secret_name *name = secret_names; len && name->name; name++)
		/* Nearly all of them are told by their last letter. */
		if (name->last == last && ends_with(key, len, name))
			return name;
	return NULL;
}

/* "/run/secrets/token", but not base64 that happens to begin with a slash. */
static bool is_path(const char *value, size_t len)
{
	size_t part = 0;

	if (len < 2 || *value != '/')
		return false;
	for (size_t i = 0; i < len; i++) {
		part = value[i] == '/' ? 0 : part + 1;
		if (part > PATH_PART_MAX || is_one_of(value[i], "+="))
			return false;
	}
	return true;
}

/* $NAME, ${NAME...}, $(NAME), {{ name }}, <name>, %s: what was to be put there. */
static bool is_reference(const char *value, size_t len)
{
	size_t i = 1;

	if (len < 2)
		return false;
	if (*value == '%')
		return len == 2 && is_one_of(value[1], "sdvq");
	if (*value == '<')
		return value[len - 1] == '>';
	if (!memcmp(value, "{{", 2))
		return true;
	if (*value != '$')
		return false;
	if (is_one_of(value[1], "{("))
		return value[len - 1] == (value[1] == '{' ? '}' : ')');
	while (i < len && (isupper((unsigned char)value[i]) || value[i] == '_' ||
				  (i > 1 && isdigit((unsigned char)value[i]))))
		i++;
	return i == len;
}

bool is_secret(const char *value, size_t len)
{
	size_t stars = 0;

	while (stars < len && value[stars] == '*')
		stars++;
	return stars < len && !is_plain_word(value, len) && !is_reference(value, len) &&
	       !is_path(value, len);
}

/* Letters alone, and more words behind: a sentence about it ("password: must not be empty"). */
static bool is_prose(const char *text, size_t len, struct span value)
{
	size_t i = value.from;

	while (i < value.to && (isalpha((unsigned char)text[i]) || is_one_of(text[i], "-'")))
		i++;
	if (i < value.to)
		return false;
	while (i < len && is_one_of(text[i], ",:; \t"))
		i++;
	return i > value.to && i < len && text[i] != '\n';
}

/* os.environ["DB_PASSWORD"], getenv("TOKEN"): the source line of a traceback. */
static bool is_code(const char *text, size_t len, struct span value)
{
	size_t i = value.from;

	while (i < len && (isalpha((unsigned char)text[i]) || is_one_of(text[i], "._")))
		i++;
	return i > value.from + 2 && i + 1 < len && is_one_of(text[i], "([") &&
	       (is_one_of(text[i + 1], "\"')") || memchr(text + value.from, '.', i - value.from));
}

/* Does another name and its value begin here? Then the ',' or ';' before it ends a value. */
static bool is_next_key(const char *text, size_t len, size_t at)
{
	size_t i = at;

	while (i < len && (isalnum((unsigned char)text[i]) || is_one_of(text[i], "_-. \"'")))
		i++;
	return i > at && i < len && is_one_of(text[i], "=:");
}

static bool ends_word(const char *text, size_t len, size_t i)
{
	char c = text[i];

	if (isspace((unsigned char)c) || is_one_of(c, "\"'`"))
		return true;
	if (c == '\\')
		return i + 1 < len && is_one_of(text[i + 1], "nrt\"'");
	if (is_one_of(c, ",;&"))
		return i + 1 == len || isspace((unsigned char)text[i + 1]) ||
		       is_next_key(text, len, i + 1);
	return false;
}

/* A bracket that closes one which opened before the value. */
static bool is_stray_bracket(const char *value, size_t at)
{
	char open = value[at] == ')' ? '(' : value[at] == '}' ? '{' : '\0';

	return open && !memchr(value, open, at);
}

static size_t end_of_word(const char *text, size_t len, size_t from)
{
	size_t i = from;

	/* $(NAME) and {{ name }} are whole, whatever is in them. */
	if (i + 1 < len && (!memcmp(text + i, "$(", 2) || !memcmp(text + i, "${", 2))) {
		const char *close = memchr(text + i, text[i + 1] == '(' ? ')' : '}', len - i);
		const char *line = memchr(text + i, '\n', len - i);
		if (close && (!line || close < line))
			i = (size_t)(close - text) + 1;
	}
	while (i < len && !ends_word(text, len, i))
		i++;
	while (i > from + 1 &&
		(is_one_of(text[i - 1], ",;:.]>") || is_stray_bracket(text + from, i - 1 - from)))
		i--;
	return i;
}

/* Behind an opening quote to the closing one, escaped like it or not, else to the end of the line. */
static size_t end_of_quoted(const char *text, size_t len, size_t from, bool escaped)
{
	char quote = text[from - 1];
	size_t i = from;

	for (; i < len && text[i] != '\n'; i++) {
		if (text[i] == quote)
			return i;
		if (text[i] != '\\' || i + 1 == len)
			continue;
		if (escaped && text[i + 1] == quote)
			return i;
		i += text[i + 1] != '\n';
	}
	return i;
}

/* "Bearer", "Basic", "Digest": the scheme stays. */
static size_t skip_scheme(const char *text, size_t len, size_t at)
{
	size_t i = at;

	while (i < len && isalpha((unsigned char)text[i]))
		i++;
	return i > at && i + 1 < len && text[i] == ' ' && !isspace((unsigned char)text[i + 1])
		       ? i + 1
		       : at;
}

static struct span rest_of_line(const char *text, size_t len, size_t at)
{
	struct span value = { skip_scheme(text, len, at), at };

	value.to = value.from;
	while (value.to < len && !is_one_of(text[value.to], "\r\n\"'`"))
		value.to++;
	while (value.to > value.from && text[value.to - 1] == ' ')
		value.to--;
	return value;
}

struct span value_at(const char *text, size_t len, size_t at, char separator, bool whole_line,
	enum redact_source source)
{
	const struct span none = { at, at };
	struct span value = { at, at };
	bool escaped = at + 1 < len && text[at] == '\\' && is_one_of(text[at + 1], "\"'");

	value.from += escaped;
	if (value.from < len && is_one_of(text[value.from], "\"'`")) {
		value.from++;
		value.to = end_of_quoted(text, len, value.from, escaped);
		return is_secret(text + value.from, value.to - value.from) ? value : none;
	}
	if (whole_line)
		value = rest_of_line(text, len, at);
	else
		value.to = end_of_word(text, len, at);
	if (!is_secret(text + value.from, value.to - value.from))
		return none;
	if (source == FROM_OUTPUT && !whole_line &&
		((separator != '=' && is_prose(text, len, value)) || is_code(text, len, value)))
		return none;
	return value;
}

struct span value_behind(const char *text, size_t len, size_t at, const struct secret_name *name,
	enum redact_source source)
{
	char separator = text[at];
	size_t i = at + 1;

	/* name := value; of a shell ${NAME:-value} and its kin */
	if (i < len && separator == ':' && is_one_of(text[i], "=-+"))
		separator = text[i++];
	else if (i < len && separator == '=' && text[i] == '>')
		i++;
	if (i < len && is_one_of(text[i], "=:~"))
		return (struct span){ i, i }; /* a comparison, a scope */
	if (i < len && text[at] == ':' && text[i] == '?')
		return (struct span){ i, i }; /* ${NAME:?it must be set} */
	while (i < len && is_one_of(text[i], " \t"))
		i++;
	return value_at(text, len, i, separator, name->flags & NAME_LINE, source);
}

/* Where a URL's user ends, its host begins, and its path; 0: nowhere. */
struct url_marks {
	size_t colon, sign, slash;
};

static bool ends_url(char c)
{
	return isspace((unsigned char)c) || is_one_of(c, "\"'`<>");
}

static struct url_marks marks_of_url(const char *text, size_t len, size_t from)
{
	struct url_marks m = { 0 };

	for (size_t i = from; i < len && !ends_url(text[i]); i++) {
		if (text[i] == '@' && (!m.slash || !m.sign))
			m.sign = i;
		if (m.slash)
			continue;
		if (text[i] == ':' && !m.colon && !m.sign)
			m.colon = i;
		if (is_one_of(text[i], "/?#"))
			m.slash = i;
	}
	return m;
}

static bool is_number(const char *text, size_t from, size_t to)
{
	while (from < to && isdigit((unsigned char)text[from]))
		from++;
	return from == to;
}

struct span password_of_url(const char *text, size_t len, size_t at)
{
	size_t from = at + strlen("://");
	struct url_marks m = marks_of_url(text, len < at + URL_MAX ? len : at + URL_MAX, from);
	struct span password = { m.colon + 1, m.sign };

	/* host:port/path@x has no password; pass/word@host is one that should have been encoded. */
	bool none = !m.colon || !m.sign || text[from] == '[' ||
		    (m.slash && m.sign > m.slash && is_number(text, m.colon + 1, m.slash));
	if (none || !is_secret(text + password.from, password.to - password.from))
		password.to = password.from;
	return password;
}
