// SPDX-License-Identifier: MIT
#include "util/schedule.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE_NS 100000 /* the least that the kernel takes */
#define PERIOD_NS 20000000
#define RUNTIME_NS 1000000 /* of each period: a twentieth of one processor */

/* As linux/sched/types.h has it, which no C library of these years wraps. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

void schedule_small_slices(void)
{
	struct attributes a = { 0 };

	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) < 0 ||
		(a.policy != SCHED_OTHER && a.policy != SCHED_BATCH))
		return;
	a.runtime = SLICE_NS;
	a.flags = 0;
	syscall(SYS_sched_setattr, 0, &a, 0);
}

int schedule_by_deadline(void)
{
	struct attributes a = {
		.size = sizeof(a),
		.policy = SCHED_DEADLINE,
		.runtime = RUNTIME_NS,
		.deadline = PERIOD_NS,
		.period = PERIOD_NS,
	};

	return syscall(SYS_sched_setattr, 0, &a, 0) ? -errno : 0;
}
