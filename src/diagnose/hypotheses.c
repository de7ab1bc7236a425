// SPDX-License-Identifier: MIT
#include "diagnose/hypotheses.h"

#include <stdlib.h>
#include <string.h>

#include "diagnose/advice.h"
#include "util/cleanup.h"

static const struct {
	const struct rule *rule;
	const char *root_cause;
	enum clue cause;
} rules[] = {
#define RULE(name, ...) { &rule_##name, #name, CLUE_cause_##name },
#include "diagnose/rules_list.h"
#undef RULE
};

_Static_assert(ARRAY_SIZE(rules) <= HYPOTHESES_MAX, "room for one of each rule");

static bool leads_to(const struct failure *cause, const struct failure *followed)
{
	for (cause = cause->led_to; cause; cause = cause->led_to)
		if (cause == followed || (*cause->path && !strcmp(cause->path, followed->path)))
			return true;
	return false;
}

static bool same_thing(const struct failure *a, const struct failure *b)
{
	return a == b || (*a->path && !strcmp(a->path, b->path)) || leads_to(a, b) ||
	       leads_to(b, a);
}

bool hypotheses_differ(const struct verdict *a, const struct verdict *b)
{
	if (a->failure && b->failure && same_thing(a->failure, b->failure))
		return false;
	return !a->line || a->line != b->line;
}

/* A message that is known to have several reasons names what a call was refused: then that is the one. */
static bool refused_what_it_means(const struct verdict *told, const struct verdict *other)
{
	const struct failure *f = other->failure;

	return told->known && f && f->event && f->line == told->line && failure_is_refusal(f) &&
	       f->clues.count[CLUE_told_name_hard];
}

/* What follows from another one's failure is no explanation beside it, nor is a quote of what it explains. */
static void weigh_against_others(struct hypotheses *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct hypothesis *one = &h->all[i];
		bool follows = false, logged = false;
		for (size_t k = 0; k < h->n; k++) {
			const struct verdict *other = &h->all[k].verdict;
			bool apart = one->verdict.failure && other->failure &&
				     one->verdict.failure != other->failure;
			follows |= apart && leads_to(other->failure, one->verdict.failure);
			logged |= one->rule == &rule_application_error && k != i &&
				  refused_what_it_means(&one->verdict, other);
			/* That it ended with 0 is no other reason. */
			logged |= one->rule == &rule_application_error && k != i &&
				  h->all[k].rule != &rule_exited_zero && !one->verdict.known &&
				  one->verdict.line && one->verdict.line == other->line;
		}
		if (follows)
			clues_add(&one->verdict.clues, CLUE_follows);
		if (logged)
			clues_add(&one->verdict.clues, CLUE_said_by_another);
	}
}

/* Programs ran, and whether they wrote nothing or nobody read it is not known. */
static bool nothing_was_heard(const struct context *q)
{
	for (size_t i = 0; i < q->n_processes; i++)
		if (q->processes[i]->out.len || q->processes[i]->err.len)
			return false;
	return q->started;
}

static void collect_unseen(const struct context *q, struct clues *c)
{
	const char *missing = q->input->missing_probes;

	clues_only(c, CLUE_unseen);
	if (missing && *missing)
		clues_add(c, CLUE_unseen_probe);
	if (q->blind)
		clues_add(c, CLUE_unseen_programs);
	if (nothing_was_heard(q))
		clues_add(c, CLUE_unseen_unheard);
	if (q->input->lost)
		clues_add(c, CLUE_unseen_lost);
	if (q->input->left_out)
		clues_add(c, CLUE_unseen_left_out);
	if (q->container->blind_until)
		clues_add(c, CLUE_unseen_blind);
	if (!q->ended)
		clues_add(c, CLUE_still_runs);
}

/* Likeliest first; of equal ones the one that was made first. */
static void sort(struct hypotheses *h)
{
	for (size_t i = 1; i < h->n; i++) {
		struct hypothesis one = h->all[i];
		size_t k = i;
		for (; k && h->all[k - 1].verdict.clues.total < one.verdict.clues.total; k--)
			h->all[k] = h->all[k - 1];
		h->all[k] = one;
	}
}

/* Where only a line is left, and what it means is not known, the reason may be anything that it follows from. */
static void doubt_unknown_line(struct hypotheses *h)
{
	const struct verdict *v = &h->all[0].verdict;
	struct message_match m;

	if (h->n && h->all[0].rule == &rule_application_error && v->line && !v->failure &&
		!known_message_at(v->candidate, v->line, &m))
		clues_add(&h->unseen, CLUE_unseen_meaning);
}

static void share_out(struct hypotheses *h)
{
	int totals[HYPOTHESES_MAX + 1];
	double shares[HYPOTHESES_MAX + 1];

	for (size_t i = 0; i < h->n; i++)
		totals[i] = h->all[i].verdict.clues.total;
	totals[h->n] = h->unseen.total;
	shares_of(totals, shares, h->n + 1);
	for (size_t i = 0; i < h->n; i++)
		h->all[i].share = shares[i];
	h->unseen_share = shares[h->n];
}

/* Who does not answer is told by the call, with its address, better than by words that mean the same. */
static bool call_tells_more(const struct hypothesis *one)
{
	const struct failure *f = one->verdict.failure;

	return one->rule == &rule_dependency_unreachable && f && f->event &&
	       one->verdict.clues.total >= THRESHOLD_call_tells;
}

/* A message that is known to show the cause speaks for it, whatever its rule looks at. */
static bool add_known_message(const struct verdict *told, struct hypothesis *one, bool matches)
{
	if (!told->known || strcmp(told->known->cause, one->root_cause) != 0)
		return matches;
	if (matches && told->clues.total <= one->verdict.clues.total)
		return true;
	if (matches && call_tells_more(one))
		one->verdict.clues = told->clues;
	else
		one->verdict = *told;
	return true;
}

/* What comes of a command that a shell was to read: its words are taken for arguments, files or nothing at all. */
static bool may_come_of_unread_words(const struct rule *rule)
{
	return rule == &rule_exited_zero || rule == &rule_bad_configuration ||
	       rule == &rule_application_error || rule == &rule_missing_file;
}

void hypothesis_explain(const struct hypothesis *h, const struct context *q, struct report *r)
{
	if (may_come_of_unread_words(h->rule))
		advise_shell(q, r);
	if (h->verdict.known)
		explain_known_message(q, &h->verdict, r);
	else
		h->rule->explain(q, &h->verdict, r);
}

void hypotheses_make(const struct context *q, struct hypotheses *h)
{
	struct verdict told = { 0 };

	h->n = 0;
	rule_known_message(q, &told); /* once: all rows are looked through for it */
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct hypothesis *one = &h->all[h->n];
		*one = (struct hypothesis){ .rule = rules[i].rule,
			.root_cause = rules[i].root_cause };
		bool matches = one->rule->match(q, &one->verdict);
		if (!add_known_message(&told, one, matches))
			continue;
		clues_add(&one->verdict.clues, rules[i].cause);
		/* A container that failed did so for some reason, however little is known of it. */
		if (q->failed || one->verdict.clues.total >= THRESHOLD_explained)
			h->n++;
	}
	weigh_against_others(h);
	collect_unseen(q, &h->unseen);
	sort(h);
	doubt_unknown_line(h);
	share_out(h);
}

static const char *what_about(const struct verdict *v)
{
	if (v->failure && *v->failure->path)
		return v->failure->path;
	if (*v->name)
		return v->name;
	if (v->line)
		return v->line;
	return v->candidate ? program_name(v->candidate->process->exec) : "";
}

static void put_clues(struct strbuf *b, const struct clues *c)
{
	for (int i = 0; i < CLUES; i++) {
		if (!c->count[i])
			continue;
		int weight = clue_weight((enum clue)i);
		strbuf_printf(b, "        %+7.2f  %s", weight * c->count[i] / 100.0,
			clue_name((enum clue)i));
		if (c->count[i] > 1)
			strbuf_printf(b, " x%d", c->count[i]);
		strbuf_printf(b, ": %s\n", clue_reason((enum clue)i));
	}
}

char *hypotheses_table(const struct hypotheses *h)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_puts(&b, "share  log-odds\n");
	for (size_t i = 0; i < h->n; i++) {
		const struct hypothesis *one = &h->all[i];
		strbuf_printf(&b, "%5.3f  %+7.2f  %s  %.200s\n", one->share,
			one->verdict.clues.total / 100.0, one->root_cause,
			what_about(&one->verdict));
		put_clues(&b, &one->verdict.clues);
	}
	strbuf_printf(&b, "%5.3f  %+7.2f  (not seen)\n", h->unseen_share, h->unseen.total / 100.0);
	put_clues(&b, &h->unseen);
	return strbuf_take(&b);
}
