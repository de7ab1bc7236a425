// SPDX-License-Identifier: MIT
/* Each kind of advice about files and commands: what it says first, and what it must never say where facts rule it out. */
#include "story_builder.h"

#include <linux/capability.h>

#include "diagnose/advice.h"
#include "diagnose/text/packages.h"
#include "diagnose/text/places.h"

enum want { ACCESS, WRITE, MISSING, MISSING_DIRECTORY, NOT_EXECUTABLE, NOT_FOUND };

#define FACTS(...) \
	{ \
		.known = true, .filesystem.type = "ext4", __VA_ARGS__ \
	}
#define IS(kind, owner, bits) \
	{ \
		.type = (kind), .uid = (owner), .gid = (owner), .mode = (bits) \
	}
#define CREATE "O_WRONLY|O_CREAT"

static const struct row {
	enum want want;
	const char *call, *flags;
	int error;
	const char *path;
	enum mount_kind kind; /* of the volume /data */
	struct path_facts facts;
	const char *
		says; /* in the first recommendation or its manifest; NULL: nothing is recommended */
	const char *never; /* in none */
} rows[] = {
	/* Owner and mode: who sets them. */
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/data/key", MOUNT_SECRET,
		FACTS(.file = IS(FILE_REGULAR, 0, 0400)), "fsGroup: 1000", "RUN ch" },
	/* A volume over /dev/shm brings nothing that should be in it. */
	{ MISSING, "newfstatat", "", ENOENT, "/dev/shm/app", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0777), .directory_path = "/dev/shm"),
		"Make /dev/shm/app in the start script", "mountPath" },
	/* Nobody writes there, whatever the mode is. */
	{ ACCESS, "openat", "O_RDWR", EACCES, "/data/x.conf", MOUNT_CONFIGMAP,
		FACTS(.file = IS(FILE_REGULAR, 0, 0644)), "into an emptyDir", "defaultMode" },
	{ ACCESS, "access", "W_OK", EACCES, "/data/x.conf", MOUNT_SECRET,
		FACTS(.file = IS(FILE_REGULAR, 0, 0644)), "into an emptyDir", "fsGroup" },
	{ ACCESS, "openat", CREATE, EACCES, "/data/x", MOUNT_PVC,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/data"),
		"fsGroup: 1000", "emptyDir" },
	{ ACCESS, "fchown", "", EPERM, "/data/x", MOUNT_PVC,
		FACTS(.file = IS(FILE_REGULAR, 1000, 0644)), "Leave out the chown",
		"command: [chown" },
	{ ACCESS, "chmod", "", EPERM, "/data", MOUNT_PVC,
		FACTS(.file = IS(FILE_DIRECTORY, 0, 0755)), "command: [chown, \"1000\", \"/data\"]",
		"fsGroup: " },
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/data/x", MOUNT_EMPTYDIR,
		FACTS(.file = IS(FILE_REGULAR, 5, 0600)), "as the same user: uid 5 wrote it",
		"fsGroup" },
	{ ACCESS, "openat", CREATE, EACCES, "/data/x", MOUNT_HOSTPATH,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/data"),
		"command: [chown, \"1000\", \"/data\"]", "fsGroup: " },
	/* That root has a file is no reason to run as root. */
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/data/x", MOUNT_HOSTPATH,
		FACTS(.file = IS(FILE_REGULAR, 0, 0600)), "the right to use /data/x on the node",
		"runAsUser: 0" },
	{ ACCESS, "unlink", "", EPERM, "/srv/run/x.sock", 0,
		FACTS(.file = IS(FILE_SOCKET, 0, 0755), .directory = IS(FILE_DIRECTORY, 0, 01777),
			.directory_path = "/srv/run"),
		"Remove /srv/run/x.sock", "runAsUser: 0" },
	{ ACCESS, "openat", "O_WRONLY", EACCES, "/sys/kernel/mm/x", 0,
		FACTS(.file = IS(FILE_REGULAR, 0, 0644)), "on the node", "run the container" },
	{ ACCESS, "openat", CREATE, EACCES, "/var/log/app/x.log", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/var/log/app"),
		"`RUN chown 1000 /var/log/app`", "fsGroup" },
	{ ACCESS, "openat", CREATE, EACCES, "/var/lib/app/x.db", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/var/lib/app"),
		"`RUN chown 1000 /var/lib/app`", "fsGroup" },
	{ ACCESS, "chdir", "", EACCES, "/data", MOUNT_HOSTPATH,
		FACTS(.file = IS(FILE_DIRECTORY, 1000, 0644)), "`chmod u+rwx` on the node",
		"supplementalGroups" },
	{ ACCESS, "openat", CREATE, EACCES, "/data/x", MOUNT_PVC,
		FACTS(.directory = IS(FILE_DIRECTORY, 1000, 0555), .directory_path = "/data"),
		"`chmod u+rwx` in the start script", "fsGroup" },
	/* What is seen of the node comes from no image. */
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/host/proc/1/ns/mnt", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/"),
		"mountPath: \"/host/proc\"", "COPY" },
	{ ACCESS, "openat", CREATE, EACCES, "/tmp/x", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 7, 0755), .directory_path = "/tmp"),
		"`RUN chmod 1777 /tmp`", "chown" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/host/app.conf", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/host"),
		"ConfigMap that has the key app.conf", "hostPath" },
	/* Who owns it already is not given it. */
	{ ACCESS, "openat", CREATE, EACCES, "/var/state/x.n", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 1000, 0555), .directory_path = "/var/state"),
		"`RUN chmod u+wx /var/state`", "chown" },
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/srv/x.bin", 0,
		FACTS(.file = IS(FILE_REGULAR, 1000, 0200)), "`RUN chmod u+rwX /srv/x.bin`",
		"chown" },
	/* With a volume for its data elsewhere, what it keeps in the image would be lost. */
	{ ACCESS, "openat", CREATE, EACCES, "/var/lib/app/x.db", MOUNT_PVC,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/var/lib/app"),
		"keep its data in /data", "chown" },
	{ ACCESS, "openat", CREATE, EACCES, "/etc/app.pid", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/etc"),
		"touch /etc/app.pid", "chown 1000 /etc`" },
	{ ACCESS, "mkdir", "", EACCES, "/var/spool/app", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/var/spool"),
		"mkdir -p /var/spool/app", "chown 1000 /var/spool`" },
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/srv/a/b", 0,
		FACTS(.file = IS(FILE_REGULAR, 0, 0644), .closed_path = "/srv/a",
			.closed = IS(FILE_DIRECTORY, 0, 0700)),
		"`RUN chmod a+x /srv/a`", "chown 1000 /srv/a/b" },
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/srv/a/b", 0,
		FACTS(.file = IS(FILE_REGULAR, 0, 0644)), "SELinux or AppArmor", "chmod a" },
	{ ACCESS, "mknodat", "", EACCES, "/run/x.fifo", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/run"),
		"install -d -o 1000 /run/app", "chown 1000 /run`" },
	{ ACCESS, "connect", "", EACCES, "/run/x.sock", 0, FACTS(.file = IS(FILE_SOCKET, 0, 0700)),
		"the program that makes /run/x.sock", "chown 1000" },
	{ ACCESS, "connect", "", EACCES, "/data/x.sock", MOUNT_EMPTYDIR,
		FACTS(.file = IS(FILE_SOCKET, 0, 0700)), "umask", "fsGroup" },
	{ ACCESS, "openat", CREATE, EACCES, "/var/lib/apt/lists/lock", 0,
		FACTS(.file = IS(FILE_REGULAR, 0, 0640)),
		"Install packages when the image is built", "chown" },
	/* An access control list decides in their place. */
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/data/x", MOUNT_PVC,
		FACTS(.file = { .type = FILE_REGULAR,
			      .mode = 0644,
			      .acl = "user:1000:---",
			      .acl_effective = "---" }),
		"`setfacl -m u:1000:r /data/x`", "fsGroup" },
	{ ACCESS, "openat", CREATE, EACCES, "/data/x", MOUNT_HOSTPATH,
		FACTS(.directory = { .type = FILE_DIRECTORY,
			      .mode = 0777,
			      .acl = "user:1000:rwx",
			      .acl_effective = "r-x" },
			.directory_path = "/data"),
		"`setfacl -m u:1000:rwx /host`", "supplementalGroups" },
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/data/a/x", MOUNT_PVC,
		FACTS(.closed_path = "/data/a", .closed = { .type = FILE_DIRECTORY,
							.mode = 0755,
							.acl = "group:7:---",
							.acl_effective = "---" }),
		"`setfacl -m u:1000:rx /data/a`", "fsGroup" },
	{ ACCESS, "openat", "O_RDONLY", EACCES, "/data/x", MOUNT_PVC,
		FACTS(.file = { .type = FILE_REGULAR,
			      .mode = 0600,
			      .acl = "user:1000:r--",
			      .acl_effective = "r--" }),
		"SELinux or AppArmor", "setfacl" },
	{ ACCESS, "unlink", "", EPERM, "/tmp/x.sock", 0,
		FACTS(.file = IS(FILE_OTHER, 7, 0700), .directory = IS(FILE_DIRECTORY, 0, 01777),
			.directory_path = "/tmp"),
		"mountPath: \"/tmp\"", "chmod" },
	{ ACCESS, "utimensat", "", EPERM, "/data", MOUNT_EMPTYDIR,
		FACTS(.file = IS(FILE_DIRECTORY, 0, 0777)), "without keeping times", "fsGroup" },
	/* Names that show that they are not what was meant. */
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/etc/app/key.pem\n", 0,
		FACTS(.file.type = FILE_MISSING), "line break from the end", "Secret" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/etc/app/x.conf ", 0,
		FACTS(.file.type = FILE_MISSING), "blank from the end", "ConfigMap" },
	/* Places that are nobody's files. */
	{ ACCESS, "openat", "O_RDWR", EPERM, "/dev/fuse", 0,
		FACTS(.file = IS(FILE_CHAR_DEVICE, 0, 0666)), "device plugin", "chown" },
	{ ACCESS, "openat", CREATE, EACCES, "/etc/passwd.lock", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/etc"),
		"useradd", "chown" },
	{ ACCESS, "mkdir", "", EACCES, "/.cache", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/"),
		"name: HOME", "chown" },
	{ WRITE, "openat", "O_WRONLY", EROFS, "/proc/sys/net/ipv4/ip_forward", 0, { 0 },
		"name: \"net.ipv4.ip_forward\"", "emptyDir" },
	{ WRITE, "openat", "O_WRONLY", EROFS, "/proc/sys/vm/swappiness", 0, { 0 }, "on the node",
		"sysctls:" },
	{ WRITE, "mkdir", "", EROFS, "/sys/fs/cgroup/x", 0, { 0 }, "cgroup tree", "emptyDir" },
	{ MISSING, "openat", "O_RDONLY", ENOENT,
		"/var/run/secrets/kubernetes.io/serviceaccount/token", 0, { 0 },
		"automountServiceAccountToken: true", "image" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/etc/ssl/certs/ca-certificates.crt", 0, { 0 },
		"ca-certificates", "Secret" },
	/* A read-only file system. */
	{ WRITE, "openat", CREATE, EROFS, "/opt/app/lib/x", 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/opt/app/lib"),
		"copy there what the image has in it", "fsGroup" },
	{ WRITE, "openat", CREATE, EROFS, "/data/x", MOUNT_CONFIGMAP, { 0 }, "cp -rL /source/.",
		"readOnly: false" },
	{ WRITE, "unlink", "", EROFS, "/data/x", MOUNT_CONFIGMAP, { 0 }, "`cp`, not `mv`",
		"emptyDir" },
	{ WRITE, "openat", CREATE, EROFS, "/tmp/a/x", 0, FACTS(.directory_path = "/tmp"),
		"mountPath: \"/tmp\"", "cp -R" },
	{ WRITE, "openat", CREATE, EROFS, "/etc/nginx/conf.d/x.conf", 0,
		FACTS(.directory_path = "/etc/nginx/conf.d"), "cp -R /etc/nginx/conf.d/.",
		"chown" },
	{ WRITE, "openat", CREATE, EROFS, "/etc/app.conf", 0, FACTS(.directory_path = "/etc"),
		"readOnlyRootFilesystem: false", "mountPath: \"/etc\"" },
	{ WRITE, "openat", CREATE, EROFS, "/data/x", MOUNT_PVC, { 0 }, "readOnly: false",
		"emptyDir" },
	/* What is not there. */
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/etc/app/app.yml", 0, { 0 },
		"Mount /etc/app/app.yml from a ConfigMap that has the key app.yml", "Secret" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/data/token", MOUNT_SECRET, { 0 },
		"the key `token`", "image" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/data/sub/x.yml", MOUNT_CONFIGMAP, { 0 },
		"path: \"sub/x.yml\"", "mkdir" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/data/server.js", MOUNT_EMPTYDIR,
		FACTS(.hidden = FILE_REGULAR), "the volume hides it", "init container" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/srv/x.tgz", 0, { 0 }, "COPY x.tgz /srv/x.tgz",
		"ConfigMap" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/srv/app\r", 0, { 0 }, "dos2unix", "COPY" },
	/* What something is known to make. */
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/vault/secrets/env", 0, { 0 },
		"vault.hashicorp.com/agent-inject-secret-env", "COPY" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/app/vendor/autoload.php", 0, { 0 },
		"`composer install`", "COPY" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/srv/package.json", 0, { 0 }, "workingDir",
		"ConfigMap" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/usr/share/tessdata/deu.traineddata", 0, { 0 },
		"tesseract-ocr-deu", "COPY" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/data/package.json", MOUNT_CONFIGMAP, { 0 },
		"the key `package.json`", "workingDir" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/data/vendor/autoload.php", MOUNT_EMPTYDIR,
		FACTS(.hidden = FILE_REGULAR), "the volume hides it", "composer" },
	{ MISSING, "openat", "O_RDONLY", ENOENT, "/etc/conf.d/*.conf", 0, { 0 },
		"at least one file", "mountPath" },
	{ MISSING_DIRECTORY, "openat", CREATE, ENOENT, "/run/app/x.pid", 0, { 0 },
		"mkdir -p /run/app", "cp -R" },
	{ MISSING_DIRECTORY, "openat", CREATE, ENOENT, "/data/app/x", MOUNT_PVC, { 0 },
		"command: [mkdir, \"-p\", \"/data/app\"]", "RUN" },
	/* Commands. */
	{ NOT_EXECUTABLE, "execve", "", EACCES, "/x.sh", 0,
		FACTS(.file = IS(FILE_REGULAR, 0, 0644)), "execute bit", "command: [" },
	{ NOT_EXECUTABLE, "execve", "", EACCES, "/data/x.sh", MOUNT_CONFIGMAP,
		FACTS(.file = IS(FILE_REGULAR, 0, 0644)), "defaultMode: 0755", "RUN" },
	{ NOT_EXECUTABLE, "execve", "", EACCES, "/x", 0, FACTS(.file = IS(FILE_REGULAR, 0, 0755)),
		"SELinux or AppArmor", "chmod a" },
	{ NOT_EXECUTABLE, "execve", "", EACCES, "/data/x", MOUNT_EMPTYDIR,
		FACTS(.file = IS(FILE_REGULAR, 0, 0755), .noexec = true),
		"from a place that allows it", "chmod" },
	{ NOT_EXECUTABLE, "execve", "", ETXTBSY, "/x", 0, FACTS(.file = IS(FILE_REGULAR, 0, 0755)),
		"close it", "chmod" },
	{ NOT_FOUND, "execve", "", ENOENT, "ps", 0, { 0 }, "apt-get install -y procps", "chmod" },
	{ NOT_FOUND, "execve", "", ENOENT, "python3 -m app", 0, { 0 },
		"command: [python3, \"-m\", app]", "nstall" },
	{ NOT_FOUND, "execve", "", ENOENT, "a | b", 0, { 0 }, "command: [sh, -c, \"a | b\"]",
		"nstall" },
	{ NOT_FOUND, "execve", "", ENOENT, "source", 0, { 0 }, "sh, -c", "nstall" },
};

static void advise(struct report *r, const struct row *row, const struct failure *f)
{
	switch (row->want) {
	case ACCESS:
		advise_access(r, f);
		return;
	case WRITE:
		advise_writable(r, f);
		return;
	case MISSING:
		advise_missing(r, f, f->path);
		return;
	case MISSING_DIRECTORY:
		advise_missing_directory(r, f, directory_of_path(f->path).text);
		return;
	case NOT_EXECUTABLE:
		advise_not_executable(r, f, f->path);
		return;
	default:
		advise_not_found(r, f->path);
	}
}

static void compare(const struct diagnosis *d, const char *call, const char *path, const char *says,
	const char *never)
{
	const struct recommendation *first = &d->recommendations[0];

	if (!d->n_recommendations ||
		!(strstr(first->text, says) || (first->manifest && strstr(first->manifest, says))))
		fail_msg("%s of %s: %s\n%s\nwanted %s", call, path,
			d->n_recommendations ? first->text : "nothing",
			d->n_recommendations && first->manifest ? first->manifest : "", says);
	for (size_t i = 0; i < d->n_recommendations; i++)
		if (strstr(d->recommendations[i].text, never) ||
			(d->recommendations[i].manifest &&
				strstr(d->recommendations[i].manifest, never)))
			fail_msg("%s of %s: %s\n%s\nnever %s", call, path,
				d->recommendations[i].text, d->recommendations[i].manifest, never);
}

static void check(const struct row *row, const char *source)
{
	struct builder t = builder_new();
	struct path_facts facts = row->facts;

	t.c->described = true;
	t.c->root.read_only = true;
	t.c->capabilities = 0;
	if (row->kind)
		builder_mount(&t, "/data", row->kind, "data", row->want == WRITE);
	if (source)
		container_set(&t.c->mounts[t.c->n_mounts - 1].source, source);
	struct event e = { .kind = row->want >= NOT_EXECUTABLE ? EVENT_EXEC_FAILED
							       : EVENT_FILE_ERROR,
		.syscall = row->call,
		.flags = row->flags,
		.error = row->error,
		.path = row->path,
		.requested = row->path,
		.executable = row->path,
		.comm = "app",
		.address = "",
		.label = "",
		.uid = 1000,
		.gid = 1000,
		.facts = facts.known ? &facts : NULL };
	struct failure f = { .event = &e, .error = row->error, .path = row->path };
	struct context q = { .container = t.c };
	struct report r;

	assert_int_equal(report_open(&r, &q), 0);
	advise(&r, row, &f);
	report_title(&r, "title");
	report_sentence(&r, "Summary.");
	struct diagnosis *d = report_close(&r);
	assert_non_null(d);
	compare(d, row->call, row->path, row->says, row->never);
	diagnosis_free(d);
	builder_free(&t);
}

static void advice_fits_the_place_and_the_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i], NULL);
}

static void device_of_the_node_is_made_by_its_driver(void **state)
{
	static const struct row row = { MISSING, "openat", "O_RDWR", ENOENT, "/data/falco0",
		MOUNT_HOSTPATH, { 0 }, "kernel module", "Create /data" };

	(void)state;
	check(&row, "/dev");
}

/* The directory of the old name is open to all, so that of the new one refuses: no group of the volume helps there. */
static void directory_of_the_new_name_is_made_by_a_container(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/data", MOUNT_EMPTYDIR, "data", false);
	builder_exec(&t, 1, "controller");
	t.facts = (struct path_facts)FACTS(.file = IS(FILE_REGULAR, 1000, 0600),
		.directory = IS(FILE_DIRECTORY, 0, 0777), .directory_path = "/data");
	builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
				.pid = 1,
				.uid = 1000,
				.gid = 1000,
				.syscall = "linkat",
				.error = EACCES,
				.path = "/data/key.pem",
				.path2 = "/data/front/key.pem",
				.mount = t.c->mounts,
				.facts = &t.facts });
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	compare(d, "linkat", "/data/front", "enter and write /data/front", "fsGroup");
	diagnosis_free(d);
	builder_free(&t);
}

static void what_is_the_nodes_is_given_to_nobody(void **state)
{
	static const struct row row = { ACCESS, "openat", CREATE, EACCES, "/data/x", MOUNT_HOSTPATH,
		FACTS(.directory = IS(FILE_DIRECTORY, 0, 0755), .directory_path = "/data"),
		"path: \"/var/log/app\"", "chown" };

	(void)state;
	check(&row, "/var/log");
}

/* What root was refused for the want of a capability. */
static const struct refused {
	const char *call, *flags;
	int error;
	const char *path;
	enum mount_kind kind; /* of the volume /data */
	uint32_t owner;       /* that chown asks for */
	struct path_facts facts;
	const char *says, *never; /* as above */
	const char *args[5];
} refused[] = {
	{ "fchownat", "", EPERM, "/data", MOUNT_PVC, 999, { 0 }, "runAsUser: 999\n  fsGroup: 999",
		"privileged", { "chown" } },
	{ "chown", "", EPERM, "/srv/x", 0, 999, { 0 }, "`RUN chown 999:999 /srv/x`", "fsGroup",
		{ "chown" } },
	{ "chown", "", EPERM, "/data", MOUNT_HOSTPATH, 999, { 0 }, "Leave the chown out",
		"fsGroup: ", { "chown" } },
	{ "chown", "", EPERM, "/data", MOUNT_PVC, 0, { 0 }, "Leave the chown out", "runAsUser: 0",
		{ "chown" } },
	{ "openat", CREATE, EACCES, "/data/x", MOUNT_PVC, 0,
		FACTS(.directory = IS(FILE_DIRECTORY, 472, 0750), .directory_path = "/data"),
		"runAsUser: 472", "fsGroup", { "mkdir" } },
	{ "openat", "O_RDONLY", EACCES, "/srv/a/x", 0, 0,
		FACTS(.file = IS(FILE_REGULAR, 0, 0644), .closed_path = "/srv/a",
			.closed = IS(FILE_DIRECTORY, 7, 0700)),
		"as uid 7, to which /srv/a belongs", "chmod", { "cat" } },
	{ "openat", "O_RDONLY", EACCES, "/srv/x", 0, 0, FACTS(.file = IS(FILE_REGULAR, 0, 0)),
		"Give the file", "runAsUser: 0", { "cat" } },
	{ "mount", "", EPERM, "/mnt", 0, 0, { 0 }, "medium: Memory",
		"capabilities:", { "mount", "-t", "tmpfs", "none", "/mnt" } },
	{ "mount", "", EPERM, "/mnt", 0, 0, { 0 }, "privileged: true", "medium: Memory",
		{ "mount", "-t", "nfs", "a:/b", "/mnt" } },
};

static void check_refused(const struct refused *row)
{
	struct builder t = builder_new();
	struct path_facts facts = row->facts;

	t.c->described = true;
	t.c->capabilities = 0;
	if (row->kind)
		builder_mount(&t, "/data", row->kind, "data", false);
	const char *const args[] = { row->args[0], row->args[1], row->args[2], row->args[3],
		row->args[4] };
	struct event exec = { .kind = EVENT_EXEC, .executable = row->args[0], .args = args };
	while (exec.argc < 5 && args[exec.argc])
		exec.argc++;
	struct event e = { .kind = *row->path ? EVENT_FILE_ERROR : EVENT_PROCESS_ERROR,
		.syscall = row->call,
		.flags = row->flags,
		.error = row->error,
		.path = row->path,
		.requested = row->path,
		.comm = "app",
		.address = "",
		.label = "",
		.facts = facts.known ? &facts : NULL };
	size_t at = strcmp(row->call, "fchownat") ? 1 : 2;
	e.call_args[at] = e.call_args[at + 1] = row->owner;
	struct failure f = { .event = &e, .exec = &exec, .error = row->error, .path = row->path };
	struct context q = { .container = t.c };
	static const struct capability_need override = { CAP_DAC_OVERRIDE, "DAC_OVERRIDE",
		.instead = "give the file or directory to the user that the container runs as",
		.avoid = true };
	struct report r;

	assert_int_equal(report_open(&r, &q), 0);
	advise_capability(&r, row->error == EACCES ? &override : capability_needed(&e, "app"), &f);
	report_title(&r, "title");
	report_sentence(&r, "Summary.");
	struct diagnosis *d = report_close(&r);
	assert_non_null(d);
	compare(d, row->call, row->path, row->says, row->never);
	diagnosis_free(d);
	builder_free(&t);
}

static void capability_is_done_without_where_that_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		check_refused(&refused[i]);
}

static void places_are_told_by_whole_components(void **state)
{
	(void)state;
	assert_int_equal(place_of("/dev/stdout"), PLACE_STREAM);
	assert_int_equal(place_of("/dev/stdoutx"), PLACE_DEVICE);
	assert_int_equal(place_of("/device/x"), PLACE_PLAIN);
	assert_int_equal(place_of("/app/proc/sys/x"), PLACE_PLAIN);
	assert_int_equal(place_of("/proc/sys/net/core/somaxconn"), PLACE_SYSCTL);
	assert_int_equal(place_of("/.config/app"), PLACE_NO_HOME);
	assert_int_equal(place_of("/usr/local/go/lib/time/zoneinfo.zip"), PLACE_ZONES);
	assert_int_equal(place_of("/srv/zoneinfo.zip"), PLACE_PLAIN);
	assert_true(place_is_shared("/etc"));
	assert_false(place_is_shared("/etc/app"));
}

static void packages_are_known_by_whole_names(void **state)
{
	(void)state;
	assert_string_equal(package_of_command("ps")->debian, "procps");
	assert_null(package_of_command("psx"));
	assert_string_equal(package_of_library("libpq.so.5")->alpine, "libpq");
	assert_null(package_of_library("libpq-is-not-here.so.5"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advice_fits_the_place_and_the_facts),
		cmocka_unit_test(what_is_the_nodes_is_given_to_nobody),
		cmocka_unit_test(capability_is_done_without_where_that_is_known),
		cmocka_unit_test(places_are_told_by_whole_components),
		cmocka_unit_test(device_of_the_node_is_made_by_its_driver),
		cmocka_unit_test(directory_of_the_new_name_is_made_by_a_container),
		cmocka_unit_test(packages_are_known_by_whole_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
