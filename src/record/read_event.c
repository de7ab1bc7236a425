// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "record/read.h"
#include "util/cleanup.h"

static int read_call_args(const struct json_value *ktrace, struct event *e, struct read_error *why)
{
	_cleanup_free_ const char **texts = NULL;
	size_t n = 0;
	int err = read_strings(ktrace, "call_args", &texts, &n, why);

	if (err)
		return err;
	if (n > ARRAY_SIZE(e->call_args))
		return read_fail(why, "ktrace.call_args has more than six elements");
	for (size_t i = 0; i < n; i++) {
		char *end;
		errno = 0;
		e->call_args[i] = strtoull(texts[i], &end, 16);
		if (strncmp(texts[i], "0x", 2) || *end || errno)
			return read_fail(why, "ktrace.call_args must contain only numbers");
	}
	return 0;
}

static int read_facts(const struct json_value *ktrace, struct event *e, struct read_error *why)
{
	const struct json_value *object = read_at(ktrace, "facts");
	_cleanup_free_ struct path_facts *facts = NULL;
	int err;

	if (!object)
		return 0;
	facts = calloc(1, sizeof(*facts));
	if (!facts)
		return -ENOMEM;
	facts->known = true;
	if ((err = read_fields(object, &path_facts_fields, facts, why)) ||
		(err = read_fields(
			 read_at(object, "path"), &file_facts_fields, &facts->file, why)) ||
		(err = read_fields(
			 read_at(object, "folder"), &file_facts_fields, &facts->directory, why)) ||
		(err = read_fields(
			 read_at(object, "closed"), &file_facts_fields, &facts->closed, why)))
		return err;
	e->facts = take(facts);
	return 0;
}

int read_event(const struct json_value *root, enum event_kind kind, struct read_event *out,
	struct read_error *why)
{
	const struct json_value *ktrace = read_at(root, "ktrace");
	struct event *e = &out->draft;
	size_t argc = 0;
	int err;

	*out = (struct read_event){ .draft = { .kind = kind, .repeats = 1 } };
	if ((err = read_fields(root, &event_fields, e, why)) ||
		(err = read_fields(ktrace, &event_ktrace_fields, e, why)) ||
		(err = read_bool(ktrace, "cut", &e->cut, why)) ||
		(err = read_call_args(ktrace, e, why)) ||
		(err = read_strings(root, "process.args", &out->args, &argc, why)) ||
		(err = read_facts(ktrace, e, why)))
		return err;
	e->args = out->args;
	e->argc = (uint32_t)argc;
	return 0;
}

void read_event_clear(struct read_event *e)
{
	free(e->draft.facts);
	free(e->args);
	*e = (struct read_event){ 0 };
}
