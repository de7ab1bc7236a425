// SPDX-License-Identifier: MIT
#include "sandbox/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <linux/version.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/log.h"

const struct right rights_wanted[] = {
	{ "CAP_BPF", CAP_BPF, "to load programs into the kernel", 0, 0 },
	{ "CAP_PERFMON", CAP_PERFMON, "to attach them", 0, 0 },
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN, "to load programs into this kernel and attach them", 0,
		CAP_BPF },
	{ "CAP_SYS_PTRACE", CAP_SYS_PTRACE, "to read the files of other users' processes", 0, 0 },
	{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH, "to look at the files of containers", 0, 0 },
	{ "CAP_SYS_NICE", CAP_SYS_NICE, "to answer the kubelet's probes in time on a busy node", 0,
		0 },
	{ "CAP_SYS_RESOURCE", CAP_SYS_RESOURCE,
		"for locked memory, as which this kernel counts maps and programs",
		KERNEL_VERSION(5, 11, 0), 0 },
	{ 0 },
};

static bool is_known(int number)
{
	return prctl(PR_CAPBSET_READ, number) >= 0;
}

bool right_is_wanted(const struct right *right, const char *release)
{
	unsigned major, minor;

	if (!is_known(right->number) || (right->unless && is_known(right->unless)))
		return false;
	return !right->before || (sscanf(release, "%u.%u", &major, &minor) == 2 &&
					 KERNEL_VERSION(major, minor, 0) < right->before);
}

#define NAME(right) [right] = #right
static const char *const names[] = {
	NAME(CAP_CHOWN),
	NAME(CAP_DAC_OVERRIDE),
	NAME(CAP_DAC_READ_SEARCH),
	NAME(CAP_FOWNER),
	NAME(CAP_FSETID),
	NAME(CAP_KILL),
	NAME(CAP_SETGID),
	NAME(CAP_SETUID),
	NAME(CAP_SETPCAP),
	NAME(CAP_LINUX_IMMUTABLE),
	NAME(CAP_NET_BIND_SERVICE),
	NAME(CAP_NET_BROADCAST),
	NAME(CAP_NET_ADMIN),
	NAME(CAP_NET_RAW),
	NAME(CAP_IPC_LOCK),
	NAME(CAP_IPC_OWNER),
	NAME(CAP_SYS_MODULE),
	NAME(CAP_SYS_RAWIO),
	NAME(CAP_SYS_CHROOT),
	NAME(CAP_SYS_PTRACE),
	NAME(CAP_SYS_PACCT),
	NAME(CAP_SYS_ADMIN),
	NAME(CAP_SYS_BOOT),
	NAME(CAP_SYS_NICE),
	NAME(CAP_SYS_RESOURCE),
	NAME(CAP_SYS_TIME),
	NAME(CAP_SYS_TTY_CONFIG),
	NAME(CAP_MKNOD),
	NAME(CAP_LEASE),
	NAME(CAP_AUDIT_WRITE),
	NAME(CAP_AUDIT_CONTROL),
	NAME(CAP_SETFCAP),
	NAME(CAP_MAC_OVERRIDE),
	NAME(CAP_MAC_ADMIN),
	NAME(CAP_SYSLOG),
	NAME(CAP_WAKE_ALARM),
	NAME(CAP_BLOCK_SUSPEND),
	NAME(CAP_AUDIT_READ),
	NAME(CAP_PERFMON),
	NAME(CAP_BPF),
	NAME(CAP_CHECKPOINT_RESTORE),
};
#undef NAME

const char *right_name(unsigned number)
{
	return number < ARRAY_SIZE(names) ? names[number] : NULL;
}

int rights_of(pid_t pid, struct rights *out)
{
	char path[32], line[256];
	unsigned long long set = 0;
	unsigned no_new = 0, mode = SECCOMP_MODE_DISABLED;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	_cleanup_file_ FILE *f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		found |= sscanf(line, "CapEff: %llx", &set) == 1;
		sscanf(line, "NoNewPrivs: %u", &no_new);
		sscanf(line, "Seccomp: %u", &mode);
	}
	if (!found)
		return -EBADMSG;
	*out = (struct rights){ set, no_new, mode != SECCOMP_MODE_DISABLED };
	return 0;
}

uint64_t rights_effective(void)
{
	struct rights mine = { 0 };

	rights_of(getpid(), &mine);
	return mine.effective;
}

/* Each set comes in words of 32 bits. */
static int set_rights(uint64_t set, bool for_good)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, words))
		return -errno;
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		words[i].effective = words[i].permitted & (uint32_t)(set >> 32 * i);
		if (for_good) {
			words[i].permitted = words[i].effective;
			words[i].inheritable = 0;
		}
	}
	return syscall(SYS_capset, &header, words) ? -errno : 0;
}

int rights_use(uint64_t set)
{
	return set_rights(set, false);
}

/* Root would get its rights back with the next exec, but for no_new_privs. */
int rights_drop(uint64_t set)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return set_rights(set, true);
}

bool rights_suffice(const char *command)
{
	uint64_t have = rights_effective();
	uint64_t need = RIGHT(CAP_BPF) | RIGHT(CAP_PERFMON);

	if ((have & need) == need || (have & RIGHT(CAP_SYS_ADMIN)))
		return true;
	log_error("%s loads BPF programs, which user %u is not allowed to do: run it as root "
		  "(`sudo ktrace %s ...`), or with CAP_BPF and CAP_PERFMON",
		command, (unsigned)geteuid(), command);
	return false;
}
