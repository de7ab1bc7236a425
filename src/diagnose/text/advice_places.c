// SPDX-License-Identifier: MIT
/*
 * What helps at places that are not the image's or a volume's: devices, the kernel's files, what the kubelet
 * provides, and directories that every image has. One row for each place and need, its first recommendation first.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/devices.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define SECURITY "{list}:\n  - name: {container}\n    securityContext:\n"
/* Nodes' agents, network and storage plugins; a program of anybody else takes no such right for one file. */
#define PRIVILEGED \
	{ \
		.text = "Or, only where it is a program that looks after the node, run it " \
			"privileged: it may then do all that the node's root may.", \
		SECURITY "      privileged: true\n" \
	}

static const struct place_advice {
	enum place place;
	unsigned needs;
	struct advice list[2];
} table[] = {
	{ PLACE_STREAM, NEED_ACCESS,
		{ { .text = "Run the container as uid {uid} from the start. After a change of user "
			    "inside the container, its stdout and stderr still belong to the first "
			    "user and cannot be opened by name.",
			  SECURITY "      runAsUser: {uid}\n" },
			{ .text = "Or let the start script, while it still is root, run `chmod o+w "
				  "/dev/stdout /dev/stderr` before it changes the user." } } },
	{ PLACE_SHM, NEED_FILE,
		{ { .text = "Make {path} in the start script, or let the program that makes it run "
			    "first; where that is another container of the pod, mount one emptyDir "
			    "(medium: Memory) at /dev/shm of both: each container has a /dev/shm "
			    "of its own, empty at its start." } } },
	{ PLACE_SHM, NEED_ACCESS | NEED_WRITE,
		{ { .text = "Mount a memory-backed emptyDir at /dev/shm, which every user of the "
			    "pod may "
			    "write to. Its files count as memory of the container.",
			"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: shm\n"
			"        mountPath: /dev/shm\nvolumes:\n  - name: shm\n    emptyDir:\n"
			"      medium: Memory\n" } } },
	{ PLACE_PROC, NEED_ACCESS | NEED_WRITE,
		{ { .text = "Leave out what changes {path}: the kernel's own files are protected "
			    "in all containers that are not privileged." },
			PRIVILEGED } },
	{ PLACE_PROC, NEED_FILE,
		{ { .text = "Run the pod on a node whose kernel has {path}, or switch off the "
			    "feature that asks for it: the file is the kernel's own, no image and "
			    "no volume can bring it." } } },
	{ PLACE_CGROUP, NEED_FILE,
		{ { .text = "Update the program or its language runtime to a version that knows "
			    "cgroup v2 (Java: 8u372, 11.0.16, 15 and later), or let your own read "
			    "its files (/sys/fs/cgroup/memory.max, cpu.max): this node does not "
			    "have {path}, which belongs to cgroup v1 or to a controller that is "
			    "off." } } },
	{ PLACE_CGROUP, NEED_ACCESS | NEED_WRITE,
		{ { .text = "Let Kubernetes set limits (resources in the pod spec): only a "
			    "privileged container may change the cgroup tree." },
			PRIVILEGED } },
	{ PLACE_SYS, NEED_ACCESS | NEED_WRITE,
		{ { .text = "Make the change on the node, and leave it out of the container's "
			    "start: /sys is the node's own, and read-only in all containers that "
			    "are not privileged." },
			PRIVILEGED } },
	{ PLACE_SYS, NEED_FILE,
		{ { .text = "Run the pod on a node that has this hardware or driver, or switch off "
			    "the feature that asks for it: {path} is the kernel's own, no image "
			    "and no volume can bring it." } } },
	{ PLACE_TOKEN, NEED_FILE,
		{ { .text = "Let the kubelet mount the service account's token: "
			    "automountServiceAccountToken is false for this pod or its service "
			    "account.",
			"automountServiceAccountToken: true\n" } } },
	{ PLACE_ENGINE_SOCKET, NEED_FILE,
		{ { .text = "Do without the node's container engine: build images with BuildKit or "
			    "kaniko, "
			    "or run Docker-in-Docker (docker:dind) beside this container and point "
			    "DOCKER_HOST to it. Nodes that run containerd or CRI-O have no "
			    "Docker." },
			{ .text = "Or, only where the nodes do run this engine, mount its socket: "
				  "who may use it is root on the node.",
				"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: "
				"engine\n        mountPath: {path}\nvolumes:\n  - name: engine\n   "
				" "
				"hostPath:\n      path: {path}\n      type: Socket\n" } } },
	{ PLACE_ENGINE_SOCKET, NEED_ACCESS,
		{ { .text = "Give the container the group that owns the socket on the node.",
			"securityContext:\n  supplementalGroups: [{group}]\n" } } },
	{ PLACE_TRUST, NEED_FILE,
		{ { .text = "Install the certificates of public authorities in the image: `RUN "
			    "apt-get "
			    "update && apt-get install -y ca-certificates` (Debian, Ubuntu) or "
			    "`RUN apk "
			    "add --no-cache ca-certificates` (Alpine)." } } },
	{ PLACE_ZONES, NEED_FILE,
		{ { .text = "Install the time zones in the image: `RUN apt-get update && apt-get "
			    "install -y tzdata` (Debian, Ubuntu) or `RUN apk add --no-cache "
			    "tzdata` (Alpine)." } } },
	{ PLACE_PACKAGES, NEED_ACCESS,
		{ { .text = "Install packages when the image is built, where it still runs as root "
			    "(`RUN "
			    "apt-get update && apt-get install -y NAME`), and not at the "
			    "start." } } },
	{ PLACE_PACKAGES, NEED_WRITE,
		{ { .text = "Install packages when the image is built (`RUN apt-get update && "
			    "apt-get "
			    "install -y NAME`), and not at the start: the root file system is "
			    "read-only." } } },
	{ PLACE_ACCOUNTS, NEED_ACCESS,
		{ { .text = "Make users and groups when the image is built, where it still runs as "
			    "root (`RUN useradd --uid {uid} app` in the Dockerfile): only root may "
			    "use {path}." } } },
	{ PLACE_ACCOUNTS, NEED_WRITE,
		{ { .text = "Make users and groups when the image is built (`RUN useradd --uid "
			    "1000 app` in "
			    "the Dockerfile), not at the start." },
			{ .text = "Or let the container write to its own root file system.",
				SECURITY "      readOnlyRootFilesystem: false\n" } } },
	{ PLACE_HOSTS, NEED_ACCESS | NEED_WRITE,
		{ { .text = "Put additional names into hostAliases: the kubelet makes /etc/hosts "
			    "for each "
			    "pod.",
			"hostAliases:\n  - ip: \"192.0.2.10\"\n    hostnames: "
			"[\"db.example\"]\n" } } },
	{ PLACE_RESOLVER, NEED_ACCESS | NEED_WRITE,
		{ { .text = "Put name servers and search domains into dnsConfig: the kubelet makes "
			    "/etc/resolv.conf for each pod.",
			"dnsConfig:\n  searches: [\"example.internal\"]\n" } } },
	{ PLACE_NO_HOME, NEED_ACCESS,
		{ { .text = "Give the program a home directory that it may write to: HOME is /, "
			    "as for a user without an entry in /etc/passwd.",
			"{list}:\n  - name: {container}\n    env:\n      - name: HOME\n"
			"        value: /tmp\n" } } },
	{ PLACE_NO_HOME, NEED_WRITE,
		{ { .text = "Give the program a home directory that it may write to: HOME is /, "
			    "which is "
			    "read-only.",
			"{list}:\n  - name: {container}\n    env:\n      - name: HOME\n"
			"        value: /home/app\n    volumeMounts:\n      - name: home\n"
			"        mountPath: /home/app\nvolumes:\n  - name: home\n    emptyDir: "
			"{}\n" } } },
};

/* "/proc/sys/net/ipv4/ip_forward" is net.ipv4.ip_forward. */
static void sysctl_name(const char *path, char *out, size_t size)
{
	snprintf(out, size, "%s", path + strlen("/proc/sys/"));
	for (char *s = out; *s; s++)
		if (*s == '/')
			*s = '.';
}

/* Those that each pod has for itself; all others are the node's. */
static bool is_of_the_pod(const char *sysctl)
{
	static const char *const starts[] = { "net.", "kernel.shm", "kernel.msg", "kernel.sem",
		"fs.mqueue." };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (!strncmp(sysctl, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static void advise_sysctl(struct report *r, struct blanks *b, enum need need)
{
	static const struct advice of_the_pod = {
		.text = "Set the sysctl {value} in the pod spec (with the value that is needed) "
			"instead of "
			"writing to {path}. Sysctls that Kubernetes does not count as safe must "
			"also be "
			"allowed on the node (kubelet: allowedUnsafeSysctls).",
		"securityContext:\n  sysctls:\n    - name: {value}\n      value: \"1\"\n",
	};
	static const struct advice of_the_node = {
		.text = "Set the sysctl {value} on the node, and leave it out of the container's "
			"start: "
			"it is one setting for the whole node[, `sysctl -w {value}=VALUE`].",
	};
	static const struct advice not_there = {
		.text = "Load the kernel module that {value} belongs to on the node (br_netfilter "
			"for net.bridge, nf_conntrack for net.netfilter), or leave the setting "
			"out.",
	};
	char name[256];

	if (strlen(b->path) <= strlen("/proc/sys/"))
		return;
	sysctl_name(b->path, name, sizeof(name));
	b->value = name;
	recommend(r,
		need == NEED_FILE     ? &not_there
		: is_of_the_pod(name) ? &of_the_pod
				      : &of_the_node,
		b);
	b->value = NULL;
}

static bool container_has(const struct container *c, const char *capability)
{
	for (int i = 0; c->described && i < 64; i++)
		if (c->capabilities >> i & 1 && !strcmp(capability_name(i), capability))
			return true;
	return false;
}

void advise_device(struct report *r, const struct failure *f)
{
	static const struct advice plugin = {
		"Hand {path} to the container with a device plugin on the node, such as "
		"smarter-device-manager or generic-device-plugin: the pod needs no other right for "
		"that[, but using the device takes the capability {name} as well].",
		"containers:\n  - name: {container}\n    resources:\n      limits:\n        "
		"\"smarter-devices/{other}\": 1\n",
	};
	static const struct advice all = {
		"Or make the container privileged: it is then given all devices of the node[, and "
		"{name}].",
		"containers:\n  - name: {container}\n    securityContext:\n      privileged: "
		"true\n",
	};
	const struct device *d = device_of(f->path);
	bool held = d && d->capability && container_has(r->q->container, d->capability);
	struct blanks b = { .path = f->path,
		.name = d && !held ? d->capability : NULL,
		.other = path_name(f->path) };

	recommend(r, &plugin, &b);
	recommend(r, &all, &b);
	if (d && d->instead)
		report_recommend(r, "Or %s.", d->instead);
}

/* The mode of a device that is there refuses this user, and its group is let in. */
static bool group_is_let_in(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	return facts && facts->known && facts->file.type == FILE_CHAR_DEVICE && f->event->uid &&
	       f->error == EACCES && facts->file.gid && (facts->file.mode & 0060) == 0060 &&
	       !(facts->file.mode & 0006);
}

static void advise_dev(struct report *r, const struct failure *f, const struct blanks *b)
{
	static const struct advice by_group = {
		.text = "Give the container the group that owns the device.",
		"securityContext:\n  supplementalGroups: [{group}]\n",
	};
	static const struct advice elsewhere = {
		.text = "Let the program put {path} elsewhere, under /tmp for example: /dev is "
			"made anew "
			"for each container and belongs to root.",
	};
	bool makes = call_is(f, "mkdir") || (f->event && strstr(f->event->flags, "O_CREAT"));

	if (group_is_let_in(f))
		recommend(r, &by_group, b);
	else if (makes)
		recommend(r, &elsewhere, b);
	else
		advise_device(r, f);
}

static void advise_systemd(struct report *r, const struct blanks *b)
{
	static const struct advice directly = {
		.text = "Run the service itself as the container's command, without systemd: a "
			"container needs no service manager.",
	};
	static const struct advice privileged = {
		.text = "Or run the container privileged: systemd has to change the cgroup tree.",
		SECURITY "      privileged: true\n",
	};

	recommend(r, &directly, b);
	recommend(r, &privileged, b);
}

/* What programs that look after the node see of it under /host or /rootfs is mounted there, one directory or all. */
static void advise_node_directory(struct report *r, const struct blanks *b)
{
	static const struct advice mount = {
		.text = "Mount the node's {value} at {directory} by hostPath: {path} is the "
			"node's own, and no image brings it.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: node\n"
		"        mountPath: {directory}\n        readOnly: true\nvolumes:\n"
		"  - name: node\n    hostPath:\n      path: {value}\n",
	};
	static const char *const tops[] = { "/proc", "/sys", "/dev", "/etc", "/var", "/run", "/usr",
		"/lib", "/boot", "/opt", "/home", "/root" };
	const char *inner = strchr(b->path + 1, '/');
	char directory[64];
	struct blanks all = *b;

	for (size_t i = 0; inner && i < ARRAY_SIZE(tops); i++) {
		if (!path_under(inner, tops[i]))
			continue;
		snprintf(directory, sizeof(directory), "%.*s%s", (int)(inner - b->path), b->path,
			tops[i]);
		all.directory = directory;
		all.value = tops[i];
		recommend(r, &mount, &all);
		return;
	}
}

/* A change of user explains it only where there was one. */
static bool fits(const struct report *r, const struct failure *f, enum place place)
{
	const struct container *c = r->q->container;

	if (place == PLACE_STREAM)
		return f->event && c->described && f->event->uid != c->uid;
	if (place == PLACE_TRUST)
		return strstr(f->path, "ca-") || strstr(f->path, "cert.pem") ||
		       path_under("/etc/ssl/certs", f->path);
	if (place == PLACE_ENGINE_SOCKET && f->error != ENOENT)
		return f->event && f->event->facts && f->event->facts->file.gid;
	return true;
}

/* Places whose advice is more than a row. */
static bool advise_special(struct report *r, const struct failure *f, enum place place,
	enum need need, struct blanks *b)
{
	if (place == PLACE_SYSCTL)
		advise_sysctl(r, b, need);
	else if (place == PLACE_DEVICE)
		advise_dev(r, f, b);
	else if (place == PLACE_NODE && need == NEED_FILE)
		advise_node_directory(r, b);
	else if (place == PLACE_CGROUP && !strncmp(program_name(f->exec), "systemd", 7))
		advise_systemd(r, b);
	else
		return false;
	return true;
}

bool advise_place(struct report *r, const struct failure *f, enum need need)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	enum place place = place_of(f->path);
	struct blanks b = { .path = f->path,
		.uid = f->event ? f->event->uid : 0,
		.group = facts ? facts->file.gid : 0 };
	unsigned before = r->d->n_recommendations;

	if (!strcmp(f->path, "/dev/shm")) /* itself, and not what should be in it */
		need = NEED_WRITE;
	if (advise_special(r, f, place, need, &b))
		return r->d->n_recommendations > before;
	if (fits(r, f, place))
		for (size_t i = 0; i < ARRAY_SIZE(table); i++)
			for (size_t k = 0; k < 2 && table[i].list[k].text; k++)
				if (table[i].place == place && (table[i].needs & need))
					recommend(r, &table[i].list[k], &b);
	return r->d->n_recommendations > before;
}
