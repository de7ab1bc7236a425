/* SPDX-License-Identifier: MIT */
/*
 * The one table of what a record holds and where it lies in struct event and struct container: the
 * writer (ndjson.c) and the reader (read*.c) both work from it, so that neither can know a
 * field that the other does not. A new field of an event is one row here. Pure.
 */
#ifndef KTRACE_RECORD_FIELDS_H
#define KTRACE_RECORD_FIELDS_H

#include "ktrace/container.h"
#include "ktrace/event.h"
#include "record/writer.h"

enum field_type {
	FIELD_TEXT,  /* const char *, borrowed by a draft */
	FIELD_OWNED, /* char *, set by container_set() */
	FIELD_CHARS, /* char[size] */
	FIELD_BOOL,
	FIELD_U16,
	FIELD_U32,
	FIELD_INT,
	FIELD_COUNT,  /* int, -1 is not known and not written */
	FIELD_U64,    /* a number: amounts, exact to 53 bits */
	FIELD_ID32,   /* a decimal string */
	FIELD_ID64,   /* a decimal string */
	FIELD_BITS64, /* a string, "0xa80425fb" */
	FIELD_MODE,   /* uint32_t, a string, "0644" */
	FIELD_ARGS,   /* struct event's args and argc */
	FIELD_MOUNT_KIND,
	FIELD_FILE_TYPE,
	FIELD_CONTAINER_TYPE,
	FIELD_WORKLOAD_KIND,
	/* Said for people and other programs, made from a field that has its own row: never read back. */
	FIELD_ERRNO_NAME,
	FIELD_ERRNO_TEXT,
	FIELD_SIGNAL,
	FIELD_STATUS_SIGNAL,
	FIELD_EXIT_CODE,
	FIELD_OOM_SCOPE,
};

/* When a row applies: bit N is event kind N, the bits above say more. */
#define WHEN(kind) (1u << (kind))
#define WHEN_SERVER (1u << 28) /* the address is one that the process serves on */
#define WHEN_CLIENT (1u << 29) /* the address is somebody else's */
#define WHEN_FAILED (1u << 30) /* an error number is there */
_Static_assert(EVENT_KINDS <= 28, "the bits of enum event_kind and the others would meet");

/* What holds members: the one at hand, an object in that, or one in such an object. */
struct field_object {
	const char *path;              /* "process.parent"; "" is the one at hand */
	struct key key;                /* "parent" */
	const struct field_object *in; /* NULL of the one at hand */
	uint64_t bit;                  /* JSON_NAME_BIT() of the first part of `path` */
	uint32_t only;                 /* written only when one of these bits is given; 0: always */
};
extern const struct field_object object_at_hand;

struct field {
	const struct field_object *object;
	struct key key;
	enum field_type type;
	uint16_t offset, size;
	uint32_t only;      /* written only when one of these bits is given; 0: always */
	uint32_t even_zero; /* with one of these bits 0, false and "" are written too */
};

struct field_table {
	const struct field *rows;
	size_t n;
	bool owns; /* strings are the structure's own, and never NULL once it was read */
};

/* Members of one object stand together in a table; ktrace.* rows come last. */
extern const struct field_table event_fields; /* struct event: the plain fields, before ktrace */
extern const struct field_table event_ktrace_fields; /* struct event: those of the object ktrace */
extern const struct field_table container_fields;    /* struct container, in each record */
extern const struct field_table pod_fields;          /* struct container, in the object k8s */
extern const struct field_table workload_fields;     /* struct container, in ktrace.workload */
extern const struct field_table description_fields;  /* struct container, ktrace.container */
extern const struct field_table remembered_fields;   /* struct remembered, its numbers */
extern const struct field_table change_fields;       /* struct change, its texts */
extern const struct field_table mount_fields;        /* struct mount, in full */
extern const struct field_table held_by_fields;      /* struct mount, as a file's record names it */
extern const struct field_table path_facts_fields;   /* struct path_facts */
extern const struct field_table file_facts_fields;   /* struct file_facts */

/* Which rows of pod_fields a container's records have: WHEN(kind of workload), where that is sure. */
uint32_t container_when(const struct container *c);

/* Which rows an event's record has. */
uint32_t event_when(const struct event *e);

/* Writes the table's fields of *base into the object that is open, opening and closing those within. */
void fields_write(
	struct writer *w, const struct field_table *table, const void *base, uint32_t when);

const char *file_type_name(enum file_type type); /* "directory", "" for FILE_UNKNOWN */

#endif
