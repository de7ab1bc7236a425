// SPDX-License-Identifier: MIT
/* What a failed call says about what is waited for, if it is made again and again; and when two are the same. */
#include <errno.h>
#include <string.h>

#include "diagnose/stuck/stuck.h"
#include "util/cleanup.h"

static enum group_kind kind_of_file(const struct context *q, const struct failure *f)
{
	if (f->error == ENOENT || f->error == ENOTDIR)
		return GROUP_FILE;
	/* A lock that is only tried for is a question too. */
	if (call_is(f, "flock") || call_is(f, "fcntl"))
		return GROUP_FILE;
	bool kernel = path_under(f->path, "/proc") || path_under(f->path, "/sys") ||
		      path_under(f->path, "/dev");
	return failure_is_hard(f) && !kernel && !story_listening_at(q->story) ? GROUP_REFUSED
									      : GROUP_NONE;
}

/* Exporters of traces and metrics try for ever, and nothing waits for them. */
static bool is_telemetry(const struct event *e)
{
	static const uint16_t ports[] = { 4317, 4318, 6831, 6832, 8125, 8126, 9411, 14250, 14268 };

	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		if (e->port == ports[i])
			return true;
	return false;
}

static enum group_kind kind_of_connection(const struct context *q, const struct failure *f)
{
	if (!call_is(f, "connect") || (is_telemetry(f->event) && story_listening_at(q->story)))
		return GROUP_NONE;
	return f->event->port == 53 ? GROUP_SERVER : GROUP_NETWORK;
}

enum group_kind wait_group_kind(const struct context *q, const struct failure *f)
{
	enum clue clue;

	if (f->event->kind == EVENT_DNS_QUERY)
		return *f->event->dns_name ? GROUP_NAME : GROUP_SERVER;
	if (!event_failed(f->event))
		return GROUP_NONE;
	/* A server that is not given what it asks for serves nobody, however long it has been listening. */
	if (failure_starves(f))
		return GROUP_REFUSED;
	if (noise_of(q, f, &clue) != NOISE_NONE)
		return f->event->kind == EVENT_FILE_ERROR && f->error == ENOENT ? GROUP_LOOKUP
										: GROUP_NONE;
	switch (f->event->kind) {
	case EVENT_NETWORK_ERROR:
		return kind_of_connection(q, f);
	case EVENT_FILE_ERROR:
		return kind_of_file(q, f);
	case EVENT_EXEC_FAILED:
		return f->error == ENOENT ? GROUP_FILE : GROUP_REFUSED;
	case EVENT_PROCESS_ERROR:
		return story_listening_at(q->story) ? GROUP_NONE : GROUP_REFUSED;
	default:
		return GROUP_NONE;
	}
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

bool wait_same_call(const struct event *a, const struct event *b)
{
	return a->kind == b->kind && a->error == b->error && a->port == b->port &&
	       !a->gave_up_ns == !b->gave_up_ns && same_text(a->syscall, b->syscall) &&
	       same_text(a->path, b->path) && same_text(a->address, b->address) &&
	       same_text(a->executable, b->executable);
}

bool wait_same_question(const struct event *a, const struct event *b)
{
	return same_text(a->dns_name, b->dns_name) && same_text(a->dns_type, b->dns_type);
}

bool wait_same_program(const struct event *a, const struct event *b)
{
	if (!a || !b || a->argc != b->argc || strcmp(program_name(a), program_name(b)) != 0)
		return false;
	for (uint32_t i = 1; i < a->argc; i++)
		if (strcmp(a->args[i], b->args[i]) != 0)
			return false;
	return true;
}
