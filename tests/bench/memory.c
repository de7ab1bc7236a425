// SPDX-License-Identifier: MIT
/*
 * What the memory of healthy starts costs: 10,000 workloads, each with two snapshots of some 80 facts, on disk. Prints
 * the CPU time of a start (look-up, comparison, keeping, writing), and whether the bounds hold.
 *
 *	memory [WORKLOADS] [FILE]
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/memory.h"
#include "util/cleanup.h"

#define FILE_MAX (4 << 20)
#define WORKLOADS 10000
#define STARTS 2
#define COST_MAX_US 200.0

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct container *make_container(const struct memory *m, int number, int start)
{
	struct container *c = container_new();
	char text[64], name[64];

	c->start = snapshot_new(memory_salt(m));
	snprintf(text, sizeof(text), "workload-%d", number);
	container_set(&c->workload, text);
	container_set(&c->pod, text);
	container_set(&c->k8s_namespace, "bench");
	container_set(&c->k8s_container, "app");
	snprintf(text, sizeof(text), "%x-%x", number, start);
	container_set(&c->id, text);
	c->workload_kind = WORKLOAD_DEPLOYMENT;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "SOME_VARIABLE_%d", i);
		snapshot_add(c->start, FACT_VARIABLE, name, "#0123456789abcdef");
		snprintf(name, sizeof(name), "/etc/app/conf.d/%d.yaml", i);
		snapshot_add(c->start, i < 20 ? FACT_KEY : FACT_NODE_LIMIT, name,
			"1234 bytes, mode 0644");
	}
	snprintf(text, sizeof(text), "registry.example/app:%d", start);
	snapshot_add(c->start, FACT_IMAGE, "", text);
	snapshot_sort(c->start);
	return c;
}

struct cost {
	double recall, keep, write;
};

static void start_once(struct memory *m, int number, int start, struct cost *cost)
{
	struct container *c = make_container(m, number, start);
	double at = cpu_us();
	struct remembered *r = memory_recall(m, c);
	double recalled = cpu_us();
	const struct healthy_start healthy = { .container = c, .time = (uint64_t)start + 1 };

	memory_keep(m, &healthy);
	double kept = cpu_us();
	memory_flush(m);
	cost->recall += recalled - at;
	cost->keep += kept - recalled;
	cost->write += cpu_us() - kept;
	remembered_free(r);
	container_unref(c);
}

int main(int argc, char **argv)
{
	int workloads = argc > 1 ? atoi(argv[1]) : WORKLOADS;
	const struct memory_options options = { .path = argc > 2 ? argv[2] : "memory.bench" };
	struct memory *m = NULL;
	struct memory_stats stats;
	struct rusage usage;
	struct cost cost = { 0 };
	struct stat st = { 0 };

	unlink(options.path);
	if (memory_new(&options, &m) < 0)
		return 1;
	for (int start = 0; start < STARTS; start++)
		for (int i = 0; i < workloads; i++)
			start_once(m, i, start, &cost);
	memory_stats(m, &stats);
	double n = (double)workloads * STARTS;
	double reading = cpu_us();
	memory_free(m);
	stat(options.path, &st);
	m = NULL;
	if (memory_new(&options, &m) < 0)
		return 1;
	reading = cpu_us() - reading;
	memory_free(m);
	unlink(options.path);
	getrusage(RUSAGE_SELF, &usage);
	double each = (cost.recall + cost.keep + cost.write) / n;
	printf("%d workloads, %d starts of each: %.1f us of CPU a start (look-up %.1f, keeping "
	       "%.1f, "
	       "writing %.1f)\n",
		workloads, STARTS, each, cost.recall / n, cost.keep / n, cost.write / n);
	printf("%zu kept, %llu forgotten, file %.2f MiB, read in %.0f ms, at most %.1f MiB "
	       "resident\n",
		stats.workloads, (unsigned long long)stats.forgotten,
		(double)st.st_size / (1 << 20), reading / 1000, (double)usage.ru_maxrss / 1024);
	return st.st_size > FILE_MAX || each > COST_MAX_US;
}
