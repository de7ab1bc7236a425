/* SPDX-License-Identifier: MIT */
/*
 * Known messages that many programs have in much the same words: of users that are not there, of root that is
 * not wanted, of shells and their tools. Rows of known_messages.c, which reads this file.
 */
// clang-format off

/* A thread takes no right: what refuses it is a list of calls that is older than the C library of the image. */
#define NO_CLONE3(pattern) \
	{ pattern, "syscall_blocked", "it was not let start a thread, as where the seccomp profile of an older runtime does not know clone3", \
		"Update containerd or CRI-O, runc and libseccomp on the node; until then use an image with an older C library.", NULL }

/* open(2): ETXTBSY. */
#define PROGRAM_RUNS(pattern) \
	{ pattern, APP, "a program runs from that file, and the kernel lets nobody write a file that runs", \
		"Write the new file beside it and rename it over the old one (`mv`), or wait until what runs from it has ended.", NULL }

/* What mkfs makes in each new ext4 file system. */
#define VOLUMES_OWN_DIRECTORY(pattern) \
	{ pattern, APP, "a new volume of a block device holds lost+found, and the program wants an empty directory or only its own files", \
		"Let the program's data directory be a sub-directory of the volume: by its own setting, or by subPath where it is mounted.", NULL }

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
	{ "uv_os_get_passwd returned ENOENT", APP, /* os.userInfo() of Node.js */
		"the container's uid has no entry in the image's /etc/passwd",
		"Run as a user that the image's /etc/passwd lists (runAsUser), or add an entry for "
		"this uid when the image is made.",
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
	NO_USER("invalid user: '{name}:{other}'"),                        /* coreutils */
	NO_USER("invalid user: '{name}'"),                                /* coreutils */
	NO_USER("unknown user/group {name}"),                             /* BusyBox */
	NO_USER("unknown user: {name}"),                                  /* s6 */
	NO_USER("user '{name}' does not exist"),                          /* unbound, util-linux */
	NO_USER("user {name} does not exist or the user entry"),
	/* --- who asks, and where nobody answers --- */
	NOBODY_ANSWERS("(yes/no) ["),                                     /* Laravel, Symfony */
	NOBODY_ANSWERS("Do you want to continue? ["),                     /* apt */
	NOBODY_ANSWERS("[y/N]"),
	NOBODY_ANSWERS("Proceed (Y/n)"),                                  /* pip */
	/* --- scripts written for another shell or for a machine --- */
	{ "llegal option -o pipefail", CONFIG,
		"pipefail is bash's, and /bin/sh of this image is dash, which has it only in "
		"newer releases",
		"Run the script with bash (`#!/bin/bash` as its first line), or take -o pipefail "
		"out of its `set`.",
		NULL },
	{ "$NOTIFY_SOCKET was not set", CONFIG,
		"systemd-notify tells systemd that the program is ready, and in a container there "
		"is no systemd",
		"Take systemd-notify out of the start script: a readinessProbe tells Kubernetes "
		"that the program is ready.",
		NULL },
	{ "No value for $TERM and no -T specified", CONFIG,
		"tput asks which terminal there is, and a container has none",
		"Take tput out of the start script, or set TERM in the container's environment.",
		ENV("TERM", "xterm") },
	{ "may not be used by non-root users", APP,
		"only root may change the user, and the container runs as another one already",
		"Leave runuser out of the start script where runAsUser sets the user, or let the "
		"container start as root.",
		NULL },
	{ "certificate is not yet valid", APP, "the server's certificate is of the future",
		"Correct the clock of the node or of the one that made the certificate: it is not "
		"valid yet.",
		NULL },
	/* --- shells: what the documentation of StatefulSets has for a replica's number --- */
	{ "=~ -([0-9]+)$ ]]", APP,
		"the script takes a replica's number from the end of its host name, as a "
		"StatefulSet's pods have it, and this one has none",
		"Run it as a StatefulSet, whose pods are called NAME-0, NAME-1 and so on, or set "
		"hostname in the pod spec to such a name.",
		NULL },
	/* --- who refuses root, and who wants it --- */
	NO_ROOT("If you really want to force running {name} as root"),    /* Cassandra */
	NO_ROOT("should not run as root"),                                /* PgBouncer */
	NO_ROOT("cannot run as root"),                                    /* Zabbix */
	NO_ROOT("Running as root is not recommended. Use --allow-root"),  /* Jupyter */
	NO_ROOT("should not run {name} as root"),                         /* Icecast */
	NO_ROOT("do not run {name} as root"),
	NO_ROOT("not supposed to be run as root"),                        /* Gitea */
	NO_ROOT("will not run as root"),
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
	NO_CLONE3("Failed to create thread: Operation not permitted"), /* Erlang */
	NO_CLONE3("pthread_create failed: Operation not permitted"),
	NO_CLONE3("can't start new thread: Operation not permitted"),
	NO_CLONE3("Can't initialize Background Jobs. Error message: Operation not permitted"), /* Redis */
	NO_CLONE3("uv_thread_create: operation not permitted"),
	NO_CLONE3("Failed to create new OS thread (have {number} already; errno=1)"), /* Go */
	{ "crond: can't set groups: Operation not permitted", "capability_missing", "crond changes to the user of each job, which only root may",
		"Let crond run as root, or take what needs no other user: supercronic, or a CronJob of Kubernetes.", NULL },
	{ "Failed to move to new namespace: {value}Operation not permitted", "syscall_blocked",
		"the browser's sandbox makes namespaces of its own, which the container's seccomp profile or the node's kernel forbids",
		"Give the container a seccomp profile that allows it (type: Localhost, with clone, unshare and chroot), or switch the sandbox off where it only opens pages that you trust (--no-sandbox).",
		NULL },
	{ "cannot create temp file for here-document: No space left on device", "disk_full",
		"the shell keeps a here-document (`<<`) in a temporary file, in TMPDIR or /tmp, and there is no room",
		"Make room in /tmp, or mount an emptyDir there.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: tmp\n        mountPath: /tmp\nvolumes:\n  - name: tmp\n    emptyDir: {}\n" },
	/* --- interfaces: a pod has eth0 and lo --- */
	NO_INTERFACE("unknown interface {name}"),                         /* dnsmasq */
	NO_INTERFACE("failed to find interface {name}"),                  /* kube-vip, flannel */
	NO_INTERFACE("could not find interface {name}"),
	NO_INTERFACE("{name}: No such device exists"),                    /* libpcap: tcpdump, suricata */
	/* --- locks of repositories and databases, which their own tool takes away --- */
	LEFT_LOCK("repository is already locked by PID {number}", "restic's lock of the repository", "restic unlock"),
	LEFT_LOCK("repository is already locked exclusively by PID {number}", "restic's lock of the repository", "restic unlock"),
	LEFT_LOCK("Error acquiring the state lock", "Terraform's lock of the state", "terraform force-unlock LOCK_ID"),
	LEFT_LOCK("Could not acquire change log lock", "Liquibase's lock, a row of DATABASECHANGELOGLOCK,", "liquibase release-locks"),
	LEFT_LOCK("the stack is currently locked by {number} lock", "Pulumi's lock of the stack", "pulumi cancel"),
	/* --- settings that a program takes from its environment --- */
	{ "Please specify repository location", CONFIG,
		"restic was not told where its repository is",
		"Set RESTIC_REPOSITORY to the repository's address in the container's environment, or give the call -r.",
		ENV("RESTIC_REPOSITORY", "...") },
	/* --- certificates and keys --- */
	{ "inconsistencies between private key and certificate loaded", CONFIG,
		"the certificate and the private key do not belong together",
		"Put the certificate and the key of one pair into the Secret.", NULL },
	/* --- what is wanted by its name --- */
	{ "missing required capability {name}", "capability_missing", /* dnsmasq */
		"it does not start without the capability {name}, which the container was not given",
		"Give the container the capability {name}.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n        add: [{name}]\n" },
	{ "invalid locale name \"{name}\"", CONFIG, /* initdb */
		"the image does not have the locale {name}",
		"Ask for C.UTF-8, a locale that every image with glibc has, or make {name} when the image is built (Debian: the package "
		"locales, its line in /etc/locale.gen, and locale-gen; PostgreSQL's image: localedef).",
		NULL },
	{ "locale::facet::_S_create_c_locale name not valid", APP, /* libstdc++ */
		"LANG or LC_ALL names a locale that the image does not have",
		"Set LC_ALL to C.UTF-8, a locale that every image with glibc has, or make the one that is asked for when the "
		"image is built (Debian: the package locales, its line in /etc/locale.gen, and locale-gen).",
		ENV("LC_ALL", "C.UTF-8") },
	/* --- Apache: places and leftovers --- */
	{ "Invalid Mutex directory in argument file:{path}", "missing_file",
		"Apache keeps the files of its locks in {path}, which is not there: a volume over /run hides what the image has "
		"in it",
		"Make {path} before Apache starts (`mkdir -p {path}`, in the start script or an init container), or let it do "
		"without files: `Mutex posixsem` in its configuration.",
		NULL },
	{ "httpd (pid {number}) already running", "stale_state",
		"the pid file that an earlier run left behind names process {number}, which is another program in this container",
		"Let the start script remove the file that PidFile names before it starts Apache (Debian: `rm -f "
		"/run/apache2/apache2.pid`; the httpd image: `rm -f /usr/local/apache2/logs/httpd.pid`), or keep it off the "
		"volume that lasts.",
		NULL },
	/* --- Apache: the variables of /etc/apache2/envvars, which apache2ctl reads and apache2 does not --- */
	{ "Config variable ${{name}} is not defined", CONFIG,
		"the configuration uses the variable {name}, and the environment has none; Debian's come from /etc/apache2/envvars, which the program itself does not read",
		"Start it by apache2ctl (`apache2ctl -DFOREGROUND`), which reads /etc/apache2/envvars, or set {name} in the container's environment.",
		NULL },
	/* --- known defaults and known ends of programs: their documentation and sources --- */
	{ "Cannot raise FD limit to {number}, limit is {value}.", "too_many_open_files",
		"HAProxy needs {number} descriptors for its maxconn, and its limit is {value}",
		"Lower maxconn in HAProxy's configuration (a connection takes two descriptors), or "
		"let the runtime give the container a higher limit of open files (LimitNOFILE of "
		"containerd's unit on the node).",
		NULL },
	{ "System has not been booted with systemd as init system", CONFIG,
		"systemctl asks systemd, and a container has none",
		"Start the program itself, in the foreground, as the container's command, and not "
		"by systemctl.",
		NULL },
	{ "not allowed by the security policy `{name}'", CONFIG,
		"ImageMagick's policy.xml forbids {name}",
		"Allow {name} in the image's /etc/ImageMagick-6/policy.xml (in version 7 "
		"/etc/ImageMagick-7/policy.xml), as far as the files that it reads are trusted.",
		NULL },
	{ "Failed to create/acquire the lock {path} (timeout)", "stale_state",
		"Borg's repository is locked by {path}: another backup runs, or one was killed",
		"Make sure that no other backup uses the repository, then remove the lock with "
		"`borg break-lock`.",
		NULL },
	{ "No supported database files found in {path}", APP,
		"ClamAV has no signatures: {path} is empty",
		"Fill {path} before clamd starts: run freshclam in an init container on the same "
		"volume.",
		NULL },
	{ "The connection to the server localhost:8080 was refused", "dependency_unreachable",
		"localhost:8080 is what kubectl asks when it finds no configuration",
		"Let the pod have its service account's token (automountServiceAccountToken: true), "
		"or give kubectl a configuration by KUBECONFIG.",
		"automountServiceAccountToken: true\n" },
	{ "Could not resolve proxy: {host}", "dns_failure",
		"a proxy is set, {host}, and this name does not resolve",
		"Correct http_proxy and https_proxy, which name {host}, or list the address that it "
		"asks for in no_proxy.",
		NULL },
	{ "No Private Key found in '{path}'", CONFIG,
		"HAProxy has the certificate, and not the key that belongs to it",
		"Put the private key behind the certificate in one PEM file, or beside it as {path}.",
		NULL },
	{ "interface {name} for vrrp_instance {value} doesn't exist", CONFIG,
		"the pod has no interface {name}",
		"Let keepalived's configuration name an interface that the pod has: eth0, or with "
		"hostNetwork one of the node's, instead of {name}.",
		NULL },
	{ "DefaultRuntimeDir must be a valid directory", CONFIG,
		"APACHE_RUN_DIR is not set: apache2.conf takes it from /etc/apache2/envvars, which "
		"only apache2ctl reads",
		"Start Apache by `apache2ctl -DFOREGROUND`, which reads /etc/apache2/envvars, or set "
		"APACHE_RUN_DIR and its like as environment variables.",
		NULL },
	{ "didn't find section in config file", CONFIG,
		"rclone's configuration, which is read from rclone.conf, has no such remote, or was "
		"not found",
		"Mount the rclone.conf that has the remote and name it by --config or RCLONE_CONFIG.",
		ENV("RCLONE_CONFIG", "/config/rclone.conf") },
	/* --- builds: the linker, make, CMake, Maven, Go --- */
	{ "cannot find -l{name}", "missing_library", "the linker finds no lib{name}.so or lib{name}.a in the directories that it searches",
		"Install the package that has it (Debian and Ubuntu: `apt-file search lib{name}.so`, mostly a -dev package), or name its "
		"directory by -L.",
		NULL },
	{ "*** missing separator", CONFIG, "a command of the Makefile does not begin with a tab",
		"Begin the commands of a rule with one tab, and not with blanks, in the line that the message names.", NULL },
	{ "Could not find a package configuration file provided by \"{name}\"", "missing_module",
		"CMake finds no {name}: its files for CMake are not installed, or lie where it does not look",
		"Install the development package of {name} (Debian and Ubuntu: `apt-file search -i {name}Config.cmake`), or set {name}_DIR "
		"or CMAKE_PREFIX_PATH to where it is.",
		NULL },
	{ "requires a project to execute but there is no POM in this directory", "missing_file",
		"Maven reads pom.xml of the directory that it is started in",
		"Set workingDir to the directory that has pom.xml, or name the file by -f.", NULL },
	{ "cannot find module providing package {name}", "missing_module", "no module that go.mod lists, or that Go may download, has {name}",
		"Run `go get {name}` in the module's directory and commit go.mod and go.sum; where GOFLAGS or GOPROXY forbid downloads, "
		"vendor it (`go mod vendor`).",
		NULL },
	{ "{name}: unrecognized service", CONFIG, "there is no script of that name in /etc/init.d",
		"Install what {name} belongs to, or correct the name: `ls /etc/init.d` lists those that there are.", NULL },
	/* --- curl(1), as it says it with -S and -f --- */
	{ "The requested URL returned error: {number}", APP, "the server answers, and refuses with the HTTP status {number}",
		"Correct the address that is asked for, what its server has there, or the login: the answer is {number}, and with -f that "
		"ends curl.",
		NULL },
	/* --- Patroni --- */
	{ "Can not find suitable configuration of distributed configuration store", CONFIG,
		"patroni.yml has no section of a store (kubernetes, etcd3, consul, ...), or the store's Python package is not installed",
		"Give patroni.yml the section of its store (in Kubernetes: `kubernetes:` with labels), and install Patroni with the "
		"store's package (`pip install patroni kubernetes`).",
		NULL },
	/* --- what a script compares: bash(1), dash(1) --- */
	{ "[: too many arguments", APP, "a variable without quotes holds several words in a test of the script",
		"Write the variable in quotes in that line of the script: `test \"$NAME\" = ...`.", NULL },
	{ "[: {value}: integer expression expected", CONFIG, "the script compares {value} with a number",
		"Give the variable that is tested in that line a number.", NULL },
	{ "[: Illegal number: {value}", CONFIG, "the script compares {value} with a number",
		"Give the variable that is tested in that line a number.", NULL },
	{ "[: {value}: unary operator expected", CONFIG, "a variable that is tested in that line of the script is empty",
		"Set the variable, and write it in quotes in the script: `test \"$NAME\" = ...`.", NULL },
	{ "set: Illegal option -", APP, "the script is for another shell, or has Windows line ends where nothing stands behind the dash",
		"Convert the script to Unix line ends (`dos2unix`) where nothing stands behind the dash; else let bash run it "
		"(`#!/bin/bash`).",
		NULL },
	/* --- volumes --- */
	VOLUMES_OWN_DIRECTORY("not empty{value}lost+found"),
	VOLUMES_OWN_DIRECTORY("lost+found{value}not empty"),
	VOLUMES_OWN_DIRECTORY("unexpected{value}lost+found"),
	VOLUMES_OWN_DIRECTORY("unknown{value}lost+found"),
	/* --- files that run --- */
	PROGRAM_RUNS("open {path}: text file busy"), /* Go */
	PROGRAM_RUNS("cannot create regular file '{path}': Text file busy"),
	PROGRAM_RUNS("can't create '{path}': Text file busy"), /* BusyBox */
