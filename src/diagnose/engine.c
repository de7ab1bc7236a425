// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/rules.h"
#include "util/cleanup.h"

#define CERTAINTY_LEAST 0.2   /* below it nothing is said */
#define RIVAL_GAP 0.08        /* a second story this near is named */
#define EXIT_START_FAILED 128 /* containerd's, when no program of the container ran */

#define RULE(name, ...) &rule_##name,
static const struct rule *const rules[] = {
#include "diagnose/rules_list.h"
};
#undef RULE

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

static const char *code_of(const struct rule *rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i] == rule)
			return texts[i].root_cause;
	return "";
}

bool rule_failure(const struct context *q, struct verdict *v, double more,
	bool (*is_one)(const struct context *q, const struct failure *f))
{
	v->failure = heaviest(q, is_one);
	if (!v->failure)
		return false;
	v->score = v->failure->weight + more;
	v->line = v->failure->line;
	return true;
}

bool rule_log_line(const struct context *q, struct verdict *v, double certainty,
	bool (*speaks)(const char *line))
{
	v->line = find_line(q, speaks, &v->candidate);
	if (!v->line)
		return false;
	v->score = v->candidate->responsibility * certainty;
	return true;
}

struct choice {
	const struct rule *best, *second;
	struct verdict verdict, second_verdict;
};

static bool same_thing(const struct failure *a, const struct failure *b)
{
	for (; a; a = a->led_to)
		if (a == b || (*a->path && !strcmp(a->path, b->path)))
			return true;
	return false;
}

/* One and the same failure told by two rules is one story, and so are a cause and what it led to. */
static bool rivals(const struct verdict *a, const struct verdict *b)
{
	if (a->failure && b->failure &&
		(same_thing(a->failure, b->failure) || same_thing(b->failure, a->failure)))
		return false;
	return !a->line || a->line != b->line;
}

static void choose(const struct context *q, struct choice *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct verdict v = { 0 };
		if (!rules[i]->match(q, &v) || v.score < CERTAINTY_LEAST)
			continue;
		if (!c->best || v.score > c->verdict.score + 1e-9) {
			if (c->best) {
				c->second = c->best;
				c->second_verdict = c->verdict;
			}
			c->best = rules[i];
			c->verdict = v;
		} else if ((!c->second || v.score > c->second_verdict.score) &&
			   rivals(&v, &c->verdict)) {
			c->second = rules[i];
			c->second_verdict = v;
		}
	}
}

static enum phase phase_of(const struct context *q, uint64_t time)
{
	uint64_t started = story_started_at(q->story), listening = story_listening_at(q->story);

	if (!q->started)
		return PHASE_RUNTIME;
	if (!started && q->first)
		started = q->first->since;
	if (q->stop && time >= q->stop->time)
		return PHASE_SHUTDOWN;
	if (listening)
		return time > listening ? PHASE_RUNNING : PHASE_STARTUP;
	return time > started + SECONDS(60) ? PHASE_RUNNING : PHASE_STARTUP;
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

static void set_facts(const struct context *q, const struct rule *rule, const struct verdict *v,
	struct diagnosis *d)
{
	uint64_t failed_at = v->failure && v->failure->event ? v->failure->event->time
			     : v->event                      ? v->event->time
							     : story_ended_at(q->story);
	double certainty = (v->score > 0.99 ? 0.99 : v->score) * (q->blind ? 0.8 : 1);

	d->root_cause = d->rule = code_of(rule);
	d->time = q->ended ? story_ended_at(q->story) : failed_at;
	if (!d->time)
		d->time = q->input->now;
	d->confidence = (double)(int)((q->ended ? certainty : certainty * 0.8) * 100 + 0.5) / 100;
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

static void name_rival(struct report *r, const struct choice *c)
{
	struct report other;

	/* That the program had a reason of its own is what remains when nothing else explains it. */
	if (!c->second || c->second == &rule_application_error ||
		!rivals(&c->verdict, &c->second_verdict) ||
		c->second_verdict.score < c->verdict.score - RIVAL_GAP || report_open(&other, r->q))
		return;
	c->second->explain(r->q, &c->second_verdict, &other);
	struct diagnosis *d = report_close(&other);
	if (d)
		report_sentence(r, "Nearly as likely: %s (%s).", d->title, code_of(c->second));
	diagnosis_free(d);
}

static void name_what_is_hidden(struct report *r)
{
	const char *missing = r->q->input->missing_probes;
	struct strbuf b = STRBUF_INIT;

	if (!missing || !*missing || r->d->confidence >= 0.7)
		return;
	strbuf_printf(&b,
		"These probes are not attached on this node: %s. What they would have shown may "
		"point elsewhere.",
		missing);
	r->d->cannot_tell = strbuf_take(&b);
}

static int write_diagnosis(const struct context *q, const struct choice *c, struct diagnosis **out)
{
	struct report r;
	int err = report_open(&r, q);

	if (err)
		return err;
	set_facts(q, c->best, &c->verdict, r.d);
	c->best->explain(q, &c->verdict, &r);
	name_rival(&r, c);
	add_end(&r);
	name_what_is_hidden(&r);
	struct diagnosis *d = report_close(&r);
	if (!d)
		return -ENOMEM;
	*out = d;
	return 0;
}

int diagnose(const struct story *s, const struct diagnose_input *input, struct diagnosis **out)
{
	_cleanup_(context_close) struct context q;
	struct choice c = { 0 };
	struct diagnosis *d = NULL;

	int err = context_open(&q, s, input);
	if (err)
		return err;
	if (q.container->type != CONTAINER_SANDBOX)
		choose(&q, &c);
	if (c.best) {
		err = write_diagnosis(&q, &c, &d);
		if (err)
			return err;
	}
	*out = d;
	return 0;
}
