/* SPDX-License-Identifier: MIT */
/*
 * A recording: the records of an `--events all` log behind a first line that says what it is, all of it
 * compressed with gzip.
 *
 *	{"ktrace":{"recording":1,"version":"0.1.0","node":"n1","machine":62,"run":"5f0c2c6d7b1a9e34","missing_probes":""}}
 */
#ifndef KTRACE_AGENT_RECORDING_H
#define KTRACE_AGENT_RECORDING_H

#include "agent/pipeline.h"

#define RECORDING_FORMAT 1

/*
 * An output that writes a recording; p is asked at the first record for what belongs into the head.
 * 0 or a negative errno. recording_finish() says whether all of it is on the disk.
 */
int recording_new(const char *path, const struct pipeline *p, struct output **out);
int recording_finish(struct output *o);

struct recording_head {
	int format; /* 0: this line is none */
	char version[32], node[256], missing_probes[256];
	uint16_t machine;
	uint64_t run; /* made of the line where it is of a version that did not tell */
};
/* 0, or -EBADMSG when the line is no recording's first line. */
int recording_head_read(const char *line, size_t len, struct recording_head *out);

#endif
