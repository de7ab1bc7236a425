// SPDX-License-Identifier: MIT
/* A limit that the container set on itself: the text of its command says so, and what ran into it seldom does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

/* "ulimit -s 64" in an argument: what was asked for, in KiB; 0 for none, and for "unlimited". */
static unsigned long limit_in(const char *text, const char *option)
{
	static const char command[] = "ulimit ", soft[] = "-S ", hard[] = "-H ";
	const size_t which = sizeof(soft) - 1;

	for (const char *at = text; (at = strstr(at, command)); at += sizeof(command) - 1) {
		const char *given = at + sizeof(command) - 1;
		if (!strncmp(given, soft, which) || !strncmp(given, hard, which))
			given += which;
		if (!strncmp(given, option, strlen(option)) && given[strlen(option)] == ' ')
			return strtoul(given + strlen(option) + 1, NULL, 0);
	}
	return 0;
}

bool advise_set_limit(const struct context *q, const struct set_limit *limit, struct report *r)
{
	static const struct advice leave_out = {
		.text = "Leave {value} out of the container's command, or let it allow more: what "
			"is started behind it has {number} KiB of {name}.",
	};
	const struct container *c = q->container;
	unsigned long kib = 0;
	char statement[64];

	/* Of the container's own command: a shell that ran the program in its place is gone. */
	for (size_t i = 0; i < c->n_args && !kib; i++)
		kib = limit_in(c->args[i], limit->option);
	if (!kib || kib >= limit->usual_kib)
		return false;
	snprintf(statement, sizeof(statement), "`ulimit %s %lu`", limit->option, kib);
	report_sentence(r, "The container's command sets a limit: %s allows %lu KiB of %s.",
		statement, kib, limit->name);
	return recommend(r, &leave_out,
		&(struct blanks){ .value = statement, .number = kib, .name = limit->name });
}
