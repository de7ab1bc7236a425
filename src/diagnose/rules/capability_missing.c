// SPDX-License-Identifier: MIT
/*
 * A call that takes a capability was refused with the errno that the kernel has for its absence. Whether the process
 * had it was looked up right then where that was possible; a call that is refused all the same is a filter's doing.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/capabilities.h"
#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/find.h"

static const struct capability_need *need_of(const struct failure *f)
{
	return f->event ? capability_needed(f->event, program_name(f->exec)) : NULL;
}

int capability_wanted(const struct failure *f)
{
	const struct capability_need *need = need_of(f);

	return need ? need->capability : -1;
}

bool capability_held(const struct context *q, const struct event *e, int capability)
{
	const struct container *c = q->container;

	if (e->process.known)
		return (e->process.capabilities >> capability & 1) && !e->process.user_namespace;
	return !e->uid && c->described && (c->capabilities >> capability & 1);
}

/* A tool that takes two capabilities and was given the first is refused for what this one call takes. */
static const struct capability_need *need_here(const struct context *q, const struct failure *f)
{
	const struct capability_need *need = need_of(f);

	return need && need->also && capability_held(q, f->event, need->capability)
		       ? capability_needed(f->event, "")
		       : need;
}

/* Root without DAC_OVERRIDE is refused like anybody else. */
static bool lacks_override(const struct context *q, const struct failure *f)
{
	return f->event && f->error == EACCES && f->event->uid == 0 &&
	       f->event->kind == EVENT_FILE_ERROR && q->container->described &&
	       !capability_held(q, f->event, CAP_DAC_OVERRIDE) && !failure_is_copy(q, f);
}

/* Only root expects to change owners; anybody else has simply no business there. */
static bool about_files(const struct failure *f)
{
	return call_owns(f) || call_is(f, "utimensat");
}

/*
 * capabilities(7): a program whose file gives a capability (setcap) that its process may never have is not run at all, as it
 * would not notice what it lacks. The capabilities that are in the way; 0: none.
 */
static uint64_t refused_for_file(const struct context *q, const struct failure *f)
{
	const struct event *e = f->event;
	const struct container *c = q->container;

	if (!e || e->kind != EVENT_EXEC_FAILED || f->error != EPERM || !e->facts ||
		!e->facts->known || (!e->process.known && !c->described))
		return 0;
	return e->facts->file.capabilities &
	       ~(e->process.known ? e->process.bounding : c->capabilities);
}

static bool lacks(const struct context *q, const struct failure *f)
{
	const struct capability_need *need = need_here(q, f);

	if (lacks_override(q, f) || refused_for_file(q, f))
		return true;
	if (!need || failure_is_copy(q, f) || (about_files(f) && f->event->uid != 0))
		return false;
	return !capability_held(q, f->event, need->capability);
}

/* Tools that ask the kernel by netlink: only their words tell of a refusal. */
static bool reports_refusal(const char *line)
{
	return find_folded(line, "not permitted") || find_folded(line, "permission denied") ||
	       find_folded(line, "must be root");
}

static bool refused_a_tool(const struct context *q, struct verdict *v)
{
	if (!rule_log_line(q, v, reports_refusal))
		return false;
	clues_add(&v->clues, CLUE_refused_tool);
	const struct capability_need *need =
		capability_of_tool(program_name(v->candidate->process->exec));
	return need &&
	       !(q->container->described && (q->container->capabilities >> need->capability & 1));
}

/* Its words were not seen, but it ends otherwise over what it was asked for. */
static bool tool_ended_for_refusal(const struct context *q, struct verdict *v)
{
	const struct process *p = q->culprit ? q->culprit->process : NULL;
	const char *name = p && p->ended_at ? program_name(p->exec) : "";
	const struct capability_need *need = capability_of_tool(name);

	if (!q->failed || !need || !exit_tells_of_refusal(name, status_exit_code(p->status)) ||
		log_lines_decisive(&q->culprit->log_lines) || !q->container->described ||
		(q->container->capabilities >> need->capability & 1))
		return false;
	rule_process(v, q->culprit, CLUE_refused_by_status);
	return true;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, lacks) || refused_a_tool(q, v) || tool_ended_for_refusal(q, v);
}

/* "NET_ADMIN and NET_RAW" */
static struct phrase names_of(const struct capability_need *need, const char *between)
{
	struct phrase p;

	snprintf(p.text, sizeof(p.text), "%s%s%s", need->name, need->also ? between : "",
		need->also ?: "");
	return p;
}

static void explain_tool(const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const struct capability_need *need = capability_of_tool(program_name(p->exec));

	report_title(r, "Capability missing: %s needs CAP_%s", phrase_process_name(p).text,
		names_of(need, " and CAP_").text);
	report_sentence(r,
		"`%.200s` was refused by the kernel: that takes %s, which it does not have.",
		phrase_command(p).text, names_of(need, " and ").text);
	report_culprit(r, p->exit);
	report_path(r, need->path);
	if (v->line)
		report_quote(r, p, v->line);
	else
		report_sentence(r, "It ended with exit code %d, which it has for that.",
			status_exit_code(p->status));
	advise_capability(r, need, NULL);
}

static const char *why_not(const struct context *q, const struct failure *f, int capability)
{
	const struct event *e = f->event;
	bool added = q->container->described && (q->container->capabilities >> capability & 1);

	if (e->process.known && e->process.user_namespace)
		return "it has in a user namespace of its own only";
	if (is_plain_command(q))
		return e->uid ? "a process that is not root does not have"
			      : "it does not have, although it runs as root";
	if (e->uid && (added || (e->process.known && (e->process.bounding >> capability & 1))))
		return "the pod may use, but a process that is not root is not given";
	return e->uid ? "the container does not give to a process that is not root"
		      : "the container was not given";
}

/* "NET_ADMIN, NET_RAW" */
static struct phrase list_of(uint64_t capabilities)
{
	struct phrase p = { "" };
	size_t len = 0;

	for (int i = 0; capabilities >> i && len < sizeof(p.text) / 2; i++)
		if (capabilities >> i & 1)
			len += (size_t)snprintf(p.text + len, sizeof(p.text) - len, "%s%s",
				len ? ", " : "", capability_name(i));
	return p;
}

static void explain_file(const struct failure *f, uint64_t refused, struct report *r)
{
	static const struct advice add = {
		.text = "Add {name} to the container's capabilities: the program's file has it, "
			"and is not run where nobody may have it.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n"
		"        add: [{yaml}]\n",
	};
	static const struct advice take_off = {
		.text = "Or take it off the file when the image is built, where the program does "
			"without[: `RUN setcap -r {path}`].",
	};
	struct phrase names = list_of(refused);
	struct blanks b = { .name = names.text, .yaml = names.text, .path = f->path };

	report_title(r,
		"Capability missing: %s has %s on its file, which the container may not use",
		f->path, names.text);
	report_sentence(r,
		"%s could not run %s: its file gives whoever runs it %s (setcap), and the "
		"container has dropped that for good, so that the kernel does not start the "
		"program at all.",
		phrase_who(f).text, f->path, names.text);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(r, &add, &b);
	recommend(r, &take_off, &b);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	static const struct capability_need override = { CAP_DAC_OVERRIDE, "DAC_OVERRIDE",
		.instead = "give the file or directory to the user that the container runs as",
		.avoid = true };
	const struct failure *f = v->failure;

	if (!f) {
		explain_tool(v, r);
		return;
	}
	uint64_t refused = refused_for_file(q, f);
	if (refused) {
		explain_file(f, refused, r);
		return;
	}
	const struct capability_need *need = lacks_override(q, f) ? &override : need_here(q, f);
	struct phrase owner = phrase_owner(f);

	report_title(r, "Capability missing: %s needs CAP_%s to %s", phrase_name(f).text,
		names_of(need, " and CAP_").text, phrase_attempt(f).text);
	report_sentence(r, "%s could not %s: that takes the capability %s, which %s.",
		phrase_who(f).text, phrase_attempt(f).text, need->name,
		why_not(q, f, need->capability));
	if (need->also)
		report_sentence(
			r, "What it does next takes %s, so that both are wanted.", need->also);
	if (*owner.text && f->event->kind == EVENT_FILE_ERROR)
		report_sentence(r, "%s.", owner.text);
	report_consequence(r, f);
	report_failure(r, f);
	advise_capability(r, need, f);
}

const struct rule rule_capability_missing = {
	.match = match,
	.explain = explain,
};
