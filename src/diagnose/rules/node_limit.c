// SPDX-License-Identifier: MIT
/*
 * A number that the node's kernel keeps is used up: no disk is full, and nothing in the pod's limits helps. Which
 * number it is hangs on the call (event/limits.c); for a few it can be one of two, and then the text says so.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/limits.h"
#include "diagnose/rules.h"

/* ENOMEM of mmap has too many reasons: only where the areas were counted is it theirs. */
static bool is_certain(const struct event *e, const struct limit *l)
{
	bool counted = e->limit_name && !strcmp(e->limit_name, l->name) && e->process.used;

	return strcmp(l->name, "vm.max_map_count") != 0 || counted;
}

static bool of_the_node(const struct context *q, const struct failure *f)
{
	const struct limit *l = f->event ? limit_of_event(f->event) : NULL;

	(void)q;
	return limit_is_of_node(l) && limit_text_of(l) && is_certain(f->event, l) &&
	       !call_is(f, "prlimit64");
}

/* A sysctl that could not be written is no limit that was reached. */
static bool speaks_of_a_limit(const char *line)
{
	int error = line_errno(line);
	bool refused = error == EROFS || error == EACCES || error == EPERM || error == ENOENT;

	return !refused && limit_in_line(line) != NULL;
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_failure(q, v, of_the_node)) {
		rule_limit(v);
		return true;
	}
	return rule_log_line(q, v, speaks_of_a_limit) && limit_text_of(limit_in_line(v->line));
}

#define MANY 8192 /* namespaces: who is refused below it has nested them */

/* kernel/user_namespace.c, kernel/pid_namespace.c: 32 levels at most, and the same error. */
static bool is_nested(const struct event *e, const struct limit *l)
{
	bool nests = !strcmp(l->name, "user.max_user_namespaces") ||
		     !strcmp(l->name, "user.max_pid_namespaces");

	return nests && e && e->process.limit >= MANY;
}

/* What to raise it to: more than it is now. */
static struct phrase value_for(const struct event *e, const struct limit_text *text)
{
	uint64_t now =
		e && e->limit_name && !strcmp(e->limit_name, text->name) ? e->process.limit : 0;
	struct phrase p;

	if (now && now >= strtoull(text->example, NULL, 10) && now < UINT64_MAX / 4)
		snprintf(p.text, sizeof(p.text), "%" PRIu64, now * 2);
	else
		snprintf(p.text, sizeof(p.text), "%s", text->example);
	return p;
}

static void recommend_sysctl(struct report *r, const struct event *e, const struct limit *l,
	const struct limit_text *text)
{
	struct phrase value = value_for(e, text);

	if (l->namespaced) {
		report_recommend(r,
			"Set %s in the pod spec; the kubelet of the node must allow it "
			"(--allowed-unsafe-sysctls=%s).",
			l->name, l->name);
		report_manifest(r,
			"securityContext:\n  sysctls:\n    - name: %s\n      value: \"%s\"\n",
			l->name, value.text);
		return;
	}
	report_recommend(r,
		"Raise %s on the node (`sysctl -w %s=%s`, and in /etc/sysctl.d to last), or with a "
		"privileged init container as below.",
		l->name, l->name, value.text);
	report_manifest(r,
		"initContainers:\n  - name: sysctl\n    image: busybox\n    command: [sysctl, -w, "
		"\"%s=%s\"]\n    securityContext:\n      privileged: true\n",
		l->name, value.text);
}

static void recommend_all(struct report *r, const struct event *e, const struct limit *l,
	const struct limit_text *text)
{
	if (is_nested(e, l))
		report_recommend(r,
			"Do not nest namespaces more than 32 levels deep: let the program make one "
			"and work in it.");
	if (text->example)
		recommend_sysctl(r, e, l, text);
	else
		report_recommend(r, "Raise %s where it is set, above the container.", l->name);
	if (text->instead)
		report_recommend(r, "Or %s.", text->instead);
}

static void explain_value(const struct event *e, const struct limit *l, struct report *r)
{
	uint64_t value = e ? e->process.limit : 0;

	if (is_nested(e, l)) {
		report_sentence(r,
			"It is %" PRIu64
			" on this node; nesting them more than 32 levels deep ends in "
			"the same error, and is the likelier reason.",
			value);
	} else if (value && e->process.used) {
		report_sentence(r, "It is %" PRIu64 " on this node, and %" PRIu64 " are in use.",
			value, e->process.used);
	} else if (value) {
		report_sentence(r, "It is %" PRIu64 " on this node.", value);
	}
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct limit *l = f ? limit_of_event(f->event) : limit_in_line(v->line);
	const struct limit_text *text = limit_text_of(l);
	const struct process *p = f ? f->process : v->candidate->process;

	report_title(r, "The node's limit of %s is reached (%s)", text->what, l->name);
	if (f)
		report_sentence(r,
			"%s could not %s: the number of %s is used up, which the node's kernel "
			"limits by %s, %s.",
			phrase_who(f).text, phrase_attempt(f).text, text->what, l->name,
			text->counted);
	else
		report_sentence(r,
			"%s gave up because of the number of %s, which the node's kernel limits by "
			"%s, %s.",
			phrase_process(p).text, text->what, l->name, text->counted);
	explain_value(f ? f->event : NULL, l, r);
	if (f && (f->error == ENOSPC || f->error == EDQUOT))
		report_sentence(r, "No disk is full, whatever the message says.");
	if (f) {
		report_consequence(r, f);
		report_failure(r, f);
	} else {
		report_culprit(r, p->exit);
		report_quote(r, p, v->line);
	}
	(void)q;
	recommend_all(r, f ? f->event : NULL, l, text);
}

const struct rule rule_node_limit = {
	.match = match,
	.explain = explain,
};
