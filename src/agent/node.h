/* SPDX-License-Identifier: MIT */
/* Which node this is, what its clock says, and which run of an agent. */
#ifndef KTRACE_AGENT_NODE_H
#define KTRACE_AGENT_NODE_H

#include <stdint.h>

uint64_t wall_clock(void); /* nanoseconds since 1970 */
/* For pipeline_options.run: another one at each call, on any node and after any boot. */
uint64_t agent_run_number(void);

const char *node_name(void); /* NODE_NAME, else the host's; static storage */
uint16_t node_machine(void); /* e_machine of this machine, 0: not known */

#endif
