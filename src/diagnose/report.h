/* SPDX-License-Identifier: MIT */
/*
 * The words of a diagnosis: sentences, evidence and advice, put together by the rules. Memory that runs
 * out is remembered, and asked for once at the end.
 */
#ifndef KTRACE_DIAGNOSE_REPORT_H
#define KTRACE_DIAGNOSE_REPORT_H

#include "diagnose/context.h"

#define REPORT_EVIDENCE_MAX 12

struct report {
	const struct context *q;
	struct diagnosis *d; /* owned */
	struct strbuf title, summary;
	bool failed;
};

int report_open(struct report *r, const struct context *q); /* 0 or -ENOMEM */
/* The finished diagnosis, the caller's; NULL when memory ran out. Frees the rest. */
struct diagnosis *report_close(struct report *r);

#define PRINTF(n) __attribute__((format(printf, n, (n) + 1)))

void report_title(struct report *r, const char *fmt, ...) PRINTF(2);
/* One sentence more. */
void report_sentence(struct report *r, const char *fmt, ...) PRINTF(2);
/* Advice, best first, three at most; and YAML for the latest advice. */
void report_recommend(struct report *r, const char *fmt, ...) PRINTF(2);
void report_manifest(struct report *r, const char *fmt, ...) PRINTF(2);

void report_path(struct report *r, const char *path);         /* the path that matters */
void report_culprit(struct report *r, const struct event *e); /* NULL leaves it as it is */

/* An event as evidence; one that was told already is left out. */
void report_event(struct report *r, const struct event *e, const char *fmt, ...) PRINTF(3);
/* A failure and what it led to, each as evidence; culprit and path are the first one's. */
void report_failure(struct report *r, const struct failure *f);
void report_quote(struct report *r, const struct process *p, const char *line);
/* A line with what was said around it, as one piece of evidence. */
void report_quote_block(struct report *r, const struct candidate *s, const char *line);
struct verdict;
/* How long and how often it was waited for, where the verdict is about that; fills the diagnosis' `waiting`. */
void report_wait(struct report *r, const struct verdict *v);
/*
 * Somebody outside waits for a container that runs: fills `waiting` with kind "probe", so that the diagnosis is withdrawn
 * when it holds no more. name: of what, "" for none; times in ns.
 */
void report_probe_wait(struct report *r, const char *name, uint16_t port, uint64_t since,
	uint64_t attempts, const char *answer);
/* Somebody looked at the node right after the call, and what its error says is not so. */
bool node_denies(const struct context *q, const struct failure *f);
/* Only words tell of it, and the kernel refused no call so, though such calls are seen. */
bool is_hearsay(const struct context *q, const struct failure *f);
void report_hearsay(struct report *r, const struct failure *f);
bool has_room(const struct failure *f); /* bytes and inodes, as far as the file system tells */
/* What was returned all the same, what was found, and who may have made the answer. */
void report_doubt(struct report *r, const struct failure *f);
/* What followed from the failure: what it made fail later, or the container's end. */
void report_consequence(struct report *r, const struct failure *f);

/* Pieces of sentences. Returned by value, so that they can be arguments. */
struct phrase {
	char text[640];
};
struct phrase phrase_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
struct phrase phrase_name(const struct failure *f);    /* "cp" */
struct phrase phrase_who(const struct failure *f);     /* "`cp` (uid 1000)" */
struct phrase phrase_attempt(const struct failure *f); /* "create /app/app.py" */
/* "the ConfigMap `x` mounted at /y, which is always read-only" */
struct phrase phrase_place(const struct context *q, const struct failure *f);

struct phrase phrase_mount(const struct context *q, const struct mount *m); /* no more than where */

/* True under `ktrace run`: there is no container, image or pod, only a command on this machine. */
bool is_plain_command(const struct context *q);
/* False also of containers that no cluster runs: by podman, Docker, plain runc or crun. */
bool is_of_pod(const struct context *q);
/* "container", or "command" under `ktrace run`; static. */
const char *subject_of(const struct context *q);
/* "/app belongs to uid 0, gid 0 and has mode 0755", or "" */
struct phrase phrase_owner(const struct failure *f);
/* A directory on the way lets the process not in; owner and mode allow what a security module refused. */
bool directory_is_closed(const struct failure *f);
bool mode_allows(const struct failure *f);
/* A hard link that fs.protected_hardlinks refuses: the file is another user's, and the process may not write it. */
bool link_is_protected(const struct failure *f);
/* The file or directory whose owner and mode refuse the call, with its path; NULL: nobody looked. */
const struct file_facts *file_that_refuses(const struct failure *f, const char **path);
/*
 * Of a link or rename: the directory that was looked at, above the one of the new name, lets the process write; so the one
 * of the new name refuses. True: that one is in *directory.
 */
bool refused_further_down(const struct failure *f, struct phrase *directory);
/*
 * The file or directory whose access control list refuses the call, with its path and what it should give ("rw");
 * NULL where no list does.
 */
const struct file_facts *list_that_refuses(
	const struct failure *f, const char **path, const char **rights);
/* Every directory on the way was looked at. */
bool way_is_known(const struct failure *f);
/* Why it was refused, in the few words of a title: the same, or "permission denied". */
struct phrase phrase_refusal(const struct failure *f);
/* The message in what `program` logged, fit for a title: no time, pid, level or program before it. */
struct phrase phrase_message(const char *line, const char *program);
/* The decisive line the same way; a hard-wrapped sentence is put together again. */
struct phrase phrase_decisive(const struct candidate *who, const char *line);
/* The sentence that quotes all that the process said about it. */
void report_decisive_lines(struct report *r, const struct candidate *who, const char *line);
/*
 * failed_step.c: the step of the start that failed before this program was run, with what to do about it. False: none
 * did, and nothing was reported.
 */
bool report_failed_step(struct report *r, const struct process *ended);
struct phrase phrase_bytes(uint64_t n);               /* "32 MiB" */
struct phrase phrase_peer(const struct failure *f);   /* "10.0.0.1 port 5432" */
struct phrase phrase_address(const struct event *e);  /* IPv4 as such: no "::ffff:" before it */
struct phrase phrase_listener(const struct event *e); /* "port 80 on all addresses" */
struct phrase phrase_duration(uint64_t ns);
/* " after 5 seconds": from its program's start; "" when nobody saw that. */
struct phrase phrase_after(const struct context *q, uint64_t time); /* "20 ms", "3.5 seconds" */
struct phrase phrase_process_name(const struct process *p);         /* "docker-entrypoint.sh" */
struct phrase phrase_process(const struct process *p); /* "`python3` (pid 7 in the container)" */
struct phrase phrase_command(const struct process *p); /* "cp /a /b", cut; its name at least */

/* What stands between two lines of a block that is told in one: before line i. */
const char *block_joint(const char *const lines[], size_t i);
/* It came back for a while: two events of one attempt do not count. */
bool failure_persisted(const struct failure *f);

const struct mount *mount_of(const struct context *q, const struct failure *f); /* never NULL */
const char *mount_title(enum mount_kind kind);                                  /* "ConfigMap" */

#endif
