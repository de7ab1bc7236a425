/* SPDX-License-Identifier: MIT */
/* Which package of Debian and of Alpine brings a command or a library. */
#ifndef KTRACE_DIAGNOSE_TEXT_PACKAGES_H
#define KTRACE_DIAGNOSE_TEXT_PACKAGES_H

#include <stdbool.h>

struct package {
	const char *name;            /* of the command or library */
	const char *debian, *alpine; /* NULL: it has none */
};

const struct package *package_of_command(const char *name); /* NULL: not known */
const struct package *package_of_library(const char *name); /* by the start of its name */

/* One of PyPI that many programs need, by its first component: who forgot it is clear then. */
bool is_known_python_module(const char *module);

/* The package of PyPI that brings it: its own name where nothing else is known. */
const char *package_of_python_module(const char *module);

#endif
