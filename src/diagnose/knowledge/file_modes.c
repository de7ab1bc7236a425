// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/file_modes.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/find.h"

/* The sources of the programs, as their messages have it. */
static const struct mode_demand demands[] = {
	/* PostgreSQL: miscinit.c, be-secure-common.c, fe-connect.c */
	{ "has invalid permissions", 0700, 0, true, false, NULL },
	{ "has group or world access", 0600, 0640, false, false, NULL },
	/* OpenSSH: authfile.c, readconf.c, misc.c */
	{ "UNPROTECTED PRIVATE KEY FILE", 0600, 0440, false, false, NULL },
	{ "are too open", 0600, 0, false, false, NULL }, /* MongoDB's keyFile too */
	{ "Bad owner or permissions on", 0600, 0, false, false, NULL },
	{ "bad ownership or modes for file", 0600, 0, false, false, NULL },
	{ "bad ownership or modes for directory", 0755, 0, true, false, NULL },
	{ "must be owned by root and not group or world-writable", 0755, 0, true, false, NULL },
	/* Erlang and RabbitMQ: auth.erl */
	{ "must be accessible by owner only", 0400, 0, false, false, NULL },
	/* MariaDB and MySQL: my_default.c */
	{ "World-writable config file", 0644, 0, false, true, NULL },
	/* sudo, Beats, logrotate, tor, munge, rsync, etcd, OpenVPN, GnuPG, cron, dropbear */
	{ "can only be writable by the owner", 0644, 0, false, false, NULL },
	{ "is world writable", 0755, 0, false, false, NULL },
	{ "because parent directory has insecure permissions", 0755, 0, true, true, NULL },
	{ "Permissions on directory", 0700, 0, true, false, NULL },
	{ "Keyfile is insecure", 0400, 0, false, false, NULL },
	{ "must not be other-accessible", 0600, 0, false, false, NULL },
	{ "expected drwx------", 0700, 0, true, false, NULL },
	{ "is group or others accessible", 0600, 0, false, true, NULL },
	{ "writable root inside chroot", 0555, 0, true, false, NULL },
	{ "must be owned by user or root, and not writable by", 0700, 0, true, false, NULL },
};

/* What a file or directory may be at most, where nothing but the kind of the complaint is known. */
static const struct mode_demand private_file = { .mode = 0600 },
				private_directory = { .mode = 0700, .directory = true },
				own_file = { .mode = 0644, .change = "go-w" },
				own_directory = {
					.mode = 0755, .directory = true, .change = "go-w"
				};

/*
 * How many programs put it. A blank stands for a hyphen or a slash too, and "writable" for the spelling "writeable". `also` must be in the line as well.
 */
static const struct form {
	const char *phrase, *also;
	bool reads; /* that others may read it is enough, not only that they may write */
} forms[] = {
	{ "world readable", NULL, true }, { "world accessible", NULL, true },
	{ "world or group readable", NULL, true }, { "group readable", NULL, true },
	{ "group accessible", NULL, true }, { "globally readable", NULL, true },
	{ "publicly readable", NULL, true }, { "readable by other", NULL, true },
	{ "readable by group", NULL, true }, { "readable by world", NULL, true },
	{ "readable by everyone", NULL, true }, { "readable by anyone", NULL, true },
	{ "readable by all", NULL, true }, { "accessible by other", NULL, true },
	{ "accessible by group", NULL, true }, { "accessible by everyone", NULL, true },
	{ "accessible to other", NULL, true }, { "accessible to group", NULL, true },
	{ "accessible for group", NULL, true }, { "accessible for other", NULL, true },
	{ "read or written by other users", NULL, true }, /* OpenDKIM, OpenDMARC */
	{ "read by other users", NULL, true }, { "read by anyone", NULL, true },
	{ "read access must be restricted", NULL, true }, /* Java: the password file of JMX */
	{ "no more than ", "(0600)", true },
	{ "no more than ", "(0700)",
		true }, /* monit, fetchmail: "must have permissions no more than -rwx------ (0700)" */
	{ "no more than user read/write", NULL, true }, /* msmtp */
	{ "should be 0600", NULL, true },               /* Slurm */
	{ "Expected root:root and 0600", NULL, true },  /* SSSD */
	{ "too permissive", NULL, true }, { "too open", "permission", true },
	{ "too open", "mode", true }, { "too liberal", "permission", true },
	{ "too lax", "permission", true }, { "too loose", "permission", true },
	{ "too broad", "permission", true }, { "too wide", "permission", true },
	{ "loose permissions", NULL, true }, { "lax permissions", NULL, true },
	{ "insecure permission", NULL, true }, { "insecure file permission", NULL, true },
	{ "insecure access", "permission", true }, { "insecure mode", NULL, true },
	{ "unsafe permission", NULL, true }, /* GnuPG */
	{ "unsafe file permission", NULL, true }, { "unsafe mode", NULL, true },
	{ "permissions are insecure", NULL, true }, { "permissions are not secure", NULL, true },
	{ "world writable", NULL, false }, { "group writable", NULL, false },
	{ "other writable", NULL, false }, { "others writable", NULL, false },
	{ "globally writable", NULL, false }, /* FreeRADIUS */
	{ "publicly writable", NULL, false }, { "writable by other", NULL, false },
	{ "writable by group", NULL, false }, { "writable by world", NULL, false },
	{ "writable by everyone", NULL, false }, { "writable by anyone", NULL, false },
	{ "writable by all", NULL, false }, { "written by other users", NULL, false },
	{ "dangerous write permission", NULL, false },          /* sendmail */
	{ "has the wrong owner, group, or mode", NULL, false }, /* Exim */
};

/* How much of the line the phrase is, when it begins there; 0: it does not. */
static size_t length_at(const char *line, const char *phrase)
{
	const char *s = line;

	for (; *phrase; phrase++, s++) {
		bool gap = *phrase == ' ' && *s && strchr(" -/", *s);
		if (!gap && tolower((unsigned char)*s) != tolower((unsigned char)*phrase))
			return 0;
		if (!strncasecmp(s, "teable", 6) && !strncasecmp(phrase, "table", 5))
			s++;
	}
	return (size_t)(s - line);
}

/* "is not writable by group x", "must be readable by others": it wants more rights, not fewer. */
static bool wants_more(const char *line, const char *at)
{
	static const char *const before[] = { "not ", "n't ", "must be ", "should be ", "to be ",
		"neither ", "non-", "never " };

	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		size_t len = strlen(before[i]);
		if ((size_t)(at - line) >= len && !strncasecmp(at - len, before[i], len))
			return true;
	}
	return false;
}

static const char *form_in_line(const char *line, const struct form *form)
{
	for (const char *s = line; *s; s++)
		if (length_at(s, form->phrase) && !wants_more(line, s))
			return s;
	return NULL;
}

/* The next octal mode: "0644", "(600)", and not the end of another number, a version or a path. NULL: there is none. */
static const char *next_mode(const char *s, uint32_t *mode)
{
	while (*s) {
		size_t n = strspn(s, "01234567"), whole = n;
		while (isalnum((unsigned char)s[whole]) || (s[whole] && strchr("./", s[whole])))
			whole++;
		while (whole > n && s[whole - 1] == '.') /* the end of the sentence */
			whole--;
		if (n == whole && (n == 3 || (n == 4 && *s == '0'))) {
			*mode = (uint32_t)strtoul(s, NULL, 8);
			return s;
		}
		s += whole ? whole : 1;
	}
	return NULL;
}

/* 600 may be any number, and is a mode where the line speaks of permissions; 0600 is one sooner. */
static bool is_mode(const char *line, const char *at)
{
	bool behind = at - line >= 5 && !strncasecmp(at - 5, "mode ", 5);

	return behind || find_folded(line, "permission") || find_folded(line, "chmod") ||
	       (*at == '0' && find_folded(line, "mode"));
}

#define NEAR 16 /* characters between "should be" and the number: "set to ", "permissions " */

/* Where the mode stands that is wanted; NULL where none is. */
static const char *wanted_mode(const char *line, uint32_t *mode)
{
	static const char *const wants[] = { "must be", "must have", "should be", "should have",
		"maximum", "at most", "expected", "no more than", "chmod", "require", "set to" };

	for (size_t i = 0; i < ARRAY_SIZE(wants); i++) {
		const char *want = find_folded(line, wants[i]);
		const char *at = want ? next_mode(want + strlen(wants[i]), mode) : NULL;
		if (at && at - want - (ptrdiff_t)strlen(wants[i]) < NEAR && is_mode(line, at))
			return at;
	}
	return NULL;
}

static bool refuses(const char *line)
{
	static const char *const signs[] = { "wrong", "bad ", "insecure", "unsafe", "incorrect",
		"not secure", "not allowed", "refus", "too ", "invalid" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs));
}

/* Where a mode stands that is refused: "bad permissions 644", "0644 is too open". */
static const char *refused_mode(const char *line, uint32_t *mode)
{
	static const char behind[] = "permissions ";
	const char *at = refuses(line) ? next_mode(line, mode) : NULL;
	size_t len = strlen(behind);

	if (!at || !is_mode(line, at))
		return NULL;
	bool told = (size_t)(at - line) >= len && !strncasecmp(at - len, behind, len);
	return told || *at == '0' ? at : NULL;
}

/* A call that failed: "chmod 0600 /data: Operation not permitted". */
static bool is_refusal(const char *line)
{
	return find_folded(line, "not permitted") || find_folded(line, "denied") ||
	       find_folded(line, "read-only");
}

/*
 * "permission 0644 is wrong, maximum 0700 allowed", "bad permissions 644": the wanted mode is its owner's alone, or only the
 * one that is refused is told, and others have a right by it.
 */
static const struct mode_demand *demand_of_numbers(const char *line, const char **at)
{
	uint32_t wanted = 0, refused = 0;

	if (is_refusal(line))
		return NULL;
	const char *found = wanted_mode(line, &wanted);
	if (found && (!(wanted & 0400) || wanted & 077))
		return NULL;
	if (!found)
		found = refused_mode(line, &refused);
	if (!found || (refused && !(refused & 077)))
		return NULL;
	*at = found;
	bool enterable = wanted & 0100 && !find_folded(line, "file");
	return enterable || find_folded(line, "directory") || find_folded(line, "folder")
		       ? &private_directory
		       : &private_file;
}

/* Mosquitto: a warning of what a later release will do. */
static bool is_of_the_future(const char *line)
{
	return find_folded(line, "future versions") || find_folded(line, "future release");
}

static const struct mode_demand *demand_of_form(const struct find_index *in, const char **at)
{
	const char *line = in->text;
	bool directory = find_folded(line, "directory") || find_folded(line, "folder") ||
			 find_folded(line, "homedir");

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		/* Behind the first letters a phrase need not stand as it is written here. */
		const char *found = find_index_may_have(in, forms[i].phrase, 2)
					    ? form_in_line(line, &forms[i])
					    : NULL;
		if (!found || (forms[i].also && !find_folded(line, forms[i].also)))
			continue;
		*at = found;
		if (forms[i].reads)
			return directory ? &private_directory : &private_file;
		return directory ? &own_directory : &own_file;
	}
	return NULL;
}

const struct mode_demand *mode_demand_in_line(const char *line, const char **at)
{
	struct find_index in;

	if (is_of_the_future(line))
		return NULL;
	find_index_make(&in, line);
	for (size_t i = 0; i < ARRAY_SIZE(demands); i++)
		if ((*at = find_folded_in(&in, demands[i].phrase)))
			return &demands[i];
	return demand_of_form(&in, at) ?: demand_of_numbers(line, at);
}

void leave_out_version(char *path)
{
	char *version = strstr(path, "/..2");
	char *rest = version ? strchr(version + 1, '/') : NULL;

	if (rest)
		memmove(version, rest, strlen(rest) + 1);
}
