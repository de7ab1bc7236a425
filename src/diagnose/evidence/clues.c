// SPDX-License-Identifier: MIT
#include "diagnose/evidence/clues.h"

#include <string.h>

#define E_TO_MINUS_001 0.99004983374916805

static const struct {
	int weight;
	const char *name, *reason;
} table[] = {
#define CLUE(name, by_hand, weight, reason) { weight, #name, reason },
#include "diagnose/evidence/clues_list.h"
#undef CLUE
};

void clues_add(struct clues *c, enum clue which)
{
	if (c->count[which] == UINT8_MAX)
		return;
	c->count[which]++;
	c->total += table[which].weight;
}

void clues_join(struct clues *c, const struct clues *more)
{
	for (int i = 0; i < CLUES; i++)
		for (int n = more->count[i]; n > 0; n--)
			clues_add(c, (enum clue)i);
}

void clues_only(struct clues *c, enum clue which)
{
	memset(c, 0, sizeof(*c));
	clues_add(c, which);
}

int clue_weight(enum clue which)
{
	return table[which].weight;
}

const char *clue_name(enum clue which)
{
	return table[which].name;
}

const char *clue_reason(enum clue which)
{
	return table[which].reason;
}

/* By squaring: the same to the last bit on every machine, which libm does not promise. */
static double e_to_minus(unsigned hundredths)
{
	double result = 1;

	for (double factor = E_TO_MINUS_001; hundredths; hundredths >>= 1, factor *= factor)
		if (hundredths & 1)
			result *= factor;
	return result;
}

void shares_of(const int totals[], double shares[], size_t n)
{
	double sum = 0;
	int most = n ? totals[0] : 0;

	for (size_t i = 1; i < n; i++)
		if (totals[i] > most)
			most = totals[i];
	for (size_t i = 0; i < n; i++) {
		shares[i] = e_to_minus((unsigned)(most - totals[i]));
		sum += shares[i];
	}
	for (size_t i = 0; i < n; i++)
		shares[i] /= sum;
}
