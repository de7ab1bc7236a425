// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "record/fields.h"
#include "record/ndjson_parts.h"
#include "util/cleanup.h"

static void write_call_args(struct json *j, const struct event *e)
{
	size_t n = ARRAY_SIZE(e->call_args);

	while (n > 0 && !e->call_args[n - 1])
		n--;
	if (n == 0)
		return;
	json_open_array(j, "call_args");
	for (size_t i = 0; i < n; i++) {
		char hex[sizeof("0xffffffffffffffff")];
		snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)e->call_args[i]);
		json_string(j, NULL, hex);
	}
	json_close_array(j);
}

static void write_file_facts(struct json *j, const char *key, const struct file_facts *facts)
{
	json_open_object(j, key);
	fields_write(j, &file_facts_fields, facts, 0);
	json_close_object(j);
}

static void write_facts(struct json *j, const struct path_facts *facts)
{
	json_open_object(j, "facts");
	write_file_facts(j, "path", &facts->file);
	write_file_facts(j, "folder", &facts->directory);
	if (*facts->closed_path)
		write_file_facts(j, "closed", &facts->closed);
	fields_write(j, &path_facts_fields, facts, 0);
	json_close_object(j);
}

static void write_mount(struct json *j, const char *key, const struct mount *m)
{
	json_open_object(j, key);
	fields_write(j, &mount_fields, m, ~0u);
	json_close_object(j);
}

/* The number of elements that may be written; the rest is cut. */
static size_t listed(struct json *j, size_t n)
{
	j->cut |= n > j->list_max;
	return n < j->list_max ? n : j->list_max;
}

/* All that is known of the container, so that a log can be diagnosed again without its node. */
static void write_description(struct json *j, const struct container *c)
{
	json_open_object(j, "container");
	fields_write(j, &description_fields, c, ~0u);
	write_mount(j, "root", &c->root);
	json_open_array(j, "args");
	for (size_t i = 0; i < listed(j, c->n_args); i++)
		json_string(j, NULL, c->args[i]);
	json_close_array(j);
	json_open_array(j, "groups");
	for (size_t i = 0; i < listed(j, c->n_groups); i++)
		json_uint(j, NULL, c->groups[i]);
	json_close_array(j);
	json_open_array(j, "mounts");
	for (size_t i = 0; i < listed(j, c->n_mounts); i++)
		write_mount(j, NULL, &c->mounts[i]);
	json_close_array(j);
	json_close_object(j);
}

void ndjson_event(struct json *j, const struct event *e, bool describe)
{
	fields_write(j, &event_ktrace_fields, e, event_when(e));
	write_call_args(j, e);
	if (e->mount) {
		json_open_object(j, "mount");
		fields_write(j, &held_by_fields, e->mount, ~0u);
		json_close_object(j);
	}
	if (e->facts && e->facts->known)
		write_facts(j, e->facts);
	if (describe && e->container)
		write_description(j, e->container);
	/* Last, as what stands before it may have been cut. */
	if (e->cut || j->cut)
		json_bool(j, "cut", true);
}
