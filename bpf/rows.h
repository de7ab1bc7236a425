/* SPDX-License-Identifier: GPL-2.0 */
/* The table of system calls: which failures of each are told. */
#ifndef KTRACE_ROWS_H
#define KTRACE_ROWS_H

#include "kernel.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WIRE_ROWS);
	__type(key, u32);
	__type(value, struct wire_row);
} rows __weak SEC(".maps");

static __always_inline bool wants_error(const struct wire_row *row, u32 error)
{
	if (error < 64)
		return row->errnos[0] >> error & 1;
	if (error < 128)
		return row->errnos[1] >> (error - 64) & 1;
	return error < 192 && row->errnos[2] >> (error - 128) & 1;
}

#endif
