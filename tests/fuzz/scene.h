/* SPDX-License-Identifier: MIT */
/* What fuzzers of servers and files need around them: a path of their own, and a loop that goes a turn at a time. */
#ifndef KTRACE_FUZZ_SCENE_H
#define KTRACE_FUZZ_SCENE_H

#include <unistd.h>

#include "fuzz/fuzz.h"
#include "util/loop.h"

static char scene_path[64]; /* in a directory that nobody else has; gone with the process */

static inline void scene_remove(void)
{
	unlink(scene_path);
	*strrchr(scene_path, '/') = '\0';
	rmdir(scene_path);
}

/* Makes the directory; once. */
static inline const char *scene_init(void)
{
	char directory[] = "/tmp/ktrace-fuzz-XXXXXX";

	check(mkdtemp(directory));
	snprintf(scene_path, sizeof(scene_path), "%s/it", directory);
	atexit(scene_remove);
	return scene_path;
}

static inline void scene_end_turn(void *ctx, uint32_t events)
{
	(void)events;
	loop_stop(ctx, 0);
}

/* From now on each loop_run() does what there is to do, and returns. */
static inline void scene_in_turns(struct loop *l)
{
	static int always_ready = -1;
	int ends[2];

	if (always_ready < 0) {
		check(pipe2(ends, O_CLOEXEC) == 0);
		close(ends[1]); /* nobody can write any more: a hang-up for ever */
		always_ready = ends[0];
	}
	check(loop_add_fd(l, always_ready, EPOLLIN, scene_end_turn, l, NULL) == 0);
}

#endif
