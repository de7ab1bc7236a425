/* SPDX-License-Identifier: MIT */
/*
 * Eight bytes of a text at once. What a question finds is marked by the high bit of each byte that it is true of; behind the first
 * such byte others may be marked too. Of the first one the place is right: eight_first(). Pure.
 */
#ifndef KTRACE_UTIL_EIGHT_BYTES_H
#define KTRACE_UTIL_EIGHT_BYTES_H

#include <stdint.h>
#include <string.h>

#define EACH_BYTE(c) (0x0101010101010101ull * (c))

static inline uint64_t eight_at(const char *text)
{
	uint64_t eight;

	memcpy(&eight, text, sizeof(eight));
	return eight;
}

/* Bytes below `limit`, which is 0x80 at most. */
static inline uint64_t eight_below(uint64_t eight, uint64_t limit)
{
	return (eight - EACH_BYTE(limit)) & ~eight & EACH_BYTE(0x80);
}

static inline uint64_t eight_equal(uint64_t eight, uint64_t c)
{
	return eight_below(eight ^ EACH_BYTE(c), 1);
}

/* Bytes that are not ASCII. */
static inline uint64_t eight_high(uint64_t eight)
{
	return eight & EACH_BYTE(0x80);
}

/* The number of the first byte that is marked; marks is not 0. */
static inline unsigned eight_first(uint64_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (unsigned)__builtin_ctzll(marks) / 8;
#else
#error "the first byte of a text is the lowest one here"
#endif
}

#endif
