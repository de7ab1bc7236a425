// SPDX-License-Identifier: MIT
#include "cli/explain_text.h"

#include <errno.h>
#include <stdlib.h>

#include "diagnose/diagnose.h"
#include "record/rfc3339.h"
#include "story/story.h"
#include "util/cleanup.h"

#define SECOND 1000000000ULL

static void cleanup_story(struct story **s)
{
	story_free(*s);
}

static void cleanup_diagnosis(struct diagnosis **d)
{
	diagnosis_free(*d);
}

/* "3 minutes". */
static void append_span(struct strbuf *out, uint64_t from, uint64_t to)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = { { "day", 86400 }, { "hour", 3600 }, { "minute", 60 }, { "second", 1 } };
	uint64_t seconds = to > from ? (to - from) / SECOND : 0;
	size_t i = 0;

	while (seconds < units[i].seconds && i + 1 < ARRAY_SIZE(units))
		i++;
	uint64_t n = seconds / units[i].seconds;
	strbuf_printf(out, "%llu %s%s", (unsigned long long)n, units[i].name, n == 1 ? "" : "s");
}

static uint64_t time_of_kind(const struct container_records *d, enum event_kind kind)
{
	for (size_t i = d->n_events; i-- > 0;)
		if (d->events[i]->kind == kind)
			return d->events[i]->time;
	return 0;
}

/* How old the answer is, how often it came, and what became of the attempts that followed. */
static void append_age(struct strbuf *out, const struct container_records *d, uint64_t now)
{
	const struct container_records *next = d->next;
	char when[RFC3339_SIZE];

	rfc3339_format(when, d->diagnosis->time);
	strbuf_puts(out, "  Seen ");
	if (d->times > 1) {
		strbuf_printf(out, "%u times in ", d->times);
		append_span(out, d->first, d->diagnosis->time);
		strbuf_puts(out, ", last ");
	}
	append_span(out, d->diagnosis->time, now);
	strbuf_printf(out, " ago (%.19sZ).", when);
	if (next) {
		uint64_t ended = time_of_kind(next, EVENT_CONTAINER_EXITED);

		strbuf_puts(out, ended ? " A later attempt ended " : " The next attempt began ");
		append_span(out, ended ? ended : next->n_events ? next->events[0]->time : now, now);
		strbuf_puts(out, ended ? " ago and was not diagnosed." : " ago.");
	}
	strbuf_putc(out, '\n');
}

void explain_lines(
	struct strbuf *out, const struct container_records *d, const struct explain_view *view)
{
	struct terminal_style style = view->style;
	size_t left_out = 0;

	style.one_container = true;
	style.origin = d->n_events ? d->events[0]->time : 0;
	terminal_container(out, d->container);
	strbuf_putc(out, '\n');
	for (size_t i = 0; i < d->n_events; i++) {
		if (container_records_shows(d, d->events[i], view->all))
			terminal_event(out, d->events[i], &style);
		else
			left_out++;
	}
	if (left_out)
		strbuf_printf(out, "(%zu lines about what did no harm left out; %s)\n", left_out,
			view->hint);
}

void explain_cause(
	struct strbuf *out, const struct container_records *d, const struct explain_view *view)
{
	struct terminal_style style = view->style;

	style.origin = d->n_events ? d->events[0]->time : 0;
	if (d->diagnosis) {
		terminal_diagnosis(out, d->diagnosis, &style);
		append_age(out, d, view->now);
	} else {
		strbuf_puts(out, "Nothing that went wrong was seen.\n");
	}
}

void explain_text(
	struct strbuf *out, const struct container_records *d, const struct explain_view *view)
{
	explain_lines(out, d, view);
	strbuf_putc(out, '\n');
	explain_cause(out, d, view);
}

int explain_why(struct container_records *d)
{
	struct diagnose_input input = { .why = true,
		.now = d->diagnosis->time,
		.restarts = d->diagnosis->restarts,
		.restarts_same_cause = d->diagnosis->restarts };
	_cleanup_(cleanup_story) struct story *s = story_new(d->container);
	_cleanup_(cleanup_diagnosis) struct diagnosis *again = NULL;
	int err = s ? 0 : -ENOMEM;

	for (size_t i = 0; err == 0 && i < d->n_events; i++)
		err = story_add(s, d->events[i]);
	if (err == 0)
		err = diagnose(s, &input, &again);
	if (again) {
		free(d->diagnosis->why);
		d->diagnosis->why = again->why;
		again->why = NULL;
	}
	return err;
}
