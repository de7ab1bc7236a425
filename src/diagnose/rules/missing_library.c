// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

#define EXIT_LOADER 127
#define LAST_MOMENT SECONDS(1)

/* glibc's and musl's loaders, dlopen's messages in other runtimes, and versions that are too old. */
static bool is_loader_message(const char *line)
{
	static const char *const signs[] = { "error while loading shared libraries",
		"Error loading shared library", "cannot open shared object file",
		"symbol not found", "undefined symbol:", "' not found (required by",
		"UnsatisfiedLinkError", "symbol lookup error" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
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

/*
 * Nobody said which, and a library that was nowhere is the last thing looked for: by the loader itself, which
 * ends with 127, or for a program that loads it at run time.
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
		if (q->entries[i].process != p || e->kind != EVENT_FILE_ERROR)
			continue;
		bool loader = status_exit_code(p->status) == EXIT_LOADER;
		bool late = p->ended_at - q->entries[i].last < LAST_MOMENT;
		if (strncmp(path_name(e->path), "lib", 3) || !strstr(path_name(e->path), ".so") ||
			!(loader || (late && looked_for_everywhere(q, p, e))))
			return false;
		snprintf(v->name, sizeof(v->name), "%s", path_name(e->path));
		v->event = e;
		rule_process(
			v, q->culprit, loader ? CLUE_loader_gave_up : CLUE_last_searched_library);
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

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const char *name = *v->name ? v->name : "a library";
	bool version = v->line && strstr(v->line, "' not found (required by");
	const struct event *e = *v->name ? an_entry_for(q, v->name) : NULL;

	report_title(r,
		version ? "Library too old: %s asks for %s" : "Missing library: %s needs %s",
		phrase_process_name(p).text, name);
	if (version)
		report_sentence(r,
			"%s was built against a newer library than the image has: it asks for %s.",
			phrase_process(p).text, name);
	else
		report_sentence(r,
			"%s needs %s%s, which is in none of the folders that were searched.",
			phrase_process(p).text, *v->name ? "the shared library " : "", name);
	if (q->failed)
		report_sentence(r, "The container then ended with exit code %d.", q->exit_code);
	report_culprit(r, e ? e : p->exit);
	if (e)
		report_event(r, e, "%s looked for it in several folders, last in %s",
			phrase_process(p).text, directory_of_path(e->path).text);
	report_quote(r, p, v->line);
	report_path(r, e ? e->path : *v->name ? name : NULL);
	if (version) {
		report_recommend(
			r, "Build the program on an older base image, or run it on a newer one.");
		return;
	}
	if (*v->name)
		report_recommend(r,
			"Install the package that holds it in the image (`apt-file search %s` "
			"finds it for Debian, pkgs.alpinelinux.org for Alpine).",
			path_name(name));
	else
		report_recommend(r, "Install the package that holds it in the image.");
	report_recommend(r, "Or, when it lies in a folder of its own, name that folder.");
	manifest_container(r,
		"    env:\n      - name: LD_LIBRARY_PATH\n        value: /folder/of/the/library\n");
}

const struct rule rule_missing_library = {
	.match = match,
	.explain = explain,
};
