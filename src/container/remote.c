// SPDX-License-Identifier: MIT
#include "container/remote.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "container/hostfile.h"
#include "util/cleanup.h"
#include "util/clock.h"

#define MOUNTS_MAX (4u << 20)
#define KEPT_NS \
	100000000u /* what is mounted meanwhile is not known: a worker that hangs is given up */

bool is_remote_type(const char *type)
{
	/* With a dot behind it: all whose name goes on with one ("fuse.sshfs"). */
	static const char *const types[] = { "fuse", "fuse.", "fuseblk", "nfs", "nfs4", "cifs",
		"smb3", "smbfs", "ceph", "9p", "virtiofs", "afs", "glusterfs", "lustre", "gpfs",
		"beegfs", "orangefs", "pvfs2", "coda", "ocfs2", "gfs2", "davfs" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		size_t len = strlen(types[i]);
		if (!strcmp(type, types[i]) ||
			(types[i][len - 1] == '.' && !strncmp(type, types[i], len)))
			return true;
	}
	return false;
}

/* The next field of a line, without its escapes (\040 is a blank). False at the end of the line. */
static bool next_field(const char **at, char *out, size_t size)
{
	const char *p = *at + strspn(*at, " ");
	size_t n = 0;

	if (!*p || *p == '\n')
		return false;
	for (; *p && *p != ' ' && *p != '\n'; p++) {
		char c = *p;
		if (c == '\\' && strspn(p + 1, "01234567") >= 3) {
			c = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			p += 3;
		}
		if (n + 1 < size)
			out[n++] = c;
	}
	out[n] = '\0';
	*at = p;
	return true;
}

/* "36 35 98:0 / /mnt rw,noatime shared:1 - nfs4 server:/ rw": the place, and behind the dash the type. */
static bool read_line(
	const char *line, char place[static PATH_MAX], char type[static REMOTE_TYPE_MAX])
{
	char field[64];

	for (int i = 0; i < 4; i++)
		if (!next_field(&line, field, sizeof(field)))
			return false;
	if (!next_field(&line, place, PATH_MAX))
		return false;
	do
		if (!next_field(&line, field, sizeof(field)))
			return false;
	while (strcmp(field, "-"));
	return next_field(&line, type, REMOTE_TYPE_MAX);
}

/* Those of one process, or of the host. */
struct mount_list {
	size_t n;
	struct mounted {
		char *place;
		size_t len; /* of place; 0 for the root */
		char type[REMOTE_TYPE_MAX];
		bool remote;
	} mounts[];
};

void mount_list_free(struct mount_list *list)
{
	for (size_t i = 0; list && i < list->n; i++)
		free(list->mounts[i].place);
	free(list);
}

struct mount_list *mount_list_parse(const char *mountinfo)
{
	char place[PATH_MAX], type[REMOTE_TYPE_MAX];
	size_t lines = 1;

	for (const char *p = mountinfo; (p = strchr(p, '\n')); p++)
		lines++;
	struct mount_list *list = calloc(1, sizeof(*list) + lines * sizeof(list->mounts[0]));
	for (const char *line = mountinfo; list && line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!read_line(line, place, type))
			continue;
		struct mounted *m = &list->mounts[list->n++];
		m->place = strdup(place);
		m->len = strcmp(place, "/") ? strlen(place) : 0;
		memcpy(m->type, type, sizeof(type));
		m->remote = is_remote_type(type);
		if (!m->place) {
			mount_list_free(list);
			return NULL;
		}
	}
	return list;
}

static const struct mounted *mounted_at(const struct mount_list *list, const char *path)
{
	const struct mounted *best = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct mounted *m = &list->mounts[i];
		/* The later one of two on one place hides the other. */
		if ((!best || m->len >= best->len) && !strncmp(path, m->place, m->len) &&
			(!path[m->len] || path[m->len] == '/'))
			best = m;
	}
	return best;
}

const char *mount_place(const struct mount_list *list, const char *path, const char **type)
{
	const struct mounted *best = mounted_at(list, path);

	*type = best && best->len ? best->type : "";
	return best ? best->place : NULL;
}

static struct mount_list *read_mounts(const char *path)
{
	_cleanup_free_ char *text = NULL;

	return proc_read(path, MOUNTS_MAX, &text) ? NULL : mount_list_parse(text);
}

/* What was read last. A container's looks come in runs, and a list of mounts is most of the work of a look. */
static struct {
	struct mount_list *mounts;
	bool inside;
	struct statx root;
	uint64_t read_ns;
} kept;

/* A process whose root is the same mount has the same mounts: no other namespace has that one. */
static bool is_same(const struct statx *a, const struct statx *b)
{
	return a->stx_mask & STATX_MNT_ID && a->stx_mnt_id == b->stx_mnt_id &&
	       a->stx_ino == b->stx_ino;
}

static void forget(void)
{
	mount_list_free(kept.mounts);
	kept.mounts = NULL;
}

static void keep(struct mount_list *mounts, bool inside, const struct statx *root)
{
	forget();
	kept.mounts = mounts;
	kept.inside = inside;
	kept.root = *root;
	kept.read_ns = clock_ns(CLOCK_MONOTONIC);
}

void remote_read(struct remote *r, int root, uint32_t pid, const char *host_root)
{
	struct statx about = { 0 };
	bool fresh = kept.mounts && clock_ns(CLOCK_MONOTONIC) - kept.read_ns < KEPT_NS;
	char path[64];

	if (root >= 0)
		statx(root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &about);
	if (!fresh || !kept.inside || !is_same(&about, &kept.root)) {
		snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
		struct mount_list *its = pid && root >= 0 ? read_mounts(path) : NULL;
		if (its)
			keep(its, true, &about);
		else if (!fresh || kept.inside)
			keep(read_mounts(*host_root ? "/proc/1/mountinfo" : "/proc/self/mountinfo"),
				false, &about);
	}
	*r = (struct remote){ kept.mounts, kept.inside };
}

bool remote_holds(const struct remote *r, const struct container *c, const char *path)
{
	const struct mount *m = c ? container_mount_of(c, *path ? path : "/") : NULL;
	const struct mounted *at = NULL;
	char outside[PATH_MAX];

	*outside = '\0'; /* of the rest nothing is read */
	if (!c)
		snprintf(outside, sizeof(outside), "%s", path);
	else if (m != &c->root)
		snprintf(
			outside, sizeof(outside), "%s%s", m->source, path + strlen(m->destination));
	if (r->mounts && (r->inside || *outside))
		at = mounted_at(r->mounts, r->inside ? path : outside);
	return at && at->len && at->remote;
}
