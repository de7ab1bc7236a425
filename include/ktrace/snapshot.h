/* SPDX-License-Identifier: MIT */
/*
 * What a container was started with, as a sorted list of facts, and what differs between two starts. Every fact is a
 * kind, a name and a value, all plain text: so one comparison, one form on disk and one form in a record do for all.
 * No value of an environment variable and no content of a file is ever in it: of variables a salted hash.
 */
#ifndef KTRACE_SNAPSHOT_H
#define KTRACE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SALT_SIZE 16

/* In the order in which changes are told when nothing else orders them. */
enum fact_kind {
	FACT_KEY,      /* name: its path, value: "ConfigMap `orders`, 120 bytes, mode 0644" */
	FACT_MOUNT,    /* name: destination, value: "ConfigMap `orders`, read-only" */
	FACT_VARIABLE, /* name, value: salted hash */
	FACT_COMMAND, /* value: arguments with blanks between, as far as they may be told; newline, hash of all */
	FACT_DIRECTORY,    /* value: the working directory */
	FACT_IMAGE,        /* value: its name */
	FACT_DIGEST,       /* value: what the runtime identifies the image by */
	FACT_UID,          /* value: a number, as are the next one and the limits */
	FACT_GID,          /**/
	FACT_GROUPS,       /* value: "1000,2000" */
	FACT_CAPABILITIES, /* value: "0xa80425fb" */
	FACT_PRIVILEGES,   /* no_new_privs; value: "on" or "off", as are the next ones */
	FACT_READ_ONLY,    /* the root file system */
	FACT_HOST_NETWORK, /**/
	FACT_HOST_PID,     /**/
	FACT_SECCOMP,      /* value: "off", or which profile */
	FACT_LABEL,        /* of the security module */
	FACT_LIMIT,        /* name: "memory", "processes", "open files", "CPU" */
	FACT_GENERATION,   /* name: destination, value: what its ..data leads to */
	FACT_RUNTIME,      /* value: "containerd, OCI 1.1.0" */
	FACT_KERNEL,       /* value: "6.12.0" */
	FACT_NODE_LIMIT,   /* name: a sysctl */
	FACT_KINDS
};

struct fact {
	enum fact_kind kind;
	char *name, *value; /* never NULL */
};

struct snapshot {
	uint32_t refs;
	uint8_t salt[SALT_SIZE]; /* of the node */
	char *pod_uid;           /* "" outside of pods */
	struct fact *facts;      /* by kind, then name, once sorted */
	size_t n, capacity, bytes;
	uint32_t cut; /* bit N: of kind N not all are here */
};

struct snapshot *snapshot_new(const uint8_t salt[SALT_SIZE]); /* NULL when out of memory */
struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot *s); /* NULL is fine */

/* Copies both, sanitised. What is over the bounds is left out, and its kind marked as cut. 0 or -ENOMEM. */
int snapshot_add(struct snapshot *s, enum fact_kind kind, const char *name, const char *value);
void snapshot_sort(struct snapshot *s);
bool snapshots_equal(
	const struct snapshot *a, const struct snapshot *b); /* in their facts; sorted */
int facts_order(const struct fact *a, const struct fact *b); /* by kind and name, as strcmp() */
/* NULL when there is none. s is sorted. */
const struct fact *snapshot_find(const struct snapshot *s, enum fact_kind kind, const char *name);

/* One thing that differs. Values of variables are not told: "set", "another value". */
struct change {
	enum fact_kind kind;
	char *name;           /* as the fact's */
	char *before, *after; /* "": was not, is not there */
	char *where;          /* of a key: the volume, "ConfigMap `orders`"; else "" */
	char *since; /* when the volume was written, where it is the same pod's: "10:02 UTC"; else "" */
};

struct changes {
	struct change *all;
	size_t n;
};

#define CHANGES_MAX 48 /* more is another program */

/* In order of kind and name. 0 or -ENOMEM; *out is the caller's to clear, then too. */
int snapshot_compare(
	const struct snapshot *before, const struct snapshot *after, struct changes *out);
int changes_add(struct changes *c, const struct change *copied); /* 0, -ENOSPC or -ENOMEM */
void changes_clear(struct changes *c);

/* What was known of a container's workload when it started, fixed from then on. */
#define HARMLESS_MAX 64
struct remembered {
	uint64_t
		healthy_at; /* the last healthy start of it here, nanoseconds since 1970; 0: none known */
	uint32_t starts;        /* healthy ones */
	uint64_t listening_ns;  /* how long that one took to its first listen; 0: it did not */
	uint64_t peak_memory;   /* bytes, the most of that one that was seen; 0: not known */
	struct changes changes; /* since then */
	/* signatures of failures that did no harm then; diagnose/fingerprint.h */
	uint64_t harmless[HARMLESS_MAX];
	size_t n_harmless;
};
void remembered_free(struct remembered *r); /* NULL is fine */

const char *fact_kind_name(enum fact_kind kind);      /* "key" */
enum fact_kind fact_kind_from_name(const char *name); /* FACT_KINDS when there is none */

#endif
