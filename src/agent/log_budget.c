// SPDX-License-Identifier: MIT
#include "agent/log_budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/history.h"
#include "record/terminal_text.h"
#include "util/log.h"
#include "util/strbuf.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define SECOND 1000000000ULL
#define HOUR (3600 * SECOND)
#define RATE_MAX UINT32_MAX
#define AT_ONCE 256 /* seconds' worth of bytes: a start that has much to tell is told whole */
#define MAX_ENTRIES 4096

#define DIAGNOSIS 3600 /* parts, of which as many come back in a second as diagnoses in an hour */

/* Fills up with time. How long a record is shows when it was written: below 0 the next ones pay for it. */
struct bucket {
	int64_t left;
	uint64_t at;
};

struct budget {
	struct bucket bytes, diagnoses; /* of diagnoses: in parts */
	uint32_t left_out;              /* events, since they were last settled */
	bool said;
	UT_hash_handle hh;
	char key[];
};

struct log_budgets {
	struct log_budget_limits limits;
	struct budget *all; /* oldest first */
	struct log_budget_stats stats;
};

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct log_budgets *log_budgets_new(const struct log_budget_limits *limits)
{
	struct log_budgets *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	all->limits = (struct log_budget_limits){
		.bytes_a_second = min_u64(limits->bytes_a_second, RATE_MAX),
		.diagnoses_an_hour = min_u64(limits->diagnoses_an_hour, RATE_MAX),
	};
	return all;
}

void log_budgets_free(struct log_budgets *all)
{
	struct budget *b, *next;

	if (!all)
		return;
	HASH_ITER(hh, all->all, b, next)
	{
		HASH_DEL(all->all, b);
		free(b);
	}
	free(all);
}

static struct budget *add(struct log_budgets *all, const char *key, uint64_t now)
{
	struct budget *b = calloc(1, sizeof(*b) + strlen(key) + 1);

	if (!b)
		return NULL;
	strcpy(b->key, key);
	b->bytes = (struct bucket){ (int64_t)(AT_ONCE * all->limits.bytes_a_second), now };
	b->diagnoses = (struct bucket){ (int64_t)(all->limits.diagnoses_an_hour * DIAGNOSIS), now };
	HASH_ADD_STR(all->all, key, b);
	if (!b->hh.tbl) {
		free(b);
		return NULL;
	}
	if (HASH_COUNT(all->all) > MAX_ENTRIES) {
		struct budget *oldest = all->all;

		HASH_DEL(all->all, oldest);
		free(oldest);
	}
	return b;
}

/* NULL where there is none (now: 0), or no memory for one. */
static struct budget *budget_of(struct log_budgets *all, const struct container *c, uint64_t now)
{
	char key[HISTORY_KEY_MAX];
	struct budget *b;

	if (!c)
		return NULL;
	if (!history_key(c, key))
		snprintf(key, sizeof(key), "%llu", (unsigned long long)c->cgroup);
	HASH_FIND_STR(all->all, key, b);
	return b ?: now ? add(all, key, now) : NULL;
}

static void refill(struct bucket *b, uint64_t now, uint64_t a_second, uint64_t most)
{
	uint64_t us = now > b->at ? min_u64(now - b->at, HOUR) / 1000 : 0;
	uint64_t gained = us * a_second / 1000000;

	/* From so much later the clock was set back. */
	if (b->at > now + HOUR)
		gained = most;
	if (!gained)
		return;
	b->left += (int64_t)gained;
	if (b->left > (int64_t)most)
		b->left = (int64_t)most;
	b->at = now;
}

static bool is_always_written(const struct event *e)
{
	return e->kind == EVENT_CONTAINER_EXITED || e->kind == EVENT_RECOVERED;
}

static const struct container *container_of_record(const struct record *r)
{
	if (r->type == RECORD_EVENT)
		return r->event->container;
	return r->type == RECORD_DIAGNOSIS ? r->diagnosis->container : NULL;
}

static bool has_bytes(struct log_budgets *all, struct budget *b, uint64_t now)
{
	uint64_t rate = all->limits.bytes_a_second;

	if (!rate)
		return true;
	refill(&b->bytes, now, rate, AT_ONCE * rate);
	if (b->bytes.left > 0)
		return true;
	b->left_out += b->left_out < UINT32_MAX;
	all->stats.events++;
	return false;
}

static bool has_diagnoses(struct log_budgets *all, struct budget *b, uint64_t now)
{
	uint64_t rate = all->limits.diagnoses_an_hour;

	if (!rate)
		return true;
	refill(&b->diagnoses, now, rate, rate * DIAGNOSIS);
	if (b->diagnoses.left >= DIAGNOSIS) {
		b->diagnoses.left -= DIAGNOSIS;
		return true;
	}
	all->stats.diagnoses++;
	return false;
}

static void say(struct budget *b, const struct record *r)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
	bool diagnosis = r->type == RECORD_DIAGNOSIS;

	if (b->said)
		return;
	b->said = true;
	terminal_container(&name, container_of_record(r));
	log_warning("%s has more %s than --%s: those beyond it are counted, and not in the log",
		name.data ? name.data : "a container", diagnosis ? "diagnoses" : "events",
		diagnosis ? "diagnosis-rate" : "log-rate");
}

bool log_budgets_take(struct log_budgets *all, const struct record *r)
{
	struct budget *b = budget_of(all, container_of_record(r), r->time);

	if (!b || (r->type == RECORD_EVENT && is_always_written(r->event)) ||
		(r->type == RECORD_EVENT ? has_bytes(all, b, r->time)
					 : has_diagnoses(all, b, r->time)))
		return true;
	say(b, r);
	return false;
}

void log_budgets_spend(struct log_budgets *all, const struct record *r, size_t bytes)
{
	struct budget *b = r->type == RECORD_EVENT ? budget_of(all, r->event->container, 0) : NULL;

	if (b)
		b->bytes.left -= (int64_t)bytes;
}

uint32_t log_budgets_settle(struct log_budgets *all, const struct container *c)
{
	struct budget *b = budget_of(all, c, 0);
	uint32_t left_out = b ? b->left_out : 0;

	if (b)
		b->left_out = 0;
	return left_out;
}

void log_budgets_stats(const struct log_budgets *all, struct log_budget_stats *out)
{
	*out = all->stats;
}
