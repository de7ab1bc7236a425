// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

static bool missing(const struct inquiry *q, const struct failure *f)
{
	(void)q;
	if (f->error != ENOENT && f->error != ELOOP)
		return false;
	return !f->event || f->event->kind == EVENT_FILE_ERROR ||
	       (f->event->kind == EVENT_NETWORK_ERROR && *f->event->address == '/');
}

static bool match(const struct inquiry *q, struct verdict *v)
{
	return q->started && rule_failure(q, v, 0, missing);
}

static bool is_relative(const struct failure *f)
{
	return f->event && *f->event->requested && f->event->requested[0] != '/';
}

static void advise(const struct inquiry *q, const struct failure *f, struct report *r)
{
	const struct mount *m = mount_of(q, f);

	if (m->kind == MOUNT_CONFIGMAP || m->kind == MOUNT_SECRET || m->kind == MOUNT_PROJECTED)
		report_mend(r,
			"Add the key `%s` to the %s behind volume `%s`, or correct `items` where "
			"the "
			"volume picks keys.",
			path_name(f->path), mount_title(m->kind), m->name);
	else if (m->kind != MOUNT_ROOTFS && m->kind != MOUNT_NONE)
		report_mend(r,
			"See that something puts %s into the volume before the program starts, an "
			"init "
			"container for example.",
			f->path);
	else
		report_mend(r, "Put %s into the image, or mount it from a ConfigMap or Secret.",
			f->path);
	if (is_relative(f)) {
		report_mend(r, "Or set the folder that relative paths start from.");
		manifest_container(r, "    workingDir: /path/to/app\n");
	}
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const char *folder = f->event && f->event->facts ? f->event->facts->folder_path : "";

	report_title(r, f->error == ELOOP ? "Links in a circle: %s" : "Missing file: %s",
		*f->path ? f->path : "one that the program needs");
	report_say(r,
		f->error == ELOOP ? "%s tried to %s, but the links there in %s lead in a circle."
				  : "%s tried to %s, which does not exist in %s.",
		phrase_who(f).text, phrase_attempt(f).text, phrase_place(q, f).text);
	if (*folder && strcmp(folder, folder_of_path(f->path).text))
		report_say(
			r, "Not even its folder is there: the nearest that exists is %s.", folder);
	if (is_relative(f))
		report_say(r, "The program asked for `%s`, relative to its working directory.",
			f->event->requested);
	report_consequence(r, f);
	report_failure(r, f);
	advise(q, f, r);
	advise_loud(r, f);
}

const struct rule rule_missing_file = {
	.match = match,
	.tell = tell,
};
