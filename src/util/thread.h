/* SPDX-License-Identifier: MIT */
/* The rare thread beside the one loop: for a call that may take long, and cannot be asked to return at once. */
#ifndef KTRACE_UTIL_THREAD_H
#define KTRACE_UTIL_THREAD_H

#include <stddef.h>

/* Runs it, detached, with a stack of so many bytes, and without signals: they are for the loop. 0 or a negative errno. */
int thread_start(void *(*run)(void *ctx), void *ctx, size_t stack_size);

#endif
