/* SPDX-License-Identifier: MIT */
/* Pieces of a diagnosis in words, the same in every form that a person reads. Pure. */
#ifndef KTRACE_RECORD_DIAGNOSIS_TEXT_H
#define KTRACE_RECORD_DIAGNOSIS_TEXT_H

#include "ktrace/diagnosis.h"
#include "util/strbuf.h"

/* "nearly certain", "likely", "possible", "a guess"; static. */
const char *confidence_words(double confidence);

/* How it ended, when, and after how many restarts: "exited with 1 while starting, after 2 restarts". */
void diagnosis_end_text(struct strbuf *out, const struct diagnosis *d);

/* The evidence's own text, with the path and the error where it does not name them. Not neutralised. */
void evidence_text(struct strbuf *out, const struct evidence *e);

/* It is what a process said: its text is a quotation. */
bool evidence_is_quote(const struct evidence *e);

/*
 * What differs since the last healthy start, for any form that people read: a heading, then a text for each of
 * d->changes. Nothing without a healthy start (d->healthy_at is 0). Not neutralised.
 */
void diagnosis_changes_head(struct strbuf *out, const struct diagnosis *d);
void diagnosis_change_text(struct strbuf *out, const struct told_change *c);

#endif
