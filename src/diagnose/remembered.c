// SPDX-License-Identifier: MIT
/*
 * A failure that healthy starts of the same workload make too did not end this one either, most likely; one that is new
 * may have. Less than what the words say: an optional file may have become a needed one.
 */
#include "diagnose/context.h"
#include "diagnose/fingerprint.h"

static bool is_known(const struct remembered *m, uint64_t signature)
{
	for (size_t i = 0; i < m->n_harmless; i++)
		if (m->harmless[i] == signature)
			return true;
	return false;
}

void weigh_remembered(const struct context *q, struct failure *f)
{
	const struct remembered *m = q->container->remembered;

	if (!m || !m->healthy_at || !f->event)
		return;
	if (is_known(m, fingerprint_failure(f->event, q->container->pod)))
		clues_add(&f->clues, CLUE_known_from_healthy_starts);
	/* Of a full list nobody knows what did not fit. */
	else if (m->n_harmless < HARMLESS_MAX)
		clues_add(&f->clues, CLUE_new_since_healthy_starts);
}
