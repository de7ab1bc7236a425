/* SPDX-License-Identifier: MIT */
/* One container's life as the pipeline keeps it. Only pipeline.c uses this. */
#ifndef KTRACE_AGENT_CASE_H
#define KTRACE_AGENT_CASE_H

#include "agent/failure_budget.h"
#include "agent/pipeline.h"
#include "agent/reported.h"
#include "util/hash.h"

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION HASH_BY_KEY
#include <uthash.h>

struct container_case {
	struct container *container; /* the key; the story holds the reference */
	struct story *story;
	struct diagnosis *diagnosis; /* the latest */
	struct reported reported;
	int restarts;
	struct failure_budget budget;
	uint32_t held_back;            /* failures beyond it */
	uint64_t lost;                 /* events that its story could not take */
	uint32_t unlogged;             /* events that are not in the log it is read from */
	uint64_t events;               /* and that it took */
	uint64_t created, ended, gone; /* gone: ended, or its cgroup was removed */
	uint64_t told; /* when somebody outside told it to end, the first time; 0: nobody */
	int status;
	unsigned late;        /* events that came after the end, and happened before it */
	size_t dead_bytes;    /* what it counts for among the dead */
	size_t bytes;         /* of its story, when the budget was last looked at */
	bool changed, urgent; /* urgent: by something that a program may not outlive */
	uint64_t changed_at;
	uint64_t look_at;     /* when it is diagnosed next though nothing happened */
	uint64_t paced_until; /* not before, whatever happened that is not urgent */
	uint64_t latest;      /* time of its latest event */
	int64_t stepped;      /* how far the clock was set since that one */
	bool kept;            /* by the memory, as a healthy start */
	bool incomplete;      /* something of it was lost, which is counted once */
	UT_hash_handle hh;    /* the pipeline's */
};

/* Of no pipeline yet; NULL when out of memory. */
struct container_case *case_new(struct container *container, int restarts);
void case_free(struct container_case *c); /* NULL is fine */
/* To its story. False: that could not take it, which is counted. */
bool case_add(struct container_case *c, struct event *e);
/* When what happened to it, by an event of its own. */
void case_note(struct container_case *c, const struct event *e);
/* Whether it is to be looked at now; the next time is set from then on. */
bool case_is_due(struct container_case *c, uint64_t now);
/* The wall clock was set by so many nanoseconds. */
void case_clock_step(struct container_case *c, int64_t by);
/* Marks a failure that is over the budget, and counts it; an exit gets the count. */
void case_hold_back(struct container_case *c, struct event *e);
/* Of all stories, and what else is kept of their containers. */
size_t cases_bytes(struct container_case *cases);
/* Has the largest stories forget until all of them hold no more bytes than that. */
void cases_shrink(struct container_case *cases, size_t most);
/* Which one is to go for a new one: one that has gone, else one in which nothing happened, else the oldest. */
struct container_case *cases_least_useful(struct container_case *cases);
/* Who else of its pod was told to end when it was; nothing where nobody told it. */
struct pod_stop cases_stopped_with(struct container_case *cases, const struct container_case *c);
struct case_view case_view_of(const struct container_case *c);

#endif
