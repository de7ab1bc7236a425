// SPDX-License-Identifier: MIT
#include "cli/rights.h"

#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/log.h"

const struct right rights_wanted[] = {
	{ "CAP_BPF", CAP_BPF, "to load programs into the kernel" },
	{ "CAP_PERFMON", CAP_PERFMON, "to attach them" },
	{ "CAP_SYS_PTRACE", CAP_SYS_PTRACE, "to read the files of other users' processes" },
	{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH, "to look at the files of containers" },
	{ 0 },
};

#define BIT(n) (1ULL << (n))

uint64_t rights_effective(void)
{
	_cleanup_file_ FILE *f = fopen("/proc/self/status", "re");
	unsigned long long set = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &set) == 1)
			return set;
	return 0;
}

bool rights_suffice(const char *command)
{
	uint64_t have = rights_effective();
	uint64_t need = BIT(CAP_BPF) | BIT(CAP_PERFMON);

	if ((have & need) == need || (have & BIT(CAP_SYS_ADMIN)))
		return true;
	log_error("%s loads programs into the kernel, which user %u may not: run it as root "
		  "(`sudo ktrace %s ...`), or with the capabilities BPF and PERFMON",
		command, (unsigned)geteuid(), command);
	return false;
}
