/* SPDX-License-Identifier: MIT */
/*
 * Known messages that many programs have in much the same words: of users that are not there, of root that is
 * not wanted, of shells and their tools. Rows of known_messages.c, which reads this file.
 */
// clang-format off

	/* --- users without a name: getpwnam(), getpwuid() --- */
	{ "unable to find user {name}: no matching entries in passwd file", CONFIG,
		"the image's /etc/passwd has no user {name}",
		"Add the user {name} when the image is made (`RUN useradd {name}`, in Alpine "
		"`adduser -D {name}`), or name a user that its /etc/passwd lists.",
		NULL },
	{ "could not look up effective user ID {number}: user does not exist", APP,
		"the container's uid {number} has no entry in the image's /etc/passwd",
		"Run as a user that the image's /etc/passwd lists, or add an entry for uid "
		"{number} when the image is made.",
		NULL },
	{ "getpwnam(\"{name}\") failed", CONFIG, "the image's /etc/passwd has no user {name}",
		"Correct nginx' user directive to a user of the image's /etc/passwd, or add {name} "
		"when the image is made.",
		NULL },
	{ "cannot find name for user ID", APP,
		"the container's uid has no entry in the image's /etc/passwd",
		"Run as a user that the image's /etc/passwd lists, or add an entry for this uid "
		"when the image is made.",
		NULL },
	{ "No user exists for uid {number}", APP,
		"the container's uid {number} has no entry in the image's /etc/passwd",
		"Run as a user that the image's /etc/passwd lists, or add an entry for uid "
		"{number} when the image is made.",
		NULL },
	{ "getpwuid(): uid not found: {number}", APP,
		"the container's uid {number} has no entry in the image's /etc/passwd",
		"Run as a user that the image's /etc/passwd lists, or add an entry for uid "
		"{number} when the image is made.",
		NULL },
	NO_USER("can't find the user {name} to switch to"),               /* memcached */
	NO_USER("cannot get uid for user '{name}'"),                      /* PHP-FPM */
	NO_USER("bad user name {name}"),                                  /* Apache */
	NO_USER("cannot find user id for '{name}'"),                      /* HAProxy */
	NO_USER("unknown user or group: {name}"),                         /* dnsmasq */
	NO_USER("Invalid user '{name}'"),                                 /* Mosquitto */
	NO_USER("user '{name}' unknown"),                                 /* BIND */
	NO_USER("failed to find userid for effective user '{name}'"),     /* squid */
	NO_USER("ID for user '{name}' could not be found"),               /* rsyslog */
	NO_USER("Can't change to run as user '{name}'"),                  /* mysqld */
	NO_USER("Invalid user name {name}"),                              /* supervisord */
	NO_USER("Privilege separation user {name} does not exist"),       /* OpenSSH */
	NO_USER("invalid user: '{name}'"),                                /* coreutils */
	NO_USER("unknown user/group {name}"),                             /* BusyBox */
	NO_USER("unknown user: {name}"),                                  /* s6 */
	NO_USER("user '{name}' does not exist"),                          /* unbound, util-linux */
	NO_USER("user {name} does not exist or the user entry"),
	/* --- who refuses root, and who wants it --- */
	NO_ROOT("should not run as root"),                                /* PgBouncer */
	NO_ROOT("should not be run as root"),
	NO_ROOT("must not be run as root"),
	NO_ROOT("cannot be run as root"),
	NO_ROOT("can not be run as root"),
	NO_ROOT("refusing to run as root"),
	NO_ROOT("do not run as root"),
	NO_ROOT("don't run as root"),
	NO_ROOT("not allowed to run as root"),
	/* --- Rack: puma --- */
	{ "No application configured, nothing to run", CONFIG,
		"the server looks for config.ru in its working directory, and there is none",
		"Let workingDir name the directory of the application, which holds config.ru, or copy that file into the image.",
		NULL },
	/* --- shells and their tools --- */
	{ "cannot create directory '{path}': File exists", "stale_state",
		"{path} is there already, from an earlier start or in the image, and mkdir fails where it should be content",
		"Let the script make it only where it is missing: `mkdir -p {path}`.", NULL },
	{ "can't create directory '{path}': File exists", "stale_state",
		"{path} is there already, from an earlier start or in the image, and mkdir fails where it should be content",
		"Let the script make it only where it is missing: `mkdir -p {path}`.", NULL },
	{ "failed to create symbolic link '{path}': File exists", "stale_state",
		"{path} is there already, from an earlier start or in the image",
		"Let the script replace the link where there is one: `ln -sfn`.", NULL },
	{ "{path}: File exists", "stale_state",
		"{path} is there already, from an earlier start or in the image",
		"Let the script accept that {path} is there (`mkdir -p`, `ln -sfn`), or make it only where it is missing.", NULL },
	{ "cannot create temp file for here-document: Read-only file system", "read_only_filesystem",
		"the shell keeps a here-document (`<<`) in a temporary file, in TMPDIR or /tmp, and may write to neither",
		"Mount an emptyDir at /tmp.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: tmp\n        mountPath: /tmp\nvolumes:\n  - name: tmp\n    emptyDir: {}\n" },
	{ "cannot create temp file for here-document: No space left on device", "disk_full",
		"the shell keeps a here-document (`<<`) in a temporary file, in TMPDIR or /tmp, and there is no room",
		"Make room in /tmp, or mount an emptyDir there.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: tmp\n        mountPath: /tmp\nvolumes:\n  - name: tmp\n    emptyDir: {}\n" },
