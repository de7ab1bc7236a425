/* SPDX-License-Identifier: MIT */
/* The rows of changes.c, and what the two files that hold them share. */
#ifndef KTRACE_DIAGNOSE_CHANGE_WAYS_H
#define KTRACE_DIAGNOSE_CHANGE_WAYS_H

#include "diagnose/changes/changes.h"

/* One way in which a change makes a failure. */
struct change_way {
	enum fact_kind kind;
	const char *causes; /* root causes, a blank between them, or NULL for all */
	bool (*fits)(const struct suspect *s, const struct change *c);
	enum bearing bearing;
};

struct change_ways {
	const struct change_way *rows;
	size_t n;
};
extern const struct change_ways ways_of_files; /* keys, mounts, directories, the image */
extern const struct change_ways
	ways_of_process; /* variables, command, user, rights, limits, node */

#define CHANGE_FILES \
	"missing_file wrong_file_type command_not_found command_not_executable " \
	"missing_interpreter missing_library missing_module exec_format_error read_only_copy"
#define CHANGE_PROGRAMS "application_error bad_configuration crashed exited_zero never_listening"
#define CHANGE_REFUSALS \
	"permission_denied read_only_copy capability_missing port_privileged " \
	"insecure_file_mode stale_state"
#define CHANGE_PEERS "dependency_unreachable dns_failure address_not_available"

bool change_any(const struct suspect *s, const struct change *c);
bool change_now_on(const struct suspect *s, const struct change *c);    /* a switch */
bool change_same_path(const struct suspect *s, const struct change *c); /* or below it */
bool change_is_gone(const struct change *c);
bool change_is_new(const struct change *c);

/* The path that the diagnosis is about, "" for none. */
const char *suspect_path(const struct suspect *s);
bool suspect_failed_with(const struct suspect *s, int error);
/* The text names it as a word: not as a part of a longer one. */
bool says_word(const char *text, const char *word);

#endif
