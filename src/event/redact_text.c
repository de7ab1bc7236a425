// SPDX-License-Identifier: MIT
/* One pass over a text: what was read is copied down to where the masks, which are shorter, have left room. */
#include <ctype.h>
#include <string.h>

#include "event/redact_parts.h"
#include "util/cleanup.h"

#define PEM_LABEL_MAX 64
#define PEM_BEGIN "-----BEGIN "
#define PEM_END "-----END"
#define BASE64_LINE 64 /* characters: as OpenSSL folds it */
#define BASE64_LINE_GNU 76
#define CUT_LEAST 512 /* a shorter write was not cut by a buffer */

struct scan {
	char *text;
	size_t len;
	size_t in, out; /* read so far, written so far: out <= in */
	enum redact_source source;
	enum redact_open open;
};

size_t write_mask(char *out, size_t len)
{
	static const size_t classes[] = { 64, 32, 16, 8, 4, 1 };
	size_t n = 0;

	for (size_t i = 0; !n && i < ARRAY_SIZE(classes); i++)
		n = len >= classes[i] ? classes[i] : 0;
	memset(out, '*', n);
	return n;
}

static void copy_to(struct scan *s, size_t to)
{
	if (s->out != s->in)
		memmove(s->text + s->out, s->text + s->in, to - s->in);
	s->out += to - s->in;
	s->in = to;
}

/* False where the span is empty. */
static bool mask(struct scan *s, struct span what)
{
	if (what.from >= what.to)
		return false;
	copy_to(s, what.from);
	s->out += write_mask(s->text + s->out, what.to - what.from);
	s->in = what.to;
	return true;
}

static bool starts(const struct scan *s, size_t at, const char *prefix)
{
	size_t n = strlen(prefix);

	return s->len - at >= n && !memcmp(s->text + at, prefix, n);
}

static bool is_key_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What was written up to `end` ends with a key: where it begins; end: with none. */
static size_t key_before(const struct scan *s, size_t end)
{
	while (end && is_key_char(s->text[end - 1]))
		end--;
	return end;
}

/* "Unexpected token: }" is about another kind of token. */
static bool is_syntax(const struct scan *s, size_t key, size_t key_end)
{
	static const char *const before[] = { "nexpected ", "llegal " };

	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		if (key_end - key == strlen("token") && key >= strlen(before[i]) &&
			!memcmp(s->text + key - strlen(before[i]), before[i], strlen(before[i])))
			return true;
	return false;
}

/* The key before a separator, blanks and quotes between them left out; empty: there is none. */
static struct span key_of_separator(const struct scan *s)
{
	struct span key = { 0, s->out };

	while (key.to && is_blank(s->text[key.to - 1]))
		key.to--;
	if (key.to && strchr("\"'`", s->text[key.to - 1]))
		key.to--;
	if (key.to && s->text[key.to - 1] == '\\')
		key.to--;
	key.from = key_before(s, key.to);
	/* The last part of a path, and what is said of it. */
	if (s->text[s->in] == ':' && key.from && s->text[key.from - 1] == '/')
		key.from = key.to;
	return key;
}

/* NAME=VALUE, "name": "value", Name: value. At the separator. */
static bool mask_named(struct scan *s)
{
	struct span key = key_of_separator(s);
	const struct secret_name *name = secret_name_of(s->text + key.from, key.to - key.from);
	size_t rest = s->in + 1;

	if (!name || is_syntax(s, key.from, key.to))
		return false;
	while (rest < s->len && is_blank(s->text[rest]))
		rest++;
	if (rest == s->len)
		s->open = REDACT_VALUE;
	return mask(s, value_behind(s->text, s->len, s->in, name, s->source));
}

/* What a usage text shows: --password PASSWORD */
static bool is_placeholder(const struct scan *s, struct span value)
{
	for (size_t i = value.from; i < value.to; i++)
		if (!isupper((unsigned char)s->text[i]) && s->text[i] != '_')
			return false;
	return true;
}

/* --password VALUE. At the blank. */
static bool mask_option(struct scan *s)
{
	size_t end = s->out, key = key_before(s, end), at = s->in;

	if (key == end || s->text[key] != '-' ||
		(key && !isspace((unsigned char)s->text[key - 1])) ||
		!secret_name_of(s->text + key, end - key))
		return false;
	while (at < s->len && is_blank(s->text[at]))
		at++;
	struct span value = value_at(s->text, s->len, at, ' ', false, s->source);
	if (at == s->len || s->text[at] == '-' ||
		(s->source == FROM_OUTPUT && is_placeholder(s, value)))
		return false;
	return mask(s, value);
}

/* The part of a known shape behind its prefix; empty: it is none. */
static struct span secret_of_shape(const struct scan *s, const struct secret_shape *shape)
{
	struct span secret = { s->in + strlen(shape->prefix), s->in + strlen(shape->prefix) };
	bool telling = false; /* no word is like that */
	unsigned dots = 0;

	for (; secret.to < s->len; secret.to++) {
		char c = s->text[secret.to];
		if (!isalnum((unsigned char)c) && !(c && strchr(shape->more, c)))
			break;
		dots += c == '.';
		telling |= isdigit((unsigned char)c) || isupper((unsigned char)c);
	}
	if (!telling || dots < shape->dots || secret.to - secret.from < shape->least)
		secret.to = secret.from;
	return secret;
}

/* text ends with a NUL. */
static bool may_begin_shape(const char *text)
{
	return secret_beginnings.first & SHAPE_BIT(text[0]) &&
	       secret_beginnings.pair & SHAPE_PAIR_BIT(text) && text[1] &&
	       secret_beginnings.triple & SHAPE_TRIPLE_BIT(text);
}

static bool mask_shape(struct scan *s)
{
	if (!may_begin_shape(s->text + s->in))
		return false;
	if (s->out && (isalnum((unsigned char)s->text[s->out - 1]) || s->text[s->out - 1] == '_'))
		return false;
	for (const struct secret_shape *shape = secret_shapes; shape->first; shape++)
		if (shape->first == s->text[s->in] && starts(s, s->in, shape->prefix) &&
			mask(s, secret_of_shape(s, shape)))
			return true;
	return false;
}

static size_t base64_end(const struct scan *s, size_t at)
{
	while (at < s->len && (isalnum((unsigned char)s->text[at]) ||
				      (s->text[at] && strchr("+/=", s->text[at]))))
		at++;
	return at;
}

static bool ends_line(const struct scan *s, size_t at)
{
	return at == s->len || s->text[at] == '\n' || s->text[at] == '\r';
}

/* A full line of base64, as OpenSSL and base64(1) fold it, whatever stands around it. */
static bool is_base64_line(const struct scan *s, size_t end)
{
	bool upper = false, lower = false, digit = false;

	if (end - s->in != BASE64_LINE && end - s->in != BASE64_LINE_GNU)
		return false;
	for (size_t i = s->in; i < end; i++) {
		upper |= isupper((unsigned char)s->text[i]) != 0;
		lower |= islower((unsigned char)s->text[i]) != 0;
		digit |= isdigit((unsigned char)s->text[i]) != 0;
	}
	return upper && lower && digit;
}

/* At the start of a line: inside of a PEM block, or one that looks so. */
static bool mask_line(struct scan *s)
{
	static const char *const headers[] = { "Proc-Type:", "DEK-Info:" };
	if (s->open != REDACT_PEM && s->len - s->in < BASE64_LINE)
		return false;
	size_t end = base64_end(s, s->in);
	if (ends_line(s, end) && (s->open == REDACT_PEM || is_base64_line(s, end)))
		return mask(s, (struct span){ s->in, end });
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (s->open == REDACT_PEM && starts(s, s->in, headers[i]))
			return false;
	if (s->open == REDACT_PEM)
		s->open = REDACT_NOTHING;
	return false;
}

/* "-----BEGIN ... KEY-----": its body follows on lines of its own, or with "\n" written out. */
static bool begin_pem(struct scan *s)
{
	size_t at = s->in + strlen(PEM_BEGIN), most = at + PEM_LABEL_MAX;

	while (at < s->len && at < most && !starts(s, at, "-----") && s->text[at] != '\n')
		at++;
	if (!starts(s, at, "-----"))
		return false;
	at += strlen("-----");
	copy_to(s, at);
	if (ends_line(s, at)) {
		s->open = REDACT_PEM;
		return true;
	}
	size_t end = at;
	while (end < s->len && !isspace((unsigned char)s->text[end]) && !starts(s, end, PEM_END) &&
		!strchr("\"'`", s->text[end]))
		end++;
	mask(s, (struct span){ at, end });
	return true;
}

static bool mask_here(struct scan *s)
{
	char c = s->text[s->in];

	if ((!s->out || s->text[s->out - 1] == '\n') && mask_line(s))
		return true;
	if (c == ':' && starts(s, s->in, "://"))
		return mask(s, password_of_url(s->text, s->len, s->in));
	if (c == ':' || c == '=')
		return mask_named(s);
	if (is_blank(c))
		return mask_option(s);
	if (c == '-' && starts(s, s->in, PEM_BEGIN))
		return begin_pem(s);
	return mask_shape(s);
}

/* What is asked of each byte is most of what the agent does with a path. */
enum { IN_A_WORD = 1, SEPARATES = 2 };
static const unsigned char kinds[256] = {
	['0' ... '9'] = IN_A_WORD,
	['A' ... 'Z'] = IN_A_WORD,
	['a' ... 'z'] = IN_A_WORD,
	['_'] = IN_A_WORD,
	[':'] = SEPARATES,
	['='] = SEPARATES,
	[' '] = SEPARATES,
	['\t'] = SEPARATES,
	['-'] = SEPARATES, /* of PEM */
};

/* The next place from `at` on, which is behind what was read, where mask_here() may find something. */
static size_t next_beginning(const struct scan *s, size_t at)
{
	const unsigned char *text = (const unsigned char *)s->text;
	unsigned char before = kinds[text[at - 1]];

	for (; at < s->len; at++) {
		unsigned char here = kinds[text[at]];
		/* Inside of a word nothing begins; the NUL ends the last one. */
		if (before == IN_A_WORD)
			while (here == IN_A_WORD)
				here = kinds[text[++at]];
		if (at == s->len || here == SEPARATES)
			break;
		if (before != IN_A_WORD && (text[at - 1] == '\n' || may_begin_shape(s->text + at)))
			break;
		before = here;
	}
	return at;
}

/* What the text before left open. */
static void go_on(struct scan *s)
{
	enum redact_open open = s->open;
	size_t end = 0;

	s->open = open == REDACT_PEM ? open : REDACT_NOTHING;
	if (open == REDACT_VALUE)
		mask(s, value_at(s->text, s->len, 0, ':', false, s->source));
	while (open == REDACT_REST && end < s->len && !isspace((unsigned char)s->text[end]))
		end++;
	mask(s, (struct span){ 0, end });
}

size_t redact_part(char *text, size_t len, enum redact_source source, enum redact_open *open)
{
	struct scan s = { .text = text, .len = len, .source = source, .open = *open };
	bool masked = false;

	go_on(&s);
	while (s.in < s.len) {
		masked = mask_here(&s);
		if (!masked)
			copy_to(&s, next_beginning(&s, s.in + 1));
	}
	if (masked && s.open == REDACT_NOTHING && len >= CUT_LEAST)
		s.open = REDACT_REST;
	text[s.out] = '\0';
	*open = s.open;
	return s.out;
}

size_t redact_text(char *text, size_t len, enum redact_open *open)
{
	return redact_part(text, len, FROM_OUTPUT, open);
}
