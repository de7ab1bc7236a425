/* SPDX-License-Identifier: MIT */
#ifndef KTRACE_UTIL_CLOCK_H
#define KTRACE_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The clock's time in nanoseconds. */
static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

#endif
