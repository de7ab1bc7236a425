/* SPDX-License-Identifier: MIT */
/*
 * The rules: one file a root cause in rules/, one entry each in rules_list.h. A rule reads the context and
 * says how sure it is (match), and puts it into words when it is the surest (tell).
 */
#ifndef KTRACE_DIAGNOSE_RULES_H
#define KTRACE_DIAGNOSE_RULES_H

#include "diagnose/report.h"

/* What a rule found. Pointers are the context's and the story's. */
struct verdict {
	double score;                      /* 0 to 1 */
	const struct failure *failure;     /* what it is about, or NULL */
	const struct candidate *candidate; /* who said `line`, or who crashed */
	const struct event *event;         /* a signal, an OOM kill, a listen; NULL */
	const char *line;                  /* the words that show it, or NULL */
	char name[256];                    /* of a module, library, host, command; "" */
};

struct rule {
	bool (*match)(const struct context *q, struct verdict *v); /* *v is zeroed */
	void (*explain)(const struct context *q, const struct verdict *v, struct report *r);
};

#define RULE(name, ...) extern const struct rule rule_##name;
#include "diagnose/rules_list.h"
#undef RULE

/* The capability that a refused call wants, -1 for none. */
int capability_wanted(const struct failure *f);

/* Most rules: the heaviest failure that is one of theirs, at its weight and a little more. */
bool rule_failure(const struct context *q, struct verdict *v, double more,
	bool (*is_one)(const struct context *q, const struct failure *f));

/* The heaviest candidate process whose words say so, at `certainty` of its blame. */
bool rule_log_line(const struct context *q, struct verdict *v, double certainty,
	bool (*speaks)(const char *line));

/* missing_library.c: nobody said so, but a library that was in no directory was the last thing looked for; its name. */
bool rule_silent_loader(const struct context *q, struct verdict *v);

#endif
