/* SPDX-License-Identifier: MIT */
/* Messages of programs that take themselves for running, because of a file that they left behind. */
#ifndef KTRACE_KNOWLEDGE_STALE_FILES_H
#define KTRACE_KNOWLEDGE_STALE_FILES_H

struct stale_file {
	const char *phrase, *also; /* both stand in the line; also may be NULL */
	const char *what;          /* "pid file" */
	const char *name;          /* the file's name, where the message has no path; or NULL */
};

const struct stale_file *stale_file_in_line(const char *line); /* NULL for none */

#endif
