// SPDX-License-Identifier: MIT
#include "container/lookup_view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/access.h"
#include "container/file_facts.h"
#include "container/hostfile.h"
#include "util/cleanup.h"

#define STEPS_MAX 512

/* The next place is sought from the beginning. */
static void leave(struct place *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->below = p->fd = -1;
	*p->path = '\0';
	p->known = false;
}

int view_base(struct view *v, const struct mount *m)
{
	if (m == &v->c->root) {
		if (v->rootfs == -EAGAIN)
			v->rootfs = host_open(v->host_root, v->c->rootfs, O_PATH);
		return v->unmounted ? -ENOENT : v->rootfs;
	}
	if (v->base_of != m) {
		leave(&v->place);
		if (v->base >= 0)
			close(v->base);
		v->base = *m->source ? host_open(v->host_root, m->source, O_PATH) : -ENOENT;
		v->base_of = m;
	}
	return v->base;
}

static int fd_of(const struct place *p)
{
	return p->fd < 0 ? p->below : p->fd;
}

static bool leads_to(const struct place *p, const char *path)
{
	size_t len = strlen(p->path);

	return !len || (!strncmp(p->path, path, len) && (!path[len] || path[len] == '/'));
}

/* One component further, which is no link and leads nowhere else: so nothing that is moved meanwhile leads us out. */
static int go_down(struct place *p, const char *name, size_t len)
{
	char component[NAME_MAX + 1];
	size_t used = strlen(p->path);
	struct stat st;

	if (len > NAME_MAX || used + len + 2 > sizeof(p->path))
		return -ENAMETOOLONG;
	memcpy(component, name, len);
	component[len] = '\0';
	if (!strcmp(component, ".."))
		return -EXDEV;
	int fd = openat(fd_of(p), component, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		int err = errno;
		bool link = err == ENOTDIR && !fstat(fd_of(p), &st) && S_ISLNK(st.st_mode);
		return link ? -ELOOP : -err;
	}
	if (p->fd >= 0)
		close(p->fd);
	p->fd = fd;
	if (used)
		p->path[used++] = '/';
	memcpy(p->path + used, component, len + 1);
	p->known = false;
	return 0;
}

/* As far as it goes, where it fails too: what comes next mostly asks for the directory. */
static int go_to(struct place *p, int below, const char *path)
{
	int rc = 0;

	path += strspn(path, "/");
	if (p->below != below || !leads_to(p, path)) {
		leave(p);
		p->below = below;
	}
	for (path += strlen(p->path); !rc && *path;) {
		path += strspn(path, "/");
		size_t len = strcspn(path, "/");
		if (len && !(len == 1 && *path == '.'))
			rc = go_down(p, path, len);
		path += len;
	}
	return rc ?: fd_of(p);
}

int view_open(struct view *v, const char *path)
{
	if (++v->steps > STEPS_MAX)
		return -ELOOP;
	if (remote_holds(&v->remote, v->by_bundle ? v->c : NULL, path))
		return -EREMOTE;
	if (v->by_bundle) {
		const struct mount *m = container_mount_of(v->c, *path ? path : "/");
		int base = view_base(v, m);
		if (base >= 0)
			return go_to(&v->place, base,
				path + (m == &v->c->root ? 0 : strlen(m->destination)));
	}
	return v->root < 0 ? -ESRCH : go_to(&v->place, v->root, path);
}

int view_facts(struct view *v, struct file_facts *out)
{
	struct place *p = &v->place;
	int rc = p->known ? 0 : file_facts_of(fd_of(p), &p->facts);

	if (rc)
		return rc;
	p->known = true;
	*out = p->facts;
	return 0;
}

void view_access(const struct view *v, struct file_facts *facts)
{
	access_list_of(fd_of(&v->place), v->c, v->who, facts);
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

void view_forget_place(struct view *v)
{
	leave(&v->place);
}

static void put_root_path(char out[static 64], uint32_t pid)
{
	snprintf(out, 64, "/proc/%u/root", pid);
}

void view_start(struct view *v, uint32_t pid)
{
	bool plain = !strcmp(v->c->runtime, "ktrace");
	char process[64];

	v->pid = plain ? 0 : pid;
	put_root_path(process, v->pid);
	const char *root = plain ? (*v->host_root ? v->host_root : "/") : process;
	v->root = plain || v->pid ? open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	v->base = -1;
	v->rootfs = -EAGAIN;
	v->place.below = v->place.fd = -1;
	v->by_bundle = !plain && *v->c->rootfs;
	remote_read(&v->remote, v->root, v->pid, v->host_root);
	v->unmounted = v->by_bundle && is_unmounted(v);
}

bool view_is_current(const struct view *v)
{
	struct statx then = { 0 }, now = { 0 };
	char process[64];

	put_root_path(process, v->pid);
	if (!v->pid || statx(AT_FDCWD, process, 0, STATX_INO | STATX_MNT_ID, &now))
		return true; /* it is gone: what it had is all there is */
	return v->root >= 0 &&
	       !statx(v->root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &then) &&
	       then.stx_ino == now.stx_ino && then.stx_mnt_id == now.stx_mnt_id &&
	       then.stx_dev_major == now.stx_dev_major && then.stx_dev_minor == now.stx_dev_minor;
}

void view_end(struct view *v)
{
	leave(&v->place);
	if (v->base >= 0)
		close(v->base);
	if (v->rootfs >= 0)
		close(v->rootfs);
	if (v->root >= 0)
		close(v->root);
}
