/* SPDX-License-Identifier: MIT */
/* What mends it, where more than one rule would say so: with the YAML that does it. */
#ifndef KTRACE_DIAGNOSE_ADVICE_H
#define KTRACE_DIAGNOSE_ADVICE_H

#include "diagnose/report.h"

/* Somewhere to write: an emptyDir over the directory, or a copy of what is read-only by nature. */
void advise_writable(struct report *r, const struct failure *f);
/* May write or read there: fsGroup, owner and mode in the image, defaultMode of a Secret. */
void advise_access(struct report *r, const struct failure *f);
/* Let the script stop at what fails, where it did not. */
void advise_visible_errors(struct report *r, const struct failure *f);

/* More room in /dev/shm. */
void advise_shm(struct report *r);

/* "emptyDir mounted over FOLDER" as a pod spec fragment for the latest advice. */
void manifest_empty_dir(struct report *r, const char *directory);
/* "containers: - name: NAME" plus the given indented lines. */
void manifest_container(struct report *r, const char *lines);

/* A path or an argument as a quoted YAML string. */
struct phrase phrase_yaml(const char *text);

/* The directory of a path: where it should be, or the mount that holds it. */
struct phrase directory_of_path(const char *path);

#endif
