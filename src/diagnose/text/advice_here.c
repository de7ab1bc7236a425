// SPDX-License-Identifier: MIT
/* What to do where there is no pod, and all other advice is for the maker of one: on this machine, or by a container's options. */
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/* By root cause; `error` is the errno of the call that failed, 0 for any. The first whose blanks are known. */
struct local_advice {
	const char *cause;
	int error;
	struct advice advice;
};

static const struct local_advice of_commands[] = {
	{ "permission_denied", EACCES,
		{ "Give uid {uid} the right to it (`chown`, `chmod`), or run the command as a user "
		  "who has it.",
			NULL } },
	{ "read_only_copy", EACCES,
		{ "Give uid {uid} the right to write there (`chown`, `chmod`), or run the command "
		  "as a user who has it.",
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
		  "addr` shows.",
			NULL } },
	{ "dns_failure", 0,
		{ "Correct the name, or the name servers in /etc/resolv.conf.", NULL } },
	{ "dependency_unreachable", 0,
		{ "Start what is to answer there, or correct the address.", NULL } },
	{ "disk_full", ENOSPC,
		{ "Make room there (`df -h` shows the space, `df -i` the inodes), or write to "
		  "another file system.",
			NULL } },
	{ "command_not_found", 0, { "Install it, or correct the name or PATH.", NULL } },
	{ "capability_missing", 0, { "Run the command as root (`sudo`).", NULL } },
};

/* By podman, Docker, runc or crun, without a pod. */
static const struct local_advice of_containers[] = {
	{ "permission_denied", EACCES,
		{ "Run the container as a user who has the right to it (`--user`), or give uid "
		  "{uid} that right: to what is mounted on the host (`chown`), to what the image "
		  "has when it is built.",
			NULL } },
	{ "read_only_copy", EACCES,
		{ "Run the container as a user who may write there (`--user`), or give uid {uid} "
		  "that right: to what is mounted on the host (`chown`), to what the image has "
		  "when it is built.",
			NULL } },
	{ "read_only_copy", EROFS,
		{ "Write to another place than {path}: a volume that is mounted for writing (`-v`, "
		  "without `:ro`), or a `--tmpfs`.",
			NULL } },
	{ "read_only_filesystem", EROFS,
		{ "Write to another place than {path}: a volume that is mounted for writing (`-v`, "
		  "without `:ro`), or a `--tmpfs`.",
			NULL } },
	{ "port_privileged", 0,
		{ "Listen on a port from 1024 on and publish that one (`-p 80:8080`), or run the "
		  "container as root.",
			NULL } },
	{ "port_in_use", 0,
		{ "Let the program use another port, or stop what has this one.", NULL } },
	{ "address_not_available", 0,
		{ "Let the program listen on 0.0.0.0 (all addresses).", NULL } },
	{ "dns_failure", 0,
		{ "Correct the name: containers of one network (`--network`) find each other by "
		  "their names; the name servers are the host's, or those of `--dns`.",
			NULL } },
	{ "dependency_unreachable", 0,
		{ "Start what is to answer there, or correct the address: 127.0.0.1 is the "
		  "container itself, and containers of one network (`--network`) reach each other "
		  "by their names.",
			NULL } },
	{ "disk_full", ENOSPC,
		{ "Make room where {path} lies (`df -h` in the container and on the host), or "
		  "mount a larger volume there.",
			NULL } },
	{ "missing_file", ENOENT,
		{ "Provide {path}, by a mount (`-v`) or when the image is built; or correct the "
		  "path.",
			NULL } },
	{ "wrong_file_type", 0,
		{ "Mount there what the program expects: where the source of `-v` is not on the "
		  "host, Docker makes a directory of that name.",
			NULL } },
	{ "command_not_executable", EACCES,
		{ "Set the execute bit of {path} (`chmod a+rx`): on the host where it is mounted, "
		  "else when the image is built.",
			NULL } },
	{ "insecure_file_mode", 0,
		{ "Give {path} to the user who runs it, with a mode for that one alone (`chmod "
		  "0600` for a file, `0700` for a directory): on the host where it is mounted, "
		  "else when the image is built.",
			NULL } },
	{ "device_denied", 0, { "Give the container the device (`--device {path}`).", NULL } },
	{ "command_not_found", 0,
		{ "Install it in the image, or correct the name or PATH.", NULL } },
};

static void advise_from(struct report *r, const struct local_advice *rows, size_t n, int error,
	const struct blanks *b)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].cause, r->d->root_cause) &&
			(!rows[i].error || rows[i].error == error) &&
			recommend(r, &rows[i].advice, b))
			return;
}

/* What owner and mode allow, a security module has refused; root that lacks a capability was given less than root has. */
static bool would_not_help(const char *cause, const struct failure *f, const struct event *e)
{
	return (!strcmp(cause, "capability_missing") && e && !e->uid) ||
	       (f && f->event && f->event->error == EACCES && mode_allows(f));
}

void advise_here(struct report *r, const struct failure *f)
{
	struct blanks b = { .path = f ? f->path : r->d->path };
	const struct event *e = f && f->event ? f->event : r->d->culprit;
	int error = 0;

	if (is_of_pod(r->q) || r->d->n_recommendations || !r->d->root_cause)
		return;
	if (e) {
		error = e->error;
		b.uid = e->uid;
		b.program = e->holder_comm;
		b.number = e->holder_pid;
	}
	if (would_not_help(r->d->root_cause, f, e))
		return;
	if (is_plain_command(r->q))
		advise_from(r, of_commands, ARRAY_SIZE(of_commands), error, &b);
	else
		advise_from(r, of_containers, ARRAY_SIZE(of_containers), error, &b);
}
