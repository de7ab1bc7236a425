/* SPDX-License-Identifier: MIT */
/*
 * The options of a command from a file: lines `name = value`, with the names of the command's own table
 * and true or false for a flag. What may be repeated is repeated line by line; else the last line
 * counts. The command line wins: an option that is on it is checked in the file, and left as it is.
 */
#ifndef KTRACE_CLI_CONFIG_H
#define KTRACE_CLI_CONFIG_H

#include "cli/options.h"

/*
 * *out: what the command line gave, as options_parse() left it, over the file that it names. Without
 * a name DEFAULT_CONFIG is read if it is there. 0, or a negative errno after a message for each line
 * that is wrong, with its number.
 */
int config_read(const struct command *c, const void *command_line, void **out);
void config_free(const struct command *c, void *options); /* NULL is fine */

/* Names of options whose values differ, ", " between them. */
void config_compare(const struct command *c, const void *a, const void *b, struct strbuf *names);

const char *config_path(const struct command *c, const void *options);

#endif
