/* SPDX-License-Identifier: MIT */
/* What the whole program holds of the heap. */
#ifndef KTRACE_AGENT_HEAP_H
#define KTRACE_AGENT_HEAP_H

#include <stddef.h>

void heap_keep_whole(void); /* one for all threads; before the first of them */
size_t heap_used(void);     /* bytes that are in use; 0: the C library does not tell */
void heap_trim(void); /* gives the node back what is not: a burst of containers leaves holes */

#endif
