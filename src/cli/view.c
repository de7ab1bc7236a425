// SPDX-License-Identifier: MIT
#include "cli/view.h"

#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

static int parse_errno(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *end == '\0' && n > 0 && n < 4096 ? (int)n : errno_from_name(text);
}

static bool is_action(const char *name)
{
	return event_kind_from_action(name) != EVENT_NONE || !strcmp(name, "diagnosis") ||
	       !strncmp(name, "agent_", 6);
}

static int wrong_action(const struct command *c, const char *name)
{
	_cleanup_strbuf_ struct strbuf names = STRBUF_INIT;

	for (int kind = EVENT_NONE + 1; kind < EVENT_KINDS; kind++)
		strbuf_printf(&names, "%s, ", event_action((enum event_kind)kind));
	return usage_error(c, "unknown action \"%s\": use one of %sdiagnosis", name,
		names.data ? names.data : "");
}

int view_target(const struct command *c, const char *target)
{
	if (target_is_valid(target))
		return 0;
	return usage_error(c,
		"\"%s\" is not a valid TARGET: give an id, POD, NAMESPACE/POD, "
		"NAMESPACE/POD/CONTAINER or NAMESPACE/deploy/NAME (sts, ds, rs, job, cronjob)",
		target);
}

int view_filter(const struct command *c, const struct view_options *o, const char *target,
	struct filter *out)
{
	struct filter f = {
		.target = target,
		.container = o->container,
		.pod = o->pod,
		.k8s_namespace = o->k8s_namespace,
		.action = o->action,
		/* Who asks for one kind of event wants it, whatever its level. */
		.level = o->all || o->action ? LEVEL_ALL : LEVEL_ERRORS,
		/* A program that reads the records can filter by itself, and whoever names an error wants to see it. */
		.spare_harmless = !o->all && !o->action && !o->error && o->format == FORMAT_TEXT,
	};

	if (o->action && !is_action(o->action))
		return wrong_action(c, o->action);
	if (target && view_target(c, target))
		return EXIT_USAGE;
	if (o->error && !(f.error = parse_errno(o->error)))
		return usage_error(c,
			"unknown error \"%s\": give a name such as EACCES, or a number", o->error);
	*out = f;
	return 0;
}
