/* SPDX-License-Identifier: MIT */
#ifndef KTRACE_DIAGNOSE_TEXT_ADVICE_SECRET_H
#define KTRACE_DIAGNOSE_TEXT_ADVICE_SECRET_H

#include <stdbool.h>

#include "diagnose/report.h"

/*
 * The line (NULL: none) speaks of a password, token or key that is wrong, and a variable or a mounted key that is named
 * like one ends in a line break or is empty: recommends to mend that, true.
 */
bool advise_secret(const char *line, struct report *r);

/* Says that the mounted key at this path is empty, and recommends to fill it. */
bool advise_empty_key(const char *path, struct report *r);

#endif
