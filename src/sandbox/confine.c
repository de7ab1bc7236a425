// SPDX-License-Identifier: MIT
#include "sandbox/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "sandbox/rights.h"
#include "sandbox/seccomp.h"
#include "util/cleanup.h"
#include "util/directories.h"
#include "util/log.h"

static bool may_write_all(const struct agent_options *o)
{
	return (!strcmp(o->log_file, "-") || directories_may_write(o->log_file)) &&
	       (!strcmp(o->socket, "off") || directories_may_write(o->socket)) &&
	       (!o->forward.n || directories_may_write(o->buffer_dir));
}

/* No cgroup has the id 0: -ENOENT is the map's own answer. */
static bool may_use_maps(struct capture *c)
{
	return capture_untrack(c, 0) != -EPERM;
}

/* Some rights are needed or not, as kernel and directories are: tried, not guessed. */
static int drop_rights(const struct agent_options *o, struct capture *c)
{
	static const int for_maps[] = { CAP_BPF, CAP_SYS_ADMIN };
	uint64_t keep = RIGHT(CAP_SYS_PTRACE) | RIGHT(CAP_DAC_READ_SEARCH);
	int err = rights_use(keep);

	if (err < 0)
		return err;
	/* Before Linux 5.19 each use of a map asks for one of these where unprivileged BPF is off. */
	for (size_t i = 0; i < ARRAY_SIZE(for_maps) && !may_use_maps(c); i++)
		rights_use(keep |= RIGHT(for_maps[i]));
	/* A log in somebody's home is root's to write only by this right. */
	if (!may_write_all(o))
		keep |= RIGHT(CAP_DAC_OVERRIDE);
	return rights_drop(keep);
}

void confine(const struct agent_options *options, struct capture *capture)
{
	int err = drop_rights(options, capture);

	if (err < 0)
		log_warning("the rights that are not needed any more cannot be dropped: %s",
			strerror(-err));
	err = seccomp_confine();
	if (err < 0)
		log_warning("the system calls that are not needed any more stay open: seccomp: %s",
			strerror(-err));
}
