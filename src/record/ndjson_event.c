// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/fields.h"
#include "record/ndjson_parts.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"

static void write_call_args(struct writer *w, const struct event *e)
{
	size_t n = ARRAY_SIZE(e->call_args);

	while (n > 0 && !e->call_args[n - 1])
		n--;
	if (n == 0)
		return;
	writer_open_array(w, "call_args");
	for (size_t i = 0; i < n; i++) {
		char hex[sizeof("0xffffffffffffffff")];
		snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)e->call_args[i]);
		writer_string(w, NULL, hex);
	}
	writer_close_array(w);
}

static void write_file_facts(struct writer *w, const char *key, const struct file_facts *facts)
{
	writer_open_object(w, key);
	fields_write(w, &file_facts_fields, facts, 0);
	writer_close_object(w);
}

static void write_facts(struct writer *w, const struct path_facts *facts)
{
	writer_open_object(w, "facts");
	write_file_facts(w, "path", &facts->file);
	write_file_facts(w, "folder", &facts->directory);
	if (*facts->closed_path)
		write_file_facts(w, "closed", &facts->closed);
	fields_write(w, &path_facts_fields, facts, 0);
	writer_close_object(w);
}

static void write_mount(struct writer *w, const char *key, const struct mount *m)
{
	writer_open_object(w, key);
	fields_write(w, &mount_fields, m, ~0u);
	writer_close_object(w);
}

/* The number of elements that may be written; the rest is cut. */
static size_t listed(struct writer *w, size_t n)
{
	w->cut |= n > w->list_max;
	return n < w->list_max ? n : w->list_max;
}

static void write_change(struct writer *w, const struct change *c)
{
	writer_open_object(w, NULL);
	writer_string(w, "kind", fact_kind_name(c->kind));
	fields_write(w, &change_fields, c, ~0u);
	writer_close_object(w);
}

/* What the memory had of it when it was created: a diagnosis of this log rests on that as well. */
static void write_remembered(struct writer *w, const struct remembered *m)
{
	char text[sizeof("ffffffffffffffff")];

	writer_open_object(w, "remembered");
	fields_write(w, &remembered_fields, m, ~0u);
	writer_open_array(w, "changes");
	for (size_t i = 0; i < listed(w, m->changes.n); i++)
		write_change(w, &m->changes.all[i]);
	writer_close_array(w);
	writer_open_array(w, "harmless");
	for (size_t i = 0; i < listed(w, m->n_harmless); i++) {
		snprintf(text, sizeof(text), "%016" PRIx64, m->harmless[i]);
		writer_string(w, NULL, text);
	}
	writer_close_array(w);
	writer_close_object(w);
}

static void write_time(struct writer *w, const char *key, uint64_t ns)
{
	char text[RFC3339_SIZE];

	rfc3339_format(text, ns);
	writer_string(w, key, text);
}

/* All that is known of the container, so that a log can be diagnosed again without its node. */
static void write_description(struct writer *w, const struct container *c)
{
	writer_open_object(w, "container");
	fields_write(w, &description_fields, c, ~0u);
	if (c->blind_until) {
		write_time(w, "blind_since", c->blind_since);
		write_time(w, "blind_until", c->blind_until);
	}
	write_mount(w, "root", &c->root);
	writer_open_array(w, "args");
	for (size_t i = 0; i < listed(w, c->n_args); i++)
		writer_string(w, NULL, c->args[i]);
	writer_close_array(w);
	writer_open_array(w, "groups");
	for (size_t i = 0; i < listed(w, c->n_groups); i++)
		writer_uint(w, NULL, c->groups[i]);
	writer_close_array(w);
	writer_open_array(w, "mounts");
	for (size_t i = 0; i < listed(w, c->n_mounts); i++)
		write_mount(w, NULL, &c->mounts[i]);
	writer_close_array(w);
	if (c->remembered)
		write_remembered(w, c->remembered);
	writer_close_object(w);
}

void ndjson_event(struct writer *w, const struct event *e, bool describe)
{
	fields_write(w, &event_ktrace_fields, e, event_when(e));
	write_call_args(w, e);
	if (e->mount) {
		writer_open_object(w, "mount");
		fields_write(w, &held_by_fields, e->mount, ~0u);
		writer_close_object(w);
	}
	if (e->facts && e->facts->known)
		write_facts(w, e->facts);
	/* For who reads: the reader of recordings finds it by the facts again. */
	if (event_found_after(e))
		writer_bool(w, "found_after", true);
	if (describe && e->container)
		write_description(w, e->container);
	/* Last, as what stands before it may have been cut. */
	if (e->cut || w->cut)
		writer_bool(w, "cut", true);
}

/* The cgroup is the container's, and a process' main thread has its number: the reader puts them back. */
static void write_context_event(struct writer *w, const struct event *e)
{
	struct event lean = *e;
	char time[RFC3339_SIZE];

	lean.cgroup = 0;
	/* Addresses, mostly: what they point at is in the path and the flags. */
	if (e->kind == EVENT_FILE_ERROR && e->error == ENOENT)
		memset(lean.call_args, 0, sizeof(lean.call_args));
	if (lean.tid == lean.pid)
		lean.tid = 0;
	rfc3339_format(time, e->time);
	writer_open_object(w, NULL);
	writer_string(w, "timestamp", time);
	writer_uint(w, "sequence", e->sequence);
	writer_string(w, "action", event_action(e->kind));
	fields_write(w, &event_fields, &lean, event_when(e));
	writer_open_object(w, "ktrace");
	ndjson_event(w, &lean, false);
	writer_close_object(w);
	writer_close_object(w);
}

void ndjson_context(struct writer *w, struct event *const *events, size_t n)
{
	writer_open_array(w, "context");
	for (size_t i = 0; i < listed(w, n); i++)
		write_context_event(w, events[i]);
	writer_close_array(w);
}
