/* SPDX-License-Identifier: MIT */
/* Files that something is known to make, which is what mends it when they are missing: nobody copies them one by one. */
#ifndef KTRACE_KNOWLEDGE_MADE_FILES_H
#define KTRACE_KNOWLEDGE_MADE_FILES_H

struct made_file {
	const char *pattern;  /* path_pattern.h */
	const char *program;  /* who looks for it, a version may follow; NULL: anybody */
	const char *advice;   /* recommend.h; {value} is the name without its extensions */
	const char *manifest; /* or NULL */
};

/* NULL: nothing is known to make it. */
const struct made_file *made_file_of(const char *path, const char *program);

#endif
