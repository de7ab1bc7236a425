// SPDX-License-Identifier: MIT
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/entry.h"
#include "container/file_facts.h"
#include "container/hostfile.h"
#include "container/lookup.h"
#include "container/process.h"
#include "container/process_facts.h"
#include "util/cleanup.h"

/*
 * A container whose root is TOP/rootfs, with a volume (TOP/volume at /data), a file mounted from it (at
 * /etc/app.conf), a mount below a link (at /var/run/secrets, where /var/run leads to /run) and a tmpfs.
 */
static char top[] = "/tmp/ktrace-lookup-XXXXXX";
static struct container *box;

static const char *under(const char *path)
{
	static char buffers[4][512];
	static unsigned next;
	char *out = buffers[next++ % 4];

	snprintf(out, sizeof(buffers[0]), "%s%s", top, path);
	return out;
}

static void put(const char *path, const void *data, size_t len, mode_t mode)
{
	int fd = open(under(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	fchmod(fd, mode);
	close(fd);
}

static void put_text(const char *path, const char *text, mode_t mode)
{
	put(path, text, strlen(text), mode);
}

static void directory(const char *path, mode_t mode)
{
	assert_int_equal(mkdir(under(path), 0700), 0);
	assert_int_equal(chmod(under(path), mode), 0);
}

static void to(const char *target, const char *path)
{
	assert_int_equal(symlink(target, under(path)), 0);
}

static void add_mount(const char *destination, const char *source, const char *fstype, bool noexec)
{
	struct mount *m = &box->mounts[box->n_mounts++];

	container_set(&m->destination, destination);
	container_set(&m->source, source);
	container_set(&m->fstype, fstype);
	container_set(&m->name, "");
	m->noexec = noexec;
}

/* An ELF file that wants a loader, of one class and byte order. */
static size_t make_elf(
	unsigned char *out, bool is64, bool big, uint16_t machine, const char *interp)
{
	size_t ehdr = is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	size_t phdr = is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	size_t len = strlen(interp) + 1;
#define PUT(at, size, value) \
	for (size_t i_ = 0; i_ < (size); i_++) \
	out[(at) + (big ? (size)-1 - i_ : i_)] = (unsigned char)((uint64_t)(value) >> (8 * i_))
#define PUT_FIELD(base, kind, member, value) \
	if (is64) { \
		PUT((base) + offsetof(Elf64_##kind, member), sizeof(((Elf64_##kind *)0)->member), \
			value); \
	} else { \
		PUT((base) + offsetof(Elf32_##kind, member), sizeof(((Elf32_##kind *)0)->member), \
			value); \
	}
	memset(out, 0, ehdr + 2 * phdr);
	memcpy(out, ELFMAG, SELFMAG);
	out[EI_CLASS] = is64 ? ELFCLASS64 : ELFCLASS32;
	out[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
	PUT_FIELD(0, Ehdr, e_machine, machine);
	PUT_FIELD(0, Ehdr, e_phoff, ehdr);
	PUT_FIELD(0, Ehdr, e_phnum, 2);
	PUT_FIELD(ehdr, Phdr, p_type, PT_LOAD);
	PUT_FIELD(ehdr + phdr, Phdr, p_type, PT_INTERP);
	PUT_FIELD(ehdr + phdr, Phdr, p_offset, ehdr + 2 * phdr);
	PUT_FIELD(ehdr + phdr, Phdr, p_filesz, len);
	memcpy(out + ehdr + 2 * phdr, interp, len);
	return ehdr + 2 * phdr + len;
}

static int set_up(void **state)
{
	static const char *const directories[] = { "/rootfs", "/rootfs/bin", "/rootfs/etc",
		"/rootfs/run", "/rootfs/var", "/rootfs/deep", "/rootfs/deep/er", "/volume",
		"/volume/..gen", "/secrets", "/outside", "/rootfs/data", "/rootfs/lib64" };
	unsigned char elf[512];

	(void)state;
	assert_non_null(mkdtemp(top));
	umask(0);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		directory(directories[i], 0755);
	directory("/rootfs/locked", 0500);
	put_text("/outside/host-file", "secret of the host\n", 0644);
	put_text("/rootfs/bin/sh", "x", 0755);
	put_text("/rootfs/bin/good", "#! /bin/sh -e\nexit\n", 0755);
	put_text("/rootfs/bin/crlf", "#!/bin/sh\r\nexit\r\n", 0755);
	put_text("/rootfs/bin/nobash", "#!/bin/bash\n", 0755);
	put_text("/rootfs/bin/text", "echo hello\n", 0755);
	put_text("/rootfs/bin/empty", "", 0755);
	put("/rootfs/bin/glibc", elf, make_elf(elf, true, false, EM_X86_64, "/lib64/ld.so"), 0755);
	put("/rootfs/bin/musl", elf, make_elf(elf, true, false, EM_AARCH64, "/lib/ld-musl"), 0755);
	put("/rootfs/bin/s390", elf, make_elf(elf, true, true, EM_S390, "/lib64/ld.so"), 0755);
	put("/rootfs/bin/arm", elf, make_elf(elf, false, false, EM_ARM, "/lib64/ld.so"), 0755);
	put_text("/rootfs/lib64/ld.so", "x", 0755);
	put_text("/volume/..gen/key", "value", 0640);
	to("..gen", "/volume/..data");
	to("..data/key", "/volume/key");
	put_text("/secrets/token", "t", 0400);
	to("/bin/good", "/rootfs/absolute");
	to("../bin/good", "/rootfs/deep/relative");
	to("../../../../../../../../bin/good", "/rootfs/deep/er/far");
	to("/data/key", "/rootfs/to-volume");
	to("/loop-b", "/rootfs/loop-a");
	to("/loop-a", "/rootfs/loop-b");
	to("/nowhere/at/all", "/rootfs/dangling");
	to("releases/3", "/rootfs/deep/current");
	to("/deep/current/conf", "/rootfs/deep/conf");
	to("/run", "/rootfs/var/run");
	to("/outside", "/rootfs/escape");
	assert_int_equal(mkfifo(under("/rootfs/fifo"), 0644), 0);

	box = container_new();
	container_set(&box->runtime, "containerd");
	container_set(&box->rootfs, under("/rootfs"));
	box->mounts = calloc(8, sizeof(*box->mounts));
	add_mount("/data", under("/volume"), "bind", true);
	add_mount("/etc/app.conf", under("/volume/key"), "bind", false);
	add_mount("/var/run/secrets", under("/secrets"), "bind", false);
	add_mount("/tmpfs", "", "tmpfs", false);
	box->described = true;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	container_unref(box);
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct identity nobody = { .uid = 1000, .gid = 1000 };

static struct path_facts look(const char *path)
{
	struct path_facts f = { 0 };

	assert_int_equal(lookup_path(box, "", &nobody, path, &f), 0);
	assert_true(f.known);
	return f;
}

static void test_files(void **state)
{
	(void)state;
	struct path_facts f = look("/bin/good");
	assert_int_equal(f.file.type, FILE_REGULAR);
	assert_int_equal(f.file.mode, 0755);
	assert_int_equal(f.file.uid, getuid());
	assert_true(f.file.script && f.file.interpreter_exists);
	assert_false(f.noexec || f.file.elf || f.file.empty);
	assert_string_equal(f.file.interpreter, "/bin/sh -e");
	assert_string_equal(f.directory_path, "/bin");
	assert_int_equal(f.directory.mode, 0755);

	f = look("/bin/crlf");
	assert_string_equal(f.file.interpreter, "/bin/sh\r");
	assert_false(f.file.interpreter_exists);
	f = look("/bin/nobash");
	assert_string_equal(f.file.interpreter, "/bin/bash");
	assert_false(f.file.interpreter_exists);
	f = look("/bin/text");
	assert_false(f.file.script || f.file.elf);
	assert_true(look("/bin/empty").file.empty);

	f = look("/locked/new");
	assert_int_equal(f.file.type, FILE_MISSING);
	assert_int_equal(f.directory.mode, 0500);
	assert_string_equal(f.directory_path, "/locked");
	f = look("/deep/none/at/all");
	assert_int_equal(f.file.type, FILE_MISSING);
	assert_string_equal(f.directory_path, "/deep");
	f = look("/bin/text/below");
	assert_int_equal(f.file.type, FILE_MISSING);
	assert_string_equal(f.directory_path, "/bin");
	f = look("/");
	assert_int_equal(f.file.type, FILE_DIRECTORY);
	assert_string_equal(f.directory_path, "/");
	assert_int_equal(look("/fifo").file.type, FILE_FIFO);
}

static void test_elf(void **state)
{
	static const struct {
		const char *path, *interpreter;
		uint16_t machine;
		bool exists;
	} cases[] = {
		{ "/bin/glibc", "/lib64/ld.so", EM_X86_64, true },
		{ "/bin/musl", "/lib/ld-musl", EM_AARCH64, false },
		{ "/bin/s390", "/lib64/ld.so", EM_S390, true },
		{ "/bin/arm", "/lib64/ld.so", EM_ARM, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct path_facts f = look(cases[i].path);
		assert_true(f.file.elf);
		assert_int_equal(f.file.elf_machine, cases[i].machine);
		assert_string_equal(f.file.interpreter, cases[i].interpreter);
		assert_int_equal(f.file.interpreter_exists, cases[i].exists);
	}
}

static void test_links_and_mounts(void **state)
{
	static const char *const good[] = { "/absolute", "/deep/relative", "/deep/er/far" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct path_facts f = look(good[i]);
		assert_true(f.file.script);
		assert_string_equal(f.directory_path, "/bin");
	}
	struct path_facts f = look("/data/key");
	assert_int_equal(f.file.mode, 0640);
	assert_true(f.noexec);
	assert_string_equal(f.directory_path, "/data/..gen");
	assert_int_equal(look("/to-volume").file.mode, 0640);
	f = look("/etc/app.conf");
	assert_int_equal(f.file.mode, 0640);
	assert_string_equal(f.directory_path, "/etc");
	assert_false(f.noexec);
	f = look("/etc/app.conf/x");
	assert_int_equal(f.file.type, FILE_MISSING);
	f = look("/var/run/secrets/token");
	assert_int_equal(f.file.mode, 0400);
	assert_string_equal(f.directory_path, "/var/run/secrets");

	assert_int_equal(look("/loop-a").file.type, FILE_SYMLINK);
	f = look("/dangling");
	assert_int_equal(f.file.type, FILE_MISSING);
	assert_string_equal(f.directory_path, "/");
	/* a link to a place of the host's leads to the same name in the container */
	assert_int_equal(look("/escape/host-file").file.type, FILE_MISSING);
	char far[256];
	snprintf(far, sizeof(far), "/deep/../../../../../../../../../%s/outside/host-file", top);
	assert_int_equal(look(far).file.type, FILE_MISSING);
}

static void test_links_to_nowhere(void **state)
{
	static const struct {
		const char *path, *link, *target;
	} cases[] = {
		{ "/dangling", "/dangling", "/nowhere/at/all" },
		{ "/deep/current", "/deep/current", "/deep/releases/3" },
		/* the link is on the way, and the target is its own, not what was asked for in it */
		{ "/deep/current/app.yaml", "/deep/current", "/deep/releases/3" },
		/* of links that lead to links the first is named, and the last place */
		{ "/deep/conf", "/deep/conf", "/deep/releases/3/conf" },
		/* here the links are fine, and what lies behind them is missing */
		{ "/deep/er/none", "", "" },
		{ "/deep/none/at/all", "", "" },
		{ "/bin/good", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct path_facts f = look(cases[i].path);
		assert_string_equal(f.link, cases[i].link);
		assert_string_equal(f.target, cases[i].target);
	}
}

static void test_nobody_can_look(void **state)
{
	struct path_facts f = { .directory_path = "untouched" };
	char path[5000];

	(void)state;
	/* on a tmpfs, and the process is dead */
	assert_int_equal(lookup_path(box, "", &nobody, "/tmpfs/x", &f), -ESRCH);
	assert_int_equal(lookup_path(box, "", &nobody, "relative", &f), -EINVAL);
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_true(lookup_path(box, "", &nobody, path, &f) < 0);
	for (size_t i = 0; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "/a", 2);
	assert_int_equal(lookup_path(box, "", &nobody, path, &f), 0);
	assert_int_equal(f.file.type, FILE_MISSING);
}

/* Right after its end: only the directory that the root was mounted on is left, and the volumes. */
static void test_unmounted_root(void **state)
{
	struct path_facts f = { 0 };

	(void)state;
	directory("/empty", 0755);
	container_set(&box->rootfs, under("/empty"));
	assert_int_equal(lookup_path(box, "", &nobody, "/bin/good", &f), -ESRCH);
	f = look("/data/key");
	assert_int_equal(f.file.mode, 0640);
	f = look("/data/none/x");
	assert_int_equal(f.file.type, FILE_MISSING);
	assert_string_equal(f.directory_path, "/data");
	/* a script's interpreter, in the root that is gone, is not called missing */
	put_text("/volume/run", "#!/bin/sh\n", 0755);
	f = look("/data/run");
	assert_true(f.file.script && f.file.interpreter_exists);
	container_set(&box->rootfs, under("/rootfs"));
}

static void test_without_bundle(void **state)
{
	const struct identity us = { .pid = (uint32_t)getpid() };
	struct container *c = container_new();
	struct path_facts f;

	(void)state;
	assert_int_equal(lookup_path(c, "", &nobody, "/tmp", &f), -ESRCH);
	assert_int_equal(lookup_path(c, "", &us, under("/rootfs/bin/good"), &f), 0);
	assert_true(f.file.script);
	container_set(&c->runtime, "ktrace");
	assert_int_equal(lookup_path(c, "", &nobody, under("/rootfs/bin/good"), &f), 0);
	assert_true(f.file.script);
	/* the same, with the host's root somewhere else */
	assert_int_equal(lookup_path(c, under("/rootfs"), &nobody, "/deep/relative", &f), 0);
	assert_true(f.file.script);
	container_unref(c);
}

static void test_the_directory_that_refuses(void **state)
{
	const struct identity root = { .enters_all = true };
	struct path_facts f;

	(void)state;
	put_text("/rootfs/locked/in", "x", 0644);
	f = look("/locked/in");
	assert_string_equal(f.closed_path, "/locked");
	assert_int_equal(f.closed.mode, 0500);
	assert_string_equal(look("/bin/good").closed_path, "");
	assert_int_equal(lookup_path(box, "", &root, "/locked/in", &f), 0);
	assert_string_equal(f.closed_path, "");
}

/* Where only the list lets one in, a link that leads on in the same directory changes nothing. */
static void test_the_list_of_a_directory_with_a_link(void **state)
{
	struct {
		struct posix_acl_xattr_header head;
		struct posix_acl_xattr_entry entries[5];
	} list = { { htole32(POSIX_ACL_XATTR_VERSION) },
		{ { htole16(ACL_USER_OBJ), htole16(7), htole32(ACL_UNDEFINED_ID) },
			{ htole16(ACL_USER), htole16(5), htole32(nobody.uid) },
			{ htole16(ACL_GROUP_OBJ), 0, htole32(ACL_UNDEFINED_ID) },
			{ htole16(ACL_MASK), htole16(5), htole32(ACL_UNDEFINED_ID) },
			{ htole16(ACL_OTHER), 0, htole32(ACL_UNDEFINED_ID) } } };

	(void)state;
	assert_int_equal(mkdir(under("/rootfs/listed"), 0700), 0);
	put_text("/rootfs/listed/in", "x", 0644);
	assert_int_equal(symlink("in", under("/rootfs/listed/current")), 0);
	if (setxattr(under("/rootfs/listed"), "system.posix_acl_access", &list, sizeof(list), 0))
		skip(); /* a file system without them */
	assert_string_equal(look("/listed/in").closed_path, "");
	assert_string_equal(look("/listed/current").closed_path, "");
	assert_string_equal(look("/listed/current").directory.acl_effective, "r-x");
}

static void test_what_else_a_file_is(void **state)
{
	struct path_facts f;

	(void)state;
	f = look("/to-volume");
	assert_string_equal(f.real_path, "/data/..gen/key");
	assert_int_equal(f.file.size, 5);
	assert_true(f.file.text && !f.file.bom && f.noexec);
	assert_true(f.filesystem.room_known && f.filesystem.total_bytes && *f.filesystem.type);
	assert_int_equal(look("/fifo").file.type, FILE_FIFO);
	put_text("/rootfs/bin/bom", "\357\273\277#!/bin/sh\n", 0755);
	f = look("/bin/bom");
	assert_true(f.file.bom && f.file.text && !f.file.script);
	/* below a volume the image's own file is not there, and was */
	put_text("/rootfs/data/in-the-image", "x", 0644);
	f = look("/data/in-the-image");
	assert_int_equal(f.file.type, FILE_MISSING);
	assert_int_equal(f.hidden, FILE_REGULAR);
	assert_int_equal(look("/data/nowhere").hidden, FILE_UNKNOWN);
}

static void test_process_facts(void **state)
{
	static const char status[] = "Name:\tx\nCapInh:\t0\nCapEff:\t00000000a80425fb\n"
				     "CapBnd:\t000001ffffffffff\nNoNewPrivs:\t1\nSeccomp:\t2\n";
	static const char limits[] =
		"Limit                     Soft Limit           Hard Limit           Units\n"
		"Max processes             127      127   processes\n"
		"Max open files            unlimited  unlimited  files\n";
	struct process_facts p = { 0 };
	char label[PROCESS_LABEL_MAX];
	struct event e = { .kind = EVENT_PROCESS_ERROR,
		.pid = (uint32_t)getpid(),
		.syscall = "unshare",
		.flags = "CLONE_NEWUSER",
		.path = "",
		.error = ENOSPC };

	(void)state;
	process_facts_parse_status(status, &p);
	assert_true(p.capabilities == 0xa80425fb && p.bounding == 0x1ffffffffff);
	assert_true(p.no_new_privileges && p.seccomp == 2);
	assert_int_equal(process_facts_rlimit(limits, "RLIMIT_NPROC"), 127);
	assert_int_equal(process_facts_rlimit(limits, "RLIMIT_NOFILE"), 0);
	assert_true(process_facts_matter(&e));
	process_facts_add(&e, label);
	assert_true(e.process.known && !e.process.user_namespace);
	assert_string_equal(e.limit_name, "user.max_user_namespaces");
	/* who is gone leaves nothing */
	e = (struct event){ .pid = 0x7fffffff, .syscall = "open", .flags = "", .path = "" };
	process_facts_add(&e, label);
	assert_false(e.process.known);
	assert_false(process_facts_matter(&e));
}

/* Who fails at something in a loop, and takes long to look at, does not keep the agent busy. */
static void test_looks_at_processes_take_little_time(void **state)
{
	const struct event fresh = { .kind = EVENT_PROCESS_ERROR,
		.time = 1000000000,
		.pid = (uint32_t)getpid(),
		.syscall = "unshare",
		.flags = "CLONE_NEWUSER",
		.path = "",
		.error = ENOSPC };
	struct entry entry = { 0 };
	struct event e = fresh;
	char label[PROCESS_LABEL_MAX];

	(void)state;
	entry_look_at_process(&entry, &e, label);
	assert_true(e.process.known && entry.looks.process_ns > 0);
	/* the second's time is spent */
	entry.looks.process_ns = 1000000000;
	e = fresh;
	entry_look_at_process(&entry, &e, label);
	assert_false(e.process.known);
	e.time += 1000000000;
	entry_look_at_process(&entry, &e, label);
	assert_true(e.process.known && entry.looks.process_ns < 1000000000);
}

static void test_hostile_heads(void **state)
{
	unsigned char data[600];
	uint64_t at, len;

	(void)state;
	size_t size = make_elf(data, true, false, EM_X86_64, "/lib64/ld.so");
	for (size_t i = 0; i < size; i++) {
		unsigned char saved = data[i];
		struct file_facts f = { 0 };
		data[i] = 0xff;
		file_facts_parse(data, size, &f, &at, &len);
		file_facts_parse(data, i, &f, &at, &len);
		data[i] = saved;
	}
	/* a first line that never ends, of bytes that are no text */
	struct file_facts f = { 0 };
	memset(data, 0xff, sizeof(data));
	memcpy(data, "#!", 2);
	file_facts_parse(data, sizeof(data), &f, &at, &len);
	assert_true(f.script);
	assert_true(strlen(f.interpreter) < sizeof(f.interpreter));
	assert_int_equal(strlen(f.interpreter) % 3, 0);
}

/* Whether somebody opened path since the watch was set: an O_PATH descriptor is no open file. */
static bool was_opened(int watch)
{
	char event[sizeof(struct inotify_event) + NAME_MAX + 1];

	return read(watch, event, sizeof(event)) > 0;
}

static int watch_opens(const char *path)
{
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	assert_true(inotify_add_watch(watch, path, IN_OPEN) >= 0);
	return watch;
}

/* A container chooses what lies at a path that it fails to use: the agent must not open it to see. */
static void test_nothing_but_files_is_opened(void **state)
{
	(void)state;
	static const char *const places[] = { "/proc/kmsg", "/sys/kernel/uevent_seqnum" };
	struct file_facts facts;
	char *text;

	put_text("/rootfs/program", "#!/bin/sh\n", 0755);
	int watch = watch_opens(under("/rootfs/program"));
	_cleanup_fd_ int program = open(under("/rootfs/program"), O_PATH | O_CLOEXEC);
	assert_int_equal(file_facts_of(program, &facts), 0);
	assert_true(facts.script && was_opened(watch));
	close(watch);

	assert_int_equal(mkfifo(under("/rootfs/queue"), 0644), 0);
	for (size_t i = 0; i <= ARRAY_SIZE(places); i++) {
		const char *path = i < ARRAY_SIZE(places) ? places[i] : under("/rootfs/queue");
		_cleanup_fd_ int fd = open(path, O_PATH | O_CLOEXEC);

		if (fd < 0)
			continue; /* a machine without it */
		watch = watch_opens(path);
		assert_int_equal(file_facts_of(fd, &facts), 0);
		if (facts.type == FILE_OTHER)
			assert_int_equal(host_read("", path, 4096, &text, NULL), -EINVAL);
		assert_false(was_opened(watch));
		close(watch);
	}
}

static void test_processes_and_ports(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(address);
	struct process p;

	(void)state;
	assert_int_equal(process_read((uint32_t)getpid(), &p), 0);
	assert_int_equal(p.parent_pid, getppid());
	assert_int_equal(p.uid, geteuid());
	assert_string_equal(p.comm, "container_looku");
	assert_true(p.age_ns < 3600ull * 1000000000);
	assert_int_equal(process_read(0x7fffffff, &p), -ESRCH);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	uint16_t port = ntohs(address.sin_port);
	assert_int_equal(port_holder((uint32_t)getpid(), port, SOCK_STREAM, &p), 0);
	assert_int_equal(p.pid, getpid());
	assert_int_equal(port_holder((uint32_t)getpid(), port, SOCK_DGRAM, &p), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_links_and_mounts),
		cmocka_unit_test(test_links_to_nowhere),
		cmocka_unit_test(test_nobody_can_look),
		cmocka_unit_test(test_unmounted_root),
		cmocka_unit_test(test_without_bundle),
		cmocka_unit_test(test_the_directory_that_refuses),
		cmocka_unit_test(test_the_list_of_a_directory_with_a_link),
		cmocka_unit_test(test_what_else_a_file_is),
		cmocka_unit_test(test_process_facts),
		cmocka_unit_test(test_looks_at_processes_take_little_time),
		cmocka_unit_test(test_hostile_heads),
		cmocka_unit_test(test_nothing_but_files_is_opened),
		cmocka_unit_test(test_processes_and_ports),
	};
	return cmocka_run_group_tests_name("container_lookup", tests, set_up, tear_down);
}
