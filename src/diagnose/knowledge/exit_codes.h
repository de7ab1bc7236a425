/* SPDX-License-Identifier: MIT */
/* What programs mean by the code that they end with. */
#ifndef KTRACE_KNOWLEDGE_EXIT_CODES_H
#define KTRACE_KNOWLEDGE_EXIT_CODES_H

#include <stdbool.h>

struct event;

enum exit_about { MEANING_OTHER, MEANING_NAME, MEANING_TRUST_LIST };

struct exit_meaning {
	const char *program;
	int code;
	const char *text;      /* "the answer was an HTTP error (400 or above)" */
	enum exit_about about; /* _NAME: one could not be resolved */
	const char *fix;       /* the recommendation where it said nothing, or NULL */
};

const struct exit_meaning *exit_meaning_of(const char *program, int code); /* NULL: not known */

/* The errno that the program ends with, or 0 where its codes are no such. */
int exit_errno_of(const struct event *exec, int code);
/* Whether the kernel refused what this tool asked it for by netlink, a call that does not fail. */
bool exit_tells_of_refusal(const char *program, int code);

/* Statuses by which programs say that they were not given what they need. */
struct settings_status {
	const char *program; /* NULL: any that has the role */
	unsigned role;       /* 0: any */
	int code;
	const char *means; /* "EX_CONFIG of ..." */
	const char *look;  /* "Check ..." */
};

/* NULL: it may mean anything. */
const struct settings_status *exit_blames_settings(const struct event *exec, int code);

#endif
