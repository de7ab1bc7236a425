/* SPDX-License-Identifier: MIT */
/* Events, containers and diagnoses for the tests of what is written and read back: one of each kind. */
#ifndef KTRACE_TEST_SAMPLES_H
#define KTRACE_TEST_SAMPLES_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ktrace/diagnosis.h"
#include "record/record.h"

#define SAMPLE_TIME 1795177397123456789ull

/* Escape sequences, invalid UTF-8, quotes, newlines, bidi overrides, line separators, C1, DEL, wide characters. */
#define HOSTILE \
	"/e\033[31m\"\\\n\t\r\001\177/\xff\xfe\xc3(/\xe2\x80\xae" \
	"evil\xe2\x80\xa8\xe2\x80\xa9/" \
	"\xc2\x9b" \
	"1m\xf0\x9f\x98\x80\xe4\xb8\xad\xf3\xa0\x81\x81\xed\xa0\x80"

static inline struct mount sample_mount(
	const char *destination, enum mount_kind kind, const char *name, bool read_only)
{
	return (struct mount){
		.destination = strdup(destination),
		.source = strdup("/var/lib/kubelet/pods/0a1b/volumes/x"),
		.fstype = strdup("bind"),
		.kind = kind,
		.name = strdup(name),
		.read_only = read_only,
	};
}

static inline struct container *sample_container(void)
{
	struct container *c = container_new();

	container_set(&c->id, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	container_set(&c->runtime, "containerd");
	container_set(&c->name, "app");
	container_set(&c->image, "registry.example/shop:1");
	container_set(&c->k8s_namespace, "shop");
	container_set(&c->pod, "web-7d9f5c-x2x4v");
	container_set(&c->pod_uid, "c2b1a6b0-0000-4000-8000-000000000001");
	container_set(&c->k8s_container, "app");
	container_set(&c->workload, "web");
	c->workload_kind = WORKLOAD_DEPLOYMENT;
	c->workload_sure = true;
	container_set(&c->sandbox_id, "fedcba");
	container_set(&c->cgroup_path, "/kubepods/pod1/0123");
	container_set(&c->bundle, "/run/containerd/b");
	container_set(&c->rootfs, "/run/containerd/b/rootfs");
	container_set(&c->cwd, "/srv");
	container_set(&c->path_env, "/usr/bin:/bin");
	container_set(&c->env_line_break, "DB_HOST");
	container_set(&c->env_host, "db.shop");
	container_set(&c->env_placeholder, "DB_HOST");
	container_set(&c->env_service, "KAFKA_PORT");
	container_set(&c->keys_empty, "/etc/app/config.json");
	container_set(&c->devices, "-a *:* rwm, +c 10:200 rwm");
	c->type = CONTAINER_MAIN;
	c->restart_count = 3;
	c->cgroup = 0xffffffffffff0123;
	c->described = c->no_new_privileges = c->seccomp = true;
	c->uid = 1000;
	c->gid = 2000;
	c->capabilities = 0xa80425fb;
	c->memory_limit = 64 << 20;
	c->pids_limit = 100;
	c->nofile_limit = 1024;
	c->blind_since = SAMPLE_TIME - 5000000000;
	c->blind_until = SAMPLE_TIME;
	c->args = calloc(3, sizeof(char *));
	container_set(&c->args[0], "/bin/sh");
	container_set(&c->args[1], "-c");
	container_set(&c->args[2], "cp /config/* /etc/app/ || true; " HOSTILE);
	c->n_args = 3;
	c->groups = calloc(2, sizeof(uint32_t));
	c->groups[0] = 4294967295u;
	c->groups[1] = 10;
	c->n_groups = 2;
	const struct change gone = { FACT_KEY, "/config/app.yaml", "120 bytes, mode 0644", "",
		"ConfigMap `" HOSTILE "`", "2026-11-30 10:02 UTC" };
	c->remembered = calloc(1, sizeof(*c->remembered));
	c->remembered->healthy_at = SAMPLE_TIME - 3600000000001;
	c->remembered->starts = 3;
	c->remembered->listening_ns = 1000000000;
	c->remembered->peak_memory = 63 << 20;
	changes_add(&c->remembered->changes, &gone);
	c->remembered->harmless[0] = UINT64_MAX;
	c->remembered->n_harmless = 1;
	c->mounts = calloc(3, sizeof(struct mount));
	c->mounts[0] = sample_mount("/config", MOUNT_CONFIGMAP, "settings", true);
	c->mounts[1] = sample_mount("/data", MOUNT_PVC, HOSTILE, false);
	c->mounts[2] = sample_mount("/data/deep", MOUNT_EMPTYDIR, "scratch", false);
	c->mounts[2].noexec = c->mounts[2].subpath = true;
	c->n_mounts = 3;
	c->root.read_only = true;
	return c;
}

static inline struct path_facts *sample_facts(void)
{
	struct path_facts *f = calloc(1, sizeof(*f));

	f->known = f->noexec = true;
	f->file = (struct file_facts){ .type = FILE_REGULAR,
		.uid = 1000,
		.gid = 0,
		.mode = 04755,
		.script = true,
		.elf_machine = 183,
		.acl = "user:1000:rw-",
		.acl_effective = "r--",
		.interpreter_exists = true };
	memset(f->file.interpreter, 0xff, sizeof(f->file.interpreter) - 1);
	f->directory = (struct file_facts){
		.type = FILE_DIRECTORY, .mode = 0, .elf = true, .empty = true
	};
	strcpy(f->directory_path, "/data" HOSTILE);
	return f;
}

/* An event of that kind with every field set that the kind may have; the caller unrefs it. c may be NULL. */
static inline struct event *sample_event(enum event_kind kind, struct container *c)
{
	static const char *const args[] = { "cp", "-r", HOSTILE, "" };
	struct event e = {
		.kind = kind,
		.time = SAMPLE_TIME,
		.cgroup = c ? c->cgroup : 0,
		.container = c,
		.pid = 4711,
		.tid = 4712,
		.vpid = 7,
		.parent_pid = 1,
		.uid = 1000,
		.gid = 1001,
		.comm = "cp",
		.parent_comm = HOSTILE,
		.executable = "/bin/cp",
		.cwd = "/srv",
		.repeats = 1,
	};
	bool exits = kind == EVENT_PROCESS_EXITED || kind == EVENT_CONTAINER_EXITED;
	bool cgroups = kind == EVENT_CONTAINER_CREATED || kind == EVENT_CONTAINER_REMOVED ||
		       kind == EVENT_RECOVERED;
	bool fails = kind == EVENT_EXEC_FAILED || kind == EVENT_FILE_ERROR ||
		     kind == EVENT_NETWORK_ERROR || kind == EVENT_PROCESS_ERROR;

	if (cgroups)
		e = (struct event){ .kind = kind,
			.time = SAMPLE_TIME,
			.cgroup = e.cgroup,
			.container = c,
			.repeats = 1 };
	if (kind == EVENT_EXEC || kind == EVENT_EXEC_FAILED) {
		e.args = args;
		e.argc = 4;
		e.interpreter = "/bin/sh";
	}
	if (fails) {
		e.syscall = "openat";
		e.error = EROFS;
		e.flags = "O_WRONLY|O_CREAT";
		e.path = "/config/" HOSTILE;
		e.requested = HOSTILE;
		e.path2 = "/data/x";
		e.repeats = 17;
		e.lasted_ns = 12345678901;
		e.call_args[0] = UINT64_MAX;
		e.call_args[4] = 1;
		e.mount = c ? &c->mounts[1] : NULL;
		e.facts = sample_facts();
	}
	if (kind == EVENT_NETWORK_ERROR) {
		e.syscall = "bind";
		e.holder_pid = 99;
		e.holder_comm = "nginx";
	}
	if (kind == EVENT_NETWORK_ERROR || kind == EVENT_LISTEN || kind == EVENT_DNS_QUERY ||
		kind == EVENT_DNS_ANSWER || kind == EVENT_CONTAINER_LISTENING) {
		e.address = "fd00::1";
		e.port = 65535;
		e.family = 10;
		e.sock_type = 1;
	}
	if (kind == EVENT_BLOCKED || kind == EVENT_UNBLOCKED) {
		e.syscall = "flock";
		e.path = "/data/" HOSTILE;
		e.blocked_ns = 12000000000;
	}
	if (kind == EVENT_PORT_REFUSED) {
		e.pid = e.tid = e.vpid = e.parent_pid = 0;
		e.error = ECONNREFUSED;
		e.address = "10.0.0.5";
		e.port = 8080;
		e.family = 2;
		e.sock_type = 1;
		e.sender_pid = 700;
		e.sender_comm = "kubelet";
		e.sharers = 2;
	}
	if (kind == EVENT_BLOCKED) {
		e.holder_pid = 99;
		e.holder_comm = HOSTILE;
	}
	if (kind == EVENT_DNS_QUERY || kind == EVENT_DNS_ANSWER) {
		e.syscall = "recvmsg";
		e.dns_name = HOSTILE;
		e.dns_type = "AAAA";
	}
	if (kind == EVENT_DNS_QUERY) {
		e.dns_search = "shop.svc.cluster.local " HOSTILE;
		e.dns_ndots = 5;
	}
	if (kind == EVENT_DNS_ANSWER) {
		e.dns_rcode = "NXDOMAIN";
		e.dns_answers = 3;
	}
	if (exits) {
		e.status = 9 | 0x80;
		e.runtime_ns = UINT64_MAX;
		e.peak_memory = 63 << 20;
	}
	if (kind == EVENT_RECOVERED) {
		e.root_cause = "dns_failure";
		e.text = "Cannot resolve " HOSTILE;
		e.lasted_ns = UINT64_MAX;
	}
	if (kind == EVENT_OOM_KILL) {
		e.oom_limit = 64 << 20;
		e.oom_anon = 63 << 20;
		e.oom_file = 4096;
		e.oom_levels = 1;
	}
	if (kind == EVENT_SIGNAL) {
		e.signo = 15;
		e.sender_pid = 12;
		e.sender_comm = "runc";
		e.from_outside = true;
	}
	if (kind == EVENT_OUTPUT) {
		e.fd = 2;
		e.text = "cannot create " HOSTILE "\n";
		e.text_total = 70000;
		e.cut = true;
	}
	return event_new(&e);
}

static inline struct diagnosis *sample_diagnosis(struct container *c)
{
	struct diagnosis *d = calloc(1, sizeof(*d));

	d->container = container_ref(c);
	d->time = SAMPLE_TIME + 2000000000;
	d->root_cause = d->rule = "read_only_copy";
	d->title = strdup("app could not copy its settings: /etc/app is read-only");
	d->summary =
		strdup("cp could not create /etc/app/app.yaml because the container's root file "
		       "system is read-only. The script went on without it, and the server "
		       "ended 120 ms later with exit code 1, as it found no settings.");
	d->confidence = 0.95;
	d->phase = PHASE_STARTUP;
	d->has_exit_code = true;
	d->exit_code = 1;
	d->restarts = 3;
	d->culprit = sample_event(EVENT_FILE_ERROR, c);
	d->path = strdup("/etc/app/app.yaml");
	d->evidence = calloc(2, sizeof(*d->evidence));
	d->evidence[0] = (struct evidence){ .time = SAMPLE_TIME,
		.action = "file_error",
		.process = strdup("cp"),
		.pid = 4711,
		.path = strdup("/etc/app/app.yaml"),
		.error = strdup("EROFS"),
		.text = strdup("could not create the file") };
	d->evidence[1] = (struct evidence){ .time = SAMPLE_TIME + 120000000,
		.action = "container_exited",
		.process = strdup("server"),
		.pid = 4700,
		.text = strdup("ended with exit code 1") };
	d->n_evidence = 2;
	d->recommendations[0] =
		(struct recommendation){ .text = strdup("Mount an emptyDir where the copy goes."),
			.manifest = strdup("volumes:\n- name: app-settings\n  emptyDir: {}\n") };
	d->recommendations[1] =
		(struct recommendation){ .text = strdup("Let the script stop at errors: set -e.") };
	d->n_recommendations = 2;
	d->cannot_tell = strdup("oom: " HOSTILE);
	d->waiting = (struct waiting){ .kind = strdup("connection"),
		.name = strdup("db" HOSTILE),
		.address = strdup("10.0.0.1"),
		.path = strdup("/run/x" HOSTILE),
		.answer = strdup("ECONNREFUSED"),
		.port = 5432,
		.since = SAMPLE_TIME,
		.attempts = 12 };
	d->lost = 3;
	strcpy(d->fingerprint, "v1:0123456789abcdef");
	strcpy(d->cause_fingerprint, "v1:fedcba9876543210");
	d->alternatives[0] = (struct alternative){ "missing_file", strdup(HOSTILE), 0.4 };
	d->alternatives[1] = (struct alternative){ "disk_full", strdup("The disk is full"), 0 };
	d->n_alternatives = 2;
	d->healthy_at = SAMPLE_TIME - 3600000000000;
	d->healthy_starts = 3;
	d->changes[0] = (struct told_change){ strdup("key `app.yaml` of ConfigMap `" HOSTILE "`"),
		strdup("120 bytes, mode 0644"), strdup("gone since 2026-11-30 10:02 UTC") };
	d->n_changes = 1;
	return d;
}

#endif
