/* SPDX-License-Identifier: MIT */
/*
 * Clues: named observations that speak for or against an explanation. Each has a weight in log-odds, and those of
 * one explanation add up: of two explanations the one whose total is higher by 1 is 2.7 times as likely.
 * clues_list.h is the only place where such a number stands. Rules say which clues they see; how much each is
 * worth was set by hand and then fitted to recorded failures (scripts/fit-weights), and `--why` prints the sum.
 *
 * Weights are whole hundredths, so that a sum does not depend on the order in which it was made.
 */
#ifndef KTRACE_DIAGNOSE_EVIDENCE_CLUES_H
#define KTRACE_DIAGNOSE_EVIDENCE_CLUES_H

#include <stddef.h>
#include <stdint.h>

enum clue {
#define CLUE(name, by_hand, weight, reason) CLUE_##name,
#include "diagnose/evidence/clues_list.h"
#undef CLUE
	CLUES
};

/* Points on the same scale that decide what is looked at, not how likely it is. */
enum threshold {
#define THRESHOLD(name, value, reason) THRESHOLD_##name = (value),
#include "diagnose/evidence/thresholds_list.h"
#undef THRESHOLD
};

struct clues {
	int total; /* hundredths of log-odds */
	uint8_t count[CLUES];
};

void clues_add(struct clues *c, enum clue which);
void clues_join(struct clues *c, const struct clues *more);
/* Forgets all others: what they said does not count beside this one. */
void clues_only(struct clues *c, enum clue which);

int clue_weight(enum clue which);         /* hundredths */
const char *clue_name(enum clue which);   /* "told_path_and_error" */
const char *clue_reason(enum clue which); /* a line */

/* The share of each total in all of them, as softmax has it; nothing for n == 0. */
void shares_of(const int totals[], double shares[], size_t n);

#endif
