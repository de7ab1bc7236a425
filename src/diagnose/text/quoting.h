/* SPDX-License-Identifier: MIT */
/*
 * What a container chose (paths, names, arguments) inside of text that people paste: a shell command or YAML.
 * A word that cannot be shown there safely is refused, and the caller leaves the fragment out.
 */
#ifndef KTRACE_DIAGNOSE_TEXT_QUOTING_H
#define KTRACE_DIAGNOSE_TEXT_QUOTING_H

#include <stdbool.h>

#include "util/strbuf.h"

/* Appends the text as one word of a POSIX shell; false, with nothing added, for what no command should show. */
bool quote_shell(struct strbuf *b, const char *text);

/* Appends the text as one YAML scalar: plain where it is a simple name, else in double quotes. */
void quote_yaml(struct strbuf *b, const char *text);

/* Appends what may stand between double quotes of YAML. */
void quote_yaml_inside(struct strbuf *b, const char *text);

#endif
