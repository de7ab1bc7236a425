// SPDX-License-Identifier: MIT
/*
 * An access control list decides in place of the mode's bits for group and others, and the mode then shows its mask
 * where the group's rights stood: who reads owner and mode alone takes it for what it is not. Which entry counts is
 * the order of acl(5), "access check algorithm".
 */
#include "container/access.h"

#include <endian.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#define LIST_MAX 4096 /* 510 entries; ext4 holds no more in a block */

static bool in_group(const struct container *c, const struct identity *who, uint32_t gid)
{
	for (size_t i = 0; i < c->n_groups; i++)
		if (c->groups[i] == gid)
			return true;
	return who->gid == gid;
}

struct list {
	const struct posix_acl_xattr_entry *entries;
	size_t n;
	const struct container *c;
	const struct identity *who;
	const struct file_facts *file;
};

static unsigned tag_of(const struct posix_acl_xattr_entry *e)
{
	return le16toh(e->e_tag);
}

static unsigned rights_of(const struct posix_acl_xattr_entry *e)
{
	return le16toh(e->e_perm) & 7;
}

/* The list's only entry of this kind, or the one for this id; NULL when there is none. */
static const struct posix_acl_xattr_entry *entry_of(
	const struct list *l, unsigned tag, const uint32_t *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (tag_of(&l->entries[i]) == tag && (!id || le32toh(l->entries[i].e_id) == *id))
			return &l->entries[i];
	return NULL;
}

/* Any of the groups' entries may let it in: the one that gives most. */
static const struct posix_acl_xattr_entry *group_entry(const struct list *l)
{
	const struct posix_acl_xattr_entry *best = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct posix_acl_xattr_entry *e = &l->entries[i];
		uint32_t gid = tag_of(e) == ACL_GROUP ? le32toh(e->e_id) : l->file->gid;
		bool of_group = tag_of(e) == ACL_GROUP || tag_of(e) == ACL_GROUP_OBJ;
		if (of_group && in_group(l->c, l->who, gid) &&
			(!best || __builtin_popcount(rights_of(e)) >
					  __builtin_popcount(rights_of(best))))
			best = e;
	}
	return best;
}

static const struct posix_acl_xattr_entry *deciding_entry(const struct list *l)
{
	const struct posix_acl_xattr_entry *e;

	if (l->who->uid == l->file->uid)
		return entry_of(l, ACL_USER_OBJ, NULL);
	e = entry_of(l, ACL_USER, &l->who->uid);
	e = e ?: group_entry(l);
	return e ?: entry_of(l, ACL_OTHER, NULL);
}

static const char *name_of_tag(unsigned tag)
{
	return tag == ACL_USER || tag == ACL_USER_OBJ     ? "user"
	       : tag == ACL_GROUP || tag == ACL_GROUP_OBJ ? "group"
							  : "other";
}

static void put_rights(char out[static 4], unsigned rights)
{
	snprintf(out, 4, "%c%c%c", rights & ACL_READ ? 'r' : '-', rights & ACL_WRITE ? 'w' : '-',
		rights & ACL_EXECUTE ? 'x' : '-');
}

void access_list_parse(const void *data, size_t len, const struct container *c,
	const struct identity *who, struct file_facts *file)
{
	const struct posix_acl_xattr_header *head = data;
	const size_t size = sizeof(struct posix_acl_xattr_entry);
	struct list l = { .c = c, .who = who, .file = file };
	char rights[4];

	if (len < sizeof(*head) || (len - sizeof(*head)) % size ||
		le32toh(head->a_version) != POSIX_ACL_XATTR_VERSION)
		return;
	l.entries = (const void *)(head + 1);
	l.n = (len - sizeof(*head)) / size;
	const struct posix_acl_xattr_entry *e = deciding_entry(&l);
	const struct posix_acl_xattr_entry *mask = entry_of(&l, ACL_MASK, NULL);
	if (!e)
		return;
	unsigned tag = tag_of(e), effective = rights_of(e);
	/* The mask bounds all but the owner and the others. */
	if (mask && tag != ACL_USER_OBJ && tag != ACL_OTHER)
		effective &= rights_of(mask);
	put_rights(rights, rights_of(e));
	put_rights(file->acl_effective, effective);
	if (tag == ACL_USER || tag == ACL_GROUP)
		snprintf(file->acl, sizeof(file->acl), "%s:%u:%s", name_of_tag(tag),
			le32toh(e->e_id), rights);
	else
		snprintf(file->acl, sizeof(file->acl), "%s::%s", name_of_tag(tag), rights);
}

void access_list_of(
	int fd, const struct container *c, const struct identity *who, struct file_facts *file)
{
	char link[64], data[LIST_MAX] __attribute__((aligned(8)));

	if (file->type == FILE_SYMLINK)
		return;
	/* An O_PATH descriptor takes no fgetxattr(2). */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = getxattr(link, "system.posix_acl_access", data, sizeof(data));
	if (n > 0)
		access_list_parse(data, (size_t)n, c, who, file);
}

bool access_allows(const struct file_facts *file, const struct container *c,
	const struct identity *who, uint32_t bits)
{
	unsigned shift = file->uid == who->uid ? 6 : in_group(c, who, file->gid) ? 3 : 0;

	return (file_facts_rights(file, file->mode >> shift) & bits) == bits;
}
