// SPDX-License-Identifier: MIT
#include "diagnose/text/places.h"

#include <string.h>

#include "diagnose/context.h"
#include "util/cleanup.h"

/* The first row that holds a path speaks: the inner place before the outer one. */
static const struct row {
	const char *path;
	enum place place;
} rows[] = {
	{ "/dev/stdout", PLACE_STREAM },
	{ "/dev/stderr", PLACE_STREAM },
	{ "/dev/fd", PLACE_STREAM },
	{ "/proc/self/fd", PLACE_STREAM },
	{ "/proc/1/fd", PLACE_STREAM },
	{ "/dev/shm", PLACE_SHM },
	{ "/dev", PLACE_DEVICE },
	{ "/proc/sys", PLACE_SYSCTL },
	{ "/proc", PLACE_PROC },
	{ "/sys/fs/cgroup", PLACE_CGROUP },
	{ "/sys", PLACE_SYS },
	{ "/host", PLACE_NODE },
	{ "/rootfs", PLACE_NODE },
	{ "/hostfs", PLACE_NODE },
	{ "/var/run/secrets/kubernetes.io/serviceaccount", PLACE_TOKEN },
	{ "/run/secrets/kubernetes.io/serviceaccount", PLACE_TOKEN },
	{ "/var/run/docker.sock", PLACE_ENGINE_SOCKET },
	{ "/run/docker.sock", PLACE_ENGINE_SOCKET },
	{ "/var/run/containerd", PLACE_ENGINE_SOCKET },
	{ "/run/containerd", PLACE_ENGINE_SOCKET },
	{ "/var/run/crio", PLACE_ENGINE_SOCKET },
	{ "/run/crio", PLACE_ENGINE_SOCKET },
	{ "/etc/ssl/certs", PLACE_TRUST },
	{ "/etc/pki/tls/certs", PLACE_TRUST },
	{ "/etc/pki/ca-trust", PLACE_TRUST },
	{ "/usr/share/ca-certificates", PLACE_TRUST },
	{ "/usr/share/zoneinfo", PLACE_ZONES },
	{ "/usr/share/lib/zoneinfo", PLACE_ZONES },
	{ "/usr/lib/zoneinfo", PLACE_ZONES },
	{ "/etc/zoneinfo", PLACE_ZONES },
	{ "/etc/localtime", PLACE_ZONES },
	{ "/var/lib/apt", PLACE_PACKAGES },
	{ "/var/lib/dpkg", PLACE_PACKAGES },
	{ "/var/cache/apt", PLACE_PACKAGES },
	{ "/var/log/apt", PLACE_PACKAGES },
	{ "/lib/apk", PLACE_PACKAGES },
	{ "/etc/apk", PLACE_PACKAGES },
	{ "/var/cache/apk", PLACE_PACKAGES },
	{ "/var/lib/rpm", PLACE_PACKAGES },
	{ "/var/lib/dnf", PLACE_PACKAGES },
	{ "/var/cache/dnf", PLACE_PACKAGES },
	{ "/var/cache/yum", PLACE_PACKAGES },
	{ "/etc/passwd", PLACE_ACCOUNTS },
	{ "/etc/passwd-", PLACE_ACCOUNTS },
	{ "/etc/passwd.lock", PLACE_ACCOUNTS },
	{ "/etc/group", PLACE_ACCOUNTS },
	{ "/etc/group-", PLACE_ACCOUNTS },
	{ "/etc/group.lock", PLACE_ACCOUNTS },
	{ "/etc/shadow", PLACE_ACCOUNTS },
	{ "/etc/gshadow", PLACE_ACCOUNTS },
	{ "/etc/subuid", PLACE_ACCOUNTS },
	{ "/etc/subgid", PLACE_ACCOUNTS },
	{ "/etc/.pwd.lock", PLACE_ACCOUNTS },
	{ "/etc/resolv.conf", PLACE_RESOLVER },
	{ "/etc/hosts", PLACE_HOSTS },
	{ "/tmp", PLACE_TEMPORARY },
	{ "/var/tmp", PLACE_TEMPORARY },
	{ "/run", PLACE_RUN },
	{ "/var/run", PLACE_RUN },
	{ "/var/log", PLACE_LOG },
	{ "/var/cache", PLACE_CACHE },
	{ "/var/lib", PLACE_STATE },
	{ "/root", PLACE_HOME_OF_ROOT },
	{ "/etc", PLACE_SYSTEM },
	{ "/usr", PLACE_SYSTEM },
	{ "/bin", PLACE_SYSTEM },
	{ "/sbin", PLACE_SYSTEM },
	{ "/lib", PLACE_SYSTEM },
	{ "/lib64", PLACE_SYSTEM },
	{ "/boot", PLACE_SYSTEM },
};

/* Go's own copy of all time zones, in the directory that it was built in: the last place where its programs look. */
static bool is_zone_archive(const char *path)
{
	static const char end[] = "/lib/time/zoneinfo.zip";
	size_t len = strlen(path), n = sizeof(end) - 1;

	return len >= n && !strcmp(path + len - n, end);
}

enum place place_of(const char *path)
{
	if (is_zone_archive(path))
		return PLACE_ZONES;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (path_under(path, rows[i].path))
			return rows[i].place;
	return path[0] == '/' && path[1] == '.' ? PLACE_NO_HOME : PLACE_PLAIN;
}

bool place_is_made_at_start(const char *path)
{
	enum place place = place_of(path);

	return place == PLACE_RUN || place == PLACE_TEMPORARY || place == PLACE_SHM;
}

bool place_is_shared(const char *directory)
{
	static const char *const directories[] = { "/", "/bin", "/boot", "/etc", "/home", "/lib",
		"/lib64", "/mnt", "/opt", "/root", "/run", "/sbin", "/srv", "/usr", "/usr/bin",
		"/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/local", "/usr/local/bin",
		"/usr/local/lib", "/usr/local/sbin", "/usr/sbin", "/usr/share", "/var", "/var/lib",
		"/var/run", "/etc/ssl", "/etc/ssl/certs", "/etc/ssl/private" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (!strcmp(directory, directories[i]))
			return true;
	return path_under(directory, "/dev") || path_under(directory, "/proc") ||
	       path_under(directory, "/sys");
}
