// SPDX-License-Identifier: MIT
#include "diagnose/log_lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* Cuts text in place into lines, latest first, behind those that are there already. */
static void split(struct log_lines *w, char *text)
{
	for (char *end = text + strlen(text); end > text && w->n < LOG_LINES_MAX;) {
		char *start = end;
		while (start > text && start[-1] != '\n' && start[-1] != '\r')
			start--;
		*end = '\0';
		const char *line = start + strspn(start, " \t");
		if (*line)
			w->lines[w->n++] = line;
		end = start > text ? start - 1 : text;
	}
}

int log_lines_of(const struct process *p, struct log_lines *out)
{
	struct log_lines w = { 0 };

	w.size = p->err.len + p->out.len + 2;
	w.text = malloc(w.size);
	if (!w.text)
		return -ENOMEM;
	char *err = w.text, *named = w.text + p->err.len + 1;
	memcpy(err, p->err.data ? p->err.data : "", p->err.len + 1);
	memcpy(named, p->out.data ? p->out.data : "", p->out.len + 1);
	split(&w, err);
	w.n_err = w.n;
	split(&w, named);
	for (size_t i = 0; i < w.n; i++)
		w.errors[i] = line_errno(w.lines[i]);
	log_lines_weigh(&w);
	*out = w;
	return 0;
}

void log_lines_free(struct log_lines *w)
{
	free(w->text);
	*w = (struct log_lines){ 0 };
}

/*
 * How C libraries, language runtimes and shells spell an error. Longer spellings stand before those
 * that they contain. musl, Go, libuv and busybox have texts of their own.
 */
static const struct spelling {
	const char *text;
	int error;
} spellings[] = {
	{ "no such file or directory", ENOENT },
	{ "NoSuchFileException", ENOENT },
	{ "nonexistent directory", ENOENT },
	{ "DirectoryNotFoundException", ENOENT },
	{ "cannot find the file", ENOENT },
	{ "could not find file", ENOENT },
	{ "could not find a part of the path", ENOENT },
	{ "file not found", ENOENT },
	{ "unable to access jarfile", ENOENT },
	{ "could not open input file", ENOENT },
	{ "permission denied", EACCES },
	{ "AccessDeniedException", EACCES },
	{ "UnauthorizedAccessException", EACCES },
	{ "read-only file system", EROFS },
	{ "ReadOnlyFileSystemException", EROFS },
	{ "no space left on device", ENOSPC },
	{ "disk quota exceeded", EDQUOT },
	{ "too many open files in system", ENFILE },
	{ "too many open files", EMFILE },
	{ "no file descriptors available", EMFILE },
	{ "no more file descriptors", EMFILE },
	{ "address already in use", EADDRINUSE },
	{ "address in use", EADDRINUSE },
	{ "already in use", EADDRINUSE },
	{ "cannot assign requested address", EADDRNOTAVAIL },
	{ "can't assign requested address", EADDRNOTAVAIL },
	{ "address not available", EADDRNOTAVAIL },
	{ "operation not permitted", EPERM },
	{ "not a directory", ENOTDIR },
	{ "NotDirectoryException", ENOTDIR },
	{ "is a directory", EISDIR },
	{ "illegal operation on a directory", EISDIR },
	{ "too many levels of symbolic links", ELOOP },
	{ "symbolic link loop", ELOOP },
	{ "exec format error", ENOEXEC },
	{ "resource temporarily unavailable", EAGAIN },
	{ "can't start new thread", EAGAIN },
	{ "unable to create native thread", EAGAIN },
	{ "pthread_create failed", EAGAIN },
	{ "cannot fork", EAGAIN },
	{ "can't fork", EAGAIN },
	{ "cannot allocate memory", ENOMEM },
	{ "connection refused", ECONNREFUSED },
	{ "connection timed out", ETIMEDOUT },
	{ "operation timed out", ETIMEDOUT },
	{ "i/o timeout", ETIMEDOUT },
	{ "connect timed out", ETIMEDOUT },
	{ "TimeoutError", ETIMEDOUT },
	{ "network is unreachable", ENETUNREACH },
	{ "network unreachable", ENETUNREACH },
	{ "no route to host", EHOSTUNREACH },
	{ "host is unreachable", EHOSTUNREACH },
	{ "connection reset by peer", ECONNRESET },
	{ "device or resource busy", EBUSY },
	{ "resource busy", EBUSY },
	{ "address family not supported", EAFNOSUPPORT },
	{ "argument list too long", E2BIG },
	{ "stale file handle", ESTALE },
	{ "stale NFS file handle", ESTALE },
	{ "function not implemented", ENOSYS },
	{ "invalid cross-device link", EXDEV },
	{ "input/output error", EIO },
};

/* "[Errno 13]", "(os error 13)", "errno=13", "errno: -13", nginx's "(13: Permission denied)". */
static int numbered(const char *line)
{
	static const char *const leads[] = { "[Errno ", "os error ",
		"errno=", "errno: ", "errno " };

	for (size_t i = 0; i < ARRAY_SIZE(leads); i++) {
		const char *at = strcasestr(line, leads[i]);
		if (!at)
			continue;
		int n = abs(atoi(at + strlen(leads[i])));
		if (n > 0 && n < 134)
			return n;
	}
	return 0;
}

/* A word like EACCES, or Errno::EACCES. */
static int symbolic(const char *line)
{
	for (const char *s = strchr(line, 'E'); s; s = strchr(s + 1, 'E')) {
		char name[24];
		size_t n = 0;
		if (s > line && (isalnum((unsigned char)s[-1]) || s[-1] == '_'))
			continue;
		while (n < sizeof(name) - 1 &&
			(isupper((unsigned char)s[n]) || isdigit((unsigned char)s[n]))) {
			name[n] = s[n];
			n++;
		}
		name[n] = '\0';
		if (n < 3 || isalnum((unsigned char)s[n]) || s[n] == '_')
			continue;
		int error = errno_from_name(name);
		if (error)
			return error;
	}
	return 0;
}

int line_errno(const char *line)
{
	int error = numbered(line);

	for (size_t i = 0; !error && i < ARRAY_SIZE(spellings); i++)
		if (strcasestr(line, spellings[i].text))
			error = spellings[i].error;
	return error ? error : symbolic(line);
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

/* "app.py" is not in "app.pyc", nor "/etc/app" in "/etc/app/x", "/etc/app.d" or "/opt/etc/app". */
static bool ends_name(const char *end)
{
	return !in_name(end[0]) && end[0] != '/' && !(end[0] == '.' && in_name(end[1]));
}

bool line_names(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (!len)
		return false;
	for (const char *at = strstr(line, name); at; at = strstr(at + 1, name)) {
		bool head = at == line || !in_name(at[-1]);
		if (head && at > line && at[-1] == '.')
			head = name[0] != '/' && (at - 1 == line || !in_name(at[-2]));
		if (head && ends_name(at + len))
			return true;
	}
	return false;
}

/* Where the path begins that a line writes up to `at`. */
static const char *path_start(const char *line, const char *at)
{
	while (at > line && !strchr(" \t'\"`()[]{}<>,;:=|", at[-1]))
		at--;
	while (!strncmp(at, "./", 2) || !strncmp(at, "//", 2))
		at += at[0] == '.' ? 2 : 1;
	return at;
}

/* `said` is the whole of `path`, or its end behind a slash. */
static bool same_file(const char *named, size_t len, const char *path)
{
	size_t whole = strlen(path);

	if (len > whole || memcmp(path + whole - len, named, len) ||
		(*named == '/' && len != whole))
		return false;
	return len == whole || path[whole - len - 1] == '/';
}

bool line_names_file(const char *line, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strlen(name);
	/* A plain word may be meant as one, unless it stands as names do: "cat: VERSION: No such file". */
	bool plain = name[strspn(name, "abcdefghijklmnopqrstuvwxyz")] == '\0', bare = false;

	for (const char *at = len ? strstr(line, name) : NULL; at; at = strstr(at + 1, name)) {
		const char *start = path_start(line, at);
		if (!ends_name(at + len) || (at > start && at[-1] != '/'))
			continue;
		if (at > start && !same_file(start, (size_t)(at - start) + len, path))
			return false;
		if (at > start)
			return true;
		bare |= !plain || !at[len] || at[len] == ':' ||
			(at > line && strchr("'\"`", at[-1]));
	}
	return bare;
}

bool line_names_number(const char *line, unsigned number)
{
	char digits[16];
	int len = snprintf(digits, sizeof(digits), "%u", number);

	for (const char *at = strstr(line, digits); at; at = strstr(at + 1, digits)) {
		bool head = at == line || !isdigit((unsigned char)at[-1]);
		if (head && !isdigit((unsigned char)at[len]))
			return true;
	}
	return false;
}

static bool copy_out(char *out, size_t size, const char *from, size_t len)
{
	if (!len || len >= size)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

bool line_after(const char *line, const char *lead, const char *ends, char *out, size_t size)
{
	const char *at = strcasestr(line, lead);

	if (!at)
		return false;
	at += strlen(lead);
	return copy_out(out, size, at, strcspn(at, ends));
}

/* A quoted piece that could be a path: no blank in front, and not a whole sentence. */
static bool quoted(const char *line, char *out, size_t size)
{
	for (const char *s = line; *s; s++) {
		if (*s != '\'' && *s != '"' && *s != '`')
			continue;
		if (s > line && isalnum((unsigned char)s[-1]))
			continue; /* the apostrophe of "can't" */
		char end = *s == '`' ? '\'' : *s;
		const char *stop = strchr(s + 1, end);
		if (!stop)
			return false;
		size_t len = (size_t)(stop - s - 1);
		bool path = memchr(s + 1, '/', len) || memchr(s + 1, '.', len);
		if (path && !memchr(s + 1, '\n', len) && copy_out(out, size, s + 1, len))
			return true;
		s = stop;
	}
	return false;
}

bool line_path(const char *line, char *out, size_t size)
{
	if (quoted(line, out, size))
		return true;
	for (const char *s = line; *s;) {
		size_t len = strcspn(s, " \t()[]<>,;\"'");
		size_t end = len;
		while (end && strchr(":.", s[end - 1]))
			end--;
		bool url = memmem(s, end, "://", 3) != NULL;
		const char *slash = memchr(s, '/', end);
		/* "open /etc/x: no such file", "config/x.yml:", but not "and/or" in a sentence nor a URL */
		if (slash && !url && (s[0] == '/' || s[0] == '.' || memchr(s, '.', end)) && end > 1)
			return copy_out(out, size, s, end);
		s += len + strspn(s + len, " \t()[]<>,;\"'");
	}
	return false;
}

/* Lines that end many last words and say nothing: stack frames, rulers, npm's and node's farewells. */
bool line_is_filler(const char *line)
{
	static const char *const heads[] = { "at ", "npm ", "File \"", "^", "~", "from ", "...",
		"}", "{", "])", "Node.js v", "Traceback (most", "raise ", "return ",
		"During handling", "The above exception",
		"code:", "errno:", "syscall:", "goroutine ", "exit status", "main.main", "[signal ",
		"stack backtrace", "Stack trace:", "#0 ", "#1 ", "#2 ", "thrown in ",
		"note: run with", "requireStack", "Error: Could not create the Java",
		"Error: A fatal exception has", "Aborted", "A complete log of this run" };
	bool log_lines = false;
	size_t digits = strspn(line, "#0123456789");

	/* "3: 0xee85e7 v8::...", "#1 0x7f...": frames of a native stack. */
	if (!strncmp(line + digits + strspn(line + digits, ": "), "0x", 2))
		return true;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		if (!strncmp(line, heads[i], strlen(heads[i])))
			return true;
	for (const char *s = line; *s; s++)
		log_lines |= isalpha((unsigned char)*s) != 0;
	return !log_lines;
}

static bool decisive(const char *line)
{
	static const char *const signs[] = { "error", "fatal", "panic", "exception", "cannot",
		"can't", "failed", "failure", "unable", "missing", "invalid", "denied", "refused",
		"not found", "abort", "critical", "required", "must ", "unrecognized", "unknown" };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (strcasestr(line, signs[i]))
			return true;
	return false;
}

const char *log_lines_decisive(const struct log_lines *w)
{
	/* A decisive word among the last lines on stderr, then anywhere, then simply the last. */
	size_t spans[] = { w->n_err < 16 ? w->n_err : 16, w->n < 24 ? w->n : 24 };

	for (size_t k = 0; k < ARRAY_SIZE(spans); k++)
		for (size_t i = 0; i < spans[k]; i++)
			if (w->accuses[i] && !line_is_filler(w->lines[i]) && decisive(w->lines[i]))
				return w->lines[i];
	for (size_t i = 0; i < w->n; i++)
		if (!line_is_filler(w->lines[i]))
			return w->lines[i];
	return w->n ? w->lines[0] : NULL;
}

#define BLOCK_BYTES 400

static size_t line_index(const struct log_lines *w, const char *line)
{
	size_t i = 0;

	while (i < w->n && w->lines[i] != line)
		i++;
	return i;
}

size_t log_lines_around(
	const struct log_lines *w, const char *line, const char *out[LOG_LINES_AROUND])
{
	size_t at = line_index(w, line), n = 0, bytes = 0;
	/* Latest first: those of stderr, then those of stdout. */
	size_t newest = at < w->n_err ? 0 : w->n_err, oldest = at < w->n_err ? w->n_err : w->n;

	if (at == w->n)
		return 0;
	/* What stands before it explains it only where it complains as well: else it is a stack. */
	if (at + 1 < oldest && !line_is_filler(w->lines[at + 1]) && decisive(w->lines[at + 1]))
		out[n++] = w->lines[at + 1];
	out[n++] = line;
	for (size_t i = 0; i < n; i++)
		bytes += strlen(out[i]);
	for (size_t i = at; i-- > newest && n < LOG_LINES_AROUND;) {
		bytes += strlen(w->lines[i]);
		if (bytes > BLOCK_BYTES)
			break;
		if (!line_is_filler(w->lines[i]))
			out[n++] = w->lines[i];
	}
	return n;
}
