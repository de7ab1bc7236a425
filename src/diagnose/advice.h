/* SPDX-License-Identifier: MIT */
/* What mends it, where more than one rule would say so: with the YAML that does it. */
#ifndef KTRACE_DIAGNOSE_ADVICE_H
#define KTRACE_DIAGNOSE_ADVICE_H

#include "diagnose/knowledge/capabilities.h"
#include "diagnose/report.h"

/* What was wanted of a path. */
enum need {
	NEED_FILE = 1,   /* that it is there */
	NEED_ACCESS = 2, /* that owner, mode and the kernel allow it */
	NEED_WRITE = 4,  /* that its file system can be written */
};

/*
 * Devices, the kernel's files, what the kubelet provides, directories of every image: true when something was
 * recommended, and advice for files of the image or a volume would be wrong.
 */
bool advise_place(struct report *r, const struct failure *f, enum need need);

/* A device that the container was not given, or may not use. */
void advise_device(struct report *r, const struct failure *f);

/* The image's own files, or what looks like them; and a volume of the pod. */
bool mount_is_image(const struct mount *m);
bool mount_is_volume(const struct mount *m);

/* Its field in a volume of the pod spec: "configMap"; "" where it has none that holds a mode. */
const char *mount_field(const struct mount *m);

/* The key of the ConfigMap or Secret that this file of it is. */
const char *mount_key(const struct mount *m, const char *file);

/* Somewhere to write: an emptyDir over the directory, or a copy of what is read-only by nature. */
void advise_writable(struct report *r, const struct failure *f);
/* May write or read there: fsGroup, owner and mode in the image, defaultMode of a Secret. */
void advise_access(struct report *r, const struct failure *f);
/* An access control list refuses it; false where none does. */
bool advise_access_list(struct report *r, const struct failure *f);
/* That a file is there, `path` being the event's or what it led to; a directory; where a link leads. */
void advise_missing(struct report *r, const struct failure *f, const char *path);
/* The path was asked for relative to the working directory: that may be the wrong one. */
void advise_relative_start(struct report *r, const struct failure *f);
void advise_missing_directory(struct report *r, const struct failure *f, const char *directory);
void advise_dangling_link(struct report *r, const char *link, const char *target);
/* advice_odd_names.c: what an invisible last character of it is called, or NULL; and what to do about such a name. */
const char *odd_end_of(const char *path);
bool advise_odd_name(struct report *r, const struct failure *f, const char *path);
/* The command `name`, as it was asked for, is not found. */
void advise_not_found(struct report *r, const char *name);
/* advice_one_word.c: `name` is a whole command line that an element of command or args holds; else false. */
bool advise_one_word(struct report *r, const char *name);
/* A call refused to run `path`. */
void advise_not_executable(struct report *r, const struct failure *f, const char *path);
/* A capability that is missing; `f` is the refused call, NULL where only words tell of it. */
void advise_capability(
	struct report *r, const struct capability_need *need, const struct failure *f);
/* Owner and mode allow it: what refused it is a security module. */
void advise_module(struct report *r, const struct failure *f);
/* Let the script stop at what fails, where it did not. */
void advise_visible_errors(struct report *r, const struct failure *f);

/*
 * What to do on this machine, or by the options of a container without a pod, where the cause is known and nothing is
 * recommended yet. The failure is the one that explains it, or NULL.
 */
void advise_here(struct report *r, const struct failure *f);

/* The container's command has a shell's operator as an argument, and no shell reads it; else nothing is recommended. */
void advise_shell(const struct context *q, struct report *r);

/* More room in /dev/shm. */
void advise_shm(struct report *r);

/* `mv` removes what is in the way of its target, and its source when it had to copy: here it is the source. */
bool removes_source(const struct failure *f);

/* The directory that a call would have changed: the nearest on the way that exists. */
struct phrase directory_changed(const struct failure *f);
/* A program of the container was run from there, or it works there. */
bool directory_holds_program(const struct context *q, const char *directory);

/* An emptyDir mounted at the directory; with a copy of what the image has there, where that is needed. */
void advise_empty_dir(struct report *r, const char *directory, bool exists);
/* "containers: - name: NAME" plus the given indented lines. */
void manifest_container(struct report *r, const char *lines);

/* A path or an argument as a quoted YAML string. */
struct phrase phrase_yaml(const char *text);

/* The directory of a path: where it should be, or the mount that holds it. */
struct phrase directory_of_path(const char *path);

#endif
