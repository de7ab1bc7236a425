/* SPDX-License-Identifier: MIT */
/*
 * One look at one story: who failed, what failed in it, and what that came from.
 *
 * A container's end is explained in three steps, each of which collects clues (evidence/clues.h). *Who*: the
 * ends of processes are followed from the first process down; a shell that ends like its last child ended
 * because of it. *What*: a failed call has its process's clues, and its own: whether the last words speak of
 * it, how hard an error it is, how near the end, and whether healthy programs fail so as well. *Why*: what
 * is missing because an earlier copy of it failed is not the cause, the copy is. Rules then make
 * hypotheses of the likeliest failures, with clues of their own.
 */
#ifndef KTRACE_DIAGNOSE_CONTEXT_H
#define KTRACE_DIAGNOSE_CONTEXT_H

#include "diagnose/diagnose.h"
#include "diagnose/evidence/clues.h"
#include "diagnose/log/lines.h"

#define SECONDS(n) ((uint64_t)((n)*1e9))

#define EXIT_NOT_FOUND 127 /* shells': they found no such command */

/* 0 when they are the other way round: two processors may report two events of one moment in either order. */
static inline uint64_t time_between(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

/* The exit code that it ended with; -1: it runs. */
static inline int end_code(const struct process *p)
{
	return p->ended_at ? status_exit_code(p->status) : -1;
}

/* When the latest of an entry was over: a connection has the time at which the wait for it began. */
static inline uint64_t entry_over_at(const struct story_entry *entry)
{
	return entry->last + entry->event->gave_up_ns;
}

/* A process that may have ended the container. */
struct candidate {
	const struct process *process;
	bool responsible;                      /* its end may have to do with the container's */
	struct clues clues;                    /* how much, where it may */
	struct log_lines log_lines;            /* read when it is likely enough */
	const struct story_entry *last_open;   /* that found nothing, or NULL */
	const struct story_entry *last_failed; /* of its failed calls that are no noise, or NULL */
	bool mentions_copy;                    /* its words do, or the script among its arguments */
};

/* A failed call, or a failure that only the words tell of (then entry and event are NULL). */
struct failure {
	const struct story_entry *entry;
	const struct event *event;
	const struct event *exec; /* the program that failed; NULL: the runtime's init */
	const struct process *process;
	int error;
	const char *path;             /* absolute, "" for none; the new name of a rename or link */
	char *path_from_log;          /* owned: what `path` points at when the words told of it */
	const char *line;             /* the words that speak of it, or NULL */
	bool counts;                  /* it may have ended the container */
	struct clues clues;           /* how likely it did, its process's among them */
	const struct failure *led_to; /* what it made fail later, or NULL */
	bool traced;                  /* its cause was looked for */
};

enum wait_kind { WAIT_NONE, WAIT_CALL, WAIT_COMMAND, WAIT_BLOCKED };

/* What is waited for: the same thing failed again and again, and goes on. stuck/stuck.c */
struct wait {
	enum wait_kind kind;
	/* WAIT_CALL: the latest of the failed calls; WAIT_BLOCKED: that a call does not come back */
	const struct story_entry *entry;
	const struct process *step;   /* who made it, or the command that failed: the latest */
	const struct process *waiter; /* who waits: the same, or who started it and still runs */
	uint64_t since, last, attempts;
};

/* A name that was looked for or run; sorted by name, then time: lookups.c. */
struct lookup {
	const char *name; /* what follows the last slash */
	const struct story_entry *entry;
};

struct context {
	const struct story *story;
	const struct diagnose_input *input;
	const struct container *container;
	const struct story_entry *entries;
	size_t n_entries;
	struct process *const *processes;
	size_t n_processes;
	const struct process *first; /* may be NULL */

	bool ended, started;
	bool blind;     /* nobody saw programs start: who failed is known by name alone */
	bool missed;    /* events may have gone unseen: of what is not here nothing can be said */
	uint64_t began; /* when its program started, 0: not known */
	int status, exit_code, signo; /* of the first process, once ended */
	const struct event *stop;     /* the signal from outside that ended it, or NULL */
	bool failed;                  /* ended, and not well, and not because it was told to */
	bool again;                   /* it ended like this before, and not with its whole pod */

	struct candidate *candidates; /* one for each process, in their order */
	const struct candidate
		*culprit;         /* the one whose end explains the container's; may be NULL */
	struct failure *failures; /* those that count or may lead to one, in order of time */
	size_t n_failures;
	struct lookup *lookups;
	size_t n_lookups;
	struct wait wait; /* what a container that runs is stuck on, or what it gave up after */
};

/* Out of memory is the only error: 0 or -ENOMEM. context_close() is fine on a half-built one. */
int context_open(struct context *q, const struct story *s, const struct diagnose_input *input);
void context_close(struct context *q);

/* responsibility.c: whose end explains the container's, and the culprit. */
void assign_responsibility(struct context *q);
struct candidate *candidate_of(
	const struct context *q, const struct process *p); /* NULL for NULL */

/* weigh.c: fills failures. Words are read once for each candidate process, and only where they may matter. */
int read_log(struct candidate *s);
int weigh(struct context *q);
/* The failed call of an entry, without clues. */
void failure_of_entry(const struct context *q, const struct story_entry *entry, struct failure *f);
/* The clues of a failure as if its process alone had ended the container; sets its line. False: no failure. */
bool weigh_alone(const struct context *q, struct failure *f, struct clues *out);

/*
 * parting.c: the last call that failed, at the very end, and the complaint leaves open why: that is most often why. A
 * file that was not found needs a complaint that names nothing else; a refusal one with no reason of its own.
 */
bool is_final_failure(const struct context *q, const struct failure *f);
/*
 * The only call that failed in a program, right before that ended, opens a file that is not there; its words name no
 * error, and tell of something that may follow from that.
 */
bool is_sole_failure(const struct context *q, const struct failure *f);

/* ignored.c: a failure in a container that did not end because of one; false: none. */
bool weigh_without_end(const struct context *q, struct candidate *s, struct failure *f);
/* The call that it had tried for long when it ended counts, or counts more; else as `counts` has it. */
bool weigh_given_up(const struct context *q, struct failure *f, bool counts);
/* What every program needs and this one is not given: a process, a descriptor, room, memory, a local port. */
bool failure_starves(const struct failure *f);
/* A program that a supervisor looked for, cannot start by its own words, and never ran later; *line says so. */
bool supervisor_gave_up(const struct context *q, const struct failure *f, const char **line);
/* Each time that the program was started, which the container is stuck on, it ran into this. */
void add_in_each_attempt(const struct context *q, struct failure *f);
/* No healthy program is known to fail so. */
bool rarely_fails(const struct context *q, const struct failure *f);
/* It lies in a volume of the pod, as far as the event tells. */
bool failure_in_volume(const struct failure *f);

/*
 * passed_over.c: one that was passed over before the container ended for a reason that nobody tells, or that follows from it:
 * then that is what it counts for, unless it counts for more already; else as `counts` has it.
 */
bool weigh_passed_over(
	const struct context *q, struct candidate *s, struct failure *f, bool counts);

/* compare.c: of several that one line may mean, those that it does not mean are less likely. */
void compare_failures(struct context *q);

/* remembered.c: what healthy starts of the same workload say of it; nothing where none is remembered. */
void weigh_remembered(const struct context *q, struct failure *f);

/* causes.c: makes what something came from likelier than what followed. */
void trace_causes(struct context *q);

/* noise.c: how seldom healthy programs fail so; *clue, where it is set, says why it is less than always. */
enum noise {
	NOISE_ALL,  /* it says nothing at all */
	NOISE_MOST, /* nearly nothing */
	NOISE_MUCH,
	NOISE_SOME,
	NOISE_NONE, /* no healthy program fails so */
};
enum noise noise_of(const struct context *q, const struct failure *f, enum clue *clue);
bool is_noise(const struct context *q, const struct failure *f); /* NOISE_ALL */
/* Where Node.js looks for a module in the end: ~/.node_modules, ~/.node_libraries, PREFIX/lib/node. */
bool noise_node_global(const char *path);
/* A cache or a trace that programs write where they can, and do without. */
bool noise_cache(const struct failure *f);
/* The loader asks for a directory that it did not find a library in. */
bool noise_loader_asks(const struct context *q, const struct failure *f);
/* nsswitch.conf(5): a source of names that is not installed is passed over. */
bool noise_name_source(const char *path);
/* A list of the authorities that are trusted, by the name that one of the distributions gives it. */
bool noise_trust_list(const char *path);
/* recovered.c: the same step was tried again later, and went well. */
bool noise_retried(const struct context *q, const struct failure *f);
/* The same, or another way was taken: the same original to another place, the same kind of step. */
bool noise_recovered(const struct context *q, const struct failure *f);
/* A limit could not be raised, and the last words are of something else, or known to be of another cause. */
bool noise_limit_kept(const struct context *q, const struct failure *f);
/* What it asked for, was refused and went on without counts less: `reason` is what noise_of() said of it. */
void add_went_on(
	const struct context *q, const struct failure *f, enum clue reason, struct clues *c);
/* A program that was run later is given a file of the same name in another directory. */
bool noise_made_elsewhere(const struct context *q, const struct failure *f);

/* lookups.c: fills lookups. */
int index_lookups(struct context *q);
/* All that were looked for or run under this name; returns how many. */
size_t lookups_of(const struct context *q, const char *name, const struct lookup **out);
/* How many directories a name was looked for in, by this process in this program. */
int directories_tried(const struct context *q, const struct failure *f);
/* The container's end, with what its configured program turned out to be (path, facts); or NULL. */
const struct event *program_at_end(const struct context *q);
/* The same with its working directory, which turned out to be none. */
const struct event *working_directory_at_end(const struct context *q);
/* A command was looked for in every directory of PATH, and run from none. */
bool not_found_in_path(const struct context *q, const struct failure *f);
bool is_in_path(const struct context *q, const char *path); /* in one of these directories itself */
/* A directory of PATH that a program was not in, which was then run from another one: no words can mean that. */
bool searched_with_success(const struct context *q, const struct failure *f);
/* So was this one by a shell, which ended at once with EXIT_NOT_FOUND. */
bool shell_ended_for(const struct context *q, const struct failure *f);
/*
 * By a shell, and for good: a command that is in no directory of PATH, or a file that it was to read (`. FILE`). What
 * it then became, or ran last, ended at once, and its words name nothing in particular.
 */
bool script_went_without(const struct context *q, const struct failure *f);
/* The same name was run from another directory soon after. */
bool found_elsewhere(const struct context *q, const struct failure *f);
/* What it was given is not there, and then it looks for that with an ending more. */
bool tries_other_ending(const struct context *q, const struct failure *f);

/* The likeliest failure that is one, or NULL. The later of two equal ones. */
const struct failure *heaviest(
	const struct context *q, bool (*is_one)(const struct context *q, const struct failure *f));

bool failure_any(const struct context *q, const struct failure *f); /* each is one */

/*
 * The first line for which `speaks` says so, in the words of responsible processes, likeliest first, latest
 * line first. NULL when there is none; *who is whose.
 */
const char *find_line(
	const struct context *q, bool (*speaks)(const char *line), const struct candidate **who);

/* What calls and programs are: programs.c. */
const char *program_name(const struct event *exec); /* "cp"; "" for NULL */
/* The name of the file that a language's interpreter runs: "npm" of `node /usr/bin/npm start`; "" for none. */
const char *program_script(const struct event *exec);
/* What it is for: knowledge/programs_list.h. */
enum program_role {
	ROLE_SHELL = 1 << 0,
	ROLE_LAUNCHER = 1 << 1,   /* starts others and ends with them */
	ROLE_SUPERVISOR = 1 << 2, /* and starts them again */
	ROLE_COPIER = 1 << 3,
	ROLE_EDITOR = 1 << 4, /* changes files with -i */
	ROLE_MAKER = 1 << 5,  /* makes files or links, copies none */
	ROLE_PROBER = 1 << 6,
	ROLE_ASKER = 1 << 7,
	ROLE_RESOLVER = 1 << 8,
	ROLE_CLEANER = 1 << 9,
	ROLE_LANGUAGE = 1 << 10, /* takes programs on its command line */
	ROLE_PYTHON = 1 << 11,
	ROLE_NODE = 1 << 12,
	ROLE_RUBY = 1 << 13,
	ROLE_PERL = 1 << 14,
	ROLE_PHP = 1 << 15,
	ROLE_JAVA = 1 << 16,
	ROLE_SERVICE_ASKER = 1 << 17, /* asks another service over the network */
	ROLE_FILTER = 1 << 18,        /* reads what another one of its pipeline writes */
	ROLE_LIMIT_RAISER =
		1 << 19,         /* asks for higher limits, and goes on with those that it has */
	ROLE_COMPILER = 1 << 20, /* searches for the files that a source includes */
};
#define ROLE_LANGUAGES \
	(ROLE_LANGUAGE | ROLE_PYTHON | ROLE_NODE | ROLE_RUBY | ROLE_PERL | ROLE_PHP | ROLE_JAVA)
bool program_is(const struct event *exec, unsigned roles); /* one of them; false for NULL */
bool program_is_shell(const struct event *exec);
/* sysctl(8) names the kernel's settings by dots: the path of net.core.somaxconn in /proc/sys. False: it means a path. */
bool program_names_setting(const struct event *exec, const char *name, char *path, size_t size);
bool program_copies(const struct event *exec); /* cp, mv, tar, ... */
bool program_edits(const struct event *exec);  /* sed -i, ln: makes or changes files, copies none */
bool program_probes(const struct event *exec); /* touch, test, ...: tries what it may */
bool program_mentions(const struct event *exec, const char *text); /* as an argument, or in one */
/* The only file of settings that the program was told to read, in exec->args; "" for none, and for more than one. */
const char *program_settings_file(const struct event *exec);
bool call_is(const struct failure *f, const char *prefix); /* "mkdir" is mkdir and mkdirat */
bool call_creates(const struct failure *f); /* would have made or changed a file or directory */
/* Another process of the same program, which was still running when this one ended; not its parent. */
bool runs_beside(const struct process *self, const struct process *p);
bool call_asks_to_write(const struct failure *f); /* access(2) with W_OK and its like */
bool call_probes(const struct failure *f);        /* only asks: stat, access, readlink */
bool call_opens(const struct failure *f);
/* What the program ran into, or would if the call did not wait. */
int event_error(const struct event *e);
/* A connection that got no local port; not "localhost" tried as ::1 where there is no IPv6. */
bool call_lacks_port(const struct failure *f);
bool call_owns(const struct failure *f); /* changes owner or mode */
bool call_changes_user(const struct failure *f);
/* Would have made a file or a socket, and missed the directory for it. */
bool failure_lacks_directory(const struct failure *f);
/* A program or script that is there could not be run, or a script asked and left it out: no execute bit, or no interpreter. */
bool failure_refuses_program(const struct failure *f);
bool failure_maps_code(const struct failure *f); /* a library on a noexec mount */
/* No program provokes its error on purpose, as it does those that answer a question. */
bool failure_is_hard(const struct failure *f);
bool failure_is_refusal(const struct failure *f); /* EROFS, EACCES, EPERM, ENOSPC */
bool mount_holds_keys(const struct mount *m); /* ConfigMap, Secret, projected: always read-only */
const char *path_name(const char *path);      /* what follows the last slash */
bool path_under(const char *path, const char *directory); /* is it, or in it */

/* Asked once for each candidate process: its words, and the script that it was given. */
bool log_mentions_copy(const struct log_lines *w);
bool script_mentions_copy(const struct event *exec);
/* A copy that failed: by a copying program, or a library call that the words name. */
bool failure_is_copy(const struct context *q, const struct failure *f);

#endif
