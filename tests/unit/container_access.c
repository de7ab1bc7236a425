// SPDX-License-Identifier: MIT
/* Which entry of an access control list decides: the rows follow acl(5), the bytes are the kernel's. */
#include <endian.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/access.h"
#include "util/cleanup.h"

#define ENTRIES_MAX 8
#define NOBODY 0xffffffffu

struct entry {
	unsigned tag, rights;
	uint32_t id;
};

static size_t list_of(
	const struct entry *entries, struct posix_acl_xattr_header *head, uint32_t version)
{
	struct posix_acl_xattr_entry *out = (void *)(head + 1);
	size_t n = 0;

	head->a_version = htole32(version);
	for (; n < ENTRIES_MAX && entries[n].tag; n++)
		out[n] = (struct posix_acl_xattr_entry){ htole16((uint16_t)entries[n].tag),
			htole16((uint16_t)entries[n].rights), htole32(entries[n].id) };
	return sizeof(*head) + n * sizeof(*out);
}

/* The file belongs to uid 1, gid 2; the process is in group 50 as well. */
static const struct row {
	uint32_t uid, gid;
	const char *acl, *effective;
	struct entry entries[ENTRIES_MAX];
} rows[] = {
	/* The owner's entry is not masked. */
	{ 1, 9, "user::rwx", "rwx",
		{ { ACL_USER_OBJ, 7, NOBODY }, { ACL_GROUP_OBJ, 4, NOBODY },
			{ ACL_MASK, 0, NOBODY }, { ACL_OTHER, 0, NOBODY } } },
	/* A user's entry comes before those of its groups. */
	{ 7, 2, "user:7:---", "---",
		{ { ACL_USER_OBJ, 7, NOBODY }, { ACL_USER, 7, 6 }, { ACL_USER, 0, 7 },
			{ ACL_GROUP_OBJ, 7, NOBODY }, { ACL_MASK, 7, NOBODY },
			{ ACL_OTHER, 7, NOBODY } } },
	{ 7, 9, "user:7:rw-", "r--",
		{ { ACL_USER_OBJ, 7, NOBODY }, { ACL_USER, 6, 7 }, { ACL_GROUP_OBJ, 0, NOBODY },
			{ ACL_MASK, 4, NOBODY }, { ACL_OTHER, 0, NOBODY } } },
	/* Of the groups that it is in, the one that gives most. */
	{ 7, 2, "group:50:rw-", "rw-",
		{ { ACL_USER_OBJ, 7, NOBODY }, { ACL_GROUP_OBJ, 4, NOBODY }, { ACL_GROUP, 6, 50 },
			{ ACL_GROUP, 7, 51 }, { ACL_MASK, 7, NOBODY }, { ACL_OTHER, 0, NOBODY } } },
	{ 7, 2, "group::r--", "r--",
		{ { ACL_USER_OBJ, 7, NOBODY }, { ACL_GROUP_OBJ, 4, NOBODY },
			{ ACL_MASK, 7, NOBODY }, { ACL_OTHER, 7, NOBODY } } },
	/* In none of them; the others' entry is not masked. */
	{ 7, 9, "other::rw-", "rw-",
		{ { ACL_USER_OBJ, 7, NOBODY }, { ACL_GROUP_OBJ, 4, NOBODY }, { ACL_GROUP, 7, 51 },
			{ ACL_MASK, 0, NOBODY }, { ACL_OTHER, 6, NOBODY } } },
	/* Rights that there are none of, and a list that lacks what it must have. */
	{ 7, 9, "user:7:rwx", "rwx", { { ACL_USER, 0xffff, 7 }, { ACL_USER_OBJ, 7, NOBODY } } },
	{ 7, 9, "", "", { { ACL_USER_OBJ, 7, NOBODY } } },
};

static struct file_facts parse(const struct row *row, uint32_t version, size_t cut)
{
	uint32_t groups[] = { 50 };
	struct container c = { .groups = groups, .n_groups = 1 };
	struct identity who = { .uid = row->uid, .gid = row->gid };
	struct file_facts file = { .type = FILE_REGULAR, .uid = 1, .gid = 2, .mode = 0640 };
	_Alignas(8) char data[512];
	size_t len = list_of(row->entries, (void *)data, version);

	access_list_parse(data, len - cut, &c, &who, &file);
	return file;
}

static void the_entry_that_decides_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct file_facts file = parse(&rows[i], POSIX_ACL_XATTR_VERSION, 0);
		assert_string_equal(file.acl, rows[i].acl);
		assert_string_equal(file.acl_effective, rows[i].effective);
	}
}

static void what_is_no_list_tells_nothing(void **state)
{
	(void)state;
	for (size_t cut = 1; cut < sizeof(struct posix_acl_xattr_entry); cut++)
		assert_string_equal(parse(&rows[1], POSIX_ACL_XATTR_VERSION, cut).acl, "");
	assert_string_equal(parse(&rows[1], POSIX_ACL_XATTR_VERSION + 1, 0).acl, "");
	/* The header alone, and less. */
	size_t entries = 6 * sizeof(struct posix_acl_xattr_entry);
	for (size_t left = 0; left <= sizeof(struct posix_acl_xattr_header); left++)
		assert_string_equal(parse(&rows[1], POSIX_ACL_XATTR_VERSION,
					    entries + sizeof(struct posix_acl_xattr_header) - left)
					    .acl,
			"");
}

static void the_list_decides_and_not_the_mode(void **state)
{
	struct container c = { .n_groups = 0 };
	struct identity who = { .uid = 7, .gid = 9 };
	struct file_facts file = { .type = FILE_REGULAR, .mode = 0644 };

	(void)state;
	assert_true(access_allows(&file, &c, &who, 4));
	assert_false(access_allows(&file, &c, &who, 6));
	strcpy(file.acl, "user:7:-w-");
	strcpy(file.acl_effective, "-w-");
	assert_false(access_allows(&file, &c, &who, 4));
	assert_true(access_allows(&file, &c, &who, 2));
}

static void a_list_is_read_from_a_file(void **state)
{
	char path[] = "/tmp/ktrace-access-XXXXXX";
	_Alignas(8) char data[512];
	struct container c = { .n_groups = 0 };
	struct identity who = { .uid = 7, .gid = 9 };
	struct file_facts file = { .type = FILE_REGULAR, .uid = 1, .gid = 2 };
	_cleanup_fd_ int made = mkstemp(path);
	size_t len = list_of(rows[2].entries, (void *)data, POSIX_ACL_XATTR_VERSION);

	(void)state;
	assert_true(made >= 0);
	_cleanup_fd_ int fd = open(path, O_PATH | O_CLOEXEC);
	access_list_of(fd, &c, &who, &file);
	assert_string_equal(file.acl, "");
	int rc = setxattr(path, "system.posix_acl_access", data, len, 0);
	unlink(path);
	if (rc)
		skip(); /* a file system without them */
	access_list_of(fd, &c, &who, &file);
	assert_string_equal(file.acl, "user:7:rw-");
	assert_string_equal(file.acl_effective, "r--");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_entry_that_decides_is_told),
		cmocka_unit_test(what_is_no_list_tells_nothing),
		cmocka_unit_test(the_list_decides_and_not_the_mode),
		cmocka_unit_test(a_list_is_read_from_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
