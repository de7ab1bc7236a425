// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/places.h"

static bool denied(const struct context *q, const struct failure *f)
{
	if ((f->error != EACCES && f->error != EPERM) || failure_is_copy(q, f))
		return false;
	if (!f->event)
		return true;
	if (f->event->kind == EVENT_NETWORK_ERROR)
		return f->event->family == AF_UNIX;
	return f->event->kind == EVENT_FILE_ERROR;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, denied);
}

/* Only words tell of it, and they name no path. */
static bool is_unnamed(const struct failure *f)
{
	return !f->event && !*f->path && f->line;
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	struct phrase owner = phrase_owner(f);
	const struct path_facts *facts = f->event && f->event->facts ? f->event->facts : NULL;

	if (is_unnamed(f)) {
		report_title(r, "%s: %s", phrase_name(f).text,
			phrase_message(f->line, f->process->comm).text);
		report_sentence(r, "%s was refused something, and does not say of which file.",
			phrase_who(f).text);
	} else {
		report_title(r, "%s may not %s: %s", phrase_name(f).text, phrase_attempt(f).text,
			phrase_refusal(f).text);
		report_sentence(r, "%s tried to %s in %s, and was refused.", phrase_who(f).text,
			phrase_attempt(f).text, phrase_place(q, f).text);
	}
	/* The files of a ConfigMap or Secret are links that the kubelet makes: nobody has to know. */
	if (facts && *facts->real_path && !mount_holds_keys(mount_of(q, f)))
		report_sentence(r, "%s leads to %s.", f->path, facts->real_path);
	if (place_of(f->path) == PLACE_STREAM && f->event && q->container->described &&
		f->event->uid != q->container->uid)
		report_sentence(r, "It changed its user after the start, and the pipe to the "
				   "container's log still "
				   "belongs to the first one.");
	else if (*owner.text)
		report_sentence(r, "%s; the process ran as uid %u, gid %u.", owner.text,
			f->event->uid, f->event->gid);
	if (node_denies(q, f))
		report_doubt(r, f);
	report_consequence(r, f);
	report_failure(r, f);
	advise_access(r, f);
	advise_visible_errors(r, f);
}

const struct rule rule_permission_denied = {
	.match = match,
	.explain = explain,
};
