/* SPDX-License-Identifier: MIT */
/* Files that are given to the kernel as programs and are none: what they are, and how they come into an image. */
#ifndef KTRACE_DIAGNOSE_KNOWLEDGE_FILE_FORMATS_H
#define KTRACE_DIAGNOSE_KNOWLEDGE_FILE_FORMATS_H

struct file_format {
	const char *name; /* of container/file_format.c */
	const char *what; /* "a Git LFS pointer, ..." */
	const char *fix;  /* with {path} and {value}, this node's architecture */
};

const struct file_format *file_format_by_name(const char *name); /* NULL for none */

#endif
