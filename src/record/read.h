/* SPDX-License-Identifier: MIT */
/* Parts of the reader: JSON values to fields, checked. Each returns 0, -EBADMSG with *why, or -ENOMEM. */
#ifndef KTRACE_RECORD_READ_H
#define KTRACE_RECORD_READ_H

#include "ktrace/diagnosis.h"
#include "record/fields.h"
#include "record/json_tree.h"

/* What is wrong with a line, without its number. */
struct read_error {
	char text[160];
};

int read_fail(struct read_error *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The member that a dotted path names, NULL when there is none. */
const struct json_value *read_at(const struct json_value *object, const char *path);

/* An optional member that must be a string, a number... when it is there: else *out is left alone. */
int read_text(const struct json_value *object, const char *path, const char **out,
	struct read_error *why);
int read_u64(const struct json_value *object, const char *path, uint64_t max, uint64_t *out,
	struct read_error *why);
int read_int(const struct json_value *object, const char *path, int *out, struct read_error *why);
int read_bool(const struct json_value *object, const char *path, bool *out, struct read_error *why);
int read_list(const struct json_value *object, const char *path, const struct json_value **out,
	struct read_error *why);

/* Every member of a table that is there. FIELD_TEXT borrows from the JSON, FIELD_OWNED copies. */
int read_fields(const struct json_value *object, const struct field_table *table, void *base,
	struct read_error *why);

/* A list of strings, borrowed from the JSON; *out is the caller's to free. Nothing there: NULL and 0. */
int read_strings(const struct json_value *object, const char *path, const char ***out, size_t *n,
	struct read_error *why);

/* A container's ktrace.container.remembered, NULL for none; *out is then left alone. */
int read_remembered(
	const struct json_value *object, struct remembered **out, struct read_error *why);

/* The containers of a log, by id. */
struct read_containers;
struct read_containers *read_containers_new(void);
void read_containers_free(struct read_containers *all);

/* The record's container, borrowed; NULL where it has none. A container_created record describes a new one. */
int read_container(struct read_containers *all, const struct json_value *root, bool created,
	struct container **out, struct read_error *why);

/* The container's mount that a record's ktrace.mount stands for, NULL where it has none. */
int read_mount(struct read_containers *all, struct container *c, const struct json_value *root,
	const struct mount **out, struct read_error *why);

/* An event of that kind from its record: everything but its time, container and mount; strings borrowed. */
struct read_event {
	struct event draft;
	const char **args; /* freed by read_event_clear() */
};
int read_event(const struct json_value *root, enum event_kind kind, struct read_event *out,
	struct read_error *why);
void read_event_clear(struct read_event *e);

/* Texts that must outlive their record: one copy of each, as long as the set lives. */
struct read_names;
/* NULL when out of memory or too many. */
const char *read_name(struct read_names **names, const char *text);
void read_names_free(struct read_names **names);

/* ktrace.diagnosis without culprit, container and time. */
int read_diagnosis(const struct json_value *root, struct read_names **names, struct diagnosis **out,
	struct read_error *why);

#endif
