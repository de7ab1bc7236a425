// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "util/cleanup.h"

/* How runtimes say it: what stands before the name, what ends the name, and who installs it. */
static const struct saying {
	const char *lead, *ends, *language, *install;
} sayings[] = {
	{ "No module named '", "'", "Python", "pip install" },
	{ "No module named \"", "\"", "Python", "pip install" },
	{ "No module named ", " \r;", "Python", "pip install" },
	{ "cannot import name '", "'", "Python", "pip install" },
	{ "PackageNotFoundError: No package metadata was found for ", " \r", "Python",
		"pip install" },
	{ "Cannot find module '", "'", "Node", "npm install" },
	{ "Cannot find package '", "'", "Node", "npm install" },
	{ "cannot load such file -- ", " \r(", "Ruby", "bundle add" },
	{ "Could not find gem '", "'", "Ruby", "bundle install, for" },
	{ "Gem::MissingSpecError", " \r", "Ruby", "bundle install" },
	{ "Can't locate ", " ", "Perl", "cpanm" },
	{ "Could not find or load main class ", " \r", "Java", "put on the class path:" },
	{ "ClassNotFoundException: ", " \r", "Java", "put on the class path:" },
	{ "NoClassDefFoundError: ", " \r", "Java", "put on the class path:" },
	{ "Could not load file or assembly '", "',", ".NET", "dotnet add package" },
	{ "there is no package called ", " \r", "R", "install.packages()" },
	{ "PHP Fatal error:  Uncaught Error: Class \"", "\"", "PHP", "composer require" },
	{ "Uncaught Error: Class \"", "\"", "PHP", "composer require" },
	{ "module '", "'", "Lua", "luarocks install" },
};

static const struct saying *saying_in(const char *line, char *name, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(sayings); i++) {
		const char *language = sayings[i].language;
		if (!strstr(line, sayings[i].lead) ||
			!words_after(line, sayings[i].lead, sayings[i].ends, name, size))
			continue;
		if (!strcmp(language, "Lua") && !strstr(line, "' not found"))
			continue;
		if (!strcmp(language, "Perl") && !strstr(line, "@INC"))
			continue;
		/* A path is a file that is missing, not a package. */
		if (name[0] == '/')
			return NULL;
		return &sayings[i];
	}
	return NULL;
}

static bool speaks_of_a_module(const char *line)
{
	char name[256];

	return saying_in(line, name, sizeof(name)) != NULL;
}

static bool match(const struct inquiry *q, struct verdict *v)
{
	return rule_words(q, v, 0.93, speaks_of_a_module) &&
	       saying_in(v->line, v->name, sizeof(v->name));
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	char name[256];
	const struct saying *s = saying_in(v->line, name, sizeof(name));
	const struct process *p = v->suspect->process;

	report_title(r, "Missing %s module: %s", s->language, name);
	report_say(r, "%s stopped because the %s module `%s` is not installed where it looks.",
		phrase_process(p).text, s->language, name);
	if (q->failed)
		report_say(r,
			"No system call shows it, the program's own last words do; the container "
			"ended with exit "
			"code %d.",
			q->exit_code);
	report_culprit(r, p->last_output ? p->last_output : p->exit);
	report_quote(r, p, v->line);
	report_mend(r,
		"Add it when the image is built (%s %s), and see that the lock file or "
		"requirements name it.",
		s->install, name);
	report_mend(r, "If it is the application's own code: check the working directory and the "
		       "module search path.");
	manifest_container(r, "    workingDir: /path/to/app\n");
}

const struct rule rule_missing_module = {
	.match = match,
	.tell = tell,
};
