// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/changes/changes.h"
#include "diagnose/fingerprint.h"
#include "diagnose/hypotheses.h"
#include "util/cleanup.h"

#define UNSURE 0.7
#define BLIND_MATTERS (600 * 1000000000ULL)
#define CONFIDENCE_MOST 0.99
#define CONFIDENCE_LEAST 0.01
#define CONFIDENCE_LOST 0.49  /* at most, when events were lost: what decides may be one of them */
#define SHARE_NAMED 0.02      /* an alternative below it is not worth a line */
#define EXIT_START_FAILED 128 /* containerd's, when no program of the container ran */

#define RULE(name, ...) { #name, __VA_ARGS__ },
static const struct rule_text texts[] = {
#include "diagnose/rules_list.h"
};
#undef RULE

size_t rule_texts(const struct rule_text **out)
{
	*out = texts;
	return ARRAY_SIZE(texts);
}

static enum phase phase_of(const struct context *q, uint64_t time)
{
	uint64_t listening = story_listening_at(q->story);

	if (!q->started)
		return PHASE_RUNTIME;
	if (q->stop && time >= q->stop->time)
		return PHASE_SHUTDOWN;
	if (listening)
		return time > listening ? PHASE_RUNNING : PHASE_STARTUP;
	return time > q->began + SECONDS(60) ? PHASE_RUNNING : PHASE_STARTUP;
}

/* A runtime that failed to find the program never ran it; one that found it and failed to run it did. */
static int exit_code_of(const struct context *q)
{
	if (q->started)
		return q->exit_code;
	for (size_t i = 0; i < q->n_entries; i++)
		if (q->entries[i].event->kind == EVENT_EXEC_FAILED && q->exit_code)
			return q->exit_code;
	return EXIT_START_FAILED;
}

/* In hundredths: no digit that nobody could vouch for, and none that differs between machines. Never none: what is
 * said is possible. */
static double confidence_of(double share)
{
	if (share > CONFIDENCE_MOST)
		return CONFIDENCE_MOST;
	if (share < CONFIDENCE_LEAST)
		return CONFIDENCE_LEAST;
	return (double)(int)(share * 100 + 0.5) / 100;
}

static void set_facts(const struct context *q, const struct hypothesis *best, struct diagnosis *d)
{
	const struct verdict *v = &best->verdict;
	uint64_t failed_at = v->failure && v->failure->event ? v->failure->event->time
			     : v->event                      ? v->event->time
							     : story_ended_at(q->story);

	d->root_cause = d->rule = best->root_cause;
	d->began = q->began;
	d->time = q->ended ? story_ended_at(q->story) : failed_at;
	if (!d->time)
		d->time = q->input->now;
	d->confidence = confidence_of(best->share);
	if (q->input->lost && d->confidence > CONFIDENCE_LOST)
		d->confidence = CONFIDENCE_LOST;
	d->phase = phase_of(q, failed_at);
	d->has_exit_code = q->ended;
	d->exit_code = q->ended ? exit_code_of(q) : 0;
	d->signal = q->ended && q->signo ? signal_name(q->signo) : NULL;
	d->restarts = q->input->restarts;
}

static void add_end(struct report *r)
{
	const struct context *q = r->q;

	if (q->culprit && q->culprit->process != q->first && q->culprit->process->exit) {
		const struct process *p = q->culprit->process;
		report_event(r, p->exit, "%s ended with exit code %d", phrase_process(p).text,
			status_exit_code(p->status));
	}
	if (q->ended && q->first && q->first->exit)
		report_event(r, q->first->exit, "the %s ended with exit code %d", subject_of(q),
			exit_code_of(q));
	if (!r->d->culprit && q->culprit)
		report_culprit(r, q->culprit->process->exit);
	if (!r->d->culprit && q->first)
		report_culprit(r, q->first->exit ? q->first->exit : q->first->exec);
}

static char *title_of(const struct context *q, const struct hypothesis *h)
{
	struct report other;

	if (report_open(&other, q))
		return NULL;
	hypothesis_explain(h, q, &other);
	struct diagnosis *d = report_close(&other);
	if (!d)
		return NULL;
	char *title = d->title;
	d->title = NULL;
	diagnosis_free(d);
	return title;
}

/* That the program had a reason of its own is what remains when nothing else explains it. */
static bool is_rival(const struct hypotheses *h, size_t i)
{
	const struct hypothesis *best = &h->all[0], *other = &h->all[i];

	return other->rule != &rule_application_error &&
	       hypotheses_differ(&best->verdict, &other->verdict) &&
	       other->verdict.clues.total >= best->verdict.clues.total - THRESHOLD_rival;
}

static void name_alternatives(struct report *r, const struct hypotheses *h)
{
	struct diagnosis *d = r->d;

	for (size_t i = 1; i < h->n && d->n_alternatives < ARRAY_SIZE(d->alternatives); i++) {
		const struct hypothesis *other = &h->all[i];
		char *title = other->share >= SHARE_NAMED ? title_of(r->q, other) : NULL;
		if (!title)
			continue;
		if (i == 1 && is_rival(h, i))
			report_sentence(r, "Nearly as likely: %s (%s).", title, other->root_cause);
		d->alternatives[d->n_alternatives++] = (struct alternative){ other->root_cause,
			title, confidence_of(other->share) };
	}
}

/* Concluded from what was not seen rather than seen: an OOM kill from a SIGKILL, for example. */
static bool is_inferred(const struct verdict *v)
{
	return v->clues.count[CLUE_killed_by_kernel] || v->clues.count[CLUE_killed_unseen];
}

/* Not of a gap of long ago, where it is sure what happened. */
static bool was_blind(const struct report *r)
{
	uint64_t until = r->q->container->blind_until;

	return until && (r->d->confidence < UNSURE || r->q->input->now < until + BLIND_MATTERS);
}

static void name_probes(struct strbuf *b, const char *missing)
{
	strbuf_printf(b,
		"These probes are not attached on this node: %s. What they would have shown may "
		"point elsewhere.",
		missing);
}

static void name_losses(struct strbuf *b, uint64_t lost, uint64_t left_out)
{
	strbuf_printf(b, "%sOf this container ", b->len ? " " : "");
	if (lost)
		strbuf_printf(b, "%" PRIu64 " event%s lost", lost, lost == 1 ? " was" : "s were");
	if (left_out)
		strbuf_printf(b, "%s%" PRIu64 " event%s left out, as it made more than its share",
			lost ? " and " : "", left_out, left_out == 1 ? " was" : "s were");
	strbuf_puts(b, ": what is said not to have happened may have.");
}

static void name_blindness(struct strbuf *b, const struct container *c)
{
	strbuf_printf(b,
		"%sFor %s no agent watched this container: what it did meanwhile is not known.",
		b->len ? " " : "", phrase_duration(c->blind_until - c->blind_since).text);
}

static void name_what_is_hidden(struct report *r, const struct verdict *v)
{
	const struct diagnose_input *input = r->q->input;
	const char *missing = input->missing_probes;
	_cleanup_strbuf_ struct strbuf b = STRBUF_INIT;

	r->d->lost = input->lost + input->left_out;
	if (missing && *missing && (r->d->confidence < UNSURE || is_inferred(v)))
		name_probes(&b, missing);
	if (r->d->lost)
		name_losses(&b, input->lost, input->left_out);
	if (was_blind(r))
		name_blindness(&b, r->q->container);
	if (b.len)
		r->d->cannot_tell = strbuf_take(&b);
}

static int write_diagnosis(
	const struct context *q, const struct hypotheses *h, struct diagnosis **out)
{
	struct report r;
	int err = report_open(&r, q);

	if (err)
		return err;
	set_facts(q, &h->all[0], r.d);
	hypothesis_explain(&h->all[0], q, &r);
	if (h->all[0].verdict.failure && is_hearsay(q, h->all[0].verdict.failure))
		report_hearsay(&r, h->all[0].verdict.failure);
	advise_here(&r, h->all[0].verdict.failure);
	report_wait(&r, &h->all[0].verdict);
	name_alternatives(&r, h);
	add_end(&r);
	changes_report(&r, &h->all[0].verdict);
	name_what_is_hidden(&r, &h->all[0].verdict);
	if (q->input->why)
		r.d->why = hypotheses_table(h);
	struct diagnosis *d = report_close(&r);
	if (!d)
		return -ENOMEM;
	*out = d;
	return 0;
}

int diagnose(const struct story *s, const struct diagnose_input *input, struct diagnosis **out)
{
	_cleanup_(context_close) struct context q;
	struct hypotheses h = { .n = 0 };
	struct diagnosis *d = NULL;

	int err = context_open(&q, s, input);
	if (err)
		return err;
	if (q.container->type != CONTAINER_SANDBOX)
		hypotheses_make(&q, &h);
	if (h.n) {
		err = write_diagnosis(&q, &h, &d);
		if (err)
			return err;
	}
	if (d)
		fingerprint_set(d);
	*out = d;
	return 0;
}
