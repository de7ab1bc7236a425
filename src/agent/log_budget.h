/* SPDX-License-Identifier: MIT */
/*
 * What one container may put into the log, and into what is sent of it: bytes of events a second, and diagnoses an hour.
 * A pod's container has one budget through all its restarts. What is over it is left out there and counted; the log of
 * the agent itself says so once. How a container ended is always written, and says how much was left out.
 * Time comes with the records.
 */
#ifndef KTRACE_AGENT_LOG_BUDGET_H
#define KTRACE_AGENT_LOG_BUDGET_H

#include "record/record.h"

struct log_budget_limits {
	uint64_t bytes_a_second;    /* 256 seconds of it at once; 0: no limit */
	uint64_t diagnoses_an_hour; /* and at once; 0: no limit */
};

struct log_budgets;

struct log_budgets *log_budgets_new(const struct log_budget_limits *limits); /* NULL: no memory */
void log_budgets_free(struct log_budgets *all);                              /* NULL is fine */

/* Whether the container has room for that record; what has none is counted. Always, where it is of no container. */
bool log_budgets_take(struct log_budgets *all, const struct record *r);
/* That record took so many bytes. */
void log_budgets_spend(struct log_budgets *all, const struct record *r, size_t bytes);
/* How many events of a container were left out; counts from 0 again. */
uint32_t log_budgets_settle(struct log_budgets *all, const struct container *c);

struct log_budget_stats {
	uint64_t events, diagnoses; /* left out */
};
void log_budgets_stats(const struct log_budgets *all, struct log_budget_stats *out);

#endif
