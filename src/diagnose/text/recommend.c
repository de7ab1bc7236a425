// SPDX-License-Identifier: MIT
#include "diagnose/text/recommend.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/text/plain_words.h"
#include "diagnose/text/quoting.h"
#include "util/cleanup.h"

#define IN_PROSE_LONGEST 300

/* Where a blank stands. */
enum stand { STAND_PROSE, STAND_SHELL, STAND_YAML, STAND_YAML_STRING, STAND_YAML_SHELL };

static const struct placeholder {
	const char *name;
	size_t at;
} placeholders[] = {
	{ "path", offsetof(struct blanks, path) },
	{ "directory", offsetof(struct blanks, directory) },
	{ "name", offsetof(struct blanks, name) },
	{ "program", offsetof(struct blanks, program) },
	{ "volume", offsetof(struct blanks, volume) },
	{ "mount", offsetof(struct blanks, mount) },
	{ "kind", offsetof(struct blanks, kind) },
	{ "field", offsetof(struct blanks, field) },
	{ "other", offsetof(struct blanks, other) },
	{ "target", offsetof(struct blanks, target) },
	{ "host", offsetof(struct blanks, host) },
	{ "value", offsetof(struct blanks, value) },
	{ "option", offsetof(struct blanks, option) },
	{ "yaml", offsetof(struct blanks, yaml) },
};

static bool number_of(const struct blanks *b, const char *name, uint64_t *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "uid", b->uid },
		{ "gid", b->gid },
		{ "owner", b->owner },
		{ "group", b->group },
		{ "port", b->port },
		{ "number", b->number },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		*out = numbers[i].value;
		if (!strcmp(numbers[i].name, name))
			return true;
	}
	return false;
}

static const char *word_of(const struct blanks *b, const char *name)
{
	if (!strcmp(name, "container")) {
		const struct container *c = b->container;
		return *c->k8s_container ? c->k8s_container : *c->name ? c->name : "app";
	}
	if (!strcmp(name, "list"))
		return b->container->type == CONTAINER_INIT ? "initContainers" : "containers";
	if (!strcmp(name, "image"))
		return *b->container->image ? b->container->image : "IMAGE";
	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (!strcmp(placeholders[i].name, name))
			return *(const char *const *)((const char *)b + placeholders[i].at);
	return NULL;
}

static bool put_word(struct strbuf *out, const char *word, enum stand stand)
{
	_cleanup_strbuf_ struct strbuf shell = STRBUF_INIT;

	switch (stand) {
	case STAND_PROSE:
		strbuf_printf(out, "%.*s", IN_PROSE_LONGEST, word);
		return true;
	case STAND_SHELL:
		return quote_shell(out, word);
	case STAND_YAML:
		quote_yaml(out, word);
		return true;
	case STAND_YAML_STRING:
		quote_yaml_inside(out, word);
		return true;
	default:
		if (!quote_shell(&shell, word))
			return false;
		quote_yaml_inside(out, shell.data ? shell.data : "");
		return true;
	}
}

/* Fills in the blank at `text` ("{path}..."); returns the bytes read, 0 when it has no value here. */
static size_t put_blank(
	struct strbuf *out, const char *text, const struct blanks *b, enum stand stand)
{
	char name[16];
	size_t len = strcspn(text + 1, "}");
	uint64_t number;

	if (len >= sizeof(name))
		return 0;
	memcpy(name, text + 1, len);
	name[len] = '\0';
	if (number_of(b, name, &number)) {
		strbuf_putu(out, number);
		return len + 2;
	}
	const char *word = word_of(b, name);
	if (word && word == b->yaml) {
		strbuf_puts(out, word);
		return len + 2;
	}
	return word && *word && put_word(out, word, stand) ? len + 2 : 0;
}

/* Up to the bracket that closes a part that may be left out; what follows it is the end of the text. */
static const char *part(
	struct strbuf *out, const char *text, const struct blanks *b, bool optional, bool *whole)
{
	bool code = false;

	*whole = true;
	while (*text && !(optional && *text == ']')) {
		if (*text == '[') {
			_cleanup_strbuf_ struct strbuf inner = STRBUF_INIT;
			bool fits;
			text = part(&inner, text + 1, b, true, &fits);
			if (fits && inner.data)
				strbuf_puts(out, inner.data);
			text += *text == ']';
			continue;
		}
		if (*text == '{') {
			size_t n = put_blank(out, text, b, code ? STAND_SHELL : STAND_PROSE);
			*whole &= n > 0;
			text += n ? n : 1 + strcspn(text, "}");
			continue;
		}
		code ^= *text == '`';
		strbuf_putc(out, *text++);
	}
	return text;
}

/* Inside of double quotes: a piece of a shell command when the string is one. */
static enum stand stand_in_yaml(const char *manifest, const char *at)
{
	const char *line = at;
	bool quoted = false;

	while (line > manifest && line[-1] != '\n')
		line--;
	for (const char *s = line; s < at; s++)
		quoted ^= *s == '"';
	if (!quoted)
		return STAND_YAML;
	return memmem(line, (size_t)(at - line), "sh, -c", 6) ? STAND_YAML_SHELL
							      : STAND_YAML_STRING;
}

static char *manifest_of(const struct advice *a, const struct blanks *b)
{
	struct strbuf out = STRBUF_INIT;

	for (const char *s = a->manifest; s && *s;) {
		/* A flow mapping has a blank after its brace, a value to fill in has none. */
		size_t n = 1;
		if (*s == '{' && s[1] >= 'a' && s[1] <= 'z')
			n = put_blank(&out, s, b, stand_in_yaml(a->manifest, s));
		else
			strbuf_putc(&out, *s);
		if (!n) {
			strbuf_free(&out);
			return NULL;
		}
		s += n;
	}
	return strbuf_take(&out);
}

/* All but the first are alternatives, and begin like that. */
static bool as_alternative(const struct report *r, struct strbuf *text)
{
	static const char *const begun[] = { "Or ", "Or, ", "And ", "Else ", "If " };

	if (!r->d->n_recommendations)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(begun); i++)
		if (!strncmp(text->data, begun[i], strlen(begun[i])))
			return false;
	text->data[0] = (char)tolower((unsigned char)text->data[0]);
	return true;
}

/* False when a blank that is needed has no value, or its reader has no pod to change. */
static bool fill_text(
	const struct context *q, const struct advice *a, const struct blanks *b, struct strbuf *out)
{
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
	const char *text = plain_words(q, a->text, &plain);
	bool whole;

	if (!text || needs_cluster(q, text))
		return false;
	part(out, text, b, false, &whole);
	return whole && out->data;
}

bool recommend(struct report *r, const struct advice *a, const struct blanks *b)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct blanks all = *b;

	all.container = r->q->container;
	if (!fill_text(r->q, a, &all, &text) ||
		r->d->n_recommendations == ARRAY_SIZE(r->d->recommendations))
		return false;
	report_recommend(r, "%s%s", as_alternative(r, &text) ? "Or " : "", text.data);
	/* A manifest has one list of init containers. */
	bool twice = all.container->type == CONTAINER_INIT && a->manifest &&
		     strstr(a->manifest, "initContainers:");
	if (!a->manifest || twice)
		return true;
	char *manifest = manifest_of(a, &all);
	if (manifest)
		report_manifest(r, "%s", manifest);
	free(manifest);
	return true;
}
