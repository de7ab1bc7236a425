/* SPDX-License-Identifier: MIT */
/* Errors that are no root cause of their own: what each means for the call that met it, and what mends it. */
#ifndef KTRACE_DIAGNOSE_KNOWLEDGE_ODD_ERRORS_H
#define KTRACE_DIAGNOSE_KNOWLEDGE_ODD_ERRORS_H

#include "diagnose/context.h"

struct odd_error {
	int error;
	const char *call;    /* prefix of the call's name, NULL: any that is about a file */
	enum file_type type; /* of the file, as it was seen right after; FILE_UNKNOWN: any */
	bool (*holds)(const struct failure *f); /* what else must hold, or NULL */
	const char *title, *means, *fix,
		*manifest; /* manifest: a fragment of the pod spec, or NULL */
};

/* What is known of it, or NULL. */
const struct odd_error *odd_error_of(const struct failure *f);

#endif
