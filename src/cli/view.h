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

/* `type_` has a member `view`. formats_: format_choices, or page_format_choices where that can be kept until the end. */
// clang-format off
#define OPTION_ROWS_VIEW(type_, format_help_, formats_) \
	{ "namespace", 'n', OPTION_STRING, offsetof(type_, view.k8s_namespace), "NAMESPACE", \
		"only this namespace", NULL }, \
	{ "pod", 0, OPTION_STRING, offsetof(type_, view.pod), "POD", \
		"only pods with this name", NULL }, \
	{ "container", 0, OPTION_STRING, offsetof(type_, view.container), "NAME|ID", \
		"only containers with this name, or whose id starts with it", NULL }, \
	{ "action", 0, OPTION_STRING, offsetof(type_, view.action), "ACTION", \
		"only this kind of record: exec_failed, oom_kill, diagnosis ...", NULL }, \
	{ "errno", 0, OPTION_STRING, offsetof(type_, view.error), "ERRNO", \
		"only failures with this error: EACCES, or its number", NULL }, \
	{ "all", 'a', OPTION_FLAG, offsetof(type_, view.all), NULL, \
		"also show what succeeds (program starts, output, exits), and failures that are " \
		"normal in healthy programs", NULL }, \
	{ "output", 'o', OPTION_CHOICE, offsetof(type_, view.format), NULL, \
		format_help_, formats_ }, \
	{ "color", 0, OPTION_CHOICE, offsetof(type_, view.color), NULL, \
		"use colours; auto: on a terminal, unless NO_COLOR is set", when_choices }
// clang-format on

/* 0, or EXIT_USAGE after a message. target may be NULL. */
int view_filter(const struct command *c, const struct view_options *o, const char *target,
	struct filter *out);

/* 0, or EXIT_USAGE after a message. */
int view_target(const struct command *c, const char *target);

#endif
