// SPDX-License-Identifier: MIT
/*
 * How to undo a change. What was before is known, so the advice can name it; where going back would give up protection
 * (root again, a profile away) it is said as one way, with the other behind it. Of another program's names nothing goes
 * into YAML unquoted.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/changes/changes.h"
#include "diagnose/text/quoting.h"
#include "util/cleanup.h"

struct undo {
	const char *gone, *added, *other; /* with blanks, change_fill(); NULL: nothing is advised */
};

static const struct undo undos[FACT_KINDS] = {
	[FACT_MOUNT] = { "Mount {before} at {name} again: it was there when this last started "
			 "well.",
		"Take the new mount at {name} away, or mount it elsewhere: it covers what is there "
		"without it.",
		"Mount {name} as it was when this last started well: {before}." },
	[FACT_VARIABLE] = { "Set the variable `{name}` again: it was set when this last started "
			    "well.",
		"Take the new variable `{name}` away, or correct its value.",
		"Set the variable `{name}` back to the value that it had when this last started "
		"well." },
	[FACT_COMMAND] = { NULL, NULL,
		"Set the command back to what it was when this last started well: {before}" },
	[FACT_DIRECTORY] = { NULL, NULL,
		"Set workingDir back to {before}, as it was when this last started well." },
	[FACT_IMAGE] = { NULL, NULL,
		"Go back to the image {before}, with which this last started well, until the new "
		"one is repaired." },
	[FACT_DIGEST] = { NULL, NULL,
		"Go back to the image that the tag meant before, {before}, and deploy by digest or "
		"by a tag that does not move." },
	[FACT_UID] = { NULL, NULL,
		"Let it run as uid {before} again, as when this last started well, or give its new "
		"user access as described next." },
	[FACT_GID] = { NULL, NULL,
		"Let it run with gid {before} again, as when this last started well." },
	[FACT_GROUPS] = { NULL, NULL,
		"Give it the supplementary groups back that it had when this last started well: "
		"{before} (fsGroup, supplementalGroups)." },
	[FACT_READ_ONLY] = { NULL, NULL,
		"Mount an emptyDir where it writes; or let the root file system be writable again, "
		"as when this last started well." },
	[FACT_HOST_NETWORK] = { NULL, NULL,
		"Take hostNetwork back to what it was when this last started well." },
	[FACT_SECCOMP] = { NULL, NULL,
		"Go back to the seccomp profile with which this last started well, or allow the "
		"call in "
		"the new one." },
	[FACT_KERNEL] = { NULL, NULL,
		"Run it on a node with the former kernel, {before}, until this one is set up for "
		"it." },
	[FACT_NODE_LIMIT] = { NULL, NULL,
		"Set {name} of the node back to {before}, as it was when this last started well." },
};

static const char *pick(const struct undo *u, const struct change *c)
{
	return !*c->after ? u->gone : !*c->before ? u->added : u->other;
}

static void undo_key(const struct change *c, struct strbuf *text)
{
	const char *key = strrchr(c->name, '/'), *where = *c->where ? c->where : "the volume";

	key = key ? key + 1 : c->name;
	if (!*c->after)
		strbuf_printf(text,
			"Put the key `%s` back into %s: it was there when this last started well.",
			key, where);
	else if (!*c->before)
		strbuf_printf(text, "Take the new key `%s` out of %s, or correct it.", key, where);
	else
		strbuf_printf(text,
			"Undo the change of the key `%s` of %s: when this last started well it had "
			"%s.",
			key, where, c->before);
}

static void undo_limit(const struct context *q, const struct change *c, struct strbuf *text,
	struct strbuf *manifest)
{
	uint64_t mi = strtoull(c->before, NULL, 10) >> 20;
	const char *name = q->container->k8s_container;

	if (strcmp(c->name, "memory")) {
		if (*c->before)
			strbuf_printf(text,
				"Raise the limit of %s back to %s, as it was when this last "
				"started well.",
				c->name, c->before);
		return;
	}
	if (!*c->before) {
		strbuf_puts(text, "Raise the new memory limit: when this last started well there "
				  "was none.");
		return;
	}
	strbuf_printf(text,
		"Raise the memory limit back to %" PRIu64
		"Mi, as it was when this last started well.",
		mi);
	if (!*name)
		return;
	strbuf_puts(manifest, "containers:\n  - name: ");
	quote_yaml(manifest, name);
	strbuf_printf(
		manifest, "\n    resources:\n      limits:\n        memory: %" PRIu64 "Mi\n", mi);
}

static void undo_capabilities(const struct change *c, struct strbuf *text)
{
	uint64_t lost = strtoull(c->before, NULL, 16) & ~strtoull(c->after, NULL, 16);

	if (!lost)
		return;
	strbuf_puts(text,
		"Give it the capabilities back that it had when this last started well, as "
		"far as it needs them: ");
	capability_names(text, lost);
	strbuf_putc(text, '.');
}

static void image_manifest(const struct context *q, const struct change *c, struct strbuf *manifest)
{
	if (!*q->container->k8s_container)
		return;
	strbuf_puts(manifest, "containers:\n  - name: ");
	quote_yaml(manifest, q->container->k8s_container);
	strbuf_puts(manifest, "\n    image: ");
	quote_yaml(manifest, c->before);
	strbuf_putc(manifest, '\n');
}

void change_undo(const struct context *q, const struct change *c, struct strbuf *text,
	struct strbuf *manifest)
{
	const char *format = pick(&undos[c->kind], c);

	if (c->kind == FACT_KEY)
		undo_key(c, text);
	else if (c->kind == FACT_LIMIT)
		undo_limit(q, c, text, manifest);
	else if (c->kind == FACT_CAPABILITIES)
		undo_capabilities(c, text);
	else if (format)
		change_fill(text, format, c);
	if (c->kind == FACT_IMAGE)
		image_manifest(q, c, manifest);
}
