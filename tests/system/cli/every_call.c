// SPDX-License-Identifier: MIT
/*
 * Makes each system call of src/event/syscalls.c fail for real where that can be had without harm, and prints a line for each:
 *
 *   CALL ERRNO PATH PATH2 FLAGS        - stands for none
 *
 * every-call.py looks for a record of each. Left out is what needs a kernel built otherwise (modules, keys), or a full disk. Calls go to the kernel by number, so that no C library makes another one of them,
 * and a number that this architecture lacks is left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static FILE *out;

static void tell(const char *call, long rc, const char *path, const char *path2, const char *flags)
{
	int err = errno;

	if (rc >= 0) {
		fprintf(stderr, "%s did not fail\n", call);
		exit(1);
	}
	fprintf(out, "%s %d %s %s %s\n", call, err, path, path2, flags);
}

#define CALL(name, path, path2, flags, ...) \
	tell(#name, syscall(__NR_##name, __VA_ARGS__), path, path2, flags)

/* A path of its own for each, in a directory that is not there; or the same name from a directory's descriptor. */
#define GONE(name) "/absent-" #name "/file"
#define BELOW(name) "absent-" #name "/file"
#define PATH(name, ...) CALL(name, GONE(name), "-", "-", GONE(name), ##__VA_ARGS__)
#define PATH_AT(name, ...) \
	CALL(name, "/usr/" BELOW(name), "-", "-", usr, BELOW(name), ##__VA_ARGS__)

static int usr; /* /usr, as a descriptor */

static void files_only_x86(void)
{
#ifdef __NR_open
	CALL(open, GONE(open), "-", "O_WRONLY|O_CREAT", GONE(open), O_WRONLY | O_CREAT, 0644);
	PATH(creat, 0644);
	PATH(access, R_OK);
	struct stat st;
	PATH(stat, &st);
	PATH(lstat, &st);
	char to[8];
	PATH(readlink, to, sizeof(to));
	PATH(mkdir, 0755);
	PATH(mknod, S_IFREG, 0);
	CALL(rename, GONE(rename), "/absent-to", "-", GONE(rename), "/absent-to");
	CALL(link, GONE(link), "/absent-to", "-", GONE(link), "/absent-to");
	CALL(symlink, GONE(symlink), "-", "-", "target", GONE(symlink));
	PATH(unlink);
	PATH(rmdir);
	PATH(chmod, 0644);
	PATH(chown, 0, 0);
	PATH(lchown, 0, 0);
#endif
}

static void files(void)
{
	struct open_how how = { .flags = O_RDONLY };
	struct stat st;
	char buffer[512];

	CALL(openat, "/usr/" BELOW(openat), "-", "O_RDWR|O_CLOEXEC", usr, BELOW(openat),
		O_RDWR | O_CLOEXEC, 0);
	PATH_AT(openat2, &how, sizeof(how));
	PATH_AT(faccessat, W_OK);
#ifdef __NR_faccessat2
	PATH_AT(faccessat2, W_OK, 0);
#endif
#ifdef __NR_newfstatat
	PATH_AT(newfstatat, &st, 0);
#else
	CALL(fstatat, "/usr/" BELOW(newfstatat), "-", "-", usr, BELOW(newfstatat), &st, 0);
#endif
	PATH_AT(statx, 0, STATX_BASIC_STATS, buffer);
	PATH_AT(readlinkat, buffer, sizeof(buffer));
	PATH_AT(mkdirat, 0755);
	PATH_AT(mknodat, S_IFREG, 0);
#ifdef __NR_renameat
	CALL(renameat, "/usr/" BELOW(renameat), "/usr/absent-to", "-", usr, BELOW(renameat), usr,
		"absent-to");
#endif
	CALL(renameat2, "/usr/" BELOW(renameat2), "/usr/absent-to", "-", usr, BELOW(renameat2), usr,
		"absent-to", 0);
	CALL(linkat, "/usr/" BELOW(linkat), "/usr/absent-to", "-", usr, BELOW(linkat), usr,
		"absent-to", 0);
	CALL(symlinkat, "/usr/" BELOW(symlinkat), "-", "-", "target", usr, BELOW(symlinkat));
	PATH_AT(unlinkat, 0);
	PATH_AT(fchmodat, 0644);
	PATH_AT(fchownat, 0, 0, 0);
	PATH_AT(utimensat, NULL, 0);
	PATH(truncate, 0L);
	PATH(chdir);
	PATH(chroot);
	CALL(setxattr, "/proc/version", "-", "-", "/proc/version", "user.x", "y", 1L, 0);
	CALL(lsetxattr, "/proc/version", "-", "-", "/proc/version", "user.x", "y", 1L, 0);
	CALL(mount, GONE(mount), "-", "-", "none", GONE(mount), "tmpfs", 0L, NULL);
	CALL(inotify_add_watch, GONE(inotify_add_watch), "-", "-",
		(int)syscall(__NR_inotify_init1, 0), GONE(inotify_add_watch), 1);
	char *argv[] = { "x", NULL };
	CALL(execve, GONE(execve), "-", "-", GONE(execve), argv, argv + 1);
	CALL(execveat, "/usr/" BELOW(execveat), "-", "-", usr, BELOW(execveat), argv, argv + 1, 0);
}

/* Through a descriptor: the path is the file's. */
static void descriptors(void)
{
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	int full = open("/dev/full", O_RDWR);

	CALL(read, "/usr", "-", "-", usr, &byte, 1L);
	CALL(write, "/dev/full", "-", "-", full, &byte, 1L);
	CALL(writev, "/dev/full", "-", "-", full, &iov, 1L);
	CALL(pwrite64, "/dev/full", "-", "-", full, &byte, 1L, 0L);
	CALL(pwritev, "/dev/full", "-", "-", full, &iov, 1L, 0L, 0L);
	close(full);
}

static void sockets(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in nobody = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0xc0000201)
	};
	int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);

	CALL(connect, "-", "-", "-", tcp, &to, sizeof(to));
	CALL(bind, "-", "-", "-", udp, &nobody, sizeof(nobody));
	close(tcp);
	close(udp);
}

/* As many descriptors as it may have. */
static void without_descriptors(void)
{
	int fds[2], listener = socket(AF_INET, SOCK_STREAM, 0);
	struct rlimit old, none;

	listen(listener, 1);
	getrlimit(RLIMIT_NOFILE, &old);
	none = (struct rlimit){ (rlim_t)listener + 1, old.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	CALL(socket, "-", "-", "-", AF_INET, SOCK_STREAM, 0);
	CALL(accept4, "-", "-", "-", listener, NULL, NULL, SOCK_NONBLOCK);
	CALL(pipe2, "-", "-", "-", fds, 0);
	CALL(eventfd2, "-", "-", "-", 0, 0);
	CALL(epoll_create1, "-", "-", "-", 0);
	CALL(timerfd_create, "-", "-", "-", 0, 0);
	CALL(socketpair, "-", "-", "-", AF_UNIX, SOCK_STREAM, 0, fds);
	CALL(dup, "-", "-", "-", 1);
	CALL(inotify_init1, "-", "-", "-", 0);
	CALL(memfd_create, "-", "-", "-", "x", 0);
	CALL(fcntl, "-", "-", "-", 1, F_DUPFD, 0);
	setrlimit(RLIMIT_NOFILE, &old);
	close(listener);
}

/* As a user that may do nothing. */
static void without_rights(void)
{
	long time[2] = { 0, 0 };

	if (setgid(65534) || setuid(65534))
		exit(1);
	CALL(sethostname, "-", "-", "-", "x", 1L);
	CALL(unshare, "-", "-", "CLONE_NEWNS", CLONE_NEWNS);
	CALL(setpriority, "-", "-", "-", PRIO_PROCESS, 0, -5);
	CALL(clock_settime, "-", "-", "-", 0, time);
	CALL(settimeofday, "-", "-", "-", time, NULL);
	CALL(ptrace, "-", "-", "-", 16, 1, 0, 0); /* PTRACE_ATTACH to pid 1 */
	CALL(setuid, "-", "-", "-", 0);
	CALL(setgid, "-", "-", "-", 0);
	CALL(setgroups, "-", "-", "-", 0L, NULL);
	CALL(setresuid, "-", "-", "-", 0, 0, 0);
	CALL(setresgid, "-", "-", "-", 0, 0, 0);
	CALL(chroot, "/usr", "-", "-", "/usr");
	CALL(pivot_root, "/usr", "-", "-", "/usr", "/usr");
	CALL(umount2, "/proc", "-", "-", "/proc", 0);
	CALL(fchown, "/usr", "-", "-", usr, 0, 0);
	struct rlimit high = { 1 << 30, 1 << 30 };
	CALL(prlimit64, "-", "-", "RLIMIT_NOFILE", 0, RLIMIT_NOFILE, &high, NULL);
}

int main(void)
{
	out = fdopen(dup(STDOUT_FILENO), "w");
	usr = open("/usr", O_RDONLY | O_DIRECTORY);
	files_only_x86();
	files();
	descriptors();
	sockets();
	without_descriptors();
	without_rights();
	return fclose(out) ? 1 : 0;
}
