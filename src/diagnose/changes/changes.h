/* SPDX-License-Identifier: MIT */
/* What differs since the last healthy start, and what of it bears on a failure. Pure. */
#ifndef KTRACE_DIAGNOSE_CHANGES_H
#define KTRACE_DIAGNOSE_CHANGES_H

#include "diagnose/report.h"

struct verdict;

enum bearing {
	BEARS_NOT,
	BEARS_MAYBE, /* the kind of thing that makes such failures; told first, and not called the cause */
	BEARS, /* it explains this failure: the same path, variable, limit, ... */
};

/* A finished diagnosis' parts that changes are held against. */
struct suspect {
	const struct context *q;
	const struct diagnosis *d;
	const struct verdict *verdict;
	const char *said; /* title, summary and evidence, one text */
};

enum bearing change_bears(const struct suspect *s, const struct change *c);

/*
 * Puts all changes into the diagnosis, those that bear on it first. Where one is the cause, the summary begins with it,
 * and the advice with undoing it. Nothing where nothing is remembered.
 */
void changes_report(struct report *r, const struct verdict *v);

/* The same where nothing failed: in the order of their kinds. 0 or -ENOMEM. */
int changes_tell(const struct remembered *m, struct diagnosis *d);

/* text/change_text.c: in words, for records and people. 0 or -ENOMEM. */
int change_tell(const struct change *c, struct told_change *out);
void told_change_clear(struct told_change *c);
/* One sentence without its end: "key `app.yaml` of ConfigMap `orders` is gone since 10:02 UTC". */
void told_change_text(struct strbuf *out, const struct told_change *c);

/* The format with "{name}" and "{before}" filled in. */
void change_fill(struct strbuf *out, const char *format, const struct change *c);

/* text/advice_undo.c: how to undo it; both buffers stay empty where there is no way that does no harm. */
void change_undo(const struct context *q, const struct change *c, struct strbuf *text,
	struct strbuf *manifest);

/* Names of the capabilities in a set, ", " between them: "NET_ADMIN, CHOWN". */
void capability_names(struct strbuf *out, uint64_t set);

#endif
