// SPDX-License-Identifier: MIT
#include <errno.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "event/limits.h"

static bool full(const struct context *q, const struct failure *f)
{
	const struct limit *limits[LIMITS_OF_A_CALL];

	(void)q;
	if (f->error != ENOSPC && f->error != EDQUOT)
		return false;
	/* Namespaces, watches, keys, semaphores: the same error, and no disk has to do with it. */
	return !f->event || (f->event->kind == EVENT_FILE_ERROR && !limits_of(f->event, limits));
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, full);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct mount *m = mount_of(q, f);

	report_title(
		r, "No space left: %s could not %s", phrase_name(f).text, phrase_attempt(f).text);
	report_sentence(r, "%s could not %s: %s in %s.", phrase_who(f).text, phrase_attempt(f).text,
		f->error == EDQUOT ? "the quota is used up" : "no space is left",
		phrase_place(q, f).text);
	report_consequence(r, f);
	report_failure(r, f);
	if (path_under(m->destination, "/dev/shm")) {
		advise_shm(r);
	} else if (m->kind == MOUNT_EMPTYDIR || m->kind == MOUNT_TMPFS) {
		report_recommend(r,
			"Raise sizeLimit of the emptyDir at %s (2Gi below is an example), or write "
			"less.",
			m->destination);
		report_manifest(r, "volumes:\n  - name: %s\n    emptyDir:\n      sizeLimit: 2Gi\n",
			*m->name ? m->name : "data");
	} else if (m->kind == MOUNT_PVC) {
		report_recommend(r, "Enlarge the persistent volume claim behind `%s`, or clear it.",
			m->name);
	} else {
		report_recommend(r,
			"Free space on the node, or raise the container's ephemeral-storage "
			"limit.");
		manifest_container(
			r, "    resources:\n      limits:\n        ephemeral-storage: 4Gi\n");
	}
}

const struct rule rule_disk_full = {
	.match = match,
	.explain = explain,
};
