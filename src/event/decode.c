// SPDX-License-Identifier: MIT
#include "event/decode.h"

#include "event/decode_private.h"
#include "event/limits.h"
#include "event/syscalls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/eight_bytes.h"

char *decode_reserve(struct decode_buffer *b, size_t n)
{
	if (n >= sizeof(b->text) - b->used)
		return NULL;
	char *p = b->text + b->used;
	b->used += n + 1;
	p[n] = '\0';
	return p;
}

const char *decode_copy(struct decode_buffer *b, const char *s, size_t n)
{
	char *p = decode_reserve(b, n);

	if (!p)
		return NULL;
	if (n)
		memcpy(p, s, n);
	return p;
}

/* The next len bytes as a string; NULL when the record does not hold so many. */
static const char *next(struct strings *s, struct decode_buffer *b, size_t len)
{
	if (len > s->left)
		return NULL;
	const char *p = decode_copy(b, s->at, len);
	s->at += len;
	s->left -= len;
	return p;
}

/* Components, innermost first, each with a NUL, as a path; "" for none, "/" is what a root gives. */
static const char *next_dir(struct strings *s, struct decode_buffer *b, size_t len, bool cut)
{
	if (len > s->left)
		return NULL;
	const char *first = s->at, *end = s->at + len;
	s->at += len;
	s->left -= len;

	char *out = decode_reserve(b, len + 5);
	if (!out)
		return NULL;
	size_t o = 0;
	if (cut)
		o += (size_t)sprintf(out, "/...");
	while (end > first) {
		const char *stop = end[-1] ? end : end - 1, *start = stop;
		while (start > first && start[-1])
			start--;
		if (stop > start) {
			out[o++] = '/';
			memcpy(out + o, start, (size_t)(stop - start));
			o += (size_t)(stop - start);
		}
		end = start;
	}
	if (o == 0)
		out[o++] = '/';
	out[o] = '\0';
	return out;
}

static int next_args(struct strings *s, struct decode_buffer *b, size_t len, struct event *e)
{
	const char *text = next(s, b, len);
	uint32_t n = 0;

	if (!text)
		return -EBADMSG;
	for (size_t i = 0; i < len && n < WIRE_ARGS_MAX; i += strlen(text + i) + 1)
		b->args[n++] = text + i;
	e->args = b->args;
	e->argc = n;
	return 0;
}

int path_join(char *out, size_t size, const char *dir, const char *path)
{
	const char *parts[2] = { path[0] == '/' ? "" : dir, path };
	size_t o = 0;

	for (int i = 0; i < 2; i++) {
		for (const char *p = parts[i]; *p;) {
			size_t n = (size_t)(strchrnul(p, '/') - p);

			if (n == 2 && p[0] == '.' && p[1] == '.') {
				while (o > 0 && out[o - 1] != '/')
					o--;
				o -= o > 0;
			} else if (n > 0 && !(n == 1 && p[0] == '.')) {
				if (o + n + 2 > size)
					return -ENAMETOOLONG;
				out[o++] = '/';
				memcpy(out + o, p, n);
				o += n;
			}
			p += n;
			p += *p == '/';
		}
	}
	if (size < 2)
		return -ENAMETOOLONG;
	if (o == 0)
		out[o++] = '/';
	out[o] = '\0';
	return (int)o;
}

/* Absolute, and has no "//", "/." or slash at its end: the most are so. Some that path_join() leaves as they are have one. */
static bool is_plain_path(const char *path, size_t len)
{
	size_t i = 0;

	if (len < 2 || path[0] != '/' || path[len - 1] == '/')
		return false;
	for (; i + 8 < len; i += 8) {
		uint64_t behind = eight_at(path + i + 1);
		if (eight_equal(eight_at(path + i), '/') &
			(eight_equal(behind, '/') | eight_equal(behind, '.')))
			return false;
	}
	for (; i < len; i++)
		if (path[i] == '/' && (path[i + 1] == '/' || path[i + 1] == '.'))
			return false;
	return true;
}

/* The path as the container sees it; mostly that is the one that was passed, and no text of its own. */
static const char *joined(struct decode_buffer *b, const char *dir, const char *path)
{
	size_t len = strlen(path);

	if (is_plain_path(path, len))
		return path;
	size_t size = strlen(dir) + len + 3;
	char *out = decode_reserve(b, size);

	return out && path_join(out, size, dir, path) >= 0 ? out : NULL;
}

static int decode_exec(
	const struct wire_exec *w, struct strings s, struct decode_buffer *b, struct event *e)
{
	const char *executable = next(&s, b, w->executable_len);
	const char *interpreter = next(&s, b, w->interpreter_len);
	const char *cwd = next_dir(&s, b, w->dir_len, w->head.flags & WIRE_DIR_CUT);

	if (!executable || !interpreter || !cwd || next_args(&s, b, w->args_len, e))
		return -EBADMSG;
	e->kind = w->head.kind == WIRE_RUNTIME ? EVENT_RUNTIME : EVENT_EXEC;
	e->cwd = cwd;
	e->interpreter = interpreter;
	e->requested = executable;
	e->executable = joined(b, cwd, executable);
	e->path = e->executable;
	return 0;
}

/* The sysctl that the kernel side read of the network namespace. */
static void decode_ports(const struct wire_syscall *w, struct event *e)
{
	uint32_t first = w->ports & 0xffff, last = w->ports >> 16;

	if (!w->ports)
		return;
	if (e->error == EADDRNOTAVAIL && first <= last) {
		e->limit_name = limit_by_name(LIMIT_LOCAL_PORTS)->name;
		e->process.limit = last - first + 1;
	} else if (e->error == EACCES && (w->ports & WIRE_PORT_START) && e->port &&
		   !strcmp(e->syscall, "bind")) {
		e->limit_name = limit_by_name(LIMIT_PORT_START)->name;
		e->process.limit = first;
	}
}

static int decode_syscall(
	const struct wire_syscall *w, struct strings s, struct decode_buffer *b, struct event *e)
{
	static const enum event_kind kinds[] = {
		[ROW_FILE] = EVENT_FILE_ERROR,
		[ROW_NETWORK] = EVENT_NETWORK_ERROR,
		[ROW_PROCESS] = EVENT_PROCESS_ERROR,
		[ROW_EXEC] = EVENT_EXEC_FAILED,
	};
	const struct syscall_row *row = syscall_by_nr(w->nr);
	bool cut = w->head.flags & WIRE_DIR_CUT, cut2 = w->head.flags & WIRE_DIR2_CUT;

	if (!row || w->ret < -4095)
		return -EBADMSG;
	const char *path = next(&s, b, w->path_len);
	const char *dir = w->dir_len ? next_dir(&s, b, w->dir_len, cut) : "/";
	const char *path2 = next(&s, b, w->path2_len);
	const char *dir2 = w->dir2_len ? next_dir(&s, b, w->dir2_len, cut2) : "/";
	if (!path || !dir || !path2 || !dir2 || s.left < w->addr_len)
		return -EBADMSG;
	if (w->addr_len)
		decode_address(s.at, w->addr_len, b, e);
	s.at += w->addr_len;
	s.left -= w->addr_len;
	if (next_args(&s, b, w->args_len, e))
		return -EBADMSG;

	e->kind = w->ret >= 0 ? EVENT_DNS_QUERY : kinds[row->wire.kind];
	e->syscall = row->name;
	e->error = w->ret < 0 ? -w->ret : 0;
	e->repeats = w->repeats;
	e->sock_type = (int)w->sock_type;
	decode_ports(w, e);
	memcpy(e->call_args, w->args, sizeof(e->call_args));
	char *flags = decode_reserve(b, 255);
	if (!flags)
		return -EBADMSG;
	syscall_flags(row, e->call_args, flags, 256);
	e->flags = flags;
	e->requested = path;
	if (w->path_len || w->dir_len)
		e->path = joined(b, dir, path);
	if (w->path2_len)
		e->path2 = joined(b, dir2, path2);
	if (e->kind == EVENT_EXEC_FAILED)
		e->executable = e->path;
	return 0;
}

static int decode_output(
	const struct wire_output *w, struct strings s, struct decode_buffer *b, struct event *e)
{
	static const char gap[] = "\n...\n";

	if ((size_t)w->head_len + w->tail_len > s.left)
		return -EBADMSG;
	size_t middle = w->tail_len ? sizeof(gap) - 1 : 0;
	char *text = decode_reserve(b, w->head_len + middle + w->tail_len);
	if (!text)
		return -EBADMSG;
	memcpy(text, s.at, w->head_len);
	memcpy(text + w->head_len, gap, middle);
	memcpy(text + w->head_len + middle, s.at + w->head_len, w->tail_len);
	/* A NUL would end the string: shown as what it is not worth more than, a blank. */
	for (size_t i = 0; i < w->head_len + middle + w->tail_len; i++)
		if (!text[i])
			text[i] = ' ';
	e->kind = EVENT_OUTPUT;
	e->fd = w->fd;
	e->text = text;
	e->text_total = w->total;
	e->error = w->error;
	e->cut |= w->tail_len != 0;
	return 0;
}

/* The last n components of a path, with the slash before them; 0: all of it. NULL stays NULL. */
static const char *last_components(const char *path, uint32_t n)
{
	const char *p = path ? path + strlen(path) : NULL;

	if (!path || !n)
		return path;
	while (n && p > path)
		n -= *--p == '/';
	return p;
}

static int decode_rest(
	const struct wire_head *h, struct strings s, struct decode_buffer *b, struct event *e)
{
	const void *record = h;

	switch (h->kind) {
	case WIRE_EXEC:
	case WIRE_RUNTIME:
		return decode_exec(record, s, b, e);
	case WIRE_SYSCALL:
		return decode_syscall(record, s, b, e);
	case WIRE_OUTPUT:
		return decode_output(record, s, b, e);
	case WIRE_SOCKET:
		return decode_socket(record, b, e);
	case WIRE_DNS:
		return decode_dns(record, s, b, e);
	case WIRE_EXIT: {
		const struct wire_exit *w = record;
		e->kind = EVENT_PROCESS_EXITED;
		e->status = (int)w->status;
		e->runtime_ns = w->runtime_ns;
		return 0;
	}
	case WIRE_OOM: {
		const struct wire_oom *w = record;
		e->kind = EVENT_OOM_KILL;
		e->oom_limit = w->limit_bytes;
		e->oom_anon = w->anon_bytes;
		e->oom_file = w->file_bytes;
		e->oom_shmem = w->shmem_bytes;
		e->oom_levels = w->levels_up;
		return 0;
	}
	case WIRE_SIGNAL: {
		const struct wire_signal *w = record;
		e->kind = EVENT_SIGNAL;
		e->signo = (int)w->signo;
		e->sender_pid = w->sender_pid;
		e->sender_comm = decode_copy(
			b, w->sender_comm, strnlen(w->sender_comm, sizeof(w->sender_comm)));
		e->from_outside = w->sender_pid && w->sender_container != h->container;
		return 0;
	}
	case WIRE_CGROUP: {
		const struct wire_cgroup *w = record;
		e->kind = w->what == WIRE_CGROUP_MADE ? EVENT_CONTAINER_CREATED
						      : EVENT_CONTAINER_REMOVED;
		e->path = last_components(next(&s, b, w->path_len), w->levels);
		return e->path ? 0 : -EBADMSG;
	}
	}
	return -EBADMSG;
}

static const size_t fixed_size[WIRE_KINDS] = {
	[WIRE_EXEC] = sizeof(struct wire_exec),
	[WIRE_RUNTIME] = sizeof(struct wire_exec),
	[WIRE_EXIT] = sizeof(struct wire_exit),
	[WIRE_SYSCALL] = sizeof(struct wire_syscall),
	[WIRE_OUTPUT] = sizeof(struct wire_output),
	[WIRE_SOCKET] = sizeof(struct wire_socket),
	[WIRE_OOM] = sizeof(struct wire_oom),
	[WIRE_SIGNAL] = sizeof(struct wire_signal),
	[WIRE_CGROUP] = sizeof(struct wire_cgroup),
	[WIRE_DNS] = sizeof(struct wire_dns),
};

int event_decode(const void *record, size_t size, int64_t clock_offset,
	struct decode_buffer *buffer, struct event *draft)
{
	const struct wire_head *h = record;

	if (size < sizeof(*h) || h->kind >= WIRE_KINDS || !fixed_size[h->kind] ||
		size < fixed_size[h->kind] || h->size > size || h->size < fixed_size[h->kind])
		return -EBADMSG;
	struct strings s = { (const char *)record + fixed_size[h->kind],
		h->size - fixed_size[h->kind] };
	struct event e = {
		.refs = 1,
		.time = h->time + (uint64_t)clock_offset,
		.cgroup = h->container,
		.pid = h->pid,
		.tid = h->tid,
		.vpid = h->vpid,
		.parent_pid = h->parent_pid,
		.uid = h->uid,
		.gid = h->gid,
		.repeats = 1,
		.cut = h->flags & (WIRE_CUT | WIRE_DIR_CUT | WIRE_DIR2_CUT),
		.syscall = "",
		.args = buffer->args,
	};

	buffer->used = 0;
	e.comm = decode_copy(buffer, h->comm, strnlen(h->comm, sizeof(h->comm)));
	e.parent_comm = decode_copy(
		buffer, h->parent_comm, strnlen(h->parent_comm, sizeof(h->parent_comm)));
	int err = decode_rest(h, s, buffer, &e);
	if (err)
		return err;
	*draft = e;
	return 0;
}
