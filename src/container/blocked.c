// SPDX-License-Identifier: MIT
#include "container/blocked.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/hostfile.h"
#include "event/decode.h"
#include "util/cleanup.h"
#include "util/read_link.h"

#define FILE_MAX (1u << 20)
#define STEPS_MAX 8 /* a script's script's script */
#define SYN_SENT 2  /* include/net/tcp_states.h */

static int read_of(uint32_t pid, const char *name, char **out)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	return host_read("", path, FILE_MAX, out, NULL);
}

bool call_state_parse(const char *text, struct call_state *out)
{
	struct call_state c = { 0 };
	char *end;

	c.nr = strtol(text, &end, 10);
	if (end == text || c.nr < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(c.args); i++) {
		const char *at = end;

		c.args[i] = strtoull(at, &end, 16);
		if (end == at)
			return false;
	}
	*out = c;
	return true;
}

uint32_t last_number_parse(const char *text)
{
	uint32_t last = 0;
	char *end;

	for (const char *at = text;; at = end) {
		unsigned long n = strtoul(at, &end, 10);
		if (end == at)
			return last;
		last = (uint32_t)n;
	}
}

/* "1: FLOCK  ADVISORY  WRITE 1234 08:01:77 0 EOF" holds; "1: -> FLOCK ... 1300 ..." below it waits for it. */
uint32_t lock_holder_parse(const char *locks, uint32_t pid)
{
	uint32_t holder = 0;

	for (const char *line = locks; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char arrow[8] = "";
		long owner;

		if (sscanf(line, "%*u: %7s", arrow) != 1)
			continue;
		bool waits = !strcmp(arrow, "->");
		if (sscanf(line, waits ? "%*u: -> %*s %*s %*s %ld" : "%*u: %*s %*s %*s %ld",
			    &owner) != 1)
			continue;
		if (!waits)
			holder = owner > 0 ? (uint32_t)owner : 0;
		else if ((uint32_t)owner == pid)
			return holder;
	}
	return 0;
}

static void read_holder(uint32_t pid, struct process *out)
{
	_cleanup_free_ char *locks = NULL;
	uint32_t holder;

	if (host_read("", "/proc/locks", FILE_MAX, &locks, NULL))
		return;
	holder = lock_holder_parse(locks, pid);
	if (holder && process_read(holder, out))
		out->pid = 0;
}

/* Where a descriptor leads, or the working directory; "" when that is not known or no path. */
static void read_path(uint32_t pid, const char *name, char out[static PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/%u/%s", pid, name);
	if (read_link(AT_FDCWD, link, out, PATH_MAX) < 0 || out[0] != '/')
		out[0] = '\0';
}

static void read_fd(uint32_t pid, uint64_t fd, char out[static PATH_MAX])
{
	char name[32];

	snprintf(name, sizeof(name), (int)fd == AT_FDCWD ? "cwd" : "fd/%d", (int)fd);
	read_path(pid, name, out);
}

/* A string in the process' memory; "" where it cannot be read. */
static void read_string(uint32_t pid, uint64_t at, char out[static PATH_MAX])
{
	char path[64];

	out[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%u/mem", pid);
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* Up to the end of its page, behind which there may be nothing. */
	size_t n = 4096 - (at & 4095);
	ssize_t got = pread(fd, out, n < PATH_MAX ? n : PATH_MAX - 1, (off_t)at);
	out[got > 0 ? got : 0] = '\0';
}

/* Of opens only that of a FIFO waits for somebody; others wait for a disk. */
static bool is_fifo(uint32_t pid, const char *path)
{
	char place[PATH_MAX + 32];
	struct stat st;

	snprintf(place, sizeof(place), "/proc/%u/root", pid);
	_cleanup_fd_ int root = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int fd = root < 0 ? -1 : host_open(place, path, O_PATH);
	return fd >= 0 && !fstat(fd, &st) && S_ISFIFO(st.st_mode);
}

static bool describe_open(struct blocked_call *b, uint64_t directory, uint64_t name)
{
	char base[PATH_MAX], text[PATH_MAX];

	read_string(b->process.pid, name, text);
	read_fd(b->process.pid, directory, base);
	if (!*text || path_join(b->path, sizeof(b->path), base, text) < 0) {
		b->path[0] = '\0';
		return false;
	}
	return is_fifo(b->process.pid, b->path);
}

static bool describe_openat(struct blocked_call *b)
{
	return describe_open(b, b->call.args[0], b->call.args[1]);
}

#ifdef __NR_open
static bool describe_plain_open(struct blocked_call *b)
{
	return describe_open(b, (uint64_t)AT_FDCWD, b->call.args[0]);
}
#endif

static bool describe_lock(struct blocked_call *b)
{
	read_fd(b->process.pid, b->call.args[0], b->path);
	read_holder(b->process.pid, &b->holder);
	return *b->path;
}

static bool describe_fcntl(struct blocked_call *b)
{
	const uint64_t command = b->call.args[1];

	return (command == F_SETLKW || command == F_OFD_SETLKW) && describe_lock(b);
}

/* "0: 0100007F:1F90 0A00000A:1538 02 ...": words in host byte order. */
static bool read_peer(struct blocked_call *b, const char *table, int family, unsigned long inode)
{
	_cleanup_free_ char *text = NULL;
	uint32_t words[4];

	if (read_of(b->process.pid, table, &text))
		return false;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char peer[33] = "";
		unsigned port, state;
		unsigned long its;

		if (sscanf(line, " %*u: %*32[0-9A-F]:%*x %32[0-9A-F]:%x %x %*s %*s %*s %*s %*s %lu",
			    peer, &port, &state, &its) != 4 ||
			its != inode || state != SYN_SENT)
			continue;
		for (size_t i = 0; i < 4; i++) {
			char word[9] = "";
			snprintf(word, sizeof(word), "%.8s",
				strlen(peer) > i * 8 ? peer + i * 8 : "");
			words[i] = (uint32_t)strtoul(word, NULL, 16);
		}
		b->family = family;
		b->port = (uint16_t)port;
		return inet_ntop(family, words, b->address, sizeof(b->address));
	}
	return false;
}

static bool describe_connect(struct blocked_call *b)
{
	char link[64], target[64];
	unsigned long inode;

	snprintf(link, sizeof(link), "/proc/%u/fd/%d", b->process.pid, (int)b->call.args[0]);
	if (read_link(AT_FDCWD, link, target, sizeof(target)) < 0 ||
		sscanf(target, "socket:[%lu]", &inode) != 1)
		return false;
	return read_peer(b, "net/tcp", AF_INET, inode) || read_peer(b, "net/tcp6", AF_INET6, inode);
}

static const struct {
	long nr;
	const char *name;
	bool (*describe)(struct blocked_call *b);
} calls[] = {
	{ __NR_openat, "openat", describe_openat },
#ifdef __NR_open
	{ __NR_open, "open", describe_plain_open },
#endif
	{ __NR_flock, "flock", describe_lock },
	{ __NR_fcntl, "fcntl", describe_fcntl },
	{ __NR_connect, "connect", describe_connect },
};

const char *blocked_call_name(long nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].nr == nr)
			return calls[i].name;
	return NULL;
}

static void describe(struct blocked_call *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].nr == b->call.nr && calls[i].describe(b))
			b->syscall = calls[i].name;
}

static bool waits_for_child(const struct call_state *c)
{
	return c->nr == __NR_wait4 || c->nr == __NR_waitid;
}

/*
 * The child that it made last (the kernel keeps them in that order), 0: none. A shell's last one is the step that it
 * waits for; what it had started before runs beside it.
 */
static uint32_t last_child(uint32_t pid)
{
	_cleanup_free_ char *text = NULL;
	char name[64];

	snprintf(name, sizeof(name), "task/%u/children", pid);
	return read_of(pid, name, &text) ? 0 : last_number_parse(text);
}

static int read_state(uint32_t pid, struct blocked_call *b)
{
	_cleanup_free_ char *call = NULL, *status = NULL;

	int rc = read_of(pid, "syscall", &call);
	rc = rc ?: read_of(pid, "status", &status);
	if (rc)
		return rc;
	const char *switches = strstr(status, "\nvoluntary_ctxt_switches:");
	b->switches = switches ? strtoull(strchr(switches, ':') + 1, NULL, 10) : 0;
	if (!call_state_parse(call, &b->call))
		b->call.nr = -1;
	return 0;
}

int blocked_read(uint32_t pid, bool details, struct blocked_call *out)
{
	int rc = 0;

	*out = (struct blocked_call){ .call.nr = -1 };
	for (int step = 0; pid && step < STEPS_MAX; step++) {
		rc = read_state(pid, out);
		if (rc)
			return rc;
		out->process.pid = pid;
		if (!waits_for_child(&out->call))
			break;
		pid = last_child(pid);
	}
	if (!details)
		return 0;
	rc = process_read(out->process.pid, &out->process);
	if (!rc)
		describe(out);
	return rc;
}
