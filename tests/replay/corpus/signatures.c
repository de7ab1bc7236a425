// SPDX-License-Identifier: MIT
/*
 * Of each failure in a recording the signature that the memory of healthy starts keeps, a line each: its event.sequence and 16
 * hex digits. A healthy start with the same failures is what `score --memory` makes of these.
 *
 *	signatures RECORDING
 */
#include <inttypes.h>
#include <stdio.h>

#include "diagnose/fingerprint.h"
#include "record/lines.h"
#include "record/reader.h"
#include "util/cleanup.h"

static void print(const struct record *record, const struct event *e)
{
	if (e && e->container && event_failed(e))
		printf("%" PRIu64 " %016" PRIx64 "\n", record->sequence,
			fingerprint_failure(e, e->container->pod));
}

int main(int argc, char **argv)
{
	struct lines *lines = NULL;
	struct record record;
	const char *line;
	size_t len;
	int got = 0;

	if (argc != 2)
		return 2;
	struct record_reader *reader = record_reader_new();
	if (!reader || lines_open(argv[1], &lines) < 0)
		return 1;
	while ((got = lines_next(lines, &line, &len)) > 0)
		if (record_reader_line(reader, line, len, &record) > 0)
			print(&record, record_reader_event(reader));
	lines_close(lines);
	record_reader_free(reader);
	return got < 0;
}
