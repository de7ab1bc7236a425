/* SPDX-License-Identifier: MIT */
/* Clean-up attributes: a local that owns something says so where it is declared. */
#ifndef KTRACE_UTIL_CLEANUP_H
#define KTRACE_UTIL_CLEANUP_H

#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static inline void cleanup_json(cJSON **j)
{
	cJSON_Delete(*j);
}

#define _cleanup_(fn) __attribute__((cleanup(fn)))
#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_fd_ _cleanup_(cleanup_fd)
#define _cleanup_file_ _cleanup_(cleanup_file)
#define _cleanup_dir_ _cleanup_(cleanup_dir)
#define _cleanup_json_ _cleanup_(cleanup_json)

/* Hands an owned pointer to somebody else: the clean-up of the local then does nothing. */
#define take(p) \
	({ \
		__typeof__(p) taken_ = (p); \
		(p) = NULL; \
		taken_; \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
