// SPDX-License-Identifier: MIT
/* What Prometheus' own clients export about their process, by the same names. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve/metrics.h"
#include "util/cleanup.h"

static uint64_t cpu_ns(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) < 0)
		return 0;
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

static uint64_t open_fds(void)
{
	_cleanup_dir_ DIR *d = opendir("/proc/self/fd");
	uint64_t n = 0;

	while (d && readdir(d))
		n++;
	return n > 3 ? n - 3 : 0; /* ".", ".." and the directory itself */
}

static uint64_t max_fds(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) < 0 ? 0 : limit.rlim_cur;
}

void metrics_process(struct exposition *x, uint64_t started)
{
	_cleanup_file_ FILE *f = fopen("/proc/self/statm", "re");
	uint64_t size = 0, resident = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (!f || fscanf(f, "%" SCNu64 " %" SCNu64, &size, &resident) != 2)
		size = resident = 0;
	metric_family(
		x, METRIC_COUNTER, "process_cpu_seconds", "User and system CPU time of the agent.");
	metric_seconds(x, cpu_ns(), NO_LABELS);
	metric_family(
		x, METRIC_GAUGE, "process_resident_memory_bytes", "Resident memory of the agent.");
	metric_sample(x, resident * page, NO_LABELS);
	metric_family(
		x, METRIC_GAUGE, "process_virtual_memory_bytes", "Virtual memory of the agent.");
	metric_sample(x, size * page, NO_LABELS);
	metric_family(x, METRIC_GAUGE, "process_start_time_seconds",
		"When the agent started, in seconds since 1970.");
	metric_seconds(x, started, NO_LABELS);
	metric_family(x, METRIC_GAUGE, "process_open_fds", "File descriptors that are open.");
	metric_sample(x, open_fds(), NO_LABELS);
	metric_family(x, METRIC_GAUGE, "process_max_fds", "File descriptors that may be open.");
	metric_sample(x, max_fds(), NO_LABELS);
}
