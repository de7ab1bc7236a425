/* SPDX-License-Identifier: MIT */
/*
 * The log: records as lines (ndjson.h) appended to a file that is rotated by rename and never
 * truncated. Whoever tails it sees each line once and whole. While it cannot be written (disk full,
 * directory gone) it is tried again each second, by the next write or flush; the first 256 KiB of
 * records wait, what comes after is counted lost, and stderr says so once.
 */
#ifndef KTRACE_SINKS_LOGFILE_H
#define KTRACE_SINKS_LOGFILE_H

#include "record/record.h"

struct logfile_options {
	const char *path;   /* "-" is stdout, which is neither rotated nor re-opened */
	uint64_t max_bytes; /* rotate before the file grows beyond this; 0: never */
	unsigned keep;      /* rotated files to keep, PATH.1 the newest; 0 keeps one */
};

/* 0 with *out, to be freed with (*out)->ops->free(*out); or a negative errno when the file cannot be opened. */
int logfile_new(const struct logfile_options *options, struct output **out);

#endif
