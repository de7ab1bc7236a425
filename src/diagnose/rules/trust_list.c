// SPDX-License-Identifier: MIT
/* Of missing_file: a program trusts no certificate, since the list of public authorities is nowhere in the image. */
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/rules.h"
#include "util/find.h"

static bool lacks_authority(const char *line)
{
	return find_folded(line, "signed by unknown authority") ||
	       find_folded(line, "failed to verify certificate") ||
	       find_folded(line, "unable to get local issuer certificate");
}

#define PLACES_OF_LISTS 4 /* distributions; who found one of them asks no further */

/*
 * An authority is unknown where no list of them is in the image: each distribution has its place for it. The first
 * that was looked for in vain, or NULL; *places: how many.
 */
static const struct story_entry *missing_trust_list(
	const struct context *q, const struct process *p, size_t *places)
{
	const struct story_entry *first = NULL;

	*places = 0;
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (q->entries[i].process != p || e->kind != EVENT_FILE_ERROR ||
			e->error != ENOENT || !noise_trust_list(e->path))
			continue;
		(*places)++;
		if (!first)
			first = &q->entries[i];
	}
	return first;
}

static bool told_by_line(const struct context *q, struct verdict *v)
{
	struct verdict said = { 0 };

	if (!rule_log_line(q, &said, lacks_authority))
		return false;
	size_t places;
	const struct story_entry *first = missing_trust_list(q, said.candidate->process, &places);
	if (places < PLACES_OF_LISTS)
		return false;
	*v = said;
	v->event = first->event;
	clues_add(&v->clues, CLUE_no_trust_list);
	return true;
}

/* It said nothing, and its status is the one that it has for a list of authorities that it could not read. */
static bool told_by_status(const struct context *q, struct verdict *v)
{
	const struct process *p = q->culprit ? q->culprit->process : NULL;
	const struct exit_meaning *m = p && p->ended_at ? exit_meaning_of(program_name(p->exec),
								  status_exit_code(p->status))
							: NULL;
	size_t places = 0;

	if (!m || m->about != MEANING_TRUST_LIST)
		return false;
	const struct story_entry *first = missing_trust_list(q, p, &places);
	if (!first)
		return false;
	rule_process(v, q->culprit, CLUE_no_trust_list);
	v->event = first->event;
	return true;
}

bool rule_trust_list(const struct context *q, struct verdict *v)
{
	return told_by_line(q, v) || told_by_status(q, v);
}

void rule_trust_list_explain(const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const struct failure f = { .event = v->event,
		.exec = p->exec,
		.process = p,
		.error = ENOENT,
		.path = v->event->path };

	report_title(r, "Missing file: %s: no list of trusted authorities is in the image", f.path);
	if (v->line) {
		report_sentence(r,
			"%s trusts no certificate: it looked for the list of public authorities in "
			"the place of each distribution, %s among them, and none is in the image.",
			phrase_process(p).text, f.path);
		report_decisive_lines(r, v->candidate, v->line);
	} else {
		report_sentence(r,
			"%s said nothing, and its exit code %d means that it could not read the "
			"list of trusted authorities: %s is not in the image.",
			phrase_process(p).text, status_exit_code(p->status), f.path);
	}
	report_failure(r, &f);
	if (v->line)
		report_quote(r, p, v->line);
	advise_missing(r, &f, f.path);
}
