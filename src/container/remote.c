// SPDX-License-Identifier: MIT
#include "container/remote.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/hostfile.h"
#include "util/cleanup.h"

#define MOUNTS_MAX (4u << 20)

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

void mount_type(const char *mountinfo, const char *path, char type[static REMOTE_TYPE_MAX])
{
	char place[PATH_MAX], here[REMOTE_TYPE_MAX];
	size_t best = 0;

	*type = '\0';
	for (const char *line = mountinfo; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!read_line(line, place, here))
			continue;
		size_t len = strcmp(place, "/") ? strlen(place) : 0;
		/* The later one of two on one place hides the other. */
		if (len < best || strncmp(path, place, len) || (path[len] && path[len] != '/'))
			continue;
		best = len;
		snprintf(type, REMOTE_TYPE_MAX, "%s", len ? here : "");
	}
}

static char *read_mounts(const char *path)
{
	char *text = NULL;

	return host_read("", path, MOUNTS_MAX, &text, NULL) ? NULL : text;
}

void remote_read(struct remote *r, uint32_t pid, const char *host_root)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	*r = (struct remote){ .mounts = pid ? read_mounts(path) : NULL };
	r->inside = r->mounts != NULL;
	if (!r->mounts)
		r->mounts = read_mounts(*host_root ? "/proc/1/mountinfo" : "/proc/self/mountinfo");
}

void remote_free(struct remote *r)
{
	free(r->mounts);
	r->mounts = NULL;
}

bool remote_holds(const struct remote *r, const struct container *c, const char *path)
{
	const struct mount *m = c ? container_mount_of(c, *path ? path : "/") : NULL;
	char type[REMOTE_TYPE_MAX] = "", outside[PATH_MAX] = "";

	if (!c)
		snprintf(outside, sizeof(outside), "%s", path);
	else if (m != &c->root)
		snprintf(
			outside, sizeof(outside), "%s%s", m->source, path + strlen(m->destination));
	if (r->mounts && (r->inside || *outside))
		mount_type(r->mounts, r->inside ? path : outside, type);
	return is_remote_type(type);
}
