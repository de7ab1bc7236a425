// SPDX-License-Identifier: MIT
/*
 * Any bytes as any string of any event: the line must be JSON, no longer than promised, and come back
 * as itself. Build: clang -fsanitize=fuzzer,address,undefined with the modules that tests/unit/recording_*
 * link.
 */
#include "fuzz/fuzz.h"
#include "ktrace/container.h"
#include "record/ndjson.h"
#include "record/reader.h"
#include "util/cleanup.h"

/* Cuts the input at its NULs: each piece is the next string, "" when there is none left. */
static const char *piece(const char **p, const char *end)
{
	const char *s = *p;

	if (s >= end)
		return "";
	*p = s + strlen(s) + 1;
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 8)
		return 0;
	_cleanup_free_ char *copy = calloc(1, size + 1);
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf again = STRBUF_INIT;
	memcpy(copy, data, size);
	const char *p = copy + 8, *end = copy + size, *args[8];
	struct container *c = container_new();
	check(c && !container_set(&c->id, piece(&p, end)) &&
		!container_set(&c->pod, piece(&p, end)));
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		args[i] = piece(&p, end);
	struct event draft = { .kind = (enum event_kind)(data[0] % EVENT_KINDS),
		.time = data[1] * 1000ull,
		.container = data[2] & 1 ? c : NULL,
		.pid = data[3],
		.error = data[4],
		.status = data[5],
		.repeats = data[6],
		.signo = data[7],
		.port = data[6],
		.args = args,
		.argc = data[7] % ARRAY_SIZE(args),
		.comm = piece(&p, end),
		.path = piece(&p, end),
		.text = piece(&p, end),
		.syscall = piece(&p, end),
		.flags = piece(&p, end),
		.address = piece(&p, end),
		.cwd = piece(&p, end),
		.path2 = piece(&p, end) };
	struct event *e = event_new(&draft);
	struct record_reader *reader = record_reader_new();
	struct record r = { .type = RECORD_EVENT, .time = draft.time, .node = args[0], .event = e };
	check(e && reader);
	if (ndjson_append(&line, &r) == 0) {
		check(line.len <= RECORD_MAX);
		check(record_reader_line(reader, line.data, line.len, &r) == 1);
		check(ndjson_append(&again, &r) == 0);
		check(strcmp(line.data, again.data) == 0);
	}
	record_reader_free(reader);
	event_unref(e);
	container_unref(c);
	return 0;
}
