// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/path_pattern.h"
#include "diagnose/rules.h"
#include "diagnose/text/packages.h"
#include "diagnose/text/recommend.h"

#define EXIT_LOADER 127
#define LAST_MOMENT SECONDS(1)
#define AT_ONCE SECONDS(0.05)

/* glibc's and musl's loaders, dlopen's messages in other runtimes, and versions that are too old. */
static bool is_loader_message(const char *line)
{
	static const char *const signs[] = { "error while loading shared libraries",
		"Error loading shared library", "cannot open shared object file",
		"symbol not found", "undefined symbol:", "' not found (required by",
		"UnsatisfiedLinkError", "symbol lookup error" };

	/* It was found, and may not be run where it lies; Oracle's is no package of a distribution. */
	if (strstr(line, "failed to map segment from shared object") || strstr(line, "DPI-1047"))
		return false;
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

/* How long the word is that ends there. */
static size_t word_before(const char *line, const char *end)
{
	size_t n = 0;

	while (end - n > line && !strchr(" :\t'\"`(),", end[-(ptrdiff_t)n - 1]))
		n++;
	return n;
}

/* The library's name: the word with ".so" in it; for versions "GLIBC_2.34". */
static void name_in(const char *line, char *out, size_t size)
{
	char java[128];

	if (line_after(line, "version `", "'", out, size))
		return;
	if (line_after(line, "UnsatisfiedLinkError: no ", " ", java, sizeof(java))) {
		snprintf(out, size, "lib%s.so", java);
		return;
	}
	/* musl names the file that needs it before and behind: "/tmp/x.so: Error loading shared library libz.so.1: ..." */
	if (line_after(line, "Error loading shared library ", ":", out, size))
		return;
	/* The loader's own message names the file before it, whatever its suffix is: "/app/addon.node: cannot open ..." */
	const char *said = strstr(line, ": cannot open shared object file");
	size_t n = said ? word_before(line, said) : 0;
	if (n && n < size) {
		snprintf(out, size, "%.*s", (int)n, said - n);
		return;
	}
	for (const char *s = line; *s;) {
		size_t len = strcspn(s, " :\t'\"`(),");
		const char *so = memmem(s, len, ".so", 3);
		if (so && len < size && strncmp(s, "/proc", 5)) {
			memcpy(out, s, len);
			out[len] = '\0';
			return;
		}
		s += len + strspn(s + len, " :\t'\"`(),");
	}
	out[0] = '\0';
}

static const struct failure *look_up(const struct context *q, const char *name)
{
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct story_entry *entry = &q->entries[i];
		if (entry->event->kind != EVENT_FILE_ERROR ||
			strcmp(path_name(entry->event->path), path_name(name)))
			continue;
		for (size_t k = 0; k < q->n_failures; k++)
			if (q->failures[k].entry == entry)
				return &q->failures[k];
	}
	return NULL;
}

/* It was in none of several directories, the loader's own among them. */
static bool looked_for_everywhere(
	const struct context *q, const struct process *p, const struct event *last)
{
	const struct lookup *all;
	size_t n = lookups_of(q, path_name(last->path), &all), tried = 0;
	bool standard = false;

	for (size_t i = 0; i < n; i++) {
		const char *path = all[i].entry->event->path;
		if (all[i].entry->process != p || all[i].entry->event->error != ENOENT)
			continue;
		standard |= !strncmp(path, "/lib", 4) || !strncmp(path, "/usr/lib", 8);
		tried++;
	}
	return tried >= 3 && standard;
}

static bool ended_as_loader(const struct process *p)
{
	return status_exit_code(p->status) == EXIT_LOADER;
}

static bool is_library(const char *path)
{
	return pattern_matches_text("lib*$", path) && strstr(path_name(path), ".so");
}

/* A library of the program's own, by its whole name: the loader's searches are for versions ("libz.so.1"). */
static bool is_plugin(const struct context *q, const struct story_entry *entry)
{
	struct failure f;

	failure_of_entry(q, entry, &f);
	return call_opens(&f) && pattern_matches_text("*.so$", f.path);
}

/* How its process came to look for it last; CLUES: it is no library, need not be there, or that is long ago. */
static enum clue library_clue(
	const struct context *q, const struct process *p, const struct story_entry *last)
{
	uint64_t gap = time_between(last->last, p->ended_at);

	if (!is_library(last->event->path) || noise_name_source(last->event->path))
		return CLUES;
	if (ended_as_loader(p))
		return CLUE_loader_gave_up;
	if (gap < LAST_MOMENT && looked_for_everywhere(q, p, last->event))
		return CLUE_last_searched_library;
	return gap < AT_ONCE && is_plugin(q, last) ? CLUE_last_opened_library : CLUES;
}

/* Where it gives up, it has asked for the directories that the library was not in. */
static bool asks_for_directory(const struct context *q, const struct story_entry *entry)
{
	struct failure f;

	failure_of_entry(q, entry, &f);
	return noise_loader_asks(q, &f);
}

/*
 * Nobody said which, and a library that was nowhere is the last thing looked for: by the loader itself, which
 * ends with 127, or for a program that loads it at run time, from all directories or from one of its own.
 */
bool rule_silent_loader(const struct context *q, struct verdict *v)
{
	const struct process *p = q->culprit ? q->culprit->process : NULL;

	if (!p || !p->ended_at || program_is_shell(p->exec))
		return false;
	const char *line = p->err.len ? log_lines_decisive(&q->culprit->log_lines) : NULL;
	if (line_reason(line) != WHY_OPEN)
		return false;
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct event *e = q->entries[i].event;
		if (q->entries[i].process != p || e->kind != EVENT_FILE_ERROR ||
			(ended_as_loader(p) && asks_for_directory(q, &q->entries[i])))
			continue;
		enum clue clue = library_clue(q, p, &q->entries[i]);
		if (clue == CLUES)
			return false;
		snprintf(v->name, sizeof(v->name), "%s", path_name(e->path));
		v->event = e;
		rule_process(v, q->culprit, clue);
		v->line = line;
		return true;
	}
	return false;
}

static bool match(const struct context *q, struct verdict *v)
{
	if (!rule_log_line(q, v, is_loader_message))
		return rule_silent_loader(q, v);
	name_in(v->line, v->name, sizeof(v->name));
	v->failure = *v->name ? look_up(q, v->name) : NULL;
	return true;
}

static const struct event *an_entry_for(const struct context *q, const char *name)
{
	for (size_t i = q->n_entries; i-- > 0;)
		if (q->entries[i].event->kind == EVENT_FILE_ERROR &&
			!strcmp(path_name(q->entries[i].event->path), path_name(name)))
			return q->entries[i].event;
	return NULL;
}

/* A library that is there, and lacks what another one or the program wants of it. */
static void explain_symbol(const struct verdict *v, const char *symbol, struct report *r)
{
	static const struct advice match = {
		.text = "Install versions that were built for each other: rebuild or reinstall "
			"{name} in the "
			"image against the library that it is used with, or take the release made "
			"for it.",
	};
	static const struct advice musl = {
		.text = "Use an image with glibc (Debian, Ubuntu), or a build of {name} for musl: "
			"on Alpine a "
			"library built for glibc misses functions.",
	};
	const struct process *p = v->candidate->process;
	const char *name = *v->name ? path_name(v->name) : "a library";
	bool on_musl = strstr(v->line, "Error relocating") || strstr(v->line, "ld-musl");

	report_title(r, "%s does not fit the libraries in the image: no symbol %s", name, symbol);
	report_sentence(r,
		"%s loaded %s, which needs the symbol `%s`, and no library in the image has it: "
		"the two "
		"were built for different versions.",
		phrase_process(p).text, name, symbol);
	report_quote(r, p, v->line);
	report_culprit(r, p->exit);
	report_path(r, *v->name ? v->name : NULL);
	recommend(r, on_musl ? &musl : &match, &(struct blanks){ .name = name });
}

static bool symbol_in(const char *line, char *out, size_t size)
{
	return line && (line_after(line, "undefined symbol: ", " ,\r", out, size) ||
			       (strstr(line, "symbol not found") &&
				       line_after(line, "Error relocating ", " ", out, size) &&
				       line_after(line, ": ", ":", out, size)));
}

static void explain_version(const struct verdict *v, struct report *r)
{
	static const struct advice older = {
		.text = "Build the program on the same base image as it runs on, or on an older "
			"one: it asks "
			"for {value}, which the libraries of this image do not have yet.",
	};
	static const struct advice newer = {
		.text = "Or run it on a newer base image.",
	};
	const struct process *p = v->candidate->process;
	struct blanks b = { .value = v->name };

	report_title(r, "The image's libraries are too old: %s asks for %s",
		phrase_process_name(p).text, v->name);
	report_sentence(r,
		"%s was built against newer libraries than the image has: it asks for %s.",
		phrase_process(p).text, v->name);
	report_quote(r, p, v->line);
	report_culprit(r, p->exit);
	report_path(r, v->name);
	recommend(r, &older, &b);
	recommend(r, &newer, &b);
}

/*
 * glibc's loader passes over a library of another machine, and then says that there is none: of one that it was
 * given the path of, no failed call tells that it is missing.
 */
static bool is_of_other_machine(const struct context *q, const struct verdict *v)
{
	return v->name[0] == '/' && v->line && strstr(v->line, "cannot open shared object file") &&
	       !an_entry_for(q, v->name) && !q->missed;
}

static void explain_other_machine(const struct verdict *v, struct report *r)
{
	static const struct advice rebuild = {
		.text = "Build {name} for the node's architecture: install the modules inside the "
			"image build (for Node.js `npm rebuild`), and build the image for that "
			"platform (`docker buildx build --platform`).",
	};
	const struct process *p = v->candidate->process;

	report_title(r, "%s cannot be loaded: most likely it is built for another architecture",
		v->name);
	report_sentence(r,
		"%s could not load %s. The file is there, as no call missed it, and the loader "
		"passes over a library for another machine with the same words as over a missing "
		"one.",
		phrase_process(p).text, v->name);
	report_quote(r, p, v->line);
	report_culprit(r, p->exit);
	report_path(r, v->name);
	recommend(r, &rebuild, &(struct blanks){ .name = v->name });
}

static void advise_library(const char *name, struct report *r)
{
	static const struct advice known = {
		.text = "Install {name} in the image: `RUN apt-get update && apt-get install -y "
			"{other}` "
			"(Debian, Ubuntu)[ or `RUN apk add --no-cache {target}` (Alpine)].",
	};
	static const struct advice unknown = {
		.text = "Install the package that has {name} in the image[; `apt-file search "
			"{name}` names it "
			"for Debian and Ubuntu].",
	};
	static const struct advice no_libc = {
		.text = "Use an image that has a C library (Debian, or gcr.io/distroless/base), or "
			"build the program statically (for Go: `CGO_ENABLED=0`): this one has no "
			"{name}.",
	};
	static const struct advice own = {
		.text = "Or, if the image has it in a directory of its own, name that in "
			"LD_LIBRARY_PATH.",
	};
	static const struct advice openssl_1 = {
		.text = "Use an image with OpenSSL 1.1 (Debian 11, Ubuntu 20.04, Alpine 3.16), or "
			"a build of "
			"the program for OpenSSL 3: newer images do not have {name}.",
	};
	const struct package *package = package_of_library(path_name(name));
	struct blanks b = { .name = path_name(name) };
	bool old = !strcmp(b.name, "libssl.so.1.1") || !strcmp(b.name, "libcrypto.so.1.1");

	if (package) {
		b.other = package->debian;
		b.target = package->alpine;
	}
	if (!strcmp(b.name, "libc.so.6")) {
		recommend(r, &no_libc, &b);
		return;
	}
	recommend(r, old ? &openssl_1 : package ? &known : &unknown, &b);
	if (!package && !old && !strchr(name, '/'))
		recommend(r, &own, &b);
}

/* php.ini or -d extension=NAME: PHP says so, and goes on without. */
static bool advise_php_extension(const char *line, struct report *r)
{
	static const struct advice extension = {
		.text = "Install PHP's extension {name} when the image is built: `RUN "
			"docker-php-ext-install {name}` where it comes with PHP, else `RUN pecl "
			"install {name} && docker-php-ext-enable {name}`; or leave it out of "
			"php.ini, if nothing needs it.",
	};
	char name[128];

	return line &&
	       line_after(line, "Unable to load dynamic library '", "'", name, sizeof(name)) &&
	       recommend(r, &extension, &(struct blanks){ .name = path_name(name) });
}

static void report_need(const struct process *p, const char *name, struct report *r)
{
	const char *where =
		strchr(name, '/') ? "not there" : "in none of the directories that were searched";

	report_sentence(r, "%s needs %s%s, which is %s.", phrase_process(p).text,
		*name ? "the shared library " : "", *name ? name : "a library", where);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const char *name = *v->name ? v->name : "a library";
	const struct event *e = *v->name ? an_entry_for(q, v->name) : NULL;
	char symbol[128];

	if (symbol_in(v->line, symbol, sizeof(symbol))) {
		explain_symbol(v, symbol, r);
		return;
	}
	if (v->line && strstr(v->line, "' not found (required by")) {
		explain_version(v, r);
		return;
	}
	if (is_of_other_machine(q, v)) {
		explain_other_machine(v, r);
		return;
	}
	report_title(r, "Missing library: %s needs %s", phrase_process_name(p).text, name);
	report_need(p, v->name, r);
	if (q->failed)
		report_sentence(r, "The container then ended with exit code %d.", q->exit_code);
	report_culprit(r, e ? e : p->exit);
	if (e)
		report_event(r, e, "%s looked for it in several directories, last for %s",
			phrase_process(p).text, e->path);
	report_quote(r, p, v->line);
	report_path(r, e ? e->path : *v->name ? name : NULL);
	if (*v->name && !advise_php_extension(v->line, r))
		advise_library(v->name, r);
}

const struct rule rule_missing_library = {
	.match = match,
	.explain = explain,
};
