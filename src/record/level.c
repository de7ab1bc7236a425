// SPDX-License-Identifier: MIT
#include "record/level.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"

static const enum level event_levels[EVENT_KINDS] = {
	[EVENT_CONTAINER_CREATED] = LEVEL_ERRORS,
	[EVENT_CONTAINER_STARTED] = LEVEL_ERRORS,
	[EVENT_CONTAINER_LISTENING] = LEVEL_ERRORS,
	[EVENT_CONTAINER_EXITED] = LEVEL_ERRORS,
	[EVENT_CONTAINER_REMOVED] = LEVEL_ERRORS,
	[EVENT_EXEC] = LEVEL_ALL,
	[EVENT_EXEC_FAILED] = LEVEL_ERRORS,
	[EVENT_FILE_ERROR] = LEVEL_ERRORS,
	[EVENT_NETWORK_ERROR] = LEVEL_ERRORS,
	[EVENT_PROCESS_ERROR] = LEVEL_ERRORS,
	[EVENT_PROCESS_EXITED] = LEVEL_ALL,
	[EVENT_OOM_KILL] = LEVEL_ERRORS,
	[EVENT_SIGNAL] = LEVEL_ERRORS,
	[EVENT_OUTPUT] = LEVEL_ALL,
	[EVENT_LISTEN] = LEVEL_ALL,
	[EVENT_DNS_QUERY] = LEVEL_ALL,
	[EVENT_DNS_ANSWER] = LEVEL_ALL,
	[EVENT_BLOCKED] = LEVEL_ERRORS,
	[EVENT_UNBLOCKED] = LEVEL_ERRORS,
	[EVENT_PORT_REFUSED] = LEVEL_ALL,
};

bool level_takes(enum level level, const struct record *r)
{
	/* Who is told a diagnosis is told when it no longer holds. */
	if (r->type != RECORD_EVENT || r->event->kind == EVENT_RECOVERED)
		return true;
	/* No event is of LEVEL_DIAGNOSES, which is 0: kinds without a row are never a record. */
	enum level least = event_levels[r->event->kind];
	return least != LEVEL_DIAGNOSES && least <= level;
}

static const char *const names[] = { "diagnoses", "errors", "all" };

const char *level_name(enum level level)
{
	return names[level];
}

int level_from_name(const char *name, enum level *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name)) {
			*out = (enum level)i;
			return 0;
		}
	return -EINVAL;
}
