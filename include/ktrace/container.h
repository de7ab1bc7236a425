/* SPDX-License-Identifier: MIT */
/*
 * One container as the runtime described it. Made by src/container (or read from a recording), shared
 * by reference count, not changed once events point at it, except `restart_count`, `stopped`-like
 * facts that the registry owns. Strings are valid UTF-8 and never NULL: "" is "not known".
 */
#ifndef KTRACE_CONTAINER_H
#define KTRACE_CONTAINER_H

#include "ktrace/event.h"
#include "ktrace/snapshot.h"

/*
 * MAIN is any container of a pod but its sandbox: neither the runtimes' annotations nor the kubelet's files on the node
 * tell which are init containers, and a pod's history does not either before all is over (a main container may end with
 * 0 while the next one's image is fetched, and one that fails in a loop looks like an init container that does). INIT is
 * for records of who knows better.
 */
enum container_type { CONTAINER_UNKNOWN, CONTAINER_MAIN, CONTAINER_INIT, CONTAINER_SANDBOX };

/* Which controller made the pod. */
enum workload_kind {
	WORKLOAD_UNKNOWN,
	WORKLOAD_POD, /* none, as far as its name tells */
	WORKLOAD_DEPLOYMENT,
	WORKLOAD_STATEFULSET,
	WORKLOAD_DAEMONSET,
	WORKLOAD_JOB,
	WORKLOAD_CRONJOB,
	WORKLOAD_KINDS
};

/* One mount of the container, longest destination first wins a path. */
struct mount {
	/* absolute, as the container sees it, no trailing slash but "/" */
	char *destination;
	char *source; /* on the host; "" for kernel file systems */
	char *fstype; /* "bind", "tmpfs", "proc", ... */
	enum mount_kind kind;
	char *name; /* the volume's name in the pod, "" where there is none */
	bool read_only, noexec, subpath;
	bool directory; /* of a subpath: its source is a directory */
};

/*
 * What each record of a container says alike, as JSON: a third of most records, so it is made once (record/container_part.c).
 * Empty until the first of them.
 */
struct container_part {
	char *node;     /* whose name is in it; owned, as what follows; NULL: not made yet */
	char *identity; /* the members container and, of a pod's, k8s */
	char *ktrace;   /* those that the object ktrace begins with */
	char *message;  /* what the message begins with */
	size_t identity_len, ktrace_len, message_len;
};

struct container {
	uint32_t refs;
	struct container_part *part; /* owned; NULL in what is no container of container_new() */
	uint64_t cgroup;             /* id of its cgroup in the hierarchy that is watched */
	char *cgroup_path;           /* from that hierarchy's root */
	/* as the runtime has it; for `ktrace run` "run-PID"; where the id that the cgroup is named by is another's "foreign-CGROUP" */
	char *id;
	/* "containerd", "cri-o", "docker", "podman", "runc", "ktrace" (run), "foreign" (see registry.c) */
	char *runtime;
	uint32_t made_by; /* the user, on the node, who made its cgroup */
	bool by_root; /* that is root: what names a pod on this node is believed of these only */
	char *name;   /* k8s container name, else the runtime's */
	char *image;
	char *k8s_namespace, *pod, *pod_uid, *k8s_container, *sandbox_id;
	/* What the pod belongs to, "" outside of pods; sure: a label or an unmistakable name says so. */
	char *workload;
	char *job; /* of a CronJob's pod: the Job */
	enum workload_kind workload_kind;
	bool workload_sure;
	enum container_type type;
	int restart_count; /* -1: not known */
	char *bundle;      /* host path of the bundle, "" when it is not known */
	char *rootfs;      /* host path of the root file system, "" when it is not known */

	/* as the bundle lists them; the root file system is not among them */
	struct mount *mounts;
	size_t n_mounts;
	struct mount root; /* destination "/", kind rootfs, read_only as configured */

	bool described; /* what follows was read from a bundle */
	char **args;    /* the configured command */
	size_t n_args;
	char *cwd;
	char *path_env; /* value of PATH, "" when it has none */
	/*
	 * Names of environment variables by the shape of their values, with blanks between them; no
	 * value is kept but env_host: empty, with a line break at the end, longer than a path can be, with a
	 * placeholder that nobody filled in ("${NAME}", "$(NAME)"), made by the kubelet of a Service
	 * (NAME_PORT=tcp://ADDRESS:PORT, but that of the API server).
	 */
	char *env_empty, *env_line_break, *env_long, *env_placeholder, *env_service;
	/* Keys of ConfigMaps, Secrets and projected volumes that are empty, by their paths, with blanks between them. */
	char *keys_empty;
	char *env_host; /* the host name before the line break of the first of these that is called ...HOST; "" */
	uint32_t uid, gid;
	uint32_t *groups;
	size_t n_groups;
	uint64_t capabilities; /* effective set, bit N is capability N */
	bool no_new_privileges, seccomp, host_network, host_pid, terminal;
	/* 0: none configured; bytes, count, count */
	uint64_t memory_limit, pids_limit, nofile_limit;
	/* the rules about devices in their order, the last that fits counts: "-a *:* rwm, +c 10:200 rwm"; "" */
	char *devices;

	/* No agent watched it from then until then, nanoseconds since 1970; 0: one did all the time. */
	uint64_t blind_since, blind_until;

	/* owned references; NULL: nobody remembers, nothing is remembered */
	struct snapshot *start;
	struct remembered *remembered; /* set before the first event is told */
};

/* all strings "", refs 1; NULL when out of memory */
struct container *container_new(void);
struct container *container_ref(struct container *c);
void container_unref(struct container *c); /* NULL is fine */

void container_part_clear(struct container_part *part); /* as when nothing was made */

/* The mount that holds an absolute normalised path: an entry of c->mounts, or &c->root. Never NULL. */
const struct mount *container_mount_of(const struct container *c, const char *path);

/* Frees what it holds; it is as one that was never set. */
void mount_clear(struct mount *m);

/* Sets one of the string members, copying value (sanitised to UTF-8). 0 or -ENOMEM. */
int container_set(char **member, const char *value);

/* "container", "init", "sandbox", "" */
const char *container_type_name(enum container_type type);

/* "Deployment", "" for WORKLOAD_UNKNOWN */
const char *workload_kind_name(enum workload_kind kind);

#endif
