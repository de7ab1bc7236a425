/* SPDX-License-Identifier: MIT */
/*
 * Commands and their options as tables. The one table of a command parses its command line, prints
 * its --help and makes its part of the manual page, so that none of the three can forget an option.
 *
 * A command has a struct of its own for its options; a row says by its offset where the value goes.
 * The defaults are a constant of that struct.
 */
#ifndef KTRACE_CLI_OPTIONS_H
#define KTRACE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "capture/capture.h"
#include "util/strbuf.h"

#define OPTION_ROWS_MAX 64 /* of a command: one more would not be known */

enum option_type {
	OPTION_FLAG,   /* bool: present or not */
	OPTION_STRING, /* const char * */
	OPTION_LIST, /* struct option_list: may be given several times; of its choices where it has some */
	OPTION_CHOICE, /* int: index in choices */
	OPTION_SIZE,   /* uint64_t: bytes, with K, M or G */
	OPTION_NUMBER, /* uint64_t */
	OPTION_CONFIG, /* struct option_config: the file that holds options too; one row at most */
};

struct option_list {
	const char **items;
	size_t n;
};

struct option_config {
	const char *path;   /* NULL: not given */
	uint64_t overruled; /* bit N: row N, of OPTION_ROWS_MAX, is on the command line */
	char *text;         /* what values of the file point into; config_read()'s */
};

struct option_row {
	const char *name; /* without the dashes */
	char letter;      /* 0: no short form */
	enum option_type type;
	size_t offset;
	const char *argument;       /* as --help prints it: "PATH"; NULL for flags and choices */
	const char *help;           /* one sentence, lower case, no full stop */
	const char *const *choices; /* OPTION_CHOICE, and lists of choices: ends with NULL */
};

struct example {
	const char *command, *what;
};

struct command {
	const char *name;
	const char *operands;             /* "[TARGET]", "-- COMMAND [ARG...]" or "" */
	const char *summary;              /* one line, for the list of commands */
	const char *description;          /* a paragraph */
	const struct option_row *options; /* ends with a row without a name; NULL: none */
	const struct example *examples;   /* ends with a row without a command */
	int min_operands, max_operands;   /* -1: as many as there are */
	size_t options_size;              /* of the struct that the rows' offsets point into */
	const void *defaults;
	bool hidden; /* not in lists: for the build */
	/* What remains of the command line after the options; returns the exit status. */
	int (*run)(const void *options, int argc, char **argv);
};

#define EXIT_USAGE 2

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML };
enum { REDACT_ON, REDACT_OFF };
/* format_choices has no HTML: for what streams, or is no explanation. */
extern const char *const when_choices[],
	*const format_choices[], *const page_format_choices[], *const level_choices[],
								       *const redact_choices[];

/* Rows that several commands share; `type_` is the command's struct of options. */
// clang-format off
#define OPTION_ROW_COLOR(type_) \
	{ "color", 0, OPTION_CHOICE, offsetof(type_, color), NULL, \
		"use colours; auto: on a terminal, unless NO_COLOR is set", when_choices }
#define FORMAT_HELP "human-readable text, or one JSON record per line"
#define PAGE_FORMAT_HELP \
	"human-readable text, one JSON record per line, or one page of HTML with a picture"
#define OPTION_ROW_FORMAT(type_) \
	{ "output", 'o', OPTION_CHOICE, offsetof(type_, format), NULL, FORMAT_HELP, \
		format_choices }
#define OPTION_ROW_PAGE_FORMAT(type_) \
	{ "output", 'o', OPTION_CHOICE, offsetof(type_, format), NULL, PAGE_FORMAT_HELP, \
		page_format_choices }
#define OPTION_ROW_SOCKET(type_) \
	{ "socket", 0, OPTION_STRING, offsetof(type_, socket), "PATH", \
		"the agent's socket (" DEFAULT_SOCKET ")", NULL }
#define OPTION_ROW_DISABLE_PROBE(type_) \
	{ "disable-probe", 0, OPTION_LIST, offsetof(type_, disabled), "PROBE[/WAY]", \
		"disable a probe that `ktrace doctor` lists, or one way of attaching it; may be " \
		"repeated", capture_probe_names }
#define OPTION_ROW_BTF(type_) \
	{ "btf", 0, OPTION_STRING, offsetof(type_, btf), "FILE", \
		"the BTF of exactly this kernel, where it has none of its own", NULL }
#define OPTION_ROW_REDACT(type_) \
	{ "redact", 0, OPTION_CHOICE, offsetof(type_, redact), NULL, \
		"mask passwords, tokens and keys in arguments and output (on)", redact_choices }
#define OPTION_ROWS_CAPTURED(type_) \
	{ "no-output", 0, OPTION_FLAG, offsetof(type_, no_output), NULL, \
		"do not capture what processes write to stdout and stderr", NULL }, \
	{ "no-args", 0, OPTION_FLAG, offsetof(type_, no_args), NULL, \
		"keep of a program's arguments only the first, its own name", NULL }, \
	OPTION_ROW_REDACT(type_)
#define OPTION_ROW_HOST_ROOT(type_) \
	{ "host-root", 0, OPTION_STRING, offsetof(type_, host_root), "PATH", \
		"where the node's root file system is mounted (in a pod: /proc/1/root)", NULL }
// clang-format on

#define DEFAULT_SOCKET "/run/ktrace/ktrace.sock"
#define DEFAULT_LISTEN "127.0.0.1:9435"
#define DEFAULT_LOG_FILE "/var/log/ktrace/ktrace.log"
#define DEFAULT_CONFIG "/etc/ktrace/ktrace.conf"
#define DEFAULT_STORE "/var/lib/ktrace/diagnoses"
#define DEFAULT_MEMORY "/var/lib/ktrace/memory"
#define DEFAULT_BUFFER_DIR "/var/lib/ktrace/buffer"

/*
 * Runs what the command line asks for; `commands` ends with a NULL. Returns the exit status: 2 with a
 * message on stderr that names what is wrong and what to do.
 */
int commands_run(const struct command *const *commands, int argc, char **argv);

/*
 * Parses argv[1...] into *options, which holds the defaults; *first is the index of the first operand.
 * 0, EXIT_USAGE after a message, or -1 when --help or --version was answered.
 */
int options_parse(const struct command *c, int argc, char **argv, void *options, int *first);
void options_release(const struct command *c, void *options); /* frees lists */

/* The row with that name; NULL, with *wrong filled in, when there is none. */
const struct option_row *options_find(
	const struct command *c, const char *name, struct strbuf *wrong);

/*
 * Sets an option from text, which must outlive the options; a flag's is true or false. 0, or a negative
 * errno with *wrong filled in: "events cannot be ...".
 */
int options_set(
	const struct option_row *row, const char *text, void *options, struct strbuf *wrong);

/* Of the row with OPTION_CONFIG; NULL when the command has none. */
struct option_config *options_config(const struct command *c, void *options);

/* Says what is wrong with the use of a command, and how to find help; returns EXIT_USAGE. */
int usage_error(const struct command *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

void help_print(FILE *f, const struct command *c);
void help_print_all(FILE *f, const struct command *const *commands);
void manual_print(FILE *f, const struct command *const *commands); /* roff, section 8 */

/* Whether to colour what goes to this file descriptor. */
bool color_wanted(int when, int fd);

#endif
