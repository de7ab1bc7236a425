// SPDX-License-Identifier: MIT
/*
 * What a diagnosis costs after a flood: 100,000 failed calls of 1,000 processes in one container, of which its story
 * keeps what its bounds allow. Prints the CPU time of the diagnosis, best of five; fails above 50 ms.
 */
#include <stdio.h>
#include <time.h>

#include "unit/story_builder.h"

#define FAILURES 100000
#define OF_EACH 100
#define ROUNDS 5
#define COST_MAX_MS 50.0

enum shape { WRITES_REFUSED, COMMANDS_SEARCHED, FEW_PATHS };

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fail_once(struct builder *t, uint32_t pid, int i, enum shape shape)
{
	char path[64];

	snprintf(path, sizeof(path), shape == COMMANDS_SEARCHED ? "/usr/%d/bin/%d" : "/data/%d/%d",
		i % 977, shape == FEW_PATHS ? i % 50 : i);
	if (shape == COMMANDS_SEARCHED)
		builder_fail(t, pid, "stat", ENOENT, path);
	else
		builder_fail_create(t, pid, EACCES, path);
}

static void flood(struct builder *t, enum shape shape)
{
	builder_exec(t, 1, "sh -c script");
	for (int i = 0; i < FAILURES; i++) {
		uint32_t pid = 2 + (uint32_t)(i / OF_EACH) % 50;
		if (i % OF_EACH == 0) {
			builder_run(t, 1, pid, shape == COMMANDS_SEARCHED ? "bash" : "worker");
			builder_output(t, pid, "ERROR: cannot open a file: Permission denied\n");
		}
		fail_once(t, pid, i, shape);
		if (i % OF_EACH == OF_EACH - 1)
			builder_end(t, pid, exited(127));
	}
	builder_end(t, 1, exited(1));
}

static double cost_of(enum shape shape)
{
	struct builder t = builder_new();
	double best = 0;

	flood(&t, shape);
	for (int i = 0; i < ROUNDS; i++) {
		double before = cpu_ms();
		diagnosis_free(builder_diagnose(&t));
		double cost = cpu_ms() - before;
		best = !i || cost < best ? cost : best;
	}
	builder_free(&t);
	return best;
}

int main(void)
{
	static const char *const names[] = { "writes that are refused", "commands searched for",
		"few paths, again and again" };
	bool good = true;

	for (int i = 0; i < 3; i++) {
		double cost = cost_of((enum shape)i);
		printf("%-28s %5.1f ms\n", names[i], cost);
		good &= cost <= COST_MAX_MS;
	}
	if (!good)
		fprintf(stderr, "bench-diagnose: above %.0f ms of CPU time\n", COST_MAX_MS);
	return good ? 0 : 1;
}
