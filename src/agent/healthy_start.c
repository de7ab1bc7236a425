// SPDX-License-Identifier: MIT
/*
 * A listening program may still give up: one that opens its port first and reads its configuration then. So a start
 * that listens is looked at again some seconds later, or at its end when that is sooner. What is kept wrongly would be
 * what every later failure is compared with.
 */
#include "agent/healthy_start.h"

#include <string.h>

#include "diagnose/fingerprint.h"

#define SECOND 1000000000ULL
#define RUNS_LONG (60 * SECOND)
#define LISTENS_LONG (10 * SECOND)

/* Somebody stopped it: that says nothing of how it started. */
static bool is_from_outside(const struct diagnosis *d)
{
	return !strcmp(d->root_cause, "killed_from_outside");
}

static bool is_found_wrong(const struct story *s, const struct diagnosis *d)
{
	uint64_t listening = story_listening_at(s);

	if (!d || is_from_outside(d))
		return false;
	return story_ended(s) || !listening || listening <= d->time;
}

bool start_is_healthy(const struct story *s, const struct diagnosis *d, uint64_t now)
{
	uint64_t started = story_started_at(s), listening = story_listening_at(s);
	bool ended = story_ended(s);
	uint64_t until = ended ? story_ended_at(s) : now;

	if (!started || until < started || is_found_wrong(s, d))
		return false;
	if (ended && (listening || !story_status(s)))
		return true;
	return until - started >= RUNS_LONG || (listening && until >= listening + LISTENS_LONG);
}

void start_recall(const struct memory *m, const struct event *e)
{
	if (m && e->kind == EVENT_CONTAINER_CREATED && !e->container->remembered)
		e->container->remembered = memory_recall(m, e->container);
}

static size_t collect_failures(const struct story *s, uint64_t out[HARMLESS_MAX])
{
	const struct story_entry *entries;
	size_t n = story_entries(s, &entries), found = 0;
	const char *pod = story_container(s)->pod;

	for (size_t i = 0; i < n && found < HARMLESS_MAX; i++) {
		if (!event_failed(entries[i].event))
			continue;
		uint64_t signature = fingerprint_failure(entries[i].event, pod);
		size_t at = 0;
		while (at < found && out[at] != signature)
			at++;
		out[at] = signature;
		found += at == found;
	}
	return found;
}

static uint64_t peak_memory(const struct story *s)
{
	const struct story_entry *entries;
	size_t n = story_entries(s, &entries);
	uint64_t peak = 0;

	for (size_t i = 0; i < n; i++)
		if (entries[i].event->peak_memory > peak)
			peak = entries[i].event->peak_memory;
	return peak;
}

bool start_keep(struct memory *m, const struct story *s, const struct diagnosis *d, uint64_t now)
{
	uint64_t harmless[HARMLESS_MAX], listening = story_listening_at(s);
	const struct container *c = story_container(s);

	if (!m || !c->start || !start_is_healthy(s, d, now))
		return false;
	uint64_t started = story_started_at(s);
	const struct healthy_start start = {
		.container = c,
		.time = started,
		.listening_ns = listening > started ? listening - started : 0,
		.peak_memory = peak_memory(s),
		.harmless = harmless,
		.n_harmless = collect_failures(s, harmless),
	};
	memory_keep(m, &start);
	return true;
}
