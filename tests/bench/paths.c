// SPDX-License-Identifier: MIT
/*
 * What one system call costs: the median over chunks, in nanoseconds a call, one line for each path. In a virtual machine
 * whose clock counts instructions (QEMU's -icount) the numbers are instructions.
 *
 *	paths [-n CHUNKS] [PATH...]
 *
 * Pinned to one CPU and ahead of everybody else on it, so that what a reader of events does meanwhile is not counted; in a
 * root directory on tmpfs, the cheapest open there is, so that nothing hides what a probe adds. Between two chunks it
 * sleeps, for readers to catch up and for ktrace's budgets to fill up again.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALLS \
	300 /* of one chunk, at most: less than what any of ktrace's budgets lets through in PAUSE_MS */
#define PAUSE_MS 1200
#define PRESENT "ktrace-bench-file"
#define WRITE_BYTES 80

static char missing[CALLS][32];
static struct sockaddr_in closed[CALLS];
static char line[WRITE_BYTES + 1] =
	"a line of some eighty bytes, as programs log them: connected to the database at\n";
static int file_fd;

/* Each chunk has names that no chunk before it had: a failure that repeats is folded, which is another path. */
static void new_names(unsigned int chunk)
{
	for (int i = 0; i < CALLS; i++)
		snprintf(missing[i], sizeof(missing[i]), "/missing-%u-%d", chunk, i);
}

/* The same for addresses: 127.0.0.0/8 has enough of them, and nobody listens on port 1. */
static void new_addresses(unsigned int chunk)
{
	for (unsigned int i = 0; i < CALLS; i++)
		closed[i] = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_port = htons(1),
			.sin_addr.s_addr = htonl(0x7f000002U + chunk * CALLS + i) };
}

static void one_name(unsigned int chunk)
{
	(void)chunk;
	strcpy(missing[0], "/missing-always");
	syscall(SYS_openat, AT_FDCWD, missing[0], O_RDONLY, 0);
}

static void empty_file(unsigned int chunk)
{
	(void)chunk;
	if (ftruncate(file_fd, 0) || lseek(file_fd, 0, SEEK_SET))
		perror("paths: " PRESENT);
}

static void call_getppid(unsigned int n)
{
	(void)n;
	syscall(SYS_getppid);
}

static void call_open(unsigned int n)
{
	(void)n;
	close((int)syscall(SYS_openat, AT_FDCWD, "/" PRESENT, O_RDONLY, 0));
}

static void call_failing_open(unsigned int n)
{
	syscall(SYS_openat, AT_FDCWD, missing[n], O_RDONLY, 0);
}

static void call_same_failing_open(unsigned int n)
{
	(void)n;
	syscall(SYS_openat, AT_FDCWD, missing[0], O_RDONLY, 0);
}

static void call_write(unsigned int n)
{
	(void)n;
	syscall(SYS_write, file_fd, line, WRITE_BYTES);
}

static void call_print(unsigned int n)
{
	(void)n;
	syscall(SYS_write, STDOUT_FILENO, line, WRITE_BYTES);
}

static void call_connect(unsigned int n)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	connect(fd, (const struct sockaddr *)&closed[n], sizeof(closed[n]));
	close(fd);
}

static const struct path {
	const char *name;
	unsigned int calls; /* of one chunk */
	void (*prepare)(unsigned int chunk);
	void (*call)(unsigned int n);
} paths[] = {
	{ "unrelated", CALLS, NULL, call_getppid },
	{ "open-good", CALLS, NULL, call_open },
	{ "open-new", CALLS, new_names, call_failing_open },
	{ "open-folded", CALLS, one_name, call_same_failing_open },
	{ "write-file", CALLS, empty_file, call_write },
	{ "write-stdout", CALLS, NULL, call_print },
	{ "connect-refused", 100, new_addresses, call_connect },
};

#define PATHS (sizeof(paths) / sizeof(paths[0]))

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

/* The last results are written to what was stdout: as a descriptor of its own, since /dev/null takes its place. */
static FILE *take_stdout(void)
{
	int results = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);

	if (results < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		return NULL;
	close(null);
	return fdopen(results, "w");
}

static int enter_tmpfs(void)
{
	if (chdir("/dev/shm") || chroot("."))
		return -1;
	file_fd = open(PRESENT, O_RDWR | O_CREAT, 0600);
	return file_fd < 0 ? -1 : 0;
}

static void be_alone(void)
{
	const struct sched_param ahead = { .sched_priority = 1 };
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		perror("paths: not pinned");
	if (sched_setscheduler(0, SCHED_FIFO, &ahead))
		perror("paths: not ahead of others");
}

static double chunk(const struct path *p, unsigned int number)
{
	const struct timespec pause = { PAUSE_MS / 1000, PAUSE_MS % 1000 * 1000000L };
	uint64_t start;

	nanosleep(&pause, NULL);
	if (p->prepare)
		p->prepare(number);
	start = now();
	for (unsigned int n = 0; n < p->calls; n++)
		p->call(n);
	return (double)(now() - start) / p->calls;
}

static int measure(const struct path *p, unsigned int chunks, FILE *results)
{
	double *costs = calloc(chunks, sizeof(*costs));

	if (!costs)
		return -1;
	chunk(p, chunks); /* what is done once, and the caches */
	for (unsigned int c = 0; c < chunks; c++)
		costs[c] = chunk(p, c);
	qsort(costs, chunks, sizeof(*costs), by_value);
	fprintf(results, "%s %.1f\n", p->name, costs[chunks / 2]);
	free(costs);
	return 0;
}

static const struct path *find(const char *name)
{
	for (size_t i = 0; i < PATHS; i++)
		if (!strcmp(paths[i].name, name))
			return &paths[i];
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned int chunks = 5;
	int opt;

	while ((opt = getopt(argc, argv, "n:")) != -1) {
		chunks = opt == 'n' ? (unsigned int)strtoul(optarg, NULL, 10) : 0;
		if (chunks == 0) {
			fprintf(stderr, "usage: paths [-n CHUNKS] [PATH...]\n");
			return 2;
		}
	}
	for (int i = optind; i < argc; i++)
		if (!find(argv[i])) {
			fprintf(stderr, "paths: no path %s\n", argv[i]);
			return 2;
		}
	FILE *results = take_stdout();
	if (!results || enter_tmpfs()) {
		perror("paths: /dev/shm as root directory, /dev/null as stdout");
		return 1;
	}
	be_alone();
	for (size_t i = 0; i < PATHS; i++) {
		bool wanted = optind == argc;

		for (int a = optind; a < argc; a++)
			wanted = wanted || !strcmp(argv[a], paths[i].name);
		if (wanted && measure(&paths[i], chunks, results))
			return 1;
	}
	unlink(PRESENT);
	return fclose(results) ? 1 : 0;
}
