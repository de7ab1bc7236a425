/* SPDX-License-Identifier: MIT */
/* What programs that ask for a service mean by the code that they end with. */
#ifndef KTRACE_KNOWLEDGE_EXIT_CODES_H
#define KTRACE_KNOWLEDGE_EXIT_CODES_H

#include <stdbool.h>

struct exit_meaning {
	const char *program;
	int code;
	const char *text; /* "the answer was an HTTP error (400 or above)" */
	bool names;       /* a name could not be resolved */
};

const struct exit_meaning *exit_meaning_of(const char *program, int code); /* NULL: not known */

#endif
