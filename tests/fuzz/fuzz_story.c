// SPDX-License-Identifier: MIT
/* Any sequence of events makes a story within its bounds, and a diagnosis or none. */
#include <errno.h>

#include "diagnose/diagnose.h"
#include "fuzz/fuzz.h"
#include "util/cleanup.h"

/* Mostly things that rules look for, so that the fuzzer gets past their first line. */
static const char *pick(struct input *in, const char *const *from, size_t n, char *own, size_t size)
{
	uint8_t which = next(in);

	if (which < 200)
		return from[which % n];
	const char *text;
	size_t len = next(in) % size;
	len = next_bytes(in, len, &text);
	memcpy(own, text, len);
	own[len] = '\0';
	return own;
}

static const char *const paths[] = { "/app/app.py", "/app", "/etc/secrets/key", "/lib/libz.so.1",
	"/", "", "/dev/nvidia0", "/app/conf/x", "/usr/bin/cp" };
static const char *const calls[] = { "openat", "mkdir", "rename", "execve", "connect", "bind",
	"clone", "chown", "newfstatat", "socket", "setuid", "write", "inotify_add_watch" };
static const char *const comms[] = { "sh", "cp", "python3", "runc:[2:INIT]", "node", "java",
	"mkdir", "tini" };
static const char *const texts[] = { "cp: cannot create '/app/app.py': Permission denied\n",
	"No module named 'x'\n", "sh: 1: curl: not found\n",
	"[Errno 21] Is a directory: '/etc/x'\n", "Error: EACCES: permission denied, open '/app'\n",
	"libz.so.1: cannot open shared object file\n", "'\n", "\"", "could not resolve host: db\n",
	"version `GLIBC_2.34' not found (required by x)\n",
	"{\"level\":\"error\",\"msg\":\"x\",\"err\":{\"message\":\"open /app: denied\"}}\n",
	"time=\"t\" level=fatal msg=\"bad \\\"x\\\"\" err=y\n", "  /app/app.py\n",
	"2024-05-01T10:00:00.0Z\tERROR\tx\tno\t{\"error\": \"y\"}\n", "Usage of x:\n  -a\n",
	"E0501 10:00:00.1  1 a.go:1] \"x\" err=\"y\"\n", "panic: x\n\ngoroutine 1 [r]:\n" };
static const int errors[] = { 0, ENOENT, EACCES, EROFS, EPERM, ENOSPC, EMFILE, EADDRINUSE,
	ECONNREFUSED, EAGAIN, ENOEXEC, EISDIR, ENOTDIR, EBUSY, ENOSYS };

static void add_one(struct story *s, struct container *c, struct input *in, uint64_t *now)
{
	char path[64], text[256];
	const char *args[] = { "x", "/app/app.py", "-i" };
	struct event e = { .kind = (enum event_kind)(next(in) % EVENT_KINDS), .container = c };

	*now += next(in) * 10000000ULL;
	e.time = *now;
	e.pid = e.tid = next(in) % 8;
	e.vpid = e.pid;
	e.parent_pid = next(in) % 8;
	e.comm = comms[next(in) % ARRAY_SIZE(comms)];
	e.parent_comm = comms[next(in) % ARRAY_SIZE(comms)];
	e.syscall = calls[next(in) % ARRAY_SIZE(calls)];
	e.error = errors[next(in) % ARRAY_SIZE(errors)];
	e.path = e.executable = pick(in, paths, ARRAY_SIZE(paths), path, sizeof(path));
	e.requested = e.path2 = e.path;
	e.flags = next(in) & 1 ? "O_WRONLY|O_CREAT" : "O_RDONLY";
	e.text = pick(in, texts, ARRAY_SIZE(texts), text, sizeof(text));
	e.args = args;
	e.argc = next(in) % 4;
	e.address = next(in) & 1 ? "127.0.0.1" : "10.0.0.1";
	e.port = next(in);
	e.family = next(in) % 3 + 1;
	e.fd = 1 + (next(in) & 1);
	e.status = next(in) << 8 | next(in) % 32;
	e.signo = next(in) % 32;
	e.from_outside = next(in) & 1;
	e.uid = next(in) * 10;
	e.oom_limit = (uint64_t)next(in) << 20;
	e.mount = container_mount_of(c, *e.path == '/' ? e.path : "/");
	if (next(in) & 1) {
		e.facts = calloc(1, sizeof(*e.facts));
		e.facts->known = true;
		e.facts->file.type = next(in) % 6;
		e.facts->file.elf = next(in) & 1;
		e.facts->file.script = next(in) & 1;
		strcpy(e.facts->file.interpreter, next(in) & 1 ? "/bin/sh\r" : "");
	}
	struct event *made = event_new(&e);
	check(made);
	story_add(s, made);
	event_unref(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct container *c = container_new();
	uint64_t now = 1700000000000000000ULL;

	container_set(&c->pod, "p");
	container_set(&c->root.destination, "/");
	c->root.kind = MOUNT_ROOTFS;
	c->described = next(&in) & 1;
	c->seccomp = next(&in) & 1;
	struct story *s = story_new(c);
	struct diagnose_input ctx = {
		.restarts_same_cause = next(&in) % 4, .missing_probes = "x", .machine = 62
	};
	while (in.size) {
		struct diagnosis *d = NULL;
		add_one(s, c, &in, &now);
		ctx.now = now;
		if (next(&in) % 4 && in.size)
			continue;
		check(diagnose(s, &ctx, &d) == 0);
		check(!d || (*d->title && *d->summary && d->confidence > 0 && d->confidence <= 1));
		diagnosis_free(d);
	}
	check(story_bytes(s) <= 2 * STORY_BYTES_MAX);
	story_free(s);
	container_unref(c);
	return 0;
}
