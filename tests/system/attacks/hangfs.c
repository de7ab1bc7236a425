// SPDX-License-Identifier: MIT
/*
 * A FUSE file system, by the kernel's own protocol, that answers everybody but processes called ktrace...: those get no
 * answer while the file HANG exists. Everything is an empty directory or missing. Ends when it is unmounted.
 *
 *   hangfs DIRECTORY HANG
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[1 << 17];

static void reply(int fd, uint64_t unique, int error, const void *data, size_t len)
{
	char out[4096];
	struct fuse_out_header h = { (uint32_t)(sizeof(h) + len), -error, unique };

	memcpy(out, &h, sizeof(h));
	memcpy(out + sizeof(h), data, len);
	if (write(fd, out, sizeof(h) + len) < 0 && errno != ENOENT)
		perror("hangfs: reply");
}

static int is_agent(unsigned pid)
{
	char path[32], comm[32] = "";

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	FILE *f = fopen(path, "re");
	if (!f || !fgets(comm, sizeof(comm), f))
		strcpy(comm, "");
	if (f)
		fclose(f);
	return !strncmp(comm, "ktrace", 6);
}

/* The calls of the agent that wait for their answers. */
static struct {
	uint64_t unique;
	uint32_t opcode;
} held[64];
static unsigned n_held;

static void answer(int fd, uint64_t unique, uint32_t opcode)
{
	struct fuse_attr_out attr = { .attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 } };
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_write = 4096
	};

	if (opcode == FUSE_INIT)
		reply(fd, unique, 0, &init, sizeof(init));
	else if (opcode == FUSE_GETATTR)
		reply(fd, unique, 0, &attr, sizeof(attr));
	else if (opcode == FUSE_STATFS)
		reply(fd, unique, 0, &(struct fuse_statfs_out){ .st = { .bsize = 4096 } },
			sizeof(struct fuse_statfs_out));
	else if (opcode == FUSE_LOOKUP)
		reply(fd, unique, ENOENT, "", 0);
	else if (opcode != FUSE_FORGET && opcode != FUSE_BATCH_FORGET && opcode != FUSE_INTERRUPT)
		reply(fd, unique, ENOSYS, "", 0);
}

int main(int argc, char **argv)
{
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (argc != 3 || fd < 0)
		return 77;
	snprintf(options, sizeof(options),
		"fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other,default_permissions", fd);
	if (mount("hangfs", argv[1], "fuse.hangfs", 0, options)) {
		perror("hangfs: mount");
		return 77;
	}
	puts("mounted");
	fflush(stdout);
	for (;; usleep(1000)) {
		struct fuse_in_header *in = (void *)buffer;
		ssize_t n = read(fd, buffer, sizeof(buffer));
		int hang = !access(argv[2], F_OK);

		for (; !hang && n_held; n_held--)
			answer(fd, held[n_held - 1].unique, held[n_held - 1].opcode);
		if (n < 0 && errno == ENODEV)
			return 0;
		if (n < (ssize_t)sizeof(*in))
			continue;
		if (hang && in->opcode != FUSE_INIT && n_held < 64 && is_agent(in->pid)) {
			printf("held %u\n", in->opcode);
			fflush(stdout);
			held[n_held].unique = in->unique;
			held[n_held++].opcode = in->opcode;
		} else {
			answer(fd, in->unique, in->opcode);
		}
	}
}
