// SPDX-License-Identifier: MIT
#include "diagnose/fingerprint.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/hash.h"

#define HEX_LEAST 8   /* characters: shorter ones are as often words ("cafe") */
#define TMP_LEAST 4   /* characters behind "tmp" that make it a generated name */
#define MIXED_LEAST 8 /* characters of both cases with digits: mktemp's */

/* Calls that are one to who wrote the program: which of them a C library makes depends on the machine. */
static const struct {
	const char *class, *calls;
} classes[] = {
	{ "open", " open openat openat2 creat " },
	{ "look", " stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat " },
	{ "make", " mkdir mkdirat mknod mknodat link linkat symlink symlinkat " },
	{ "rename", " rename renameat renameat2 " },
	{ "remove", " unlink unlinkat rmdir " },
	{ "own", " chmod fchmodat fchmodat2 chown lchown fchown fchownat utimensat " },
	{ "write", " write writev pwrite64 pwritev pwritev2 fallocate ftruncate truncate " },
	{ "exec", " execve execveat " },
	{ "fork", " clone clone3 fork vfork " },
	{ "send", " connect sendto sendmsg sendmmsg " },
	{ "serve", " bind listen " },
};

static const char *call_class(const char *call)
{
	char word[40];
	int len = snprintf(word, sizeof(word), " %s ", call);

	if (len <= 2 || (size_t)len >= sizeof(word))
		return call;
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (strstr(classes[i].calls, word))
			return classes[i].class;
	return call;
}

struct shape {
	size_t digits, hex_letters, lower, upper;
};

static struct shape shape_of(const char *word, size_t len)
{
	struct shape s = { 0 };

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)word[i];

		s.digits += isdigit(c) != 0;
		s.hex_letters += isxdigit(c) && !isdigit(c);
		s.lower += islower(c) != 0;
		s.upper += isupper(c) != 0;
	}
	return s;
}

static bool is_generated(const char *word, size_t len)
{
	struct shape s = shape_of(word, len);

	if (s.digits == len)
		return true;
	if (s.digits && len >= HEX_LEAST && s.digits + s.hex_letters == len)
		return true;
	return s.digits && s.lower && s.upper && len >= MIXED_LEAST;
}

static void add_word(struct strbuf *out, const char *word, size_t len, bool after_tmp)
{
	bool tmp = len >= 3 + TMP_LEAST && !strncmp(word, "tmp", 3);

	if (is_generated(word, len) || (after_tmp && len >= TMP_LEAST)) {
		strbuf_putc(out, '#');
		return;
	}
	if (tmp) {
		strbuf_puts(out, "tmp#");
		return;
	}
	/* A version, a replica, a worker: "python3", "eth0". */
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)word[i]))
			strbuf_putc(out, word[i]);
		else if (i == 0 || !isdigit((unsigned char)word[i - 1]))
			strbuf_putc(out, '#');
	}
}

/* Letters, digits and what is not ASCII; "tmp.Xq7Zb2" and "tmpa1b2_c3" are of mktemp and of Python's tempfile. */
static size_t word_length(const char *s)
{
	size_t len = 0;

	while (isalnum((unsigned char)s[len]) || (s[len] & 0x80) ||
		(s[len] == '_' && len && !strncmp(s, "tmp", 3)))
		len++;
	return len;
}

#define UUID_LEN 36

/* Its groups of four are too short to be known by themselves. */
static bool is_uuid(const char *s)
{
	for (size_t i = 0; i < UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return !word_length(s + UUID_LEN);
}

void fingerprint_path(struct strbuf *out, const char *path, const char *pod)
{
	size_t pod_len = strlen(pod);
	bool after_tmp = false;

	for (const char *p = path; *p;) {
		size_t len = word_length(p);

		if (pod_len && !strncmp(p, pod, pod_len) && !word_length(p + pod_len)) {
			strbuf_putc(out, '*');
			p += pod_len;
			continue;
		}
		if (len == 8 && is_uuid(p)) {
			strbuf_putc(out, '#');
			p += UUID_LEN;
			continue;
		}
		if (len) {
			add_word(out, p, len, after_tmp);
			after_tmp = len == 3 && !strncmp(p, "tmp", 3) && p[len] == '.';
			p += len;
			continue;
		}
		after_tmp &= *p == '.';
		strbuf_putc(out, *p++);
	}
}

/* Each part with the zero behind it, so that no two lists of parts run into the same bytes. */
static uint64_t add(uint64_t hash, const char *part)
{
	return hash_bytes(hash, part, strlen(part) + 1);
}

static uint64_t add_path(uint64_t hash, const char *path, const char *pod)
{
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;

	fingerprint_path(&plain, path, pod);
	return add(hash, plain.data ? plain.data : "");
}

/* Who failed in what, and where. */
static uint64_t add_failure(uint64_t hash, const struct event *e, const char *path, const char *pod)
{
	hash = add_path(hash, e ? e->comm : "", "");
	hash = add(hash, e && e->syscall ? call_class(e->syscall) : "");
	hash = add(hash, e && e->error ? errno_name(e->error) : "");
	hash = add_path(hash, path, pod);
	return add(hash, e && e->mount ? mount_kind_name(e->mount->kind) : "");
}

uint64_t fingerprint_failure(const struct event *e, const char *pod)
{
	uint64_t hash = add_failure(HASH_START, e, *e->path ? e->path : e->address, pod);

	return hash_number(hash, e->port);
}

static uint64_t hash_cause(const struct diagnosis *d, const char *pod)
{
	uint64_t hash = add(HASH_START, d->root_cause ? d->root_cause : "");

	return add_failure(hash, d->culprit, d->path ? d->path : "", pod);
}

static void print(char out[FINGERPRINT_SIZE], uint64_t hash)
{
	snprintf(out, FINGERPRINT_SIZE, "v1:%016" PRIx64, hash);
}

void fingerprint_set(struct diagnosis *d)
{
	const struct container *c = d->container;
	uint64_t hash = hash_cause(d, c ? c->pod : "");

	print(d->cause_fingerprint, hash);
	if (c) {
		hash = add(hash, c->k8s_namespace);
		hash = add(hash, c->workload[0] ? c->workload : c->pod);
		hash = add(hash, c->k8s_container[0] ? c->k8s_container : c->name);
	}
	print(d->fingerprint, hash);
}
