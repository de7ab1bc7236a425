// SPDX-License-Identifier: MIT
/* A change in words: what it is of, and how that was before and is now. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/changes/changes.h"
#include "util/cleanup.h"

#define NONE "none"
#define GONE "gone"

/* What each kind is called. */
static const char *const titles[FACT_KINDS] = {
	[FACT_MOUNT] = "mount {name}",
	[FACT_VARIABLE] = "variable `{name}`",
	[FACT_COMMAND] = "command",
	[FACT_DIRECTORY] = "working directory",
	[FACT_IMAGE] = "image",
	[FACT_DIGEST] = "image digest",
	[FACT_UID] = "uid",
	[FACT_GID] = "gid",
	[FACT_GROUPS] = "supplementary groups",
	[FACT_PRIVILEGES] = "no_new_privs",
	[FACT_READ_ONLY] = "read-only root file system",
	[FACT_HOST_NETWORK] = "host network",
	[FACT_HOST_PID] = "host pid namespace",
	[FACT_SECCOMP] = "seccomp profile",
	[FACT_LABEL] = "security label",
	[FACT_RUNTIME] = "runtime",
	[FACT_KERNEL] = "kernel of the node",
	[FACT_NODE_LIMIT] = "node limit {name}",
};

void capability_names(struct strbuf *out, uint64_t set)
{
	const char *separator = "";

	for (int i = 0; i < 64; i++) {
		if (!(set >> i & 1))
			continue;
		strbuf_printf(out, "%s%s", separator, capability_name(i));
		separator = ", ";
	}
}

void change_fill(struct strbuf *out, const char *format, const struct change *c)
{
	for (const char *at = format; *at;) {
		const char *blank = strchrnul(at, '{');

		strbuf_append(out, at, (size_t)(blank - at));
		if (*blank)
			strbuf_puts(out, strncmp(blank, "{name}", 6) ? c->before : c->name);
		at = *blank ? strchrnul(blank, '}') : blank;
		at += *at != '\0';
	}
}

static const char *limit_title(const char *name)
{
	return !strcmp(name, "memory") || !strcmp(name, "CPU") ? "{name} limit" : "limit of {name}";
}

/* "/etc/app/sub/app.yaml" of a volume at /etc/app is its key "sub/app.yaml"; here only the last part is known. */
static void add_title(struct strbuf *out, const struct change *c)
{
	const char *slash = strrchr(c->name, '/');

	if (c->kind == FACT_KEY && *c->where)
		strbuf_printf(out, "key `%s` of %s", slash ? slash + 1 : c->name, c->where);
	else if (c->kind == FACT_KEY)
		strbuf_printf(out, "key %s", c->name);
	else if (c->kind == FACT_LIMIT)
		change_fill(out, limit_title(c->name), c);
	else if (c->kind == FACT_GENERATION)
		strbuf_printf(out, "contents of the volume at %s", c->name);
	else if (c->kind == FACT_CAPABILITIES)
		strbuf_puts(out, "capabilities");
	else
		change_fill(out, titles[c->kind], c);
}

static void add_value(struct strbuf *out, const struct change *c, const char *value)
{
	uint64_t n = strtoull(value, NULL, 10);

	if (c->kind == FACT_LIMIT && !strcmp(c->name, "memory") && !(n & ((1 << 20) - 1)))
		strbuf_printf(out, "%" PRIu64 "Mi", n >> 20);
	else
		strbuf_puts(out, value);
}

static void add_capabilities(const struct change *c, struct strbuf *before, struct strbuf *after)
{
	uint64_t had = strtoull(c->before, NULL, 16), has = strtoull(c->after, NULL, 16);

	capability_names(before, had & ~has);
	capability_names(after, has & ~had);
}

int change_tell(const struct change *c, struct told_change *out)
{
	_cleanup_strbuf_ struct strbuf what = STRBUF_INIT, before = STRBUF_INIT,
				       after = STRBUF_INIT;

	add_title(&what, c);
	if (c->kind == FACT_CAPABILITIES) {
		add_capabilities(c, &before, &after);
	} else {
		add_value(&before, c, c->before);
		add_value(&after, c, c->after);
	}
	if (!before.len)
		strbuf_puts(&before, NONE);
	if (!after.len)
		strbuf_puts(&after, GONE);
	if (*c->since)
		strbuf_printf(&after, " since %s", c->since);
	struct told_change told = {
		.what = strbuf_take(&what),
		.before = strbuf_take(&before),
		.after = strbuf_take(&after),
	};
	if (!told.what || !told.before || !told.after) {
		told_change_clear(&told);
		return -ENOMEM;
	}
	*out = told;
	return 0;
}

void told_change_clear(struct told_change *c)
{
	free(c->what);
	free(c->before);
	free(c->after);
	*c = (struct told_change){ 0 };
}

void told_change_text(struct strbuf *out, const struct told_change *c)
{
	bool is_new = !strcmp(c->before, NONE), is_set = !strcmp(c->before, "set");

	if (!strncmp(c->after, GONE, strlen(GONE)) && is_set)
		strbuf_printf(out, "%s is %s", c->what, c->after);
	else if (!strncmp(c->after, GONE, strlen(GONE)))
		strbuf_printf(out, "%s is %s (was: %s)", c->what, c->after, c->before);
	else if (is_new && !strcmp(c->after, "set"))
		strbuf_printf(out, "%s is new", c->what);
	else if (is_new)
		strbuf_printf(out, "%s is new: %s", c->what, c->after);
	else if (is_set)
		strbuf_printf(out, "%s has %s", c->what, c->after);
	else
		strbuf_printf(out, "%s: %s \xe2\x86\x92 %s", c->what, c->before, c->after);
}
