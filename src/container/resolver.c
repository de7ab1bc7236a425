// SPDX-License-Identifier: MIT
#include "container/resolver.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/entry.h"
#include "container/hostfile.h"
#include "container/looks.h"
#include "util/cleanup.h"

#define FILE_MAX 16384
#define RESOLVER_LOOKS_MAX 8
#define BLANKS " \t\r"

/* The next word before the line's end, NULL when there is none. */
static const char *next_word(const char **at, const char *end, size_t *len)
{
	const char *word = *at + strspn(*at, BLANKS);

	*len = strcspn(word, BLANKS "\n");
	if (word >= end || !*len)
		return NULL;
	*at = word + *len;
	return word;
}

static void take_search(const char *at, const char *end, struct resolver *out)
{
	const char *word;
	size_t len, used = 0;

	out->search[0] = '\0';
	while ((word = next_word(&at, end, &len))) {
		while (len && word[len - 1] == '.')
			len--;
		if (!len || used + len + 2 > sizeof(out->search))
			continue;
		used += (size_t)sprintf(
			out->search + used, "%s%.*s", used ? " " : "", (int)len, word);
	}
}

static void take_options(const char *at, const char *end, struct resolver *out)
{
	const char *word;
	size_t len;

	while ((word = next_word(&at, end, &len)))
		if (len > 6 && !strncmp(word, "ndots:", 6) && strtoul(word + 6, NULL, 10) < 16)
			out->ndots = (uint16_t)strtoul(word + 6, NULL, 10);
}

void resolver_parse(const char *text, struct resolver *out)
{
	static const struct {
		const char *key;
		void (*parse)(const char *at, const char *end, struct resolver *out);
	} keys[] = {
		{ "search", take_search },
		{ "domain", take_search },
		{ "options", take_options },
	};

	*out = (struct resolver){ .ndots = 1 };
	while (*text) {
		const char *end = text + strcspn(text, "\n"), *at = text;
		size_t len;
		const char *key = next_word(&at, end, &len);

		for (size_t i = 0; key && i < ARRAY_SIZE(keys); i++)
			if (strlen(keys[i].key) == len && !strncmp(key, keys[i].key, len))
				keys[i].parse(at, end, out);
		text = end + (*end == '\n');
	}
}

int resolver_read(uint32_t pid, struct resolver *out)
{
	_cleanup_free_ char *text = NULL;
	char root[32];

	snprintf(root, sizeof(root), "/proc/%u/root", pid);
	int err = host_read(root, "/etc/resolv.conf", FILE_MAX, &text, NULL);
	if (err < 0)
		return err;
	resolver_parse(text, out);
	return 0;
}

/* The process may be gone; the container's first one has the same file. It does not change: one look is enough. */
static void read_resolver(struct entry *e, uint32_t pid)
{
	struct looks *l = &e->looks;
	struct resolver found;

	if (l->resolver || l->resolvers >= RESOLVER_LOOKS_MAX)
		return;
	l->resolvers++;
	if (look_at_resolver(pid, &found) &&
		(!e->init_pid || look_at_resolver(e->init_pid, &found)))
		return;
	l->resolver = malloc(sizeof(*l->resolver));
	if (l->resolver)
		*l->resolver = found;
}

void entry_look_at_resolver(struct entry *e, struct event *draft)
{
	if (draft->kind != EVENT_DNS_QUERY)
		return;
	read_resolver(e, draft->pid);
	if (!e->looks.resolver)
		return;
	draft->dns_search = e->looks.resolver->search;
	draft->dns_ndots = e->looks.resolver->ndots;
}
