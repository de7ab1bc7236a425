// SPDX-License-Identifier: MIT
#include "record/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void record_id_format(char out[RECORD_ID_SIZE], uint64_t run, uint64_t sequence)
{
	snprintf(out, RECORD_ID_SIZE, "%016" PRIx64 "-%" PRIu64, run, sequence);
}

int record_id_parse(const char *text, uint64_t *run, uint64_t *sequence)
{
	char again[RECORD_ID_SIZE];
	uint64_t first, second;

	if (sscanf(text, "%16" SCNx64 "-%20" SCNu64, &first, &second) != 2)
		return -EINVAL;
	/* One number has many spellings; an id has one. */
	record_id_format(again, first, second);
	if (strcmp(again, text) != 0)
		return -EINVAL;
	*run = first;
	*sequence = second;
	return 0;
}
