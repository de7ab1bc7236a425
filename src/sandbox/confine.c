// SPDX-License-Identifier: MIT
#include "sandbox/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "sandbox/landlock.h"
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
static int drop_rights(const struct confine_options *o, uint64_t *kept)
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
	*kept = keep;
	return rights_drop(keep);
}

/* Who is confined by Landlock can trace none but its own children: the right to trace others is of no use then. */
static int confine_files(const struct confine_options *o, uint64_t kept)
{
	struct landlock_places places = { o->written, o->overwritten };

	/* Without a helper it looks at others' /proc/PID/root itself. */
	if (!o->has_helper)
		return -ENOTCONN;
	int err = landlock_confine(&places);
	return err < 0 ? err : rights_drop(kept & ~RIGHT(CAP_SYS_PTRACE));
}

int confine(const struct confine_options *options)
{
	uint64_t kept = 0;
	int err = drop_rights(options, &kept);

	if (err < 0)
		log_warning("cannot drop the capabilities that are no longer needed: %s",
			strerror(-err));
	int landlock = err < 0 ? err : confine_files(options, kept);
	if (landlock < 0 && landlock != -ENOSYS && landlock != -EOPNOTSUPP && options->has_helper)
		log_warning("cannot restrict where files can be written: Landlock: %s",
			strerror(-landlock));
	err = seccomp_confine();
	if (err < 0)
		log_warning("cannot restrict the system calls: seccomp: %s", strerror(-err));
	return landlock;
}

void confine_thread(void)
{
	static const char *const none[] = { NULL };
	int err = rights_drop(0);

	if (err == 0)
		landlock_confine(&(struct landlock_places){ .written = none, .overwritten = -1 });
	else
		log_warning("cannot drop the capabilities of a thread: %s", strerror(-err));
}

void confine_attacher(void)
{
	uint64_t keep = RIGHT(CAP_BPF) | RIGHT(CAP_PERFMON) | RIGHT(CAP_SYS_RESOURCE);

	/* Before Linux 5.8 that is one right. */
	if ((rights_effective() & keep & ~RIGHT(CAP_SYS_RESOURCE)) == 0)
		keep |= RIGHT(CAP_SYS_ADMIN);
	int err = rights_drop(keep);
	if (err < 0)
		log_warning("cannot drop the capabilities of who attaches: %s", strerror(-err));
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
