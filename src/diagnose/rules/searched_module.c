// SPDX-License-Identifier: MIT
/* Of missing_module: an eval, a rescue or a redirection took the words away, and the last look-ups are left. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/path_pattern.h"
#include "diagnose/rules.h"
#include "util/cleanup.h"

#define AT_ONCE SECONDS(0.1) /* nothing but these words came in between */

/* Runtimes that search directory after directory, and what ends the names that they look for (NULL: in node_modules). */
static const struct searched {
	const char *end, *language;
} searched[] = {
	{ ".pm", "Perl" },
	{ ".rb", "Ruby" },
	{ ".class", "Java" },
	{ NULL, "Node" },
};

/* "@scope/name" of "/srv/node_modules/@scope/name/package.json" and "/srv/node_modules/@scope/name.node". */
static struct phrase package_of(const char *path)
{
	static const char directory[] = "/node_modules/", addon[] = ".node";
	const char *name = strstr(path, directory);
	struct phrase p = { "" };

	for (const char *next = name; next; next = strstr(next + 1, directory))
		name = next + strlen(directory);
	if (!name)
		return p;
	size_t len = strcspn(name, "/"), end = strlen(addon);
	if (*name == '@' && name[len])
		len += 1 + strcspn(name + len + 1, "/");
	if (len > end && !strncmp(name + len - end, addon, end))
		len -= end;
	snprintf(p.text, sizeof(p.text), "%.*s", (int)len, name);
	return p;
}

static const struct searched *module_of(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(searched); i++) {
		size_t end = searched[i].end ? strlen(searched[i].end) : 0;
		if (end ? len > end && !strcmp(path + len - end, searched[i].end)
			: *package_of(path).text)
			return &searched[i];
	}
	return NULL;
}

/* What Ruby itself loads where it is there: gem_prelude.rb passes over its absence. */
static bool is_prelude(const char *path)
{
	static const char *const names[] = { "did_you_mean.rb", "error_highlight.rb",
		"syntax_suggest.rb", "bundled_gems.rb" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(path_name(path), names[i]))
			return true;
	return false;
}

/* RubyGems asks for NAME.so after NAME.rb; and who then opens directories looks for names like the missing one. */
static bool is_second_look(const struct process *p, const struct event *e)
{
	bool asks = strstr(e->syscall, "stat") && pattern_matches_text("*.so$", e->path);

	return program_is(p->exec, ROLE_RUBY) && (asks || strstr(e->flags, "O_DIRECTORY"));
}

/* Where Node.js looks in the end, whatever the module's name: these directories are not there. */
static bool is_last_resort(const char *path)
{
	return noise_node_global(path) || !strcmp(path_name(path), "node_modules");
}

/* "DBD/Oracle.pm": what two paths end with, from a slash on. */
static const char *common_end(const char *a, const char *b)
{
	const char *x = a + strlen(a), *y = b + strlen(b), *found = path_name(a);

	while (x > a && y > b && x[-1] == y[-1]) {
		x--;
		y--;
		if (*x == '/')
			found = x + 1;
	}
	return found;
}

/* Ruby's own name for it has no ending, nor has that of the gem that holds it. */
static void drop_ending(char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);

	if (len > end && !strcmp(name + len - end, ending))
		name[len - end] = '\0';
}

static bool in_no_directory(const struct context *q, const struct process *p, struct verdict *v)
{
	const struct lookup *all;
	const char *name = NULL;
	size_t n = lookups_of(q, path_name(v->event->path), &all);
	int tried = 0;

	for (size_t i = 0; i < n; i++) {
		const struct event *e = all[i].entry->event;
		if (all[i].entry->process != p || e->error != ENOENT || e == v->event)
			continue;
		const char *end = common_end(v->event->path, e->path);
		if (!name || end > name)
			name = end;
		tried++;
	}
	/* Of a class path JARs are read without asking: there may be one directory, or none but the current one. */
	bool java = program_is(p->exec, ROLE_JAVA);
	if (tried < 2 && !java)
		return false;
	snprintf(v->name, sizeof(v->name), "%s", name ? name : v->event->path);
	if (program_is(p->exec, ROLE_RUBY))
		drop_ending(v->name, ".rb");
	return true;
}

/* Node.js tries several names for a package in each directory that is there. */
static bool in_no_node_modules(const struct context *q, const struct process *p, struct verdict *v)
{
	struct phrase name = package_of(v->event->path);
	int tried = 0;

	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		tried += q->entries[i].process == p && e->error == ENOENT &&
			 !strcmp(package_of(e->path).text, name.text);
	}
	if (tried < 2)
		return false;
	snprintf(v->name, sizeof(v->name), "%.255s", name.text);
	return true;
}

/* Of those that name no module: the latest is where Node.js looks when there was no directory to look in. */
static bool in_last_resort(const struct event *last, struct verdict *v)
{
	if (!last || !noise_node_global(last->path))
		return false;
	v->event = last;
	return true;
}

/* It gives a reason, and none in particular: then the look-up has to be the very last thing. */
static bool says_little(const char *line)
{
	return line && line_reason(line) != WHY_OPEN && line_is_vague(line);
}

/*
 * It left open why it ended, and the last thing that it looked for is a module that was in none of several
 * directories: an eval or rescue took the runtime's own words away.
 */
bool rule_searched_module(const struct context *q, struct verdict *v)
{
	const struct process *p = q->culprit ? q->culprit->process : NULL;
	const char *line = p && p->ended_at ? log_lines_decisive(&q->culprit->log_lines) : NULL;
	bool vague = says_little(line);
	if (!p || !p->ended_at || !q->failed || (line_reason(line) != WHY_OPEN && !vague))
		return false;
	const struct event *resort = NULL;
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (q->entries[i].process != p || !e->error)
			continue;
		resort = e;
		if (!is_last_resort(e->path) && !is_prelude(e->path) && !is_second_look(p, e))
			v->event = e;
	}
	const struct searched *how = v->event ? module_of(v->event->path) : NULL;
	bool named = how && (how->end ? in_no_directory(q, p, v) : in_no_node_modules(q, p, v));
	if ((!named && !in_last_resort(resort, v)) || (vague && !named) ||
		time_between(v->event->time, p->ended_at) > (vague ? AT_ONCE : SECONDS(1)))
		return false;
	rule_process(v, q->culprit, named ? CLUE_last_searched_module : CLUE_searched_last_resort);
	v->line = line;
	return true;
}

const char *searched_module_language(const char *path)
{
	const struct searched *how = module_of(path);

	return how ? how->language : "Node"; /* in_last_resort */
}
