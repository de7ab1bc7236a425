// SPDX-License-Identifier: MIT
#include "util/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <unistd.h>

#define TRIES 10 /* a millisecond apart: the other one holds it for a moment */
#define LOOK_US 50000

int turn_take(const char *place)
{
	int fd = open(place, O_RDONLY | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i < TRIES && flock(fd, LOCK_SH | LOCK_NB); i++)
		usleep(1000);
	return fd;
}

void turn_end(int fd)
{
	if (fd >= 0)
		flock(fd, LOCK_UN);
}

static bool somebody_attaches(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK;
	flock(fd, LOCK_UN);
	return false;
}

void turn_let_pass(int fd, unsigned *patience_us)
{
	while (fd >= 0 && *patience_us >= LOOK_US && somebody_attaches(fd)) {
		usleep(LOOK_US);
		*patience_us -= LOOK_US;
	}
}
