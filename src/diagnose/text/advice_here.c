// SPDX-License-Identifier: MIT
/* What to do on this machine, under `ktrace run`, where all other advice is for the maker of a pod. */
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/* By root cause; `error` is the errno of the call that failed, 0 for any. The first whose blanks are known. */
static const struct {
	const char *cause;
	int error;
	struct advice advice;
} advice_here[] = {
	{ "permission_denied", EACCES,
		{ "Give uid {uid} the right to it (`chown`, `chmod`), or run the command as a user "
		  "who has it.",
			NULL } },
	{ "read_only_copy", EACCES,
		{ "Give uid {uid} the right to write there (`chown`, `chmod`), or run the command "
		  "as a "
		  "user who has it.",
			NULL } },
	{ "read_only_copy", EROFS,
		{ "Write to another place than {path}, or mount its file system for writing.",
			NULL } },
	{ "read_only_filesystem", EROFS,
		{ "Write to another place than {path}, or mount its file system for writing.",
			NULL } },
	{ "port_privileged", 0,
		{ "Listen on a port from 1024 on, or run it as root (`sudo`).", NULL } },
	{ "port_in_use", 0,
		{ "Stop `{program}` (pid {number}), which has the port, or let this one use "
		  "another.",
			NULL } },
	{ "port_in_use", 0,
		{ "Stop what has the port (`ss -ltnp` shows it), or let this one use another.",
			NULL } },
	{ "too_many_open_files", 0,
		{ "Raise the limit in the shell that starts it (`ulimit -n 65536`).", NULL } },
	{ "address_not_available", 0,
		{ "Let the program listen on 0.0.0.0 (all addresses), or on an address that `ip "
		  "addr` "
		  "shows.",
			NULL } },
	{ "dns_failure", 0,
		{ "Correct the name, or the name servers in /etc/resolv.conf.", NULL } },
	{ "dependency_unreachable", 0,
		{ "Start what is to answer there, or correct the address.", NULL } },
	{ "disk_full", ENOSPC,
		{ "Make room there (`df -h` shows the space, `df -i` the inodes), or write to "
		  "another "
		  "file system.",
			NULL } },
	{ "command_not_found", 0, { "Install it, or correct the name or PATH.", NULL } },
};

void advise_here(struct report *r, const struct failure *f)
{
	struct blanks b = { .path = f ? f->path : NULL };
	int error = 0;

	if (!is_plain_command(r->q) || r->d->n_recommendations || !r->d->root_cause)
		return;
	if (f && f->event) {
		error = f->event->error;
		b.uid = f->event->uid;
		b.program = f->event->holder_comm;
		b.number = f->event->holder_pid;
	}
	/* What owner and mode allow, a security module has refused: they are not what to change. */
	if (error == EACCES && mode_allows(f))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(advice_here); i++)
		if (!strcmp(advice_here[i].cause, r->d->root_cause) &&
			(!advice_here[i].error || advice_here[i].error == error) &&
			recommend(r, &advice_here[i].advice, &b))
			return;
}
