// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/limits.h"
#include "diagnose/rules.h"

/* ENOSPC is a disk for files only: other calls count other things. */
static bool full(const struct context *q, const struct failure *f)
{
	const struct limit *likely[LIMITS_OF_A_CALL];

	(void)q;
	if (f->error != ENOSPC && f->error != EDQUOT)
		return false;
	return !f->event || (f->event->kind == EVENT_FILE_ERROR && !limits_of(f->event, likely));
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, full);
}

/* What is used up, as far as the file system itself tells. */
enum scarce { SCARCE_UNKNOWN, SCARCE_BYTES, SCARCE_INODES, SCARCE_QUOTA };

static enum scarce scarce_of(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	const struct filesystem_facts *fs = facts ? &facts->filesystem : NULL;

	if (f->error == EDQUOT)
		return SCARCE_QUOTA;
	if (!fs || !fs->room_known)
		return SCARCE_UNKNOWN;
	if (fs->total_inodes && !fs->free_inodes)
		return SCARCE_INODES;
	return has_room(f) ? SCARCE_QUOTA : SCARCE_BYTES;
}

static void explain_room(const struct failure *f, enum scarce scarce, struct report *r)
{
	const struct filesystem_facts *fs = &f->event->facts->filesystem;

	switch (scarce) {
	case SCARCE_INODES:
		report_sentence(r,
			"Room is left, but no more files: all %" PRIu64 " inodes are in use.",
			fs->total_inodes);
		break;
	case SCARCE_BYTES:
		report_sentence(r, "It has %s, and %s are left.",
			phrase_bytes(fs->total_bytes).text, phrase_bytes(fs->free_bytes).text);
		break;
	case SCARCE_QUOTA:
		if (f->error == ENOSPC)
			report_doubt(r, f);
		break;
	default:
		break;
	}
}

static void recommend(
	const struct failure *f, const struct mount *m, enum scarce scarce, struct report *r)
{
	const char *name = *m->name ? m->name : "data";

	if (path_under(m->destination, "/dev/shm") && m->kind != MOUNT_EMPTYDIR) {
		advise_shm(r);
	} else if (scarce == SCARCE_INODES && m->kind != MOUNT_PVC) {
		report_recommend(r,
			"Delete files that are no longer needed: `df -i` on the node shows the "
			"file system, and many small files (layers, logs, sessions) use it up.");
	} else if (m->kind == MOUNT_EMPTYDIR || m->kind == MOUNT_TMPFS) {
		report_recommend(r,
			"Raise sizeLimit of the emptyDir at %s (2Gi below is an example), or write "
			"less.",
			m->destination);
		report_manifest(
			r, "volumes:\n  - name: %s\n    emptyDir:\n      sizeLimit: 2Gi\n", name);
	} else if (m->kind == MOUNT_PVC) {
		report_recommend(r,
			"Enlarge the persistent volume claim behind `%s`%s, or clear it.", name,
			scarce == SCARCE_INODES ? " (its inodes grow with it)" : "");
	} else if (m->kind == MOUNT_HOSTPATH) {
		report_recommend(r, "Free space on the node below %s.",
			*m->source ? m->source : m->destination);
	} else {
		report_recommend(r,
			"Free space on the node, or raise the container's ephemeral-storage "
			"limit.");
		manifest_container(
			r, "    resources:\n      limits:\n        ephemeral-storage: 4Gi\n");
	}
	if (f->error == EDQUOT)
		report_recommend(r, "Or raise the quota that the storage sets for it.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct mount *m = mount_of(q, f);
	enum scarce scarce = scarce_of(f);
	const char *what = scarce == SCARCE_INODES ? "no inode is left"
			   : f->error == EDQUOT    ? "the quota is used up"
						   : "no space is left";

	bool denied = node_denies(q, f) || is_hearsay(q, f);

	report_title(r, "%s: %s could not %s",
		is_hearsay(q, f) ? "\"No space left\", by its words alone"
		: denied         ? "\"No space left\", and there is room"
				 : "No space left",
		phrase_name(f).text, phrase_attempt(f).text);
	if (denied)
		report_sentence(r, "%s could not %s in %s.", phrase_who(f).text,
			phrase_attempt(f).text, phrase_place(q, f).text);
	else
		report_sentence(r, "%s could not %s: %s in %s.", phrase_who(f).text,
			phrase_attempt(f).text, what, phrase_place(q, f).text);
	if (f->event && f->event->facts)
		explain_room(f, scarce, r);
	report_consequence(r, f);
	report_failure(r, f);
	recommend(f, m, scarce, r);
}

const struct rule rule_disk_full = {
	.match = match,
	.explain = explain,
};
