/* SPDX-License-Identifier: MIT */
/* What a path is, by where it lies, as far as that decides which advice makes sense. */
#ifndef KTRACE_DIAGNOSE_TEXT_PLACES_H
#define KTRACE_DIAGNOSE_TEXT_PLACES_H

#include <stdbool.h>

enum place {
	PLACE_PLAIN,
	PLACE_STREAM,        /* the container's stdout and stderr, by name */
	PLACE_SHM,           /* /dev/shm */
	PLACE_DEVICE,        /* all else in /dev */
	PLACE_SYSCTL,        /* /proc/sys */
	PLACE_PROC,          /* all else in /proc */
	PLACE_CGROUP,        /* /sys/fs/cgroup */
	PLACE_SYS,           /* all else in /sys */
	PLACE_NODE,          /* /host, /rootfs: the node's own, as its agents see it */
	PLACE_TOKEN,         /* the service account's token */
	PLACE_ENGINE_SOCKET, /* of the node's container engine */
	PLACE_TRUST,         /* certificates of public authorities */
	PLACE_ZONES,         /* time zones */
	PLACE_PACKAGES,      /* what package managers keep */
	PLACE_ACCOUNTS,      /* /etc/passwd and what belongs to it */
	PLACE_HOSTS,         /* /etc/hosts: the kubelet makes it for each pod */
	PLACE_RESOLVER,      /* /etc/resolv.conf: likewise */
	PLACE_TEMPORARY,     /* /tmp */
	PLACE_RUN,           /* /run: pid files, sockets */
	PLACE_LOG,           /* /var/log */
	PLACE_CACHE,         /* /var/cache */
	PLACE_STATE,         /* /var/lib: data that the image may have begun with */
	PLACE_HOME_OF_ROOT,  /* /root */
	PLACE_NO_HOME, /* /.cache: HOME is "/", as for a user without an entry in /etc/passwd */
	PLACE_SYSTEM,  /* the image's own programs and settings */
};

enum place place_of(const char *path);

/* What lies there comes from no image: a step of the start, or the program, makes it. */
bool place_is_made_at_start(const char *path);

/* A directory that others depend on: nobody changes its owner or mounts over it for the sake of one file. */
bool place_is_shared(const char *directory);

#endif
