/* SPDX-License-Identifier: MIT */
/* FNV-1a, 64 bits: short, the same on every machine, and no defence against who wants two to meet. */
#ifndef KTRACE_UTIL_HASH_H
#define KTRACE_UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_START 0xcbf29ce484222325ULL

/* Goes on from `hash`, HASH_START or what an earlier call returned. */
static inline uint64_t hash_bytes(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3ULL;
	return hash;
}

static inline uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return (hash ^ number) * 0x100000001b3ULL;
}

/* A key of a table: a number in two instructions, all else byte by byte. */
static inline unsigned hash_key(const void *key, size_t len)
{
	uint64_t number = 0;

	if (len != sizeof(uint32_t) && len != sizeof(uint64_t))
		return (unsigned)hash_bytes(HASH_START, key, len);
	memcpy(&number, key, len);
	return (unsigned)(number * 0x9e3779b97f4a7c15ULL >> 32);
}

/* For uthash.h, defined before that is included: where keys are numbers, or short. */
#define HASH_BY_KEY(key, len, out) ((out) = hash_key(key, len))

#endif
