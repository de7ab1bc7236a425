// SPDX-License-Identifier: MIT
/*
 * The agent's way of an event without the kernel: records as the BPF programs make them are decoded, get their
 * container, their story and their place in a log. For reader.py, which counts the instructions.
 *
 *	reader WHAT LEVEL N LOG
 *
 * WHAT: open (a failing open, a new path each time) or process (a program that starts and ends). LEVEL: as of
 * --events. N of them go through after as many as make the container's budgets and caches what they are for long.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "agent/pipeline.h"
#include "container/registry.h"
#include "event/decode.h"
#include "event/redact.h"
#include "sinks/logfile.h"
#include "util/cleanup.h"

#define ID "337f64a0302298446035f4167713fa68192ebc84c896ef38036a19c173da7432"
#define CGROUP 4711
#define START 1795177397000000000ull
#define APART 20000 /* nanoseconds between two records */
#define BATCH 64    /* records between two flushes */
#define WARM_UP 256
#define PID_MAX 2000000000u /* of no process: nobody looks at one that has to do with nothing */

struct bench {
	struct pipeline *pipeline;
	struct registry *registry;
	struct redact redact;
	struct decode_buffer buffer;
	uint64_t time;
	unsigned records;
};

static union {
	char bytes[WIRE_RECORD_MAX];
	struct wire_head head;
	struct wire_exec exec;
	struct wire_exit exit;
	struct wire_syscall call;
} record;

static void begin(struct bench *b, int kind, size_t fixed, uint32_t pid)
{
	memset(&record, 0, fixed);
	record.head = (struct wire_head){ .kind = (__u8)kind,
		.size = (__u16)fixed,
		.time = b->time += APART,
		.cgroup = CGROUP,
		.container = CGROUP,
		.pid = pid,
		.tid = pid,
		.vpid = pid % 1000,
		.uid = 1000,
		.gid = 1000,
		.parent_pid = PID_MAX,
		.comm = "worker",
		.parent_comm = "server" };
}

static __u16 add(const char *data, size_t len)
{
	memcpy(record.bytes + record.head.size, data, len);
	record.head.size = (__u16)(record.head.size + len);
	return (__u16)len;
}

static void send(struct bench *b)
{
	struct event draft;

	if (event_decode(&record, record.head.size, 0, &b->buffer, &draft) < 0)
		abort();
	registry_event(b->registry, &draft);
	if (++b->records % BATCH == 0)
		pipeline_flush(b->pipeline);
}

static void deliver(void *ctx, struct event *e)
{
	struct bench *b = ctx;

	redact_event(&b->redact, e);
	pipeline_event(b->pipeline, e);
}

static void failing_open(struct bench *b, unsigned n)
{
	char path[] = "/usr/lib/python3.11/site-packages/m000000.py";

	for (char *digit = strrchr(path, '.'); n; n /= 10)
		*--digit = (char)('0' + n % 10);
	begin(b, WIRE_SYSCALL, sizeof(record.call), PID_MAX - 1);
	record.call.nr = __NR_openat;
	record.call.row_kind = ROW_FILE;
	record.call.ret = -ENOENT;
	record.call.repeats = 1;
	record.call.args[0] = (__u64)AT_FDCWD;
	record.call.args[1] = 0x7ffd12345678;
	record.call.args[2] = O_RDONLY | O_CLOEXEC;
	record.call.path_len = add(path, sizeof(path) - 1);
	send(b);
}

static void process(struct bench *b, unsigned n)
{
	static const char program[] = "/usr/bin/sed", linker[] = "/lib64/ld-linux-x86-64.so.2",
			  directory[] = "app\0srv", arguments[] = "sed\0-n\0s/a/b/p\0/etc/hosts";
	uint32_t pid = PID_MAX - 2 - n;

	begin(b, WIRE_EXEC, sizeof(record.exec), pid);
	record.exec.executable_len = add(program, sizeof(program) - 1);
	record.exec.interpreter_len = add(linker, sizeof(linker) - 1);
	record.exec.dir_len = add(directory, sizeof(directory));
	record.exec.args_len = add(arguments, sizeof(arguments));
	record.exec.argc = 4;
	send(b);
	begin(b, WIRE_EXIT, sizeof(record.exit), pid);
	record.exit.runtime_ns = 1234567;
	send(b);
}

static struct container *make_container(void)
{
	struct container *c = container_new();

	container_set(&c->id, ID);
	container_set(&c->runtime, "containerd");
	container_set(&c->name, "app");
	container_set(&c->image, "registry.example/shop/web:1.4.2");
	container_set(&c->k8s_namespace, "shop");
	container_set(&c->pod, "web-7d9f5c6b8d-x2x4v");
	container_set(&c->pod_uid, "dbb8422d-ff57-43e5-b137-3db0cad88d50");
	container_set(&c->k8s_container, "app");
	container_set(&c->workload, "web");
	c->workload_kind = WORKLOAD_DEPLOYMENT;
	c->workload_sure = true;
	c->type = CONTAINER_MAIN;
	c->restart_count = 2;
	c->cgroup = CGROUP;
	c->described = true;
	return c;
}

static int open_bench(struct bench *b, enum level level, const char *log)
{
	const struct pipeline_options pipeline_options = { .node = "node-1", .run = 0x1234 };
	const struct registry_options registry_options = {
		.cgroup_root = "", .deliver = deliver, .ctx = b
	};
	const struct logfile_options log_options = { .path = log };
	struct output *output;

	b->time = START;
	if (pipeline_new(&pipeline_options, &b->pipeline) < 0 ||
		registry_new(&registry_options, &b->registry) < 0 ||
		logfile_new(&log_options, &output) < 0 ||
		pipeline_add_output(b->pipeline, output, level) < 0)
		return -ENOMEM;
	return registry_add(b->registry, make_container());
}

int main(int argc, char **argv)
{
	static struct bench b;
	enum level level;

	if (argc != 5 || level_from_name(argv[2], &level) < 0) {
		fprintf(stderr, "usage: reader open|process diagnoses|errors|all N LOG\n");
		return 2;
	}
	void (*once)(struct bench * b, unsigned n) =
		strcmp(argv[1], "open") ? process : failing_open;
	unsigned n = WARM_UP + (unsigned)atoi(argv[3]);

	unlink(argv[4]);
	if (open_bench(&b, level, argv[4]) < 0)
		return 1;
	for (unsigned i = 0; i < n; i++)
		once(&b, i);
	pipeline_flush(b.pipeline);
	pipeline_free(b.pipeline);
	registry_free(b.registry);
	return 0;
}
