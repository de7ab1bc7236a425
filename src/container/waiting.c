// SPDX-License-Identifier: MIT
/* Events that wait for their container's name: mostly for milliseconds, of one that nobody names for two seconds. */
#include "container/registry_private.h"

#include <errno.h>

#define WAIT_ALL 2 /* times what may wait of one container: of all together */
#define WAIT_ALL_BYTES (4u << 20)
#define WAIT_BYTES (WAIT_ALL_BYTES / 4) /* of one container */

void registry_queue(struct registry *r, struct entry *e, const struct event *draft)
{
	size_t before = e->waiting_bytes;
	bool has_room = r->waiting < WAIT_ALL * r->options.wait_max &&
			r->waiting_bytes < WAIT_ALL_BYTES && before < WAIT_BYTES;
	int err = has_room ? entry_queue(e, draft, r->options.wait_max) : -ENOSPC;

	e->lost += err != 0;
	r->waiting += !err;
	r->waiting_bytes += e->waiting_bytes - before;
	if (!err)
		return;
	if (err == -ENOSPC)
		r->lost_waiting++;
	else
		r->lost_memory++;
}
