// SPDX-License-Identifier: MIT
/* A command that is not found or may not be run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/packages.h"
#include "diagnose/text/quoting.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

static const char *basename_of(const char *path)
{
	return path_name(path);
}

/* Words of the shell itself: no image has a file for them. */
static const struct hint {
	const char *name;
	struct advice advice;
} hints[] = {
	{ "source",
		{ .text = "Run the script with bash (`#!/bin/bash` as its first line), or write "
			  "`. FILE` instead of `source FILE`: /bin/sh of this image is not "
			  "bash." } },
	{ "[[", { .text = "Run the script with bash (`#!/bin/bash` as its first line), or write "
			  "`test ...`: /bin/sh of this image is not bash." } },
	{ "declare", { .text = "Run the script with bash (`#!/bin/bash` as its first line): "
			       "/bin/sh of this image is not bash." } },
	{ "shopt", { .text = "Run the script with bash (`#!/bin/bash` as its first line): "
			     "/bin/sh of this image is not bash." } },
	{ "function",
		{ .text = "Run the script with bash (`#!/bin/bash` as its first line), or "
			  "leave the word `function` out: /bin/sh of this image is not bash." } },
	{ "sudo",
		{ .text = "Leave sudo out: set runAsUser for what has to run as root, a container "
			  "image has no sudo." } },
	{ "systemctl", { .text = "Run the service itself as the container's command: a container "
				 "has no service manager." } },
	{ "service", { .text = "Run the service itself as the container's command: a container has "
			       "no service manager." } },
	{ "python", { .text = "Call python3, or install python-is-python3 (Debian, Ubuntu): many "
			      "images have no command `python`." } },
	{ "nvidia-smi", { .text = "Request a GPU: the NVIDIA runtime then brings nvidia-smi and "
				  "the driver's "
				  "libraries into the container.",
				"{list}:\n  - name: {container}\n    resources:\n      limits:\n"
				"        nvidia.com/gpu: 1\n" } },
	{ "docker", { .text = "Do without Docker in the container: build images with BuildKit or "
			      "kaniko, or use an image with the Docker client and "
			      "Docker-in-Docker (DOCKER_HOST) beside it." } },
};

static bool is_builtin(const char *name)
{
	static const char *const names[] = { "cd", "exec", "export", "set", "ulimit", "umask",
		"source", ".", "eval", "if", "while", "for" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Kubernetes replaces $(NAME) only; $NAME and ${NAME} are left to a shell, which nobody started. */
static bool advise_variable(struct report *r, const char *name)
{
	static const struct advice shell = {
		.text = "Write $(NAME) for a variable in command and args, or let a shell read the "
			"line (`sh -c`): Kubernetes replaces only names in parentheses.",
	};

	if (strncmp(name, "$", 1) || r->q->started)
		return false;
	recommend(r, &shell, &(struct blanks){ .value = name });
	return true;
}

static void advise_package(struct report *r, const char *name, const struct package *p)
{
	static const struct advice both = {
		.text = "Install {name} in the image: `RUN apt-get update && apt-get install -y "
			"{other}` "
			"(Debian, Ubuntu) or `RUN apk add --no-cache {target}` (Alpine).",
	};
	static const struct advice debian = {
		.text = "Install {name} in the image: `RUN apt-get update && apt-get install -y "
			"{other}` "
			"(Debian, Ubuntu).",
	};
	static const struct advice alpine = {
		.text = "Install {name} in the image: `RUN apk add --no-cache {target}` (Alpine).",
	};
	struct blanks b = { .name = name, .other = p->debian, .target = p->alpine };

	recommend(r, p->debian && p->alpine ? &both : p->debian ? &debian : &alpine, &b);
}

/* One of the directories where every image has its programs. */
static bool has_standard_directory(const char *path)
{
	static const char *const standard[] = { "/usr/local/bin", "/usr/bin", "/bin" };

	for (size_t n; *path; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		for (size_t i = 0; i < ARRAY_SIZE(standard); i++)
			if (n == strlen(standard[i]) && !strncmp(path, standard[i], n))
				return true;
	}
	return false;
}

/* PATH of the container has none of them. */
static bool advise_path_variable(struct report *r, const char *name)
{
	static const struct advice keep = {
		.text = "Keep the standard directories in PATH: the container's is {value}, which "
			"lacks them.",
		"{list}:\n  - name: {container}\n    env:\n      - name: PATH\n"
		"        value: {target}\n",
	};
	const char *path = r->q->container->path_env;
	char whole[512];

	if (!*path || strchr(name, '/') || has_standard_directory(path))
		return false;
	snprintf(whole, sizeof(whole),
		"%.300s:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", path);
	recommend(r, &keep, &(struct blanks){ .value = path, .target = whole });
	return true;
}

static bool advise_known(struct report *r, const char *name)
{
	const char *base = basename_of(name);
	const struct package *package = package_of_command(base);

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (!strcmp(base, hints[i].name))
			return recommend(r, &hints[i].advice, &(struct blanks){ .name = base });
	if (package)
		advise_package(r, base, package);
	return package != NULL;
}

/* `npm start`, `yarn start`: they look in node_modules/.bin first, which is where commands of packages are. */
static bool advise_script_command(struct report *r, const char *name)
{
	static const char *const runners[] = { "npm", "yarn", "pnpm", "npx", "yarnpkg" };
	static const struct advice install = {
		.text = "Run `{program} install` when the image is built, in the stage that the "
			"final image takes node_modules from: {name} is looked for in "
			"node_modules/.bin, where a package of that name (or of another one) puts "
			"it. What stands under devDependencies is left out in production.",
	};

	for (size_t i = 0; i < r->q->n_processes && !strchr(name, '/'); i++) {
		const struct event *exec = r->q->processes[i]->exec;
		/* `node /usr/bin/yarnpkg start` */
		const char *program = exec && exec->argc > 1 && program_is(exec, ROLE_NODE)
					      ? path_name(exec->args[1])
					      : program_name(exec);
		for (size_t k = 0; k < ARRAY_SIZE(runners); k++)
			if (!strcmp(program, runners[k]))
				return recommend(r, &install,
					&(struct blanks){ .program = program, .name = name });
	}
	return false;
}

void advise_not_found(struct report *r, const char *name)
{
	static const struct advice builtin = {
		.text = "Let a shell run it: `{name}` is a word of the shell, not a program.",
		"{list}:\n  - name: {container}\n    command: [sh, -c, {value}]\n",
	};
	static const struct advice path = {
		.text = "Put {name} into the image, or correct the path.",
	};
	static const struct advice hidden = {
		.text = "Mount the volume[ `{volume}`] elsewhere, or only over a sub-directory of "
			"{mount}: "
			"it hides what the image has there.",
	};
	static const struct advice install = {
		.text = "Install {name} in the image, or use an image that has it.",
	};
	static const struct advice correct = {
		.text = "Or correct the command, or the image's tag: another version may have the "
			"program under another name.",
	};
	const struct context *q = r->q;
	const struct mount *m = container_mount_of(q->container, name);
	struct blanks b = {
		.name = name, .value = name, .mount = m->destination, .volume = m->name
	};

	if (advise_one_word(r, name) || advise_variable(r, name))
		return;
	if (!q->started && is_builtin(name)) {
		recommend(r, &builtin, &b);
		return;
	}
	if (advise_path_variable(r, name))
		return;
	if (name[0] == '/' && mount_is_volume(m))
		recommend(r, &hidden, &b);
	if (!advise_known(r, name) && !advise_script_command(r, name))
		recommend(r, strchr(name, '/') ? &path : &install, &b);
	if (!q->started && !is_plain_command(q))
		recommend(r, &correct, &b);
}

/* The file system that it is on forbids it. */
static void advise_noexec(struct report *r, const struct blanks *b)
{
	static const struct advice elsewhere = {
		.text = "Run {path} from a place that allows it: keep it in the image, or copy it "
			"to an "
			"emptyDir without medium Memory.",
	};
	static const struct advice option = {
		.text = "Or remove noexec from the mount options of the volume[ {volume}] "
			"(mountOptions "
			"of its PersistentVolume or StorageClass).",
	};

	recommend(r, &elsewhere, b);
	recommend(r, &option, b);
}

/* Who sets the mode of the file: the volume, or the image. */
static void advise_mode(struct report *r, const struct mount *m, bool nobody, struct blanks *b)
{
	static const struct advice keys = {
		.text = "Give the {kind}'s files the execute bit, by defaultMode of the volume.",
		"volumes:\n  - name: {volume}\n    {field}:\n      defaultMode: 0755\n",
	};
	static const struct advice volume = {
		.text = "Set the execute bit where the file is put into the volume[: `chmod a+rx "
			"{path}`].",
	};
	static const struct advice image = {
		.text = "Set the execute bit in the image[: `RUN chmod a+rx {path}`].",
	};
	static const struct advice for_others = {
		.text = "Let uid {uid} read and run it, in the image[: `RUN chmod a+rx {path}`].",
	};

	if (mount_holds_keys(m))
		recommend(r, &keys, b);
	else if (mount_is_volume(m))
		recommend(r, &volume, b);
	else
		recommend(r, nobody ? &image : &for_others, b);
}

/* A script can be handed to its interpreter instead; a program cannot. */
static void advise_interpreter(struct report *r, const struct file_facts *file, struct blanks *b)
{
	static const struct advice through = {
		.text = "Or run the script through its interpreter.",
		"{list}:\n  - name: {container}\n    command: [{yaml}, {path}]\n",
	};
	_cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
	const char *args[2] = { file->interpreter, NULL };
	char program[256];
	size_t len = strcspn(file->interpreter, " \t\r");

	if (!(file->mode & 0004)) /* an interpreter has to read it */
		return;
	if (!file->script || !len ||
		strcmp(r->q->container->n_args ? r->q->container->args[0] : "", b->path))
		return;
	snprintf(program, sizeof(program), "%.*s", (int)len, file->interpreter);
	args[0] = program;
	if (file->interpreter[len] == ' ')
		args[1] = file->interpreter + len + 1;
	quote_yaml(&list, args[0]);
	if (args[1]) {
		strbuf_printf(&list, ", ");
		quote_yaml(&list, args[1]);
	}
	b->yaml = list.data;
	recommend(r, &through, b);
}

void advise_not_executable(struct report *r, const struct failure *f, const char *path)
{
	static const struct advice busy = {
		.text = "Let whoever writes {path} close it before it is run; safest is to write "
			"it under another name and rename it (`mv`) when it is whole.",
	};
	static const struct advice enter = {
		.text = "Let uid {uid} into {directory}[: `RUN chmod a+x {directory}`].",
	};
	static const struct advice in_directory = {
		.text = "Let the command name the program in it: {path} is a directory.",
	};
	const struct event *e = f->event;
	const struct path_facts *facts = e->facts && e->facts->known ? e->facts : NULL;
	const struct mount *m = mount_of(r->q, f);
	struct blanks b = { .path = path,
		.uid = e->uid,
		.volume = m->name,
		.kind = mount_title(m->kind),
		.field = mount_field(m),
		.directory = !facts                ? NULL
			     : *facts->closed_path ? facts->closed_path
						   : facts->directory_path };

	if (f->error == ETXTBSY) {
		recommend(r, &busy, &b);
	} else if (!facts || facts->file.type == FILE_UNKNOWN || facts->file.type == FILE_MISSING) {
		if (directory_is_closed(f))
			recommend(r, &enter, &b);
	} else if (facts->file.type == FILE_DIRECTORY) {
		recommend(r, &in_directory, &b);
	} else if (facts->noexec) {
		advise_noexec(r, &b);
	} else if (directory_is_closed(f)) {
		recommend(r, &enter, &b);
	} else if ((facts->file.mode & 0111) == 0 || !(facts->file.mode & 0001)) {
		advise_mode(r, m, !(facts->file.mode & 0111), &b);
		advise_interpreter(r, &facts->file, &b);
	} else {
		advise_module(r, f);
	}
}
