// SPDX-License-Identifier: MIT
/*
 * What one system call costs: the median over many short chunks, in nanoseconds a call, one line each.
 * Pinned to one CPU, in a root directory on tmpfs: the cheapest open there is, so that nothing hides what
 * a probe adds. In a virtual machine whose clock counts instructions the numbers are instructions.
 *
 *	loop [CHUNKS [CALLS]]
 */
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NAMES \
	1024 /* different missing files, so that equal failures in a row do not hide the price */

#define PRESENT "ktrace-bench-file"

static char missing[NAMES][32];

static void op_getppid(unsigned long n)
{
	(void)n;
	syscall(SYS_getppid);
}

static void op_open_close(unsigned long n)
{
	(void)n;
	close((int)syscall(SYS_openat, AT_FDCWD, "/" PRESENT, O_RDONLY, 0));
}

static void op_failing_open(unsigned long n)
{
	syscall(SYS_openat, AT_FDCWD, missing[n % NAMES], O_RDONLY, 0);
}

static void op_same_failing_open(unsigned long n)
{
	(void)n;
	syscall(SYS_openat, AT_FDCWD, missing[0], O_RDONLY, 0);
}

static const struct op {
	const char *name;
	void (*call)(unsigned long n);
} ops[] = {
	{ "getppid", op_getppid },
	{ "open+close", op_open_close },
	{ "failing-open", op_failing_open },
	{ "same-failing-open", op_same_failing_open },
};

#define OPS (sizeof(ops) / sizeof(ops[0]))

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int enter_tmpfs(void)
{
	int fd;

	if (chdir("/dev/shm") || chroot("."))
		return -1;
	fd = open(PRESENT, O_RDONLY | O_CREAT, 0600);
	return fd < 0 ? -1 : close(fd);
}

static double chunk(const struct op *op, unsigned long calls)
{
	uint64_t start = now();

	for (unsigned long n = 0; n < calls; n++)
		op->call(n);
	return (double)(now() - start) / (double)calls;
}

int main(int argc, char **argv)
{
	unsigned long chunks = argc > 1 ? strtoul(argv[1], NULL, 10) : 31;
	unsigned long calls = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
	double *costs;
	cpu_set_t cpu;

	if (chunks == 0 || calls == 0) {
		fprintf(stderr, "usage: loop [CHUNKS [CALLS]]\n");
		return 2;
	}
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		perror("loop: not pinned");
	if (enter_tmpfs()) {
		perror("loop: /dev/shm as root folder");
		return 1;
	}
	for (int i = 0; i < NAMES; i++)
		snprintf(missing[i], sizeof(missing[i]), "/missing-%d", i);
	costs = calloc(chunks * OPS, sizeof(*costs));
	if (!costs)
		return 1;
	/* Chunks of the operations take turns, so that a slow moment of the machine meets all of them. */
	for (unsigned long c = 0; c < chunks; c++)
		for (size_t o = 0; o < OPS; o++)
			costs[o * chunks + c] = chunk(&ops[o], calls);
	for (size_t o = 0; o < OPS; o++) {
		qsort(costs + o * chunks, chunks, sizeof(*costs), by_value);
		printf("%s %.1f\n", ops[o].name, costs[o * chunks + chunks / 2]);
	}
	free(costs);
	unlink(PRESENT);
	return 0;
}
