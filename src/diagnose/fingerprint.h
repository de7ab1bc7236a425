/* SPDX-License-Identifier: MIT */
/*
 * Two failures that a person would call the same one get the same number, on any node and in any replica:
 * for grouping alerts, and for asking whether a failure is a new one. What differs from run to run (pids,
 * times, generated names) takes no part, nor do the texts, which may be worded better tomorrow. Pure.
 */
#ifndef KTRACE_DIAGNOSE_FINGERPRINT_H
#define KTRACE_DIAGNOSE_FINGERPRINT_H

#include "ktrace/diagnosis.h"
#include "util/strbuf.h"

/* Sets d->fingerprint and d->cause_fingerprint. */
void fingerprint_set(struct diagnosis *d);

/*
 * Appends path with '#' for what somebody generated: numbers, hexadecimal ids, random suffixes, and '*'
 * for the pod's name. "/tmp/tmp1a2b3c4d/web-0.pid" is "/tmp/tmp#/#.pid".
 */
void fingerprint_path(struct strbuf *out, const char *path, const char *pod);

/* A failed call: equal for equal ones of one program in any pod of a workload. */
uint64_t fingerprint_failure(const struct event *e, const char *pod);

#endif
