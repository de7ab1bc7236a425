// SPDX-License-Identifier: MIT
#include "container/file_facts.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "container/file_format.h"
#include "container/hostfile.h"
#include "util/cleanup.h"
#include "util/utf8.h"

#define HEAD_MAX 4096 /* an ELF file's program headers lie right behind its header */

/* Numbers of an ELF file in the byte order that its header names. */
struct elf {
	const unsigned char *data;
	size_t len;
	bool big_endian, is64;
};

static uint64_t elf_number(const struct elf *e, uint64_t at, unsigned size)
{
	uint64_t n = 0;

	if (at > e->len || e->len - at < size)
		return 0;
	for (unsigned i = 0; i < size; i++)
		n = n << 8 | e->data[at + (e->big_endian ? i : size - 1 - i)];
	return n;
}

/* A member that both classes have, at another place and in another width. */
#define ELF_FIELD(e, base, kind, member) \
	((e)->is64 ? elf_number(e, (base) + offsetof(Elf64_##kind, member), \
			     sizeof(((Elf64_##kind *)0)->member)) \
		   : elf_number(e, (base) + offsetof(Elf32_##kind, member), \
			     sizeof(((Elf32_##kind *)0)->member)))

static void parse_elf(const unsigned char *data, size_t len, struct file_facts *out, uint64_t *at,
	uint64_t *interp_len)
{
	struct elf e = { data, len, .big_endian = data[EI_DATA] == ELFDATA2MSB,
		.is64 = data[EI_CLASS] == ELFCLASS64 };
	uint64_t step = e.is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	out->elf = true;
	out->elf_machine = (uint16_t)ELF_FIELD(&e, 0, Ehdr, e_machine);
	uint64_t headers = ELF_FIELD(&e, 0, Ehdr, e_phoff), n = ELF_FIELD(&e, 0, Ehdr, e_phnum);
	for (uint64_t i = 0; i < n && headers < len && step * i < len - headers; i++) {
		uint64_t base = headers + step * i;
		if (ELF_FIELD(&e, base, Phdr, p_type) != PT_INTERP)
			continue;
		*at = ELF_FIELD(&e, base, Phdr, p_offset);
		*interp_len = ELF_FIELD(&e, base, Phdr, p_filesz);
		return;
	}
}

/* Keeps the text valid UTF-8 and terminated, whatever the file holds. */
static void set_interpreter(struct file_facts *out, const char *text, size_t len)
{
	char safe[UTF8_SANITISED_MAX(sizeof(out->interpreter))];

	len = strnlen(text, len < sizeof(out->interpreter) ? len : sizeof(out->interpreter) - 1);
	size_t n = utf8_sanitise(safe, text, len);
	while (n >= sizeof(out->interpreter)) {
		/* Cut whole characters: continuation bytes are 10xxxxxx. */
		do
			n--;
		while (n && ((unsigned char)safe[n] & 0xc0) == 0x80);
	}
	memcpy(out->interpreter, safe, n);
	out->interpreter[n] = '\0';
}

static bool is_text(const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!data[i] || (data[i] < ' ' && !strchr("\t\n\r\f\033", data[i])))
			return false;
	return len > 0;
}

void file_facts_parse(const unsigned char *data, size_t len, struct file_facts *out,
	uint64_t *interp_at, uint64_t *interp_len)
{
	*interp_at = *interp_len = 0;
	out->bom = len >= 3 && !memcmp(data, "\xef\xbb\xbf", 3);
	out->text = is_text(data, len);
	if (len >= EI_NIDENT && !memcmp(data, ELFMAG, SELFMAG)) {
		parse_elf(data, len, out, interp_at, interp_len);
	} else if (len >= 2 && data[0] == '#' && data[1] == '!') {
		const char *text = (const char *)data + 2;
		const char *end = memchr(text, '\n', len - 2);
		size_t n = end ? (size_t)(end - text) : len - 2;
		size_t blanks = 0;
		while (blanks < n && (text[blanks] == ' ' || text[blanks] == '\t'))
			blanks++;
		out->script = true;
		set_interpreter(out, text + blanks, n - blanks);
	} else {
		snprintf(out->format, sizeof(out->format), "%s", file_format_of(data, len));
	}
}

static enum file_type type_of(mode_t mode)
{
	return S_ISREG(mode)    ? FILE_REGULAR
	       : S_ISDIR(mode)  ? FILE_DIRECTORY
	       : S_ISLNK(mode)  ? FILE_SYMLINK
	       : S_ISCHR(mode)  ? FILE_CHAR_DEVICE
	       : S_ISBLK(mode)  ? FILE_BLOCK_DEVICE
	       : S_ISFIFO(mode) ? FILE_FIFO
	       : S_ISSOCK(mode) ? FILE_SOCKET
				: FILE_OTHER;
}

/* What setcap(8) gave to it: permitted sets, in two words of 32 bits each (linux/capability.h). */
static uint64_t capabilities_of(int fd)
{
	struct vfs_ns_cap_data data = { 0 };
	char link[64];

	/* An O_PATH descriptor takes no fgetxattr(2). */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (getxattr(link, "security.capability", &data, sizeof(data)) <
		(ssize_t)sizeof(struct vfs_cap_data))
		return 0;
	return le32toh(data.data[0].permitted) | (uint64_t)le32toh(data.data[1].permitted) << 32;
}

/* Reading a file of /proc or /sys may do things (it empties the kernel's log), and none is a program. */
static bool may_be_read(int fd, const struct stat *st)
{
	struct statfs fs;

	return S_ISREG(st->st_mode) && st->st_size && fstatfs(fd, &fs) == 0 &&
	       fs.f_type != PROC_SUPER_MAGIC && fs.f_type != SYSFS_MAGIC;
}

int file_facts_of(int fd, struct file_facts *out)
{
	struct file_facts facts = { 0 };
	unsigned char head[HEAD_MAX];
	uint64_t at, len;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	facts.type = type_of(st.st_mode);
	facts.uid = st.st_uid;
	facts.gid = st.st_gid;
	facts.mode = st.st_mode & 07777;
	facts.empty = facts.type == FILE_REGULAR && !st.st_size;
	facts.size = facts.type == FILE_REGULAR ? (uint64_t)st.st_size : 0;
	if (facts.type == FILE_CHAR_DEVICE || facts.type == FILE_BLOCK_DEVICE) {
		facts.major = major(st.st_rdev);
		facts.minor = minor(st.st_rdev);
	}
	if (facts.type == FILE_REGULAR && (facts.mode & 0111))
		facts.capabilities = capabilities_of(fd);
	*out = facts;
	if (!may_be_read(fd, &st))
		return 0;
	_cleanup_fd_ int file = reopen(fd, O_RDONLY);
	ssize_t n = file < 0 ? -1 : pread(file, head, sizeof(head), 0);
	if (n <= 0)
		return 0;
	file_facts_parse(head, (size_t)n, &facts, &at, &len);
	if (len && at <= INT64_MAX - sizeof(head)) {
		n = pread(file, head, len < sizeof(head) ? len : sizeof(head), (off_t)at);
		if (n > 0)
			set_interpreter(&facts, (const char *)head, (size_t)n);
	}
	*out = facts;
	return 0;
}

static const struct {
	long magic;
	const char *name;
} filesystems[] = {
	{ OVERLAYFS_SUPER_MAGIC, "overlay" },
	{ EXT4_SUPER_MAGIC, "ext4" },
	{ XFS_SUPER_MAGIC, "xfs" },
	{ BTRFS_SUPER_MAGIC, "btrfs" },
	{ TMPFS_MAGIC, "tmpfs" },
	{ NFS_SUPER_MAGIC, "nfs" },
	{ 0xff534d42, "cifs" },
	{ 0xfe534d42, "smb2" },
	{ FUSE_SUPER_MAGIC, "fuse" },
	{ CEPH_SUPER_MAGIC, "ceph" },
	{ V9FS_MAGIC, "9p" },
	{ PROC_SUPER_MAGIC, "proc" },
	{ SYSFS_MAGIC, "sysfs" },
	{ CGROUP_SUPER_MAGIC, "cgroup" },
	{ CGROUP2_SUPER_MAGIC, "cgroup2" },
	{ DEVPTS_SUPER_MAGIC, "devpts" },
	{ HUGETLBFS_MAGIC, "hugetlbfs" },
	{ SQUASHFS_MAGIC, "squashfs" },
	{ 0x2fc12fc1, "zfs" },
};

void filesystem_facts_of(int fd, struct filesystem_facts *out, bool *noexec)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return;
	*out = (struct filesystem_facts){
		.read_only = fs.f_flags & ST_RDONLY,
		.nosuid = fs.f_flags & ST_NOSUID,
		.nodev = fs.f_flags & ST_NODEV,
		.room_known = true,
		.total_bytes = fs.f_blocks * (uint64_t)fs.f_bsize,
		.free_bytes = fs.f_bavail * (uint64_t)fs.f_bsize,
		.total_inodes = fs.f_files,
		.free_inodes = fs.f_ffree,
	};
	*noexec = fs.f_flags & ST_NOEXEC;
	snprintf(out->type, sizeof(out->type), "0x%lx", (unsigned long)fs.f_type & 0xffffffff);
	for (size_t i = 0; i < ARRAY_SIZE(filesystems); i++)
		if (filesystems[i].magic == (long)((unsigned long)fs.f_type & 0xffffffff))
			snprintf(out->type, sizeof(out->type), "%s", filesystems[i].name);
}
