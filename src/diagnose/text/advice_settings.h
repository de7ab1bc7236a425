/* SPDX-License-Identifier: MIT */
/* What mends a setting, option or variable that is unknown, missing or invalid. */
#ifndef KTRACE_DIAGNOSE_TEXT_ADVICE_SETTINGS_H
#define KTRACE_DIAGNOSE_TEXT_ADVICE_SETTINGS_H

#include "diagnose/knowledge/messages.h"
#include "diagnose/report.h"

/* What is wrong, and where. */
struct finding {
	enum problem problem;
	const char *option, *key, *variable; /* one of them, or all "" */
	const char *file;                    /* absolute, or "" */
	unsigned long line;                  /* 0: not said */
	const char *mostly;                  /* what the parser's message mostly means, or NULL */
	struct message_match match;          /* holds the strings */
};

/* program: whose setting it is; line: the decisive one. */
void advise_settings(const struct context *q, const struct finding *f, const char *program,
	const char *line, struct report *r);

/* A size as Kubernetes writes it was refused: what it is in bytes. False: the value is none. */
bool advise_quantity(const struct finding *f, struct report *r);

#endif
