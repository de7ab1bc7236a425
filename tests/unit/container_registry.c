// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/registry.h"
#include "ktrace/wire.h"
#include "util/cleanup.h"

#define ID "337f64a0302298446035f4167713fa68192ebc84c896ef38036a19c173da7432"
#define UID "dbb8422d-ff57-43e5-b137-3db0cad88d50"
#define PATH_ "/kubepods/burstable/pod" UID "/" ID
#define OTHER "7a56a18e2f253f49e37e91ea70ed737ccf02e5b05dabb04d65674735c8dd99af"
#define CGROUP 4711
#define SECOND 1000000000ull
#define T0 (1000 * SECOND)

static const char config[] =
	"{\"process\":{\"user\":{\"uid\":1000,\"gid\":1000},\"args\":[\"app\"],\"cwd\":\"/\"},"
	"\"root\":{\"path\":\"rootfs\"},\"linux\":{\"namespaces\":[{\"type\":\"pid\"}]},"
	"\"mounts\":[{\"destination\":\"/code\",\"type\":\"bind\",\"options\":[\"ro\"],"
	"\"source\":\"/var/lib/kubelet/pods/" UID "/volumes/kubernetes.io~configmap/code\"},"
	"{\"destination\":\"/app\",\"type\":\"bind\",\"options\":[\"rw\"],"
	"\"source\":\"/var/lib/kubelet/pods/" UID "/volume-subpaths/work/app/0\"}],"
	"\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
	"\"io.kubernetes.cri.container-name\":\"app\",\"io.kubernetes.cri.sandbox-name\":\"p\","
	"\"io.kubernetes.cri.sandbox-namespace\":\"shop\","
	"\"io.kubernetes.cri.sandbox-uid\":\"" UID "\"}}";

/* A host in a directory, and everything that was delivered. */
static char host[] = "/tmp/ktrace-registry-XXXXXX";
static char cgroups[64]; /* and its cgroups: plain directories below */
static struct registry *registry;
static struct event *got[8192];
static size_t n_got;

static void collect(void *ctx, struct event *e)
{
	(void)ctx;
	assert_true(n_got < ARRAY_SIZE(got));
	got[n_got++] = e;
}

static void forget(void)
{
	while (n_got)
		event_unref(got[--n_got]);
}

static void put(const char *path, const char *text)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s%s", host, path);
	for (char *p = full + strlen(host) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	if (!text)
		return;
	FILE *f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int set_up(void **state)
{
	struct registry_options options = { .host_root = host,
		.cgroup_root = cgroups,
		.wait_max = 100,
		.root = getuid(), /* the files are ours */
		.deliver = collect };

	(void)state;
	strcpy(host + strlen(host) - 6, "XXXXXX");
	assert_non_null(mkdtemp(host));
	snprintf(cgroups, sizeof(cgroups), "%s/cg", host);
	return registry_new(&options, &registry);
}

static int tear_down(void **state)
{
	(void)state;
	forget();
	registry_free(registry);
	return nftw(host, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void feed(struct event draft)
{
	static uint64_t time = T0;

	draft.cgroup = draft.cgroup ?: CGROUP;
	draft.time = draft.time ?: (time += 1000);
	draft.repeats = 1;
	registry_event(registry, &draft);
}

static void send_created(void)
{
	feed((struct event){
		.kind = EVENT_CONTAINER_CREATED, .path = PATH_, .pid = 50, .uid = getuid() });
}

static void send_runtime(const char *bundle)
{
	const char *args[] = { "runc", "create", "--bundle", bundle, ID };

	feed((struct event){ .kind = EVENT_RUNTIME,
		.cgroup = WIRE_OUTSIDE,
		.uid = getuid(),
		.args = args,
		.argc = 5,
		.cwd = "/" });
}

static void send_exec(uint32_t pid, uint32_t vpid, const char *comm, const char *parent)
{
	feed((struct event){ .kind = EVENT_EXEC,
		.pid = pid,
		.vpid = vpid,
		.comm = comm,
		.parent_comm = parent,
		.executable = "/bin/app",
		.uid = 1000 });
}

static void send_exit(uint32_t pid, uint32_t vpid, const char *comm, int status)
{
	feed((struct event){ .kind = EVENT_PROCESS_EXITED,
		.pid = pid,
		.vpid = vpid,
		.comm = comm,
		.status = status });
}

static void expect(const enum event_kind *kinds, size_t n)
{
	for (size_t i = 0; i < n && i < n_got; i++)
		assert_string_equal(event_action(got[i]->kind), event_action(kinds[i]));
	assert_int_equal(n_got, n);
}
#define EXPECT(...) \
	do { \
		const enum event_kind kinds_[] = { __VA_ARGS__ }; \
		expect(kinds_, ARRAY_SIZE(kinds_)); \
	} while (0)

static void test_a_life(void **state)
{
	static const char *const init_args[] = { "runc", "init" };
	struct registry_stats stats;

	(void)state;
	put("/b/config.json", config);
	put("/b/rootfs/etc/", NULL);
	put("/var/log/pods/shop_p_" UID "/app/0.log", "");
	put("/var/log/pods/shop_p_" UID "/app/2.log", "");
	put("/var/lib/kubelet/pods/" UID "/volumes/kubernetes.io~empty-dir/work/", NULL);
	send_runtime("/b");
	send_created();
	/* cgroups that the container makes for itself are no containers */
	feed((struct event){ .kind = EVENT_CONTAINER_CREATED, .path = PATH_ "/nested" });
	feed((struct event){ .kind = EVENT_EXEC,
		.pid = 60,
		.vpid = 60,
		.comm = "exe",
		.executable = "/memfd:runc_cloned:/proc/self/exe",
		.args = init_args,
		.argc = 2 });
	send_exit(60, 60, "runc:[1:CHILD]", 0);
	send_exec(61, 5, "hook", "runc:[2:INIT]");
	send_exec(62, 1, "app", "containerd-shim");
	feed((struct event){ .kind = EVENT_FILE_ERROR,
		.pid = 62,
		.vpid = 1,
		.error = EROFS,
		.path = "/code/new",
		.syscall = "openat" });
	feed((struct event){ .kind = EVENT_LISTEN, .pid = 62, .port = 80, .address = "0.0.0.0" });
	feed((struct event){ .kind = EVENT_LISTEN, .pid = 62, .port = 81, .address = "0.0.0.0" });
	send_exec(70, 12, "probe", "runc");
	send_exit(70, 12, "probe", 0);
	send_exit(62, 1, "app", 256);
	feed((struct event){ .kind = EVENT_CONTAINER_REMOVED, .path = PATH_ "/nested" });
	feed((struct event){ .kind = EVENT_CONTAINER_REMOVED, .path = PATH_ });
	EXPECT(EVENT_CONTAINER_CREATED, EVENT_EXEC, EVENT_PROCESS_EXITED, EVENT_EXEC, EVENT_EXEC,
		EVENT_CONTAINER_STARTED, EVENT_FILE_ERROR, EVENT_LISTEN, EVENT_CONTAINER_LISTENING,
		EVENT_LISTEN, EVENT_EXEC, EVENT_PROCESS_EXITED, EVENT_PROCESS_EXITED,
		EVENT_CONTAINER_EXITED, EVENT_CONTAINER_REMOVED);

	const struct container *c = got[0]->container;
	assert_string_equal(c->id, ID);
	assert_string_equal(c->pod, "p");
	assert_string_equal(c->bundle, "/b");
	assert_string_equal(c->runtime, "containerd");
	assert_int_equal(c->restart_count, 2);
	assert_int_equal(container_mount_of(c, "/app")->kind, MOUNT_EMPTYDIR);
	assert_int_equal(got[5]->pid, 62);
	assert_int_equal(got[5]->uid, 1000);
	assert_int_equal(got[6]->mount->kind, MOUNT_CONFIGMAP);
	assert_int_equal(got[8]->port, 80);
	assert_int_equal(status_exit_code(got[13]->status), 1);
	assert_int_equal(got[13]->runtime_ns, got[13]->time - got[5]->time);
	registry_stats(registry, &stats);
	assert_int_equal(stats.containers, 1);
	registry_tick(registry, got[14]->time + 59 * SECOND);
	registry_stats(registry, &stats);
	assert_int_equal(stats.containers, 1);
	registry_tick(registry, got[14]->time + 61 * SECOND);
	registry_stats(registry, &stats);
	assert_int_equal(stats.containers, 0);
}

/* The facts of a failure in the container's own files. */
static void test_facts(void **state)
{
	(void)state;
	put("/b/config.json", config);
	put("/b/rootfs/etc/app.conf", "x");
	send_runtime("/b");
	send_created();
	feed((struct event){ .kind = EVENT_FILE_ERROR, .error = EACCES, .path = "/etc/app.conf" });
	feed((struct event){ .kind = EVENT_FILE_ERROR,
		.error = ENOENT,
		.path = "/etc/x/y",
		.syscall = "mkdir" });
	feed((struct event){ .kind = EVENT_FILE_ERROR, .error = EAGAIN, .path = "/etc/app.conf" });
	feed((struct event){
		.kind = EVENT_EXEC_FAILED, .error = ENOENT, .executable = "/etc/app.conf" });
	for (int i = 0; i < 100; i++) {
		char path[32];
		snprintf(path, sizeof(path), "/etc/none-%d", i);
		feed((struct event){ .kind = EVENT_FILE_ERROR,
			.error = ENOENT,
			.path = path,
			.syscall = "openat",
			.flags = "O_RDONLY" });
	}
	assert_int_equal(n_got, 105);
	assert_int_equal(got[1]->facts->file.type, FILE_REGULAR);
	assert_int_equal(got[1]->mount->kind, MOUNT_ROOTFS);
	assert_int_equal(got[2]->facts->file.type, FILE_MISSING);
	assert_string_equal(got[2]->facts->directory_path, "/etc");
	assert_null(got[3]->facts);
	assert_int_equal(got[4]->facts->file.type, FILE_REGULAR);
	size_t looked = 0;
	for (size_t i = 5; i < n_got; i++)
		looked += got[i]->facts != NULL;
	assert_int_equal(looked, 64);
}

/* What is missing may be beside the script of the command, or have another name. */
static void test_facts_of_what_is_nearby(void **state)
{
	static const char with_script[] =
		"{\"process\":{\"args\":[\"python3\",\"/app/main.py\"],\"cwd\":\"/\"},"
		"\"root\":{\"path\":\"rootfs\"}}";

	(void)state;
	put("/b/config.json", with_script);
	put("/b/rootfs/app/conf/a.ini", "x");
	put("/b/rootfs/bin/python3", "x");
	send_runtime("/b");
	send_created();
	feed((struct event){ .kind = EVENT_FILE_ERROR,
		.error = ENOENT,
		.path = "/conf/a.ini",
		.requested = "conf/a.ini" });
	feed((struct event){ .kind = EVENT_FILE_ERROR,
		.error = ENOENT,
		.path = "/conf/b.ini",
		.requested = "conf/b.ini" });
	feed((struct event){ .kind = EVENT_EXEC_FAILED, .error = ENOENT, .path = "/bin/python" });
	assert_int_equal(n_got, 4);
	assert_string_equal(got[1]->facts->nearby, "/app/conf/a.ini");
	assert_string_equal(got[2]->facts->nearby, "");
	assert_string_equal(got[3]->facts->nearby, "/bin/python3");
}

/* A runtime that gives up over the program makes no call that fails: the end says what the program is. */
static void test_facts_of_a_program_that_never_ran(void **state)
{
	static const char with_path[] = "{\"process\":{\"args\":[\"app\"],\"cwd\":\"/"
					"\",\"env\":[\"PATH=/sbin:/none:/bin\"]},"
					"\"root\":{\"path\":\"rootfs\"}}";
	char place[256];

	(void)state;
	put("/b/config.json", with_path);
	put("/b/rootfs/sbin/app/x", "x");
	put("/b/rootfs/bin/app", "#!/bin/sh\n");
	snprintf(place, sizeof(place), "%s/b/rootfs/bin/app", host);
	assert_int_equal(chmod(place, 0644), 0);
	send_runtime("/b");
	send_created();
	feed((struct event){ .kind = EVENT_PROCESS_EXITED,
		.pid = 100,
		.vpid = 1,
		.comm = "runc:[2:INIT]",
		.status = 1 << 8 });
	const struct event *end = got[n_got - 1];
	assert_int_equal(end->kind, EVENT_CONTAINER_EXITED);
	assert_string_equal(end->path, "/bin/app");
	assert_non_null(end->facts);
	assert_int_equal(end->facts->file.type, FILE_REGULAR);
	assert_int_equal(end->facts->file.mode, 0644);
	assert_int_equal(end->mount->kind, MOUNT_ROOTFS);
}

/* The bundle comes late: everything waits for it, in order, and nothing more than allowed. */
static void test_waiting(void **state)
{
	struct registry_stats stats;

	(void)state;
	send_created();
	send_exec(62, 1, "app", "containerd-shim");
	assert_int_equal(n_got, 0);
	for (int i = 0; i < 300; i++)
		feed((struct event){ .kind = EVENT_OUTPUT, .pid = 62, .vpid = 1, .text = "x" });
	registry_stats(registry, &stats);
	assert_int_equal(stats.waiting_events, 100);
	assert_int_equal(stats.lost_waiting, 202);
	registry_tick(registry, T0);
	assert_int_equal(n_got, 0);
	put("/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json", config);
	registry_tick(registry, T0);
	registry_stats(registry, &stats);
	assert_int_equal(stats.waiting_events, 0);
	assert_int_equal(n_got, 101);
	assert_int_equal(got[0]->kind, EVENT_CONTAINER_CREATED);
	assert_int_equal(got[1]->kind, EVENT_EXEC);
	assert_int_equal(got[2]->kind, EVENT_CONTAINER_STARTED);
	for (size_t i = 0; i < n_got; i++)
		assert_string_equal(got[i]->container->pod, "p");
}

/* However many containers wait: all of them together no more than twice what one may. */
static void test_many_waiting(void **state)
{
	struct registry_stats stats;
	char path[sizeof(PATH_)] = PATH_;

	(void)state;
	for (uint64_t n = 0; n < 20; n++) {
		path[sizeof(PATH_) - 2] = (char)('a' + n % 6);
		path[sizeof(PATH_) - 3] = (char)('a' + n / 6);
		feed((struct event){
			.kind = EVENT_CONTAINER_CREATED, .cgroup = CGROUP + n, .path = path });
		for (int i = 0; i < 99; i++)
			feed((struct event){
				.kind = EVENT_OUTPUT, .cgroup = CGROUP + n, .pid = 62 });
	}
	registry_stats(registry, &stats);
	assert_int_equal(stats.containers, 20);
	assert_int_equal(stats.waiting_events, 200);
	assert_int_equal(stats.lost_waiting, 1800);
	assert_int_equal(stats.lost_memory, 0);
	/* Those that no event of had room are told of too, once it is clear that nobody names them. */
	registry_tick(registry, T0 + 3 * SECOND);
	size_t created = 0;
	for (size_t i = 0; i < n_got; i++)
		created += got[i]->kind == EVENT_CONTAINER_CREATED;
	assert_int_equal(created, 20);
}

/* No bundle, ever: names come from the path and the kubelet's log links. */
static void test_giving_up(void **state)
{
	char link[512];

	(void)state;
	put("/var/log/containers/", NULL);
	snprintf(link, sizeof(link), "%s/var/log/containers/p_shop_app-" ID ".log", host);
	assert_int_equal(symlink("/var/log/pods/shop_p_" UID "/app/7.log", link), 0);
	feed((struct event){
		.kind = EVENT_CONTAINER_CREATED, .path = PATH_, .uid = getuid(), .time = T0 });
	registry_tick(registry, T0 + SECOND);
	assert_int_equal(n_got, 0);
	registry_tick(registry, T0 + 3 * SECOND);
	EXPECT(EVENT_CONTAINER_CREATED);
	const struct container *c = got[0]->container;
	assert_false(c->described);
	assert_string_equal(c->pod_uid, UID);
	assert_string_equal(c->pod, "p");
	assert_string_equal(c->k8s_namespace, "shop");
	assert_string_equal(c->k8s_container, "app");
	assert_int_equal(c->restart_count, 7);
}

/* The clock is set while a name is waited for: that neither ends the wait nor makes it longer. */
static void test_clock_step(void **state)
{
	const int64_t day = 86400 * (int64_t)SECOND;

	(void)state;
	feed((struct event){
		.kind = EVENT_CONTAINER_CREATED, .path = PATH_, .uid = getuid(), .time = T0 });
	registry_clock_step(registry, day);
	registry_tick(registry, T0 + (uint64_t)day + SECOND);
	assert_int_equal(n_got, 0);
	registry_clock_step(registry, -2 * day);
	registry_tick(registry, T0 - (uint64_t)day + SECOND);
	assert_int_equal(n_got, 0);
	registry_tick(registry, T0 - (uint64_t)day + 3 * SECOND);
	EXPECT(EVENT_CONTAINER_CREATED);
}

/* A node full of short jobs: the latest dead are remembered, however many there were in a minute. */
static void test_many_removed(void **state)
{
	struct registry_stats stats;
	char path[128];

	(void)state;
	for (unsigned n = 1000; n < 2000; n++) {
		snprintf(path, sizeof(path), "/kubepods/pod" UID "/%064x", n);
		feed((struct event){ .kind = EVENT_CONTAINER_CREATED,
			.cgroup = n,
			.path = path,
			.uid = getuid(),
			.time = T0 });
		if (n != 1500)
			feed((struct event){ .kind = EVENT_CONTAINER_REMOVED,
				.cgroup = n,
				.path = path,
				.time = T0 });
	}
	registry_tick(registry, T0 + SECOND);
	registry_stats(registry, &stats);
	assert_int_equal(stats.containers, 256 + 1); /* one lives */
	assert_int_equal(n_got, 999 * 2);
}

/* Neither bundle nor link: the pod is known by its directory of logs, and which of its containers it is stays open. */
static void test_no_link(void **state)
{
	(void)state;
	put("/var/log/pods/shop_q_11111111-a005-4cf9-a1b5-6f8b3a1f3d10/app/0.log", "");
	put("/var/log/pods/shop_p_" UID "/app/7.log", "");
	feed((struct event){
		.kind = EVENT_CONTAINER_CREATED, .path = PATH_, .uid = getuid(), .time = T0 });
	registry_tick(registry, T0 + 3 * SECOND);
	EXPECT(EVENT_CONTAINER_CREATED);
	const struct container *c = got[0]->container;
	assert_string_equal(c->pod, "p");
	assert_string_equal(c->k8s_namespace, "shop");
	assert_string_equal(c->k8s_container, "");
	assert_int_equal(c->restart_count, -1);
}

/* The runtime's init fails: the container ends without ever having started. */
static void test_runtime_failure(void **state)
{
	(void)state;
	put("/b/config.json", config);
	send_runtime("/b");
	send_created();
	send_exit(59, 59, "runc:[0:PARENT]", 0);
	feed((struct event){ .kind = EVENT_EXEC_FAILED,
		.pid = 62,
		.vpid = 1,
		.error = ENOENT,
		.comm = "runc:[2:INIT]",
		.path = "/bin/none",
		.executable = "/bin/none" });
	send_exit(62, 1, "runc:[2:INIT]", 256);
	EXPECT(EVENT_CONTAINER_CREATED, EVENT_PROCESS_EXITED, EVENT_EXEC_FAILED,
		EVENT_PROCESS_EXITED, EVENT_CONTAINER_EXITED);
	assert_int_equal(got[4]->pid, 62);
}

/* The pod shares one pid namespace: nobody in the container has pid 1. */
static void test_shared_pid_namespace(void **state)
{
	(void)state;
	put("/b/config.json", config);
	send_runtime("/b");
	send_created();
	send_exec(61, 30, "hook", "runc:[2:INIT]");
	send_exit(61, 30, "hook", 0);
	send_exec(62, 31, "app", "containerd-shim");
	send_exec(63, 32, "child", "app");
	send_exit(63, 32, "child", 256);
	send_exit(62, 31, "app", 9);
	EXPECT(EVENT_CONTAINER_CREATED, EVENT_EXEC, EVENT_PROCESS_EXITED, EVENT_EXEC,
		EVENT_CONTAINER_STARTED, EVENT_EXEC, EVENT_PROCESS_EXITED, EVENT_PROCESS_EXITED,
		EVENT_CONTAINER_EXITED);
	assert_int_equal(got[8]->pid, 62);
	assert_int_equal(status_signal(got[8]->status), 9);
}

/* `ktrace run`: no runtime, no namespace, and the command may never be executed. */
static void test_run(void **state)
{
	struct container *c = container_new();

	(void)state;
	c->cgroup = CGROUP;
	container_set(&c->id, "run-62");
	container_set(&c->runtime, "ktrace");
	assert_int_equal(registry_add(registry, c), 0);
	assert_int_equal(registry_add(registry, c), -EEXIST);
	send_exec(62, 62, "app", "ktrace");
	send_exec(63, 63, "child", "app");
	send_exit(63, 63, "child", 0);
	send_exit(62, 62, "app", 0);
	EXPECT(EVENT_CONTAINER_CREATED, EVENT_EXEC, EVENT_CONTAINER_STARTED, EVENT_EXEC,
		EVENT_PROCESS_EXITED, EVENT_PROCESS_EXITED, EVENT_CONTAINER_EXITED);
	assert_string_equal(got[0]->container->id, "run-62");
}

static void test_not_containers(void **state)
{
	(void)state;
	feed((struct event){
		.kind = EVENT_CONTAINER_CREATED, .path = "/kubepods/crio-conmon-" ID });
	send_exec(62, 62, "conmon", "crio");
	feed((struct event){ .kind = EVENT_EXEC, .cgroup = 99999, .pid = 3 });
	assert_int_equal(n_got, 0);
	feed((struct event){ .kind = EVENT_EXEC, .cgroup = WIRE_OUTSIDE, .pid = 3 });
	feed((struct event){
		.kind = EVENT_CONTAINER_CREATED, .cgroup = WIRE_OUTSIDE, .path = PATH_ });
	EXPECT(EVENT_EXEC);
	assert_null(got[0]->container);
}

/* Who has the port is asked while the process that wanted it still lives. */
static void test_port_holder(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(address);

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	put("/b/config.json", config);
	send_runtime("/b");
	send_created();
	feed((struct event){ .kind = EVENT_NETWORK_ERROR,
		.error = EADDRINUSE,
		.syscall = "bind",
		.pid = (uint32_t)getpid(),
		.family = AF_INET,
		.sock_type = SOCK_STREAM,
		.port = ntohs(address.sin_port) });
	EXPECT(EVENT_CONTAINER_CREATED, EVENT_NETWORK_ERROR);
	assert_int_equal(got[1]->holder_pid, getpid());
	assert_string_equal(got[1]->holder_comm, "container_regis");
}

static size_t tracked;
static void track(void *ctx, uint64_t cgroup, uint64_t container)
{
	(void)ctx;
	assert_true(cgroup && container);
	tracked++;
}

/* A hierarchy made of plain directories; the container's only process is this one. */
static void test_scan(void **state)
{
	char pid[32];

	(void)state;
	tracked = 0;
	snprintf(pid, sizeof(pid), "%d\n", getpid());
	put("/cg" PATH_ "/cgroup.procs", "");
	put("/cg" PATH_ "/nested/cgroup.procs", pid);
	/* what a container calls its own cgroups makes no containers of them */
	put("/cg" PATH_ "/" OTHER "/cgroup.procs", "");
	put("/cg/kubepods/burstable/pod" UID "/crio-conmon-" ID "/cgroup.procs", pid);
	put("/cg/system.slice/cgroup.procs", pid);
	put("/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json", config);
	assert_int_equal(registry_scan(registry, track, NULL, T0), 0);
	assert_int_equal(tracked, 3);
	EXPECT(EVENT_CONTAINER_CREATED, EVENT_EXEC, EVENT_CONTAINER_STARTED);
	assert_string_equal(got[0]->container->pod, "p");
	assert_int_equal(got[1]->pid, getpid());
	assert_string_equal(got[1]->comm, "container_regis");
	assert_string_equal(strrchr(got[1]->executable, '/'), "/container_registry");
	assert_true(got[1]->argc >= 1);
	assert_string_equal(strrchr(got[1]->args[0], '/'), "/container_registry");
	assert_int_equal(got[2]->pid, getpid());
}

static void call(uint32_t uid, const char *bundle, const char *id)
{
	const char *args[] = { "runc", "create", "--bundle", bundle, id };

	feed((struct event){ .kind = EVENT_RUNTIME,
		.cgroup = WIRE_OUTSIDE,
		.uid = uid,
		.args = args,
		.argc = 5,
		.cwd = "/" });
}

static void claim(uint32_t uid, const char *bundle)
{
	call(uid, bundle, ID);
}

static const char evil[] = "{\"process\":{\"args\":[\"x\"]},\"annotations\":{"
			   "\"io.kubernetes.cri.sandbox-name\":\"payments\","
			   "\"io.kubernetes.cri.sandbox-namespace\":\"prod\"}}";

/* Before and after the runtime's own call, by whoever: the container is what root's first call says. */
static void test_claims_of_others(void **state)
{
	(void)state;
	put("/b/config.json", config);
	put("/evil/config.json", evil);
	for (uint32_t i = 1; i <= 600; i++)
		claim(getuid() + i, "/evil");
	send_runtime("/b");
	claim(getuid() + 1, "/evil");
	claim(getuid(), "/evil");
	send_created();
	assert_int_equal(n_got, 1);
	assert_string_equal(got[0]->container->pod, "p");
	assert_string_equal(got[0]->container->bundle, "/b");
}

/* A bundle, or its config.json, by a link, and one that is somebody else's. */
static void test_bundle_of_others(void **state)
{
	char link[128];

	(void)state;
	put("/real/config.json", evil);
	put("/linked/", NULL);
	snprintf(link, sizeof(link), "%s/link", host);
	assert_int_equal(symlink("/real", link), 0);
	snprintf(link, sizeof(link), "%s/linked/config.json", host);
	assert_int_equal(symlink("/real/config.json", link), 0);
	for (int i = 0; i < 3; i++) {
		static const char *const bundles[] = { "/link", "/linked", "/real" };
		bool other = i == 2; /* the cgroup is made by another user than the bundle's */
		claim(getuid() + other, bundles[i]);
		feed((struct event){ .kind = EVENT_CONTAINER_CREATED,
			.cgroup = CGROUP + i,
			.path = PATH_,
			.uid = getuid() + other });
		feed((struct event){
			.kind = EVENT_CONTAINER_REMOVED, .cgroup = CGROUP + i, .path = PATH_ });
		assert_string_equal(got[n_got - 1]->container->id, ID);
		assert_string_equal(got[n_got - 1]->container->pod, "");
		registry_tick(
			registry, T0 + (100ull + 100 * i) * SECOND); /* the call is forgotten */
	}
}

/* The cgroup's inode number, as a real hierarchy has it. */
static uint64_t make_cgroup(const char *path)
{
	char full[1024];
	struct stat st;

	put(path, NULL);
	snprintf(full, sizeof(full), "%s%s", host, path);
	assert_int_equal(stat(full, &st), 0);
	return st.st_ino;
}

static void birth(uint64_t cgroup, const char *path, uint32_t uid)
{
	feed((struct event){
		.kind = EVENT_CONTAINER_CREATED, .cgroup = cgroup, .path = path, .uid = uid });
}

/* One id is one cgroup; root's goes before a user's, and a removed one's id is free. */
static void test_foreign(void **state)
{
	uint64_t users = make_cgroup("/cg/user.slice/" ID "/"), real = make_cgroup("/cg" PATH_ "/"),
		 second = make_cgroup("/cg/other/" ID "/");
	struct registry_stats stats;
	char id[64];

	(void)state;
	put("/b/config.json", config);
	send_runtime("/b");
	birth(users, "/user.slice/" ID, getuid() + 1);
	birth(real, PATH_, getuid());
	birth(second, "/other/" ID, getuid());
	feed((struct event){ .kind = EVENT_EXEC, .cgroup = users, .pid = 3 });
	feed((struct event){ .kind = EVENT_EXEC, .cgroup = second, .pid = 4 });
	feed((struct event){ .kind = EVENT_EXEC, .cgroup = real, .pid = 5, .vpid = 1 });
	registry_stats(registry, &stats);
	assert_int_equal(stats.foreign, 2);
	for (size_t i = 0; i < n_got; i++) {
		const struct container *c = got[i]->container;
		snprintf(id, sizeof(id), "foreign-%llu", (unsigned long long)got[i]->cgroup);
		assert_string_equal(c->id, got[i]->cgroup == real ? ID : id);
		assert_string_equal(c->pod, got[i]->cgroup == real ? "p" : "");
		assert_true(got[i]->cgroup == real || !strcmp(c->runtime, "foreign"));
	}
	feed((struct event){ .kind = EVENT_CONTAINER_REMOVED, .cgroup = real, .path = PATH_ });
	birth(real + second + users, "/again/" ID, getuid());
	registry_stats(registry, &stats);
	assert_int_equal(stats.foreign, 2);
}

/* `runc run web`: what root asks for becomes a container, once for each start, and nothing else of that name does. */
static void test_plain_name(void **state)
{
	(void)state;
	put("/b/config.json", config);
	put("/other/config.json", evil);
	birth(1, "/before", getuid());
	call(getuid() + 1, "/other", "web");
	birth(2, "/web", getuid());
	birth(3, "/web", getuid() + 1);
	birth(4, "/machine.slice/machine-web.scope", getuid());
	assert_int_equal(n_got, 0);
	call(getuid(), "/b", "web");
	birth(5, "/user/web", getuid() + 1);
	birth(6, "/system.slice/web.service", getuid());
	assert_int_equal(n_got, 0);
	birth(7, "/system.slice/runc-web.scope", getuid());
	EXPECT(EVENT_CONTAINER_CREATED);
	assert_string_equal(got[0]->container->id, "web");
	assert_string_equal(got[0]->container->bundle, "/b");
	assert_string_equal(got[0]->container->runtime, "containerd");
	feed((struct event){ .kind = EVENT_CONTAINER_REMOVED,
		.cgroup = 7,
		.path = "/system.slice/runc-web.scope" });
	forget();
	/* the first of these made nothing */
	feed((struct event){ .kind = EVENT_EXEC, .cgroup = WIRE_OUTSIDE });
	call(getuid(), "/b", "web");
	uint64_t now = got[0]->time;
	forget();
	const char *args[] = { "runc", "run", "--bundle", "/other", "web" };
	feed((struct event){ .kind = EVENT_RUNTIME,
		.cgroup = WIRE_OUTSIDE,
		.time = now + 3 * SECOND,
		.uid = getuid(),
		.args = args,
		.argc = 5 });
	birth(8, "/web", getuid());
	EXPECT(EVENT_CONTAINER_CREATED);
	assert_string_equal(got[0]->container->bundle, "/other");
}

/* Those that run already are told by the runtime's own files, which name the cgroup. */
static void test_scan_plain_name(void **state)
{
	char text[512], pid[32];

	(void)state;
	tracked = 0;
	snprintf(pid, sizeof(pid), "%d\n", getpid());
	put("/cg/web/cgroup.procs", pid);
	put("/cg/web/nested/cgroup.procs", "");
	put("/cg/webs/cgroup.procs", "");
	put("/cg/other/web/cgroup.procs", pid);
	put("/cg/system.slice/crun-api.scope/cgroup.procs", pid);
	put("/cg/system.slice/cron.service/cgroup.procs", pid);
	put("/b/config.json", config);
	snprintf(text, sizeof(text),
		"{\"config\":{\"labels\":[\"bundle=/b\"]},\"cgroup_paths\":{\"\":\"%s/web\"}}",
		cgroups);
	put("/run/runc/web/state.json", text);
	put("/run/crun/api/status",
		"{\"bundle\":\"/b\",\"cgroup-path\":\"/system.slice/crun-api.scope\"}");
	assert_int_equal(registry_scan(registry, track, NULL, T0), 0);
	assert_int_equal(tracked, 3);
	assert_int_equal(n_got, 6);
	for (size_t i = 0; i < n_got; i++) {
		bool web = !strcmp(got[i]->container->cgroup_path, "/web");
		assert_string_equal(got[i]->container->id, web ? "web" : "api");
		assert_string_equal(got[i]->container->bundle, "/b");
	}
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_life),
		TEST(test_facts),
		TEST(test_facts_of_a_program_that_never_ran),
		TEST(test_facts_of_what_is_nearby),
		TEST(test_waiting),
		TEST(test_many_waiting),
		TEST(test_giving_up),
		TEST(test_clock_step),
		TEST(test_many_removed),
		TEST(test_no_link),
		TEST(test_runtime_failure),
		TEST(test_shared_pid_namespace),
		TEST(test_run),
		TEST(test_not_containers),
		TEST(test_port_holder),
		TEST(test_scan),
		TEST(test_claims_of_others),
		TEST(test_bundle_of_others),
		TEST(test_foreign),
		TEST(test_plain_name),
		TEST(test_scan_plain_name),
	};
	return cmocka_run_group_tests_name("container_registry", tests, NULL, NULL);
}
