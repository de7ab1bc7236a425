// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"

#define EXIT_LOADER 127

/* glibc's and musl's loaders, dlopen's messages in other runtimes, and versions that are too old. */
static bool loader_says(const char *line)
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
	if (words_after(line, "version `", "'", out, size))
		return;
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

static const struct failure *look_up(const struct inquiry *q, const char *name)
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

/* The loader that said nothing: it ended with 127, and the last library it looked for was in no folder. */
static bool silent_loader(const struct inquiry *q, struct verdict *v)
{
	const struct process *p = q->culprit ? q->culprit->process : NULL;

	if (!p || status_exit_code(p->status) != EXIT_LOADER || program_is_shell(p->exec) ||
		p->err.len)
		return false;
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct story_entry *entry = &q->entries[i];
		if (entry->process != p || !strstr(path_name(entry->event->path), ".so"))
			continue;
		strncpy(v->name, path_name(entry->event->path), sizeof(v->name) - 1);
		v->event = entry->event;
		v->suspect = q->culprit;
		v->score = q->culprit->blame * 0.7;
		return true;
	}
	return false;
}

static bool match(const struct inquiry *q, struct verdict *v)
{
	if (!rule_words(q, v, 0.96, loader_says))
		return silent_loader(q, v);
	name_in(v->line, v->name, sizeof(v->name));
	v->failure = *v->name ? look_up(q, v->name) : NULL;
	return true;
}

static const struct event *an_entry_for(const struct inquiry *q, const char *name)
{
	for (size_t i = q->n_entries; i-- > 0;)
		if (q->entries[i].event->kind == EVENT_FILE_ERROR &&
			!strcmp(path_name(q->entries[i].event->path), path_name(name)))
			return q->entries[i].event;
	return NULL;
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->suspect->process;
	const char *name = *v->name ? v->name : "a library";
	bool version = v->line && strstr(v->line, "' not found (required by");
	const struct event *e = *v->name ? an_entry_for(q, v->name) : NULL;

	report_title(r,
		version ? "Library too old: %s asks for %s" : "Missing library: %s needs %s",
		p->comm, name);
	if (version)
		report_say(r,
			"%s was built against a newer C library than the image has: it asks for "
			"%s.",
			phrase_process(p).text, name);
	else
		report_say(r,
			"%s needs the shared library %s, which is in none of the folders where the "
			"loader looks.",
			phrase_process(p).text, name);
	if (q->failed)
		report_say(r, "The container then ended with exit code %d.", q->exit_code);
	report_culprit(r, e ? e : p->exit);
	if (e)
		report_event(
			r, e, "%s looked for %s in the last of several folders", p->comm, name);
	report_quote(r, p, v->line);
	report_path(r, e ? e->path : name);
	if (version) {
		report_mend(
			r, "Build the program on an older base image, or run it on a newer one.");
		return;
	}
	report_mend(r,
		"Install the package that holds %s in the image (apt-file search %s; apk info "
		"--who-owns).",
		name, path_name(name));
	report_mend(r, "Or, when it lies in a folder of its own, name that folder.");
	manifest_container(r,
		"    env:\n      - name: LD_LIBRARY_PATH\n        value: /folder/of/the/library\n");
}

const struct rule rule_missing_library = {
	.match = match,
	.tell = tell,
};
