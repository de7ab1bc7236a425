// SPDX-License-Identifier: MIT
/* A run of looks that find nothing: each says what a look by itself does, whatever happens in between. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/lookup_known.h"
#include "util/cleanup.h"

static char top[] = "/tmp/ktrace-known-XXXXXX";
static struct container *box;
static struct view run;

static const char *under(const char *path)
{
	static char buffers[2][256];
	static unsigned next;
	char *out = buffers[next++ % 2];

	snprintf(out, sizeof(buffers[0]), "%s/rootfs%s", top, path);
	return out;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	(void)state;
	box = container_new();
	if (!box || !mkdtemp(top) || mkdir(under(""), 0755) || mkdir(under("/etc"), 0755) ||
		mkdir(under("/data"), 0755) || container_set(&box->runtime, "runc") ||
		container_set(&box->rootfs, under("")))
		return -1;
	box->mounts = calloc(1, sizeof(*box->mounts));
	box->n_mounts = 1;
	container_set(&box->mounts[0].destination, "/data");
	container_set(&box->mounts[0].source, under("/data"));
	run = (struct view){ .c = box, .host_root = "", .known = known_new() };
	view_start(&run, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	view_end(&run);
	free(run.known);
	container_unref(box);
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In the run, and by itself. */
static struct path_facts looked(const char *path, const struct identity *who)
{
	struct path_facts in_run = { .known = false }, alone = { .known = false };

	assert_int_equal(lookup_path(box, "", who, path, &alone), 0);
	assert_int_equal(lookup_in_view(&run, who, path, &in_run), 0);
	in_run.filesystem.free_bytes = alone.filesystem.free_bytes;
	in_run.filesystem.free_inodes = alone.filesystem.free_inodes;
	assert_memory_equal(&in_run, &alone, sizeof(alone));
	return in_run;
}

static void a_known_directory_says_the_same(void **state)
{
	const struct identity root = { .enters_all = true }, other = { .uid = 1000, .gid = 1000 };

	(void)state;
	struct path_facts facts = looked("/etc/first", &root);
	assert_int_equal(facts.file.type, FILE_MISSING);
	assert_string_equal(facts.directory_path, "/etc");
	assert_true(known_missing(&run, "/etc/second", &facts));
	view_forget_place(&run);
	looked("/etc/second", &root);
	looked("/etc/none/second", &root);
	run.who = &other;
	assert_false(known_missing(&run, "/etc/second", &facts));
	looked("/etc/second", &other);
}

static void what_changes_is_seen(void **state)
{
	const struct identity who = { .uid = 1000, .gid = 1000 };

	(void)state;
	looked("/etc/a", &who);
	assert_int_equal(symlink("/nowhere", under("/etc/link")), 0);
	assert_string_equal(looked("/etc/link", &who).target, "/nowhere");
	looked("/etc/b", &who);
	assert_int_equal(chmod(under("/etc"), 0700), 0);
	assert_int_equal(looked("/etc/c", &who).directory.mode, 0700);
	assert_string_equal(looked("/etc/c", &who).closed_path, "/etc");
	assert_int_equal(rename(under("/etc"), under("/old")), 0);
	assert_string_equal(looked("/etc/c", &who).directory_path, "/");
	assert_int_equal(symlink("/old", under("/etc")), 0);
	assert_string_equal(looked("/etc/c", &who).directory_path, "/old");
	looked("/old/d", &who);
	assert_int_equal(rmdir(under("/etc")) && unlink(under("/etc")), 0);
	assert_int_equal(mkdir(under("/etc"), 0755), 0);
	looked("/etc/d", &who);
	assert_int_equal(close(open(under("/etc/d"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
	assert_int_equal(looked("/etc/d", &who).file.type, FILE_REGULAR);
}

/* There the image may have something of the name. */
static void below_a_mount_each_is_looked_for(void **state)
{
	const struct identity who = { .enters_all = true };
	struct path_facts facts;

	(void)state;
	looked("/data/a", &who);
	assert_false(known_missing(&run, "/data/b", &facts));
	view_forget_place(&run);
	looked("/data/b", &who);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_directory_says_the_same),
		cmocka_unit_test(what_changes_is_seen),
		cmocka_unit_test(below_a_mount_each_is_looked_for),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
