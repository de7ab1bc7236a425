// SPDX-License-Identifier: MIT
#include "agent/heap.h"

#include <malloc.h>

#ifdef __GLIBC__
void heap_keep_whole(void)
{
	mallopt(M_ARENA_MAX, 1);
}

size_t heap_used(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

void heap_trim(void)
{
	malloc_trim(0);
}
#else
void heap_keep_whole(void)
{
}

size_t heap_used(void)
{
	return 0;
}

void heap_trim(void)
{
}
#endif
