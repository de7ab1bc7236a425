/* SPDX-License-Identifier: MIT */
/* What `live` and `replay` have in common: which records are shown, and how. */
#ifndef KTRACE_CLI_VIEW_H
#define KTRACE_CLI_VIEW_H

#include "cli/options.h"
#include "record/filter.h"

struct view_options {
	const char *container, *pod, *k8s_namespace, *action, *error;
	bool all;
	int format, color;
};

/* `type_` has a member `view`. */
// clang-format off
#define OPTION_ROWS_VIEW(type_) \
	{ "namespace", 'n', OPTION_STRING, offsetof(type_, view.k8s_namespace), "NAMESPACE", \
		"of this namespace only", NULL }, \
	{ "pod", 0, OPTION_STRING, offsetof(type_, view.pod), "POD", \
		"of pods with this name only", NULL }, \
	{ "container", 0, OPTION_STRING, offsetof(type_, view.container), "NAME|ID", \
		"of containers with this name, or whose id begins so", NULL }, \
	{ "action", 0, OPTION_STRING, offsetof(type_, view.action), "ACTION", \
		"one kind of record: exec_failed, oom_kill, diagnosis ...", NULL }, \
	{ "errno", 0, OPTION_STRING, offsetof(type_, view.error), "ERRNO", \
		"failures with this error only: EACCES, or its number", NULL }, \
	{ "all", 'a', OPTION_FLAG, offsetof(type_, view.all), NULL, \
		"what succeeds too (programs run, output, exits), and failures that healthy programs " \
		"make as well", NULL }, \
	{ "output", 'o', OPTION_CHOICE, offsetof(type_, view.format), NULL, \
		"text to read, or one JSON record a line", format_choices }, \
	{ "color", 0, OPTION_CHOICE, offsetof(type_, view.color), NULL, \
		"colours and bold: auto is on a terminal without NO_COLOR", when_choices }
// clang-format on

/* 0, or EXIT_USAGE after a message. target may be NULL. */
int view_filter(const struct command *c, const struct view_options *o, const char *target,
	struct filter *out);

/* 0, or EXIT_USAGE after a message. */
int view_target(const struct command *c, const char *target);

#endif
