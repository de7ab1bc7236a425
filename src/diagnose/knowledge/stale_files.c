// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/stale_files.h"

#include <stddef.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/find.h"

/* "Resource temporarily unavailable" is a lock that somebody holds now: not here. */
static const struct stale_file files[] = {
	/* PostgreSQL: miscinit.c */
	{ "lock file \"postmaster.pid\"", NULL, "lock file", "postmaster.pid" },
	{ "lock file \"", "already exists", "lock file", NULL },
	{ "lock file \"", "is empty", "lock file", NULL },
	{ "pre-existing shared memory block", "is still in use", "lock file", "postmaster.pid" },
	/* MongoDB, from before its locks were the kernel's */
	{ "mongod.lock is not empty", NULL, "lock file", NULL },
	/* Rails, Puma, unicorn, gunicorn, Celery, httpd, D-Bus, cron, rsyslog, Tomcat */
	{ "A server is already running. Check ", NULL, "pid file", NULL },
	{ "Already running on PID", "stale", "pid file", NULL },
	{ "Already running on PID", NULL, "pid file", NULL },
	{ "pidfile (", "already exists", "pid file", NULL },
	{ "pidfile", "already exist", "pid file", NULL },
	{ "pid file", "exists", "pid file", NULL },
	{ "pid file", "already", "pid file", NULL },
	{ "httpd (pid ", "already running", "pid file", NULL },
	{ "PID file found", "still be running", "pid file", NULL },
	{ "Existing PID file found", NULL, "pid file", NULL },
	{ "appears to still be running with PID", NULL, "pid file", NULL },
	{ "is already running (pid ", NULL, "pid file", NULL },
	{ "already running with pid", NULL, "pid file", NULL },
	{ "already running as process", NULL, "pid file", NULL },
	{ "pid: process with PID ", "is still running", "pid file", NULL }, /* moby's pidfile */
	{ "Seems we're already running", NULL, "pid file", NULL },
	/* X, Chromium, git, LibreOffice */
	{ "Server is already active for display", NULL, "lock file", NULL },
	{ "profile appears to be in use by another", NULL, "lock file", "SingletonLock" },
	{ "SingletonLock", "File exists", "lock file", NULL },
	{ ".lock'", "File exists", "lock file", NULL },
	{ ".lock", "already exists", "lock file", NULL },
	{ "lockfile", "exists", "lock file", NULL },
	{ "lock file", "exists", "lock file", NULL },
	{ "stale lock", NULL, "lock file", NULL },
	{ "stale pid", NULL, "pid file", NULL },
	{ "another instance is already running", "pid", "pid file", NULL },
};

const struct stale_file *stale_file_in_line(const char *line)
{
	struct find_index in;

	if (find_folded(line, "temporarily unavailable") || find_folded(line, "removing") ||
		find_folded(line, "removed") || find_folded(line, "unlinking"))
		return NULL;
	find_index_make(&in, line);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (find_folded_in(&in, files[i].phrase) &&
			(!files[i].also || find_folded_in(&in, files[i].also)))
			return &files[i];
	return NULL;
}
