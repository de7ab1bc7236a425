// SPDX-License-Identifier: MIT
/* What one line says: the name of an error in any language's spelling, a path, a name, a number. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/log/lines.h"
#include "util/cleanup.h"
#include "util/find.h"

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
	{ "already be in use", EADDRINUSE }, /* Spring Boot */
	{ ":eaddrinuse", EADDRINUSE },       /* Erlang */
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

#define ERRNO_END 134 /* behind the last errno of Linux */

/* "[Errno 13]", "(os error 13)", "errno=13", "errno: -13", nginx's "(13: Permission denied)". */
static int numbered(const struct find_index *line)
{
	static const char *const leads[] = { "[Errno ", "os error ",
		"errno=", "errno: ", "errno " };

	for (size_t i = 0; i < ARRAY_SIZE(leads); i++) {
		const char *at = find_folded_in(line, leads[i]);
		if (!at)
			continue;
		long n = strtol(at + strlen(leads[i]), NULL, 10);
		if (n && n > -ERRNO_END && n < ERRNO_END)
			return (int)labs(n);
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
	struct find_index index;

	find_index_make(&index, line);
	int error = numbered(&index);
	for (size_t i = 0; !error && i < ARRAY_SIZE(spellings); i++)
		if (find_folded_in(&index, spellings[i].text))
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

bool line_names_huge_pages(const char *line)
{
	return find_folded(line, "huge page") || find_folded(line, "hugepage") ||
	       find_folded(line, "huge_page") || find_folded(line, "large page") ||
	       find_folded(line, "hugetlb");
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
	const char *at = find_folded(line, lead);

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

/* "/core/main.go:180", "src/main.rs:17:49": where in its own source a compiled program is, and no file that it has. */
static bool is_place_in_source(const char *word, size_t len)
{
	static const char *const ends[] = { ".go", ".rs", ".c", ".cc", ".cpp" };
	size_t end = len;

	while (end && (isdigit((unsigned char)word[end - 1]) || word[end - 1] == ':'))
		end--;
	for (size_t i = 0; end < len && word[end] == ':' && i < ARRAY_SIZE(ends); i++) {
		size_t n = strlen(ends[i]);
		if (end > n && !memcmp(word + end - n, ends[i], n))
			return true;
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
		if (slash && !url && (s[0] == '/' || s[0] == '.' || memchr(s, '.', end)) &&
			end > 1 && !is_place_in_source(s, end))
			return copy_out(out, size, s, end);
		s += len + strspn(s + len, " \t()[]<>,;\"'");
	}
	return false;
}

bool line_is_source_location(const char *line, const char *path)
{
	const char *found = strstr(line, path), *colon = found ? strchr(found + 1, ':') : NULL;

	return colon && colon <= found + strlen(path) && colon[1] >= '0' && colon[1] <= '9';
}

bool line_locates(const char *line, const char *path)
{
	size_t len = strlen(path);

	for (const char *at = len ? strstr(line, path) : NULL; at; at = strstr(at + 1, path)) {
		const char *place = at + len + strspn(at + len, "'\"),: ");
		bool colon = at[len] == ':' && isdigit((unsigned char)at[len + 1]);
		if (colon || (!strncasecmp(place, "line ", 5) && isdigit((unsigned char)place[5])))
			return true;
	}
	return false;
}

bool line_is_settings_file(const char *path)
{
	static const char *const ends[] = { ".conf", ".cnf", ".cfg", ".ini", ".yml", ".yaml",
		".json", ".toml", ".properties", ".env", ".xml", ".hcl", ".rc", ".cf" };
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(ends); i++)
		if (!strcmp(dot, ends[i]))
			return true;
	return !strncmp(path, "/etc/", 5) && !dot;
}

bool line_tells_of_opening(const char *line)
{
	static const char *const signs[] = { "error opening", "cannot open", "can't open",
		"could not open", "unable to open", "failed to open", "not found or unreadable" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs)) || line_errno(line) != 0;
}

bool line_tells_of_absence(const char *line)
{
	static const char *const signs[] = { "doesn't exist", "does not exist", "not found",
		"not defined", "undefined", "no such", "non-existent", "nonexistent", "cannot find",
		"can't find", "could not find", "unable to find", "must be a valid" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs));
}

/* Python, JavaScript, Go, Java (Jackson), Rust (serde), Ruby. */
bool line_tells_of_empty_text(const char *line)
{
	static const char *const signs[] = { "Expecting value: line 1 column 1 (char 0)",
		"Unexpected end of JSON input", "unexpected end of JSON input",
		"No content to map due to end-of-input", "EOF while parsing a value at line 1",
		"unexpected end of input", "unexpected token at ''" };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

bool line_names_empty_value(const char *line)
{
	return strstr(line, "''") || strstr(line, "\"\"");
}

#define WRAPPED_LEAST 50 /* nobody wraps shorter lines */

bool line_goes_on(const char *line, const char *next)
{
	size_t len = strlen(line), program = strcspn(next, " ");
	/* "mysqld: Please ...": a message of its own */
	bool begins = program && next[program - 1] == ':';

	return !begins && len > WRAPPED_LEAST && !strchr(".:;", line[len - 1]) &&
	       islower((unsigned char)next[0]);
}

bool line_quotes(const char *line)
{
	size_t len = strlen(line);

	return line[0] == '>' ||
	       (len > 2 && strchr("'\"`", line[0]) && strchr("'\"`", line[len - 1]));
}
