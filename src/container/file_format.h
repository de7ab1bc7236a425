/* SPDX-License-Identifier: MIT */
/* What a file is that is neither an ELF program nor a script, by its first bytes. */
#ifndef KTRACE_CONTAINER_FILE_FORMAT_H
#define KTRACE_CONTAINER_FILE_FORMAT_H

#include <stddef.h>

/* A short name, "gzip", or "" where none of the known ones fits. What it means: diagnose/knowledge/file_formats.c. Pure. */
const char *file_format_of(const unsigned char *data, size_t len);

#endif
