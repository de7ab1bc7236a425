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

#endif
