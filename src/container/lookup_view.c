// SPDX-License-Identifier: MIT
#include "container/lookup_view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/hostfile.h"
#include "util/cleanup.h"

#define STEPS_MAX 512

int view_base(struct view *v, const struct mount *m)
{
	bool is_root = m == &v->c->root;
	const char *source = is_root ? v->c->rootfs : m->source;

	if (is_root && v->unmounted)
		return -ENOENT;
	if (v->base_of != m) {
		if (v->base >= 0)
			close(v->base);
		v->base = *source ? host_open(v->host_root, source, O_PATH) : -ENOENT;
		v->base_of = m;
	}
	return v->base;
}

int view_open(struct view *v, const char *path)
{
	const int flags = O_PATH | O_NOFOLLOW;
	const uint64_t inside = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	const char *rest = path;

	if (++v->steps > STEPS_MAX)
		return -ELOOP;
	if (remote_holds(&v->remote, v->by_bundle ? v->c : NULL, path))
		return -EREMOTE;
	if (v->by_bundle) {
		const struct mount *m = container_mount_of(v->c, *path ? path : "/");
		int base = view_base(v, m);
		if (base >= 0) {
			rest += m == &v->c->root ? 0 : strlen(m->destination);
			rest += strspn(rest, "/");
			if (*rest)
				return open_below(base, rest, flags, inside);
			int fd = fcntl(base, F_DUPFD_CLOEXEC, 0);
			return fd < 0 ? -errno : fd;
		}
	}
	if (v->root < 0)
		return -ESRCH;
	rest = path + strspn(path, "/");
	return open_below(v->root, *rest ? rest : ".", flags, inside);
}

/*
 * When a container ends its runtime unmounts the root file system and leaves, for a moment, the empty
 * directory that it was mounted on: in there everything would seem to be missing. A real root that is no mount holds at
 * least the directories that the runtime made for its mounts.
 */
static bool is_unmounted(struct view *v)
{
	int rootfs = view_base(v, &v->c->root);
	struct statx about;

	if (rootfs < 0)
		return true;
	/* Since Linux 5.8; a listing is read where it is not told. */
	if (!statx(rootfs, "", AT_EMPTY_PATH, 0, &about) &&
		about.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return false;
	_cleanup_fd_ int list = reopen(rootfs, O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *dir = list < 0 ? NULL : fdopendir(list);
	const struct dirent *entry;

	if (dir)
		list = -1; /* closed with it */
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			return false;
	return true;
}

void view_start(struct view *v)
{
	bool plain = !strcmp(v->c->runtime, "ktrace");
	uint32_t pid = plain ? 0 : v->who->pid;
	char process[64];

	snprintf(process, sizeof(process), "/proc/%u/root", pid);
	const char *root = plain ? (*v->host_root ? v->host_root : "/") : process;
	v->root = plain || pid ? open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	v->base = -1;
	v->by_bundle = !plain && *v->c->rootfs;
	remote_read(&v->remote, pid, v->host_root);
	v->unmounted = v->by_bundle && is_unmounted(v);
}

void view_end(struct view *v)
{
	remote_free(&v->remote);
	if (v->base >= 0)
		close(v->base);
	if (v->root >= 0)
		close(v->root);
}
