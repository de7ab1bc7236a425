/* SPDX-License-Identifier: MIT */
/* How programs say that a host name could not be resolved. */
#ifndef KTRACE_KNOWLEDGE_NAME_MESSAGES_H
#define KTRACE_KNOWLEDGE_NAME_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_SIZE 256

bool line_speaks_of_names(const char *line);

/* The name that such a line tells of; "" where it names none. */
void host_in_line(const char *line, char *out, size_t size);

#endif
