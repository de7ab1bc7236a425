/* SPDX-License-Identifier: MIT */
/*
 * Text of lines `name = value`. Blank lines are passed over, and so is what follows a # at the start of
 * a line or behind white space; there are no quotes. Pure.
 */
#ifndef KTRACE_UTIL_CONF_H
#define KTRACE_UTIL_CONF_H

struct conf {
	char *rest; /* text that is still to be read; borrowed, and cut into strings on the way */
	unsigned number; /* of the line that was read last, the first one is 1 */
};

/*
 * The next line that says something: 1 with name (never empty) and value, both trimmed and part of
 * the text; 0 at the end; -EINVAL with *wrong, a static sentence, after which reading can go on.
 */
int conf_next(struct conf *c, const char **name, const char **value, const char **wrong);

#endif
