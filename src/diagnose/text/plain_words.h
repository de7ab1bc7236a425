/* SPDX-License-Identifier: MIT */
/*
 * Texts are written for a container of a pod. One that podman, Docker or runc runs by hand has no pod, and under
 * `ktrace run` there is neither, only a command on this machine: here stands what a text says then, and which texts
 * say nothing to its reader. Only our own words are changed, before anything is filled in: what a program wrote or is
 * called stays as it is.
 */
#ifndef KTRACE_DIAGNOSE_TEXT_PLAIN_WORDS_H
#define KTRACE_DIAGNOSE_TEXT_PLAIN_WORDS_H

#include "diagnose/context.h"
#include "util/strbuf.h"

/*
 * The text (a format, or one with blanks in braces) in the words for what is diagnosed: `text` itself for a
 * container, else made in `out`, which owns it. NULL when memory ran out.
 */
const char *plain_words(const struct context *q, const char *text, struct strbuf *out);
/* It still speaks of what only a cluster, or a container, has, and there is none. */
bool needs_cluster(const struct context *q, const char *text);

#endif
