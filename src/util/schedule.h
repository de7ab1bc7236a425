/* SPDX-License-Identifier: MIT */
/* How the kernel shares out processors to us. */
#ifndef KTRACE_UTIL_SCHEDULE_H
#define KTRACE_UTIL_SCHEDULE_H

/*
 * From now on this thread, and those that it starts, run for a tenth of a millisecond at a time where others want the
 * processor, and come the sooner to their next turn: as much in all, and with less to wait for (Linux 6.12; before that
 * nothing changes). With a small share of a full machine that is the difference between a probe's answer and its timeout.
 */
void schedule_small_slices(void);

/*
 * From now on this thread has a millisecond of a processor within 20 ms of when it wants one, whatever share its cgroup
 * has and whoever else wants it, and never more than that: SCHED_DEADLINE. For threads that others wait for, and that start
 * none. 0; -EPERM: it takes CAP_SYS_NICE, and all processors that the scheduler has for us; -EBUSY: others were promised
 * too much; or another negative errno.
 */
int schedule_by_deadline(void);

#endif
