/* SPDX-License-Identifier: MIT */
/*
 * The rules: one file a root cause in rules/, one entry each in rules_list.h. A rule reads the context and
 * makes a hypothesis with clues (match), and puts it into words when it is the likeliest (explain).
 */
#ifndef KTRACE_DIAGNOSE_RULES_H
#define KTRACE_DIAGNOSE_RULES_H

#include "diagnose/knowledge/messages.h"
#include "diagnose/report.h"

/* What a rule found. Pointers are the context's and the story's. */
struct verdict {
	struct clues clues;                /* for and against it */
	const struct failure *failure;     /* what it is about, or NULL */
	const struct candidate *candidate; /* who said `line`, or who crashed */
	const struct event *event;         /* a signal, an OOM kill, a listen; NULL */
	const char *line;                  /* the words that show it, or NULL */
	const struct known_message
		*known; /* what is known of these words; then they are what is explained */
	char name[256]; /* of a module, library, host, command; "" */
};

struct rule {
	bool (*match)(const struct context *q, struct verdict *v); /* *v is zeroed */
	void (*explain)(const struct context *q, const struct verdict *v, struct report *r);
};

#define RULE(name, ...) extern const struct rule rule_##name;
#include "diagnose/rules_list.h"
#undef RULE

/* The capability that a refused call wants, -1 for none. */
int capability_wanted(const struct failure *f);
/* Whether the process of this event had it, as far as that is known. */
bool capability_held(const struct context *q, const struct event *e, int capability);

/* Most rules: the likeliest failure that is one of theirs, with its clues. */
bool rule_failure(const struct context *q, struct verdict *v,
	bool (*is_one)(const struct context *q, const struct failure *f));

/* The likeliest process whose words say so outright, with its clues. */
bool rule_log_line(const struct context *q, struct verdict *v, bool (*speaks)(const char *line));

/* How the runtime gave up before the container's program ran; CLUES: it did not. */
enum clue setup_given_up(const struct context *q);

/* Of a failure that ran into a limit: whether that was seen to be full. */
void rule_limit(struct verdict *v);

/* known_message.c: the decisive message of the process that ended it is known, and shows v->known->cause. */
bool rule_known_message(const struct context *q, struct verdict *v);
/* What is known of the decisive line and the lines of its message; NULL for nothing. */
const struct known_message *known_message_at(
	const struct candidate *who, const char *line, struct message_match *m);
/* Title, summary, evidence and fix of a verdict with a known message; and the last two sentences of these alone. */
void explain_known_message(const struct context *q, const struct verdict *v, struct report *r);
void add_known_fix(
	const struct known_message *known, const struct message_match *m, struct report *r);
/* Appends the line and those around it that belong to its message. */
void message_around(const struct candidate *who, const char *line, struct strbuf *out);

/* trust_list.c: no list of trusted authorities is in the image, as words or a status tell; v->event is the look-up. */
bool rule_trust_list(const struct context *q, struct verdict *v);
void rule_trust_list_explain(const struct verdict *v, struct report *r);

/* missing_interpreter.c: a program that was run by its path was not found, and whether the file is there nobody looked. */
bool rule_program_not_looked_at(const struct failure *f);

/* exited_zero.c: it ended with 0 once more, without having been asked to; sets v->candidate and v->line, the last words. */
bool rule_ends_well_again(const struct context *q, struct verdict *v);

/* Is there a rule for this root cause? */
bool rule_exists(const char *root_cause);

/* A process's end, and why it speaks for this cause. */
void rule_process(struct verdict *v, const struct candidate *s, enum clue why);

/* missing_library.c: nobody said so, but a library that was in no directory was the last thing looked for; its name. */
bool rule_silent_loader(const struct context *q, struct verdict *v);

/* set_limit.c: a limit that a shell of the container was told to set: "ulimit -s 64". */
struct set_limit {
	const char *option, *name; /* "-s", "stack" */
	unsigned long usual_kib;   /* from which on it limits nobody */
};
/* Says so and what mends it; false where none is below what is usual. */
bool advise_set_limit(const struct context *q, const struct set_limit *limit, struct report *r);

/* settings_status.c: of a culprit that said nothing: it ended with a status for settings or arguments. */
bool rule_settings_status(const struct context *q, struct verdict *v);
/* The variable that a script demands by ${NAME:?text}: "run.sh: line 3: NAME: text". False: the line is no such. */
bool rule_demanded_variable(const struct process *p, const char *line, char *out, size_t size);
/* The line repeats $NAME or ${NAME} of the first program's arguments, which is no shell; name: as it stands there. */
bool rule_literal_variable(const struct context *q, const char *line, char *name, size_t size);
/* The line names the path of a socket that it looked for, and that is longer than such a path can be. */
bool rule_long_socket(const struct context *q, const char *line, char *path, size_t size);
/* The error that the line tells was the answer to a call with an empty path: the name of the call into `call`. */
bool rule_nameless_call(const struct context *q, const struct process *p, const char *line,
	char *call, size_t size);
/* Such a path was looked for in vain: nothing can be there. */
bool failure_is_long_socket(const struct failure *f);
/* It runs a script whose first line hands an option with a carriage return at its end to the interpreter, which says so. */
bool rule_first_line_return(const struct process *p, const char *line);
bool rule_settings_explained(
	const struct verdict *v, struct report *r); /* one of these; false: none */

/* silent_end.c: the only command of the script `sh -c` was given that ends it with this code, as `[ -n "$X" ] || exit 64`. */
bool silent_exit_statement(const struct process *p, int code, char *out, size_t size);
/* What may be done where nobody said why. */
void silent_advise(const struct process *p, int code, struct report *r);

/* searched_module.c: nobody said so, but a module was looked for last, and in no directory; v->event and v->name. */
bool rule_searched_module(const struct context *q, struct verdict *v);
const char *searched_module_language(const char *path); /* of such an event's path: "Perl" */

/* probe_port.c: somebody outside asks for a port where nobody listens; v->event is who was refused. */
bool rule_probe_port(const struct context *q, struct verdict *v);
void rule_probe_port_explain(const struct context *q, const struct verdict *v, struct report *r);

#endif
