/* SPDX-License-Identifier: MIT */
/* The explanation of one failure: what the engine makes and the outputs print. */
#ifndef KTRACE_DIAGNOSIS_H
#define KTRACE_DIAGNOSIS_H

#include "ktrace/container.h"

enum phase { PHASE_RUNTIME, PHASE_STARTUP, PHASE_RUNNING, PHASE_SHUTDOWN };

struct evidence {
	uint64_t time;      /* nanoseconds since 1970 */
	const char *action; /* static */
	char *process;      /* comm */
	uint32_t pid;
	char *path;  /* or NULL */
	char *error; /* "EACCES", or NULL */
	char *text;  /* one sentence, or quoted output */
};

struct recommendation {
	char *text;
	char *manifest; /* YAML fragment for the pod spec, or NULL */
};

struct alternative {
	const char *root_cause; /* static */
	char *title;
	double confidence;
};

/* What a container that runs is stuck on. Strings are owned, NULL where there is none. */
struct waiting {
	char *kind; /* "connection", "name", "file", "lock", "fifo", "program", "command", "call", "probe"; NULL: nothing */
	char *name, *address, *path, *answer;
	uint16_t port;
	uint64_t since, attempts;
};

void waiting_clear(struct waiting *w);

/* What differs since the last healthy start: before "none" it is new, after "gone" it is not there any more. */
struct told_change {
	char *what, *before, *after;
};

#define TOLD_CHANGES_MAX 12

#define FINGERPRINT_SIZE 20 /* "v1:", 16 hex digits */

struct diagnosis {
	struct container *container; /* owned reference */
	/* when the failure became final: the exit, or the event that showed it */
	uint64_t time;
	uint64_t began; /* when its program started, 0: not known; of a diagnosis made here */
	uint64_t run, sequence; /* of its record, as in struct event */
	const char *root_cause; /* static: one of the contract's codes */
	const char *rule;       /* static */
	char *title;            /* one line */
	char *summary;          /* two or three sentences */
	double confidence;
	enum phase phase;
	bool has_exit_code;
	int exit_code;
	const char *signal; /* static name or NULL */
	int restarts;
	/* owned reference: process.* and file.* of the record come from it; may be NULL */
	struct event *culprit;
	char *path;                /* the path that matters, or NULL */
	struct evidence *evidence; /* in causal order */
	size_t n_evidence;
	struct recommendation recommendations[3]; /* best first */
	size_t n_recommendations;
	struct alternative alternatives[3]; /* what else it could be, likeliest first */
	size_t n_alternatives;
	struct waiting waiting;
	/* the last healthy start of this workload's container here, 0: none is known; and how many there were */
	uint64_t healthy_at;
	uint32_t healthy_starts;
	struct told_change changes[TOLD_CHANGES_MAX]; /* those that bear on the cause first */
	size_t n_changes;
	char *cannot_tell; /* what a missing probe or lost events hid, or NULL */
	char *why;         /* the hypotheses and their clues, where they were asked for, or NULL */
	/* Events of this container that were not delivered, as far as they are known to be its own. */
	uint64_t lost;
	/* failures of this container that were counted and not written one by one (--events errors) */
	uint32_t held_back;
	/*
	 * Equal for equal failures of one workload's container on any node; the second also for other
	 * workloads. diagnose/fingerprint.h; "" when none was made.
	 */
	char fingerprint[FINGERPRINT_SIZE], cause_fingerprint[FINGERPRINT_SIZE];
};

void diagnosis_free(struct diagnosis *d); /* NULL is fine */
const char *phase_name(enum phase phase); /* "startup" */

#endif
