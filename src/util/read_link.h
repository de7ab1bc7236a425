/* SPDX-License-Identifier: MIT */
#ifndef KTRACE_UTIL_READ_LINK_H
#define KTRACE_UTIL_READ_LINK_H

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * Reads where the link NAME leads, seen from the directory DIR ("": DIR is the link itself), as a string
 * into OUT of SIZE bytes. Its length, or a negative errno; then, and when it would be cut, OUT is "".
 */
static inline ssize_t read_link(int dir, const char *name, char *out, size_t size)
{
	ssize_t n = readlinkat(dir, name, out, size);

	if (n >= 0 && (size_t)n < size) {
		out[n] = '\0';
		return n;
	}
	out[0] = '\0';
	return n < 0 ? -errno : -ENAMETOOLONG;
}

#endif
