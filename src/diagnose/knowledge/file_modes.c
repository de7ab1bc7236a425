// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/file_modes.h"

#include <stddef.h>
#include <string.h>

#include "util/cleanup.h"

/* The sources of the programs, as their messages have it. */
static const struct mode_demand demands[] = {
	/* PostgreSQL: miscinit.c, be-secure-common.c, fe-connect.c */
	{ "has invalid permissions", 0700, 0, true, false },
	{ "has group or world access", 0600, 0640, false, false },
	/* OpenSSH: authfile.c, readconf.c, misc.c */
	{ "UNPROTECTED PRIVATE KEY FILE", 0600, 0440, false, false },
	{ "are too open", 0600, 0, false, false }, /* MongoDB's keyFile too */
	{ "Bad owner or permissions on", 0600, 0, false, false },
	{ "bad ownership or modes for file", 0600, 0, false, false },
	{ "bad ownership or modes for directory", 0755, 0, true, false },
	{ "must be owned by root and not group or world-writable", 0755, 0, true, false },
	/* Erlang and RabbitMQ: auth.erl */
	{ "must be accessible by owner only", 0400, 0, false, false },
	/* MariaDB and MySQL: my_default.c */
	{ "World-writable config file", 0644, 0, false, true },
	/* sudo, Beats, logrotate, tor, munge, rsync, etcd, OpenVPN, GnuPG, cron, dropbear */
	{ "can only be writable by the owner", 0644, 0, false, false },
	{ "is world writable", 0755, 0, false, false },
	{ "is globally writable", 0640, 0, false, false },                  /* FreeRADIUS */
	{ "can be read or written by other users", 0600, 0, false, false }, /* OpenDKIM */
	{ "is readable by other users", 0600, 0, false, false },
	{ "is writable by other users", 0600, 0, false, false },
	{ "is readable by group or world", 0600, 0, false, false },
	{ "because parent directory has insecure permissions", 0755, 0, true, false },
	{ "Permissions on directory", 0700, 0, true, false },
	{ "Keyfile is insecure", 0400, 0, false, false },
	{ "must not be other-accessible", 0600, 0, false, false },
	{ "expected drwx------", 0700, 0, true, false },
	{ "is group or others accessible", 0600, 0, false, true },
	{ "Insecure file permissions", 0600, 0, false, false },
	{ "insecure permissions", 0600, 0, false, false },
	{ "permissions are too permissive", 0600, 0, false, false },
	{ "must not be world-readable", 0600, 0, false, false },
	{ "must not be readable by others", 0600, 0, false, false },
	{ "writable root inside chroot", 0555, 0, true, false },
	{ "must be owned by user or root, and not writable by", 0700, 0, true, false },
};

const struct mode_demand *mode_demand_in_line(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(demands); i++)
		if (strcasestr(line, demands[i].phrase))
			return &demands[i];
	return NULL;
}
