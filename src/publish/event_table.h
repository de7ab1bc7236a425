/* SPDX-License-Identifier: MIT */
/* The Events that an agent knows, each with what the API server was told of it: a table of fixed size. Pure. */
#ifndef KTRACE_PUBLISH_EVENT_TABLE_H
#define KTRACE_PUBLISH_EVENT_TABLE_H

#include <uthash.h>

#include "ktrace/diagnosis.h"

enum event_state {
	EVENT_NEW,    /* to be created */
	EVENT_THERE,  /* the server has one of that name: its count is asked for */
	EVENT_CREATED /* its count is patched */
};

/* So many requests at once, and then one each each_ns. */
struct request_rate {
	unsigned burst;
	uint64_t each_ns;
};
/* How late it would be if each request had waited for its turn, alarm_now(). */
struct request_budget {
	uint64_t spent_until;
};
uint64_t request_budget_free_at(const struct request_budget *b, const struct request_rate *rate);
void request_budget_spend(struct request_budget *b, const struct request_rate *rate, uint64_t now);

/* A pod of which there are Events. */
struct event_object {
	char uid[64];
	struct request_budget budget;
	size_t entries; /* that are its */
	UT_hash_handle hh;
};

struct event_entry {
	uint64_t key; /* kubernetes_event_key() */
	char *path;   /* "/apis/.../namespaces/shop/events", of its namespace */
	char *name;
	char *head;         /* kubernetes_event_head() */
	char container[80]; /* the id of the latest one */
	enum event_state state;
	uint64_t before;      /* its count by an earlier agent */
	uint64_t count;       /* diagnoses since then, and of these: */
	uint64_t told;        /* what the server knows */
	uint64_t first, last; /* nanoseconds since 1970 */
	uint64_t due;         /* alarm_now(): not told earlier than that */
	unsigned repeats;     /* how often its count was told */
	struct event_object *object;
	UT_hash_handle hh;
};

struct event_table {
	struct event_entry *entries; /* the longest known first */
	size_t most;
	struct event_object *objects;
	struct request_rate object_rate;
};

void event_table_free(struct event_table *t);

struct event_entry *event_table_find(const struct event_table *t, uint64_t key);

/*
 * A new entry, count 0; in a full table in the place of the one that was told of longest ago and is not `busy` (may be
 * NULL). NULL: all wait to be told, or memory ran out.
 */
struct event_entry *event_table_add(struct event_table *t, const struct diagnosis *d,
	const char *node, uint64_t time, const struct event_entry *busy);

/* Not before it is due, and not before its pod's budget has a request: alarm_now(). */
uint64_t event_table_due(const struct event_table *t, const struct event_entry *e);
/* The entry that is to be told next, by event_table_due(); NULL: nothing waits. */
struct event_entry *event_table_next(const struct event_table *t);
uint64_t event_table_waiting(const struct event_table *t); /* diagnoses */

#endif
