// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

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

/* Whose bits refuse? If none do, it is something that has no bits: SELinux, AppArmor, a remote server. */
static bool bits_allow(const struct event *e)
{
	const struct file_facts *file = &e->facts->file;

	/* Owner and mode of a file decide who opens it; its removal and its mode are another matter. */
	if (strncmp(e->syscall, "open", 4) && strncmp(e->syscall, "read", 4))
		return false;
	if (file->type != FILE_REGULAR || strstr(e->flags, "O_WRONLY") ||
		strstr(e->flags, "O_RDWR"))
		return false;
	if (e->facts->directory.type == FILE_DIRECTORY && !(e->facts->directory.mode & 0001))
		return false;
	return (file->mode & 0004) || (file->uid == e->uid && (file->mode & 0400)) ||
	       (file->gid == e->gid && (file->mode & 0040));
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	struct phrase owner = phrase_owner(f);

	report_title(
		r, "Permission denied: %s may not %s", phrase_name(f).text, phrase_attempt(f).text);
	report_sentence(r, "%s tried to %s in %s, and was refused.", phrase_who(f).text,
		phrase_attempt(f).text, phrase_place(q, f).text);
	if (*owner.text)
		report_sentence(r, "%s; the process ran as uid %u, gid %u.", owner.text,
			f->event->uid, f->event->gid);
	report_consequence(r, f);
	report_failure(r, f);
	if (f->event && f->event->facts && f->event->facts->known && bits_allow(f->event)) {
		report_recommend(r,
			"Owner and mode of the file would allow it: let uid %u enter every folder "
			"on "
			"the way (`chmod a+x`).",
			f->event->uid);
		report_recommend(r,
			"If it may: look in the node's audit log for a denial by SELinux or "
			"AppArmor.");
	} else {
		advise_access(r, f);
	}
	advise_visible_errors(r, f);
}

const struct rule rule_permission_denied = {
	.match = match,
	.explain = explain,
};
