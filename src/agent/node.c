// SPDX-License-Identifier: MIT
#include "agent/node.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/hash.h"

uint64_t wall_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t agent_run_number(void)
{
	/* Any one of these would nearly do; each may be missing or cloned in some sandbox or virtual machine. */
	struct {
		char boot[40];
		struct timespec since_boot;
		uint64_t random;
		pid_t pid;
	} about = { .pid = getpid() };
	_cleanup_file_ FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f && !fgets(about.boot, sizeof(about.boot), f))
		about.boot[0] = '\0';
	clock_gettime(CLOCK_BOOTTIME, &about.since_boot);
	if (getrandom(&about.random, sizeof(about.random), GRND_NONBLOCK) < 0)
		about.random = wall_clock();
	return hash_bytes(HASH_START, &about, sizeof(about));
}

const char *node_name(void)
{
	static char name[256];
	const char *from_pod = getenv("NODE_NAME");

	if (from_pod && *from_pod)
		return from_pod;
	if (gethostname(name, sizeof(name) - 1) < 0)
		return "";
	return name;
}

uint16_t node_machine(void)
{
#if defined(__x86_64__)
	return EM_X86_64;
#elif defined(__aarch64__)
	return EM_AARCH64;
#else
	return 0;
#endif
}
