// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/packages.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/*
 * How runtimes say it: what stands before the name, what ends the name, who installs it, what the line must hold as
 * well, and what it must not.
 */
static const struct message_form {
	const char *lead, *ends, *language, *install, *also, *unless;
} message_forms[] = {
	{ "No module named '", "'", "Python", "pip install", NULL, NULL },
	{ "No module named \"", "\"", "Python", "pip install", NULL, NULL },
	{ "No module named ", " \r;", "Python", "pip install", NULL, NULL },
	/* with a path of a file, the module is there and lacks the name: known messages */
	{ "cannot import name '", "'", "Python", "pip install", NULL, ".py)" },
	{ "Could not import module \"", "\"", "Python", "pip install", NULL, NULL }, /* uvicorn */
	{ "The module ", " ", "Python", "pip install", "was not found", NULL },      /* Celery */
	{ "While importing '", "'", "Python", "pip install", NULL, NULL },           /* Flask */
	{ "Could not import '", "'", "Python", "pip install", NULL, NULL },
	{ "PackageNotFoundError: No package metadata was found for ", " \r", "Python",
		"pip install", NULL, NULL },
	{ "Cannot find module '", "'", "Node", "npm install", NULL, NULL },
	{ "Cannot find package '", "'", "Node", "npm install", NULL, NULL },
	{ "cannot load such file -- ", " \r(", "Ruby", "gem install", NULL, NULL },
	{ "Could not find gem '", "'", "Ruby", "gem install", NULL, NULL },
	{ "Gem::MissingSpecError", " \r", "Ruby", "gem install", NULL, NULL },
	{ "Can't locate ", " ", "Perl", "cpanm", "@INC", NULL },
	{ "Could not find or load main class ", " \r", "Java", "put on the class path:", NULL,
		NULL },
	{ "ClassNotFoundException: ", " \r", "Java", "put on the class path:", NULL, NULL },
	{ "NoClassDefFoundError: ", " \r", "Java", "put on the class path:", NULL, NULL },
	{ "Could not load file or assembly '", "',", ".NET", "dotnet add package", NULL, NULL },
	{ "there is no package called '", "'", "R", "install.packages()", NULL, NULL },
	{ "PHP Fatal error:  Uncaught Error: Class \"", "\"", "PHP", "composer require", NULL,
		NULL },
	{ "Uncaught Error: Class \"", "\"", "PHP", "composer require", NULL, NULL },
	{ "module '", "'", "Lua", "luarocks install", "' not found:", NULL },
};

static const struct message_form *message_form_in(const char *line, char *name, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(message_forms); i++) {
		const struct message_form *form = &message_forms[i];
		if (!strstr(line, form->lead) ||
			!line_after(line, form->lead, form->ends, name, size) ||
			(form->also && !strstr(line, form->also)) ||
			(form->unless && strstr(line, form->unless)))
			continue;
		/*
		 * A path is a file that is missing, not a package; tzdata is only asked for a time zone
		 * that the system does not have, and encodings is Python's own: a known message.
		 */
		if (name[0] == '/' || !strcmp(name, "tzdata") || !strcmp(name, "encodings"))
			return NULL;
		return form;
	}
	return NULL;
}

static bool speaks_of_a_module(const char *line)
{
	char name[256];

	return message_form_in(line, name, sizeof(name)) != NULL;
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_log_line(q, v, speaks_of_a_module))
		return message_form_in(v->line, v->name, sizeof(v->name)) != NULL;
	return rule_searched_module(q, v);
}

static const struct message_form *message_form_of(const struct verdict *v, char *name, size_t size)
{
	const struct message_form *s = message_forms;

	if (!v->event)
		return message_form_in(v->line, name, size);
	const char *language = searched_module_language(v->event->path);
	while (strcmp(s->language, language))
		s++;
	snprintf(name, size, "%s", v->name);
	return s;
}

/* "App/Worker.pm" is App::Worker to those who write Perl. */
static struct phrase matches_form(const struct message_form *s, const char *name)
{
	struct phrase p = { "" };
	size_t n = 0;
	bool perl = !strcmp(s->language, "Perl");
	const char *end = name + strlen(name);

	if (perl && end - name > 3 && !strcmp(end - 3, ".pm"))
		end -= 3;
	else if (perl)
		perl = false; /* `require` of a file */
	for (const char *at = name; at < end && n < sizeof(p.text) - 3; at++) {
		bool slash = perl && *at == '/';
		p.text[n++] = slash ? ':' : *at;
		if (slash)
			p.text[n++] = ':';
	}
	return p;
}

/* A path below the application's own directory, not a package that somebody offers. */
static bool is_own_file(const struct message_form *s, const char *name)
{
	if (name[0] == '.')
		return true;
	return !strcmp(s->language, "Perl") && strstr(name, ".p") && !strstr(name, ".pm");
}

static const char *package_for(const struct message_form *s, const char *name)
{
	return strcmp(s->language, "Python") ? name : package_of_python_module(name);
}

static void advise_class(const char *name, struct report *r)
{
	static const struct advice jar = {
		.text = "Put the JAR that has {name} on the class path, or into the application's "
			"JAR, when "
			"the image is built.",
	};
	static const struct advice own = {
		.text = "Or, if it is the application's own class, correct its name or the "
			"directory that the "
			"class path starts from.",
	};

	recommend(r, &jar, &(struct blanks){ .name = name });
	recommend(r, &own, &(struct blanks){ .name = name });
}

/* `gunicorn app:app`, `python3 -m shop.main`, `celery -A shop`: what the command names is the application itself. */
static bool is_application(const struct process *p, const char *name)
{
	size_t len = strlen(name);

	/* `gunicorn -k uvicorn.workers.UvicornWorker` */
	if (is_known_python_module(name))
		return false;
	for (uint32_t i = 1; p->exec && i < p->exec->argc; i++) {
		const char *arg = p->exec->args[i], *before = p->exec->args[i - 1];
		if (strncmp(arg, name, len) != 0)
			continue;
		if (arg[len] ? strchr(":.", arg[len]) != NULL
			     : !strcmp(before, "-A") || !strcmp(before, "--app"))
			return true;
	}
	return false;
}

/* What is not installed by its name alone; NULL: what the table says does it. */
static const struct advice *other_way(const struct message_form *s, const char *name)
{
	static const struct advice php = {
		.text = "Install the package or PHP extension that has the class {name} when the "
			"image is built (composer require, docker-php-ext-install).",
	};
	static const struct advice r = {
		.text = "Install the R package {name} when the image is built (install.packages, "
			"or Debian's r-cran- package of it), in the stage that the final image is "
			"made of.",
	};
	static const struct advice python = {
		.text = "Put {name} where Python looks: if it is the application's own code, copy "
			"it into the image (COPY) and let workingDir or PYTHONPATH name the "
			"directory that holds it; if it is a package, install it when the image is "
			"built (pip, with its line in requirements.txt).",
	};

	/* Whoever has taken that name on PyPI need not be who is meant. */
	if (!strcmp(s->language, "Python"))
		return is_known_python_module(name) ? NULL : &python;
	return !strcmp(s->language, "PHP") ? &php : !strcmp(s->language, "R") ? &r : NULL;
}

/* A volume at a directory of installed packages: what the image has there is out of sight. */
static const struct mount *hiding_mount(const struct context *q, const struct message_form *s)
{
	static const char *const homes[][2] = { { "Node", "node_modules" }, { "PHP", "vendor" },
		{ "Python", "site-packages" }, { "Python", "dist-packages" }, { "Python", ".venv" },
		{ "Python", "venv" }, { "Ruby", "bundle" }, { "Ruby", "gems" } };

	for (size_t i = 0; i < q->container->n_mounts; i++) {
		const struct mount *m = &q->container->mounts[i];
		for (size_t k = 0; k < ARRAY_SIZE(homes); k++)
			if (mount_is_volume(m) && !strcmp(homes[k][0], s->language) &&
				!strcmp(homes[k][1], path_name(m->destination)))
				return m;
	}
	return NULL;
}

/* An interpreter of a virtual environment, or of a build of one's own, has packages of its own: its pip is the one. */
static const char *own_interpreter(const struct message_form *s, const struct event *exec)
{
	static const char *const of_system[] = { "/bin/", "/usr/bin/", "/usr/local/bin/", "/sbin/",
		"/usr/sbin/" };
	const char *path = !exec ? "" : *exec->interpreter ? exec->interpreter : exec->executable;

	if (strcmp(s->language, "Python") || *path != '/' ||
		strncmp(path_name(path), "python", strlen("python")))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(of_system); i++)
		if (!strncmp(path, of_system[i], strlen(of_system[i])) &&
			path + strlen(of_system[i]) == path_name(path))
			return NULL;
	return path;
}

static void advise_package(const struct message_form *s, const struct event *exec,
	const struct blanks *b, struct report *r)
{
	static const struct advice by_its_own = {
		.text = "Install {name} for the Python that runs, when the image is built[: `RUN "
			"{program} -m pip install {target}`].",
	};
	static const struct advice path = {
		.text = "Or, if it is the application's own code, correct workingDir or the module "
			"search path ({value}).",
	};
	const struct advice *other = other_way(s, b->name);
	char command[160];

	/* The table's commands are shell words already. */
	snprintf(command, sizeof(command),
		"Install {name} when the image is built[: `RUN %s {target}`].", s->install);
	struct advice known = { .text = command };
	struct blanks all = *b;
	all.program = own_interpreter(s, exec);
	recommend(r, other ? other : all.program ? &by_its_own : &known, &all);
	if (!other)
		recommend(r, &path, b);
}

/*
 * `pip install --user` puts the program into DIR/.local/bin, and what it imports beside it. Python looks there in the
 * home of its own user alone.
 */
static bool advise_home_of_program(
	const struct message_form *s, const struct event *exec, const char *name, struct report *r)
{
	static const struct advice home = {
		.text = "Run it with HOME={directory}, or as the user whose home that is: the "
			"command {program} and the module {name} were installed for that user "
			"alone (pip install --user), and Python looks for such modules below HOME.",
		"{list}:\n  - name: {container}\n    env:\n      - name: HOME\n        value: "
		"{directory}\n",
	};
	static const char place[] = "/.local/bin/";
	const char *program = exec ? exec->executable : "", *file = path_name(program);
	size_t length = (size_t)(file - program), tail = strlen(place);
	char directory[256];

	if (strcmp(s->language, "Python") || length <= tail || length - tail >= sizeof(directory) ||
		strncmp(file - tail, place, tail) != 0)
		return false;
	snprintf(directory, sizeof(directory), "%.*s", (int)(length - tail), program);
	return recommend(r, &home,
		&(struct blanks){ .directory = directory, .program = file, .name = name });
}

static void explain_hidden(const struct mount *m, struct report *r)
{
	static const struct advice elsewhere = {
		.text = "Take the volume[ {volume}] away from {mount}: it hides what the image has "
			"there. Where it is to be written to, let an init container of the same "
			"image fill it first (`cp -R {mount}/. /volume/`).",
	};

	if (!m)
		return;
	report_sentence(r, "Where it should be lies %s, which hides what the image has there.",
		phrase_mount(r->q, m).text);
	recommend(r, &elsewhere, &(struct blanks){ .volume = m->name, .mount = m->destination });
}

static void advise(const struct message_form *s, const struct process *p, const char *name,
	bool own, struct report *r)
{
	static const struct advice require = {
		.text = "Name the file with its directory (require './...'), or add its directory "
			"to the search path (perl -I, PERL5LIB).",
	};
	static const struct advice copy = {
		.text = "Copy the file {name} into the image (see .dockerignore and what the build "
			"puts out), or correct the path in the import.",
	};
	static const struct advice application = {
		.text = "Start it from the directory that has {name}: set workingDir, or the "
			"module search path ({value}).",
	};
	static const char *const paths[][2] = { { "Python", "PYTHONPATH" }, { "Node", "NODE_PATH" },
		{ "Ruby", "RUBYLIB" }, { "Perl", "PERL5LIB" } };
	struct blanks b = { .name = name, .target = package_for(s, name) };

	if (!strcmp(s->language, "Java")) {
		advise_class(name, r);
		return;
	}
	if (own) {
		recommend(r, !strcmp(s->language, "Perl") ? &require : &copy, &b);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (!strcmp(paths[i][0], s->language))
			b.value = paths[i][1];
	if (is_application(p, name) && b.value)
		recommend(r, &application, &b);
	else if (!advise_home_of_program(s, p ? p->exec : NULL, name, r))
		advise_package(s, p ? p->exec : NULL, &b, r);
}

static void explain_unnamed(const struct verdict *v, struct report *r)
{
	static const struct advice unnamed = {
		.text = "Run the container's command by hand in the same image: its error names "
			"the module. Install it when the image is built, or correct the path in "
			"the require.",
	};
	const struct process *p = v->candidate->process;

	report_title(r, "Missing Node module");
	report_sentence(r,
		"%s probably stopped because a Node module is in no node_modules directory: right "
		"before its end it looked where it looks last, and it did not say for which one.",
		phrase_process(p).text);
	report_culprit(r, p->exit);
	report_event(r, v->event, "%s looked for a module in several directories, last for %s",
		phrase_process(p).text, v->event->path);
	recommend(r, &unnamed, &(struct blanks){ .name = NULL });
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	char found[256];

	if (v->event && !*v->name) {
		explain_unnamed(v, r);
		return;
	}
	const struct message_form *s = message_form_of(v, found, sizeof(found));
	const struct process *p = v->candidate->process;
	const struct phrase name = matches_form(s, found);
	bool own = is_own_file(s, found), java = !strcmp(s->language, "Java");
	const char *thing = java || !strcmp(s->language, "PHP") ? "class"
			    : !strcmp(s->language, "R")         ? "package"
								: "module";

	report_title(r, "Missing %s %s: %s", s->language, own ? "file" : thing, name.text);
	if (own)
		report_sentence(r,
			"%s stopped because `%s`, a file of the application itself, is not where "
			"it was "
			"looked for.",
			phrase_process(p).text, name.text);
	else
		report_sentence(r, "%s stopped because the %s %s `%s` is %s.",
			phrase_process(p).text, s->language, thing, name.text,
			java ? "not on the class path" : "not installed where it looks");
	if (q->failed)
		report_sentence(r, "The container then ended with exit code %d.", q->exit_code);
	report_culprit(r, p->last_output ? p->last_output : p->exit);
	report_event(r, v->event, "%s looked for %s in several directories, last for %s",
		phrase_process(p).text, found, v->event ? v->event->path : "");
	report_quote(r, p, v->line);
	if (!own)
		explain_hidden(hiding_mount(q, s), r);
	advise(s, p, name.text, own, r);
}

const struct rule rule_missing_module = {
	.match = match,
	.explain = explain,
};
