// SPDX-License-Identifier: MIT
#include "sandbox/confine.h"

#include <linux/capability.h>
#include <string.h>

#include "sandbox/rights.h"
#include "sandbox/seccomp.h"
#include "util/cleanup.h"
#include "util/directories.h"
#include "util/log.h"

static bool may_write_all(const struct confine_options *o)
{
	for (const char *const *path = o->written; *path; path++)
		if (!directories_may_write(*path))
			return false;
	return true;
}

/* Some rights are needed or not, as kernel and directories are: tried, not guessed. */
static int drop_rights(const struct confine_options *o)
{
	static const int for_maps[] = { CAP_BPF, CAP_SYS_ADMIN };
	uint64_t keep = RIGHT(CAP_SYS_PTRACE) | RIGHT(CAP_DAC_READ_SEARCH);
	int err = rights_use(keep);

	if (err < 0)
		return err;
	/* Before Linux 5.19 each use of a map asks for one of these where unprivileged BPF is off. */
	for (size_t i = 0; i < ARRAY_SIZE(for_maps) && !o->may_use_maps(o->ctx); i++)
		rights_use(keep |= RIGHT(for_maps[i]));
	/* A log in somebody's home is root's to write only by this right. */
	if (!may_write_all(o))
		keep |= RIGHT(CAP_DAC_OVERRIDE);
	return rights_drop(keep);
}

void confine(const struct confine_options *options)
{
	int err = drop_rights(options);

	if (err < 0)
		log_warning("cannot drop the capabilities that are no longer needed: %s",
			strerror(-err));
	err = seccomp_confine();
	if (err < 0)
		log_warning("cannot restrict the system calls: seccomp: %s", strerror(-err));
}

void confine_helper(void)
{
	int err = rights_drop(RIGHT(CAP_SYS_PTRACE) | RIGHT(CAP_DAC_READ_SEARCH));

	if (err < 0)
		log_warning("cannot drop the capabilities of the helper: %s", strerror(-err));
	err = seccomp_confine_helper();
	if (err < 0)
		log_warning("cannot restrict the system calls of the helper: seccomp: %s",
			strerror(-err));
}
