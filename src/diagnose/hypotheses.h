/* SPDX-License-Identifier: MIT */
/*
 * What could have ended the container: one hypothesis for each rule that has one, with its clues, and one for
 * all that was not seen. Their totals make a distribution; the likeliest is the answer, its share the
 * confidence, and what comes next the alternatives.
 */
#ifndef KTRACE_DIAGNOSE_HYPOTHESES_H
#define KTRACE_DIAGNOSE_HYPOTHESES_H

#include "diagnose/rules.h"

#define HYPOTHESES_MAX 64 /* more than there are rules */

struct hypothesis {
	const struct rule *rule;
	const char *root_cause;
	struct verdict verdict;
	double share; /* 0 to 1 */
};

struct hypotheses {
	struct hypothesis all[HYPOTHESES_MAX]; /* likeliest first */
	size_t n;
	struct clues unseen;
	double unseen_share;
};

void hypotheses_make(const struct context *q, struct hypotheses *h);

/* Puts it into words: those of its rule, or what is known of its message. */
void hypothesis_explain(const struct hypothesis *h, const struct context *q, struct report *r);

/* Two explanations, not one and the same failure told by two rules, nor a cause and what it led to. */
bool hypotheses_differ(const struct verdict *a, const struct verdict *b);

/* A table of all: shares, totals, clues. The caller frees it; NULL when out of memory. */
char *hypotheses_table(const struct hypotheses *h);

#endif
