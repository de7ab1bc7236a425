// SPDX-License-Identifier: MIT
/*
 * What a line is there for. Of what a program wrote at its end most is no message: the frames of a stack, the
 * text that explains its options, the farewells of those that started it.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/log/lines.h"
#include "util/cleanup.h"
#include "util/find.h"

static bool begins_with_one(const char *line, const char *const *heads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strncasecmp(line, heads[i], strlen(heads[i])))
			return true;
	return false;
}

/*
 * npm prints an error as fields ("npm error code ENOENT", "npm error path /srv") around one or two sentences, of
 * which only those that complain are messages; what it says of a script that failed, the script said before.
 */
static bool is_npm_message(const char *line)
{
	static const char *const fields[] = { "code ", "errno ", "syscall ", "path ", "command ",
		"signal ", "dest ", "workspace ", "location ", "lifecycle script",
		"a complete log of this run", "this is related to" };
	bool error = !strncmp(line, "npm error ", 10) || !strncmp(line, "npm ERR! ", 9);

	if (!error)
		return false;
	line += strlen("npm ERR! ") + (line[4] == 'e');
	/* "enoent Could not read package.json" */
	size_t code = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789");
	if (*line == 'e' && line[code] == ' ' && isupper((unsigned char)line[code + 1]))
		line += code + 1;
	return line_complains(line) && !begins_with_one(line, fields, ARRAY_SIZE(fields));
}

/* "[ERROR]", and nothing behind it: Maven's rulers. */
static bool is_level_alone(const char *line)
{
	if (*line != '[')
		return false;
	size_t end = 1 + strspn(line + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return line[end] == ']' && !line[end + 1 + strspn(line + end + 1, " ")];
}

/* Lines that say nothing by themselves: stack frames, rulers, npm's and node's farewells. */
bool line_is_filler(const char *line)
{
	static const char *const heads[] = { "at ", "npm ", "File \"", "^", "~", "from ", "...",
		"])", "Node.js v", "Traceback (most", "raise ", "return ", "throw ",
		"During handling", "The above exception", "code:", "errno:", "syscall:", "input: '",
		"Emitted 'error' event on", "reason: '", "library: '", "opensslErrorStack: [",
		"+ exit ", "goroutine ", "exit status", "main.main", "[signal ", "stack backtrace",
		"Stack trace:", "#0 ", "#1 ", "#2 ", "thrown in ", "note: run with", "requireStack",
		"missing: [", "Require stack:", "Error: Could not create the Java",
		"Error: A fatal exception has", "Aborted", "A complete log of this run",
		"triggerUncaughtException", "[Help ", "node:internal", "internal/",
		"--- End of inner", "Current thread 0x", "Python runtime state",
		"<no Python frame>", "created by " };
	bool letters = false;
	size_t digits = strspn(line, "#0123456789");

	if (is_npm_message(line))
		return false;
	if (is_level_alone(line))
		return true;
	/* "3: 0xee85e7 v8::...", "#1 0x7f...": frames of a native stack. */
	if (!strncmp(line + digits + strspn(line + digits, ": "), "0x", 2))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		if (!strncmp(line, heads[i], strlen(heads[i])))
			return true;
	for (const char *s = line; *s; s++)
		letters |= isalpha((unsigned char)*s) != 0;
	return !letters;
}

static bool begins_usage(const char *line)
{
	static const char *const heads[] = { "usage:", "usage of ", "usage ", "synopsis",
		"available commands:", "global flags:", "flags:", "options:" };

	return begins_with_one(line, heads, ARRAY_SIZE(heads)) || !strcmp(line, "USAGE");
}

/* "sudo: If ..." begins with "If". */
static const char *behind_program(const char *line)
{
	size_t program = strcspn(line, " ");

	return program && line[program - 1] == ':' && line[program] ? line + program + 1 : line;
}

/* Where help is to be had. */
static bool points_to_help(const char *line)
{
	static const char *const heads[] = { "try '", "try `", "try \"", "use '", "use \"", "run '",
		"see '", "for more information", "for help", "more info", "more details here",
		"for usage", "run with --help", "type '", "please see ", "see https://",
		"read more" };

	/* "curl: try 'curl --help' for more information" */
	line = behind_program(line);
	return begins_with_one(line, heads, ARRAY_SIZE(heads)) &&
	       (find_folded(line, "help") || find_folded(line, "information") ||
		       find_folded(line, "http") || find_folded(line, "usage"));
}

/* "store: bye", "I store: bye": what stands behind the name of who speaks, which is no word of a complaint. */
static const char *behind_speaker(const char *line)
{
	size_t level = isupper((unsigned char)line[0]) && line[1] == ' ' ? 2 : 0;
	size_t name = strcspn(line + level, " :");
	const char *end = line + level + name;
	char word[32];

	snprintf(word, sizeof(word), "%.*s", (int)name, line + level);
	return name && name < sizeof(word) && end[0] == ':' && end[1] == ' ' &&
			       !line_complains(word)
		       ? end + 2
		       : line;
}

/* What is said on the way out, and of children that ended. */
static bool is_closing(const char *line)
{
	static const char *const heads[] = { "exiting", "worker exiting",
		"worker (pid:", "shutting down", "shutdown", "stopping", "stopped", "terminating",
		"terminated", "bye", "goodbye", "graceful", "aborting", "exit code", "exited",
		"killed", "getopt_long() error", "curl failed to verify the legitimacy", "done.",
		"closing", "cleanup", "cleaning up", "error command failed", "error Command failed",
		"info visit", "make: ***", "make[1]: ***", "begin failed", "compilation failed",
		"run `", "core dumped", "segmentation fault", "please report", "writing crash dump",
		"dumping core", "saving crash", "trace/breakpoint", "program will exit",
		"process exited", "end of error message", "error: a fatal exception",
		"build failed", "* try:", "> run with", "waiting for ", "server stopped",
		"server shutdown" };

	/* "mother[1/1]: shutting down" */
	const char *said =
		line[strcspn(line, " [")] == '[' ? behind_program(line) : behind_speaker(line);
	return begins_with_one(said, heads, ARRAY_SIZE(heads)) && !line_errno(line) &&
	       !strstr(said, ": ");
}

/* PostgreSQL and clients of it explain a message in further ones; a line that only sums up comes behind what it is about. */
static bool is_detail(const char *line)
{
	static const char *const heads[] = { "detail:", "hint:", "context:", "statement:", "tip:",
		"help:", "note:", "error(s) found in configuration",
		"fatal errors found in configuration", "some protocols failed to start",
		"shutting down: master", "error: invalid environment variables",
		"reason: worker failed to boot", "reason: app failed to load" };

	return begins_with_one(line, heads, ARRAY_SIZE(heads)) ||
	       (!strncmp(line, "configuration file \"", 20) && strstr(line, "contains errors"));
}

/* What to do about the complaint above it: "Please ...", "If ..., you may need to ...". */
static bool is_hint(const char *line)
{
	static const char *const heads[] = { "please ", "try ", "see ", "hint", "consider ",
		"for help", "for more", "for details", "for further", "make sure", "check ",
		"perhaps ", "did you ", "you may ", "you can ", "you might ", "you should ",
		"to fix ", "to resolve ", "to solve " };

	line = behind_program(line);
	/* "Please note that PORT must be set" is what is wrong. */
	if (find_folded(line, "must ") || find_folded(line, "required"))
		return false;
	return begins_with_one(line, heads, ARRAY_SIZE(heads)) ||
	       (!strncasecmp(line, "if ", 3) && find_folded(line, " you "));
}

/* What is only said because of the complaint above it: last lines of PHP-FPM, nginx, FreeRADIUS, Tor, ClamAV, ImageMagick, Node.js. */
bool line_sums_up(const char *line)
{
	static const char *const heads[] = { "fpm initialization failed",
		"failed to load configuration file", "unable to include ", "configuration file ",
		"errors reading or parsing ", "reading config failed",
		"failed to parse/validate config", "invalid config, exiting abnormally",
		"can't open file or directory", "no images defined ",
		"bad option: ", "failed to initialize dd storage engine",
		"collector server run finished with error",
		"loading configuration: ", "could not read from remote repository",
		"error is not recoverable", "child returned status", "agent library failed to init",
		"error occurred during initialization of vm", "kernel pid terminated" };

	line = behind_program(line);
	if (!begins_with_one(line, heads, ARRAY_SIZE(heads)))
		return false;
	return strncasecmp(line, "configuration file ", 19) != 0 || strstr(line, "test failed") ||
	       strstr(line, "contains errors");
}

bool line_points_back(const char *line)
{
	static const char *const signs[] = { "warnings above", "warning above", "errors above",
		"error above", "messages above", "message above", "log above", "output above",
		"see above", "see logs for", "see log for", "previous error", "previous warning",
		"preceding error", "errors before" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs));
}

static bool is_usage(const struct log_lines *w, size_t i)
{
	const char *line = w->lines[i];

	if (w->indented[i] || *line == '-' || line[strlen(line) - 1] == ':')
		return true;
	return begins_usage(line) || !line_complains(line) || points_to_help(line);
}

/* Outside of usage texts and stacks. complained: a message that complains stands above. */
static enum line_role role_of(const char *line, bool complained)
{
	if (is_closing(line))
		return LINE_CLOSING;
	if (is_detail(line) || (complained && (is_hint(line) || line_sums_up(line))))
		return LINE_DETAIL;
	return LINE_MESSAGE;
}

#define EXCERPT 5 /* lines: rulers, the line of the file, what was expected there */

/* What Rust's toml shows below "TOML parse error at line 3, column 8". */
static bool is_of_excerpt(const struct log_lines *w, size_t i, size_t oldest)
{
	for (size_t k = i + 1; k < oldest && k <= i + EXCERPT; k++)
		if (strstr(w->lines[k], "TOML parse error at line"))
			return !w->severities[i];
	return false;
}

/* Of a long write the middle is not kept, and "..." stands for it: what follows is the end of some line. */
static bool is_fragment(const struct log_lines *w, size_t i, size_t oldest)
{
	return (i + 1 < oldest && !strcmp(w->lines[i + 1], "...")) || is_of_excerpt(w, i, oldest);
}

/* The rest of a wrapped sentence is there for what its beginning is there for: a detail, or a farewell. */
static bool goes_on_from_no_message(const struct log_lines *w, size_t i, size_t oldest)
{
	bool no_message = i + 1 < oldest &&
			  (w->roles[i + 1] == LINE_DETAIL || w->roles[i + 1] == LINE_CLOSING);

	return no_message && !w->severities[i] && line_goes_on(w->raw[i + 1], w->raw[i]);
}

/* From the first line of a stream to its latest, as what was said before tells what a line belongs to. */
void log_lines_find_roles(struct log_lines *w, size_t newest, size_t oldest)
{
	bool in_usage = false, in_stack = false, complained = false;

	for (size_t i = oldest; i-- > newest;) {
		const char *line = w->lines[i];
		bool levelled = w->severities[i] != SEVERITY_NONE;
		if (in_usage && !is_usage(w, i))
			in_usage = false;
		in_usage |= begins_usage(line) && !levelled;
		/* All that a Go program says behind the first frame is stacks, until it has a level again. */
		if (levelled || !strncmp(line, "panic: ", 7))
			in_stack = false;
		in_stack |= !strncmp(line, "goroutine ", 10) && strchr(line, '[');
		w->roles[i] = in_stack || line_is_filler(line)        ? LINE_STACK
			      : is_fragment(w, i, oldest)             ? LINE_DETAIL
			      : goes_on_from_no_message(w, i, oldest) ? w->roles[i + 1]
			      : in_usage || points_to_help(line)      ? LINE_USAGE
								      : role_of(line, complained);
		if (w->roles[i] == LINE_MESSAGE)
			complained = log_lines_complaint(w, i);
	}
}
