// SPDX-License-Identifier: MIT
/*
 * Any bytes as a log: each line is read or refused, and what was read can be written, read and written
 * again to the same bytes. Build: clang -fsanitize=fuzzer,address,undefined with the modules that
 * tests/unit/recording_* link.
 */
#include <errno.h>

#include "fuzz/fuzz.h"
#include "record/ndjson.h"
#include "record/reader.h"
#include "sinks/terminal.h"
#include "util/cleanup.h"

/*
 * A line that ktrace did not write may say things twice and differently, so the first writing may
 * differ from it; from then on nothing may.
 */
static void settle(const struct record *record)
{
	_cleanup_strbuf_ struct strbuf once = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf twice = STRBUF_INIT;
	struct record_reader *reader = record_reader_new();
	struct record r;

	check(reader);
	check(ndjson_append(&once, record) == 0 && once.len <= RECORD_MAX);
	check(is_json(once.data, once.len - 1) && is_harmless(once.data, once.len));
	if (record_reader_line(reader, once.data, once.len, &r) == 1) {
		check(ndjson_append(&twice, &r) == 0);
		check(strcmp(once.data, twice.data) == 0);
	}
	record_reader_free(reader);
}

/* As somebody reads it: nothing in it drives the terminal. */
static void show(const struct record *record)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const struct terminal_style style = { .utc = true, .width = 80 };

	if (record->type == RECORD_EVENT)
		terminal_event(&text, record->event, &style);
	else if (record->type == RECORD_DIAGNOSIS)
		terminal_diagnosis(&text, record->diagnosis, &style);
	check(!text.failed && is_harmless(text.data, text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_reader *reader = record_reader_new();
	const char *p = (const char *)data, *end = p + size;

	check(reader);
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t len = newline ? (size_t)(newline - p) : (size_t)(end - p);
		struct record r;
		int rc = record_reader_line(reader, p, len, &r);
		check(rc == 0 || rc == 1 || rc == -EBADMSG);
		if (rc == 1) {
			settle(&r);
			show(&r);
		}
		p += len + 1;
	}
	record_reader_free(reader);
	return 0;
}
