/* SPDX-License-Identifier: MIT */
/* Numbers as decimal digits, two at a time. Pure. */
#ifndef KTRACE_UTIL_DECIMAL_H
#define KTRACE_UTIL_DECIMAL_H

#include <stdint.h>
#include <string.h>

#define DECIMAL_MAX 20 /* digits of the largest number */

/* Writes n, 99 at most, as two digits. */
static inline void decimal_pair(char *out, unsigned n)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";

	memcpy(out, pairs + 2 * n, 2);
}

/* Writes n so that its last digit stands before `end`; returns the first one, at most DECIMAL_MAX before. */
static inline char *decimal_before(char *end, uint64_t n)
{
	for (; n >= 100; n /= 100)
		decimal_pair(end -= 2, (unsigned)(n % 100));
	if (n >= 10)
		decimal_pair(end -= 2, (unsigned)n);
	else
		*--end = (char)('0' + n);
	return end;
}

#endif
