// SPDX-License-Identifier: MIT
/*
 * A file or directory that is not there: who should have provided it depends on the place. A volume that is
 * mounted over a directory hides what the image has in it, and that is said where a program is looked for there.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/made_files.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && !strcmp(text + len - n, end);
}

static bool ends_with_any(const char *path, const char *const *ends, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ends_with(path, ends[i]))
			return true;
	return false;
}

/* Settings, which belong in a ConfigMap. */
static bool is_settings(const char *path)
{
	static const char *const ends[] = { ".yml", ".yaml", ".json", ".toml", ".ini", ".conf",
		".cfg", ".cnf", ".properties", ".xml", ".env", ".hcl" };

	return ends_with_any(path, ends, ARRAY_SIZE(ends)) || path_under(path, "/etc") ||
	       path_under(path, "/config");
}

/* Keys and passwords, which belong in a Secret. */
static bool is_secret(const char *path)
{
	static const char *const ends[] = { ".key", ".pem", ".crt", ".p12", ".pfx", ".jks",
		".keystore", ".keytab", "id_rsa", "id_ed25519", "password", "passwd", "token",
		".htpasswd", ".pgpass", ".netrc", "kubeconfig", "key.json", "credentials.json",
		"service-account.json", "credentials" };

	/* Where Docker and Compose put them. */
	return ends_with_any(path, ends, ARRAY_SIZE(ends)) || path_under(path, "/run/secrets") ||
	       path_under(path, "/var/run/secrets");
}

/* Looked for as the program, or as what the program was told to run. */
static bool is_the_program(const struct context *q, const char *path)
{
	const struct container *c = q->container;

	for (size_t i = 0; i < c->n_args; i++)
		if (!strcmp(c->args[i], path))
			return true;
	return strlen(c->cwd) > 1 && path_under(path, c->cwd);
}

/* The key of a ConfigMap or Secret: those hold no directories, so `items` places a key in one. */
static void advise_key(struct report *r, const struct mount *m, const char *path)
{
	static const struct advice add = {
		.text = "Add the key `{name}` to the {kind}[ behind volume `{volume}`], or correct "
			"the path: "
			"the volume has no such key.",
	};
	static const struct advice in_a_directory = {
		.text = "Place the key in a directory with `items`: keys of a {kind} have no "
			"directories, so "
			"[`{target}` needs an entry of its own].",
		"volumes:\n  - name: {volume}\n    {field}:\n      items:\n        - key: {name}\n"
		"          path: {target}\n",
	};
	size_t skip = strcmp(m->destination, "/") ? strlen(m->destination) : 0;
	const char *inside = strlen(path) > skip + 1 ? path + skip + 1 : "";
	struct blanks b = { .name = path_name(path),
		.kind = mount_title(m->kind),
		.volume = m->name,
		.field = m->kind == MOUNT_PROJECTED ? NULL : mount_field(m),
		.target = inside };

	recommend(r, strchr(inside, '/') ? &in_a_directory : &add, &b);
}

/* The image has it, below the mount. */
static bool is_hidden(const struct failure *f, const char *path)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	return facts && facts->known && !strcmp(path, f->path) && facts->hidden != FILE_UNKNOWN &&
	       facts->hidden != FILE_MISSING;
}

/* What the kernel makes for a driver: nobody makes it by hand. */
static bool is_of_dev(const struct mount *m)
{
	return !strcmp(m->source, "/dev") || !strncmp(m->source, "/dev/", 5) ||
	       (place_of(m->destination) == PLACE_NODE &&
		       !strcmp(path_name(m->destination), "dev"));
}

static void advise_volume(
	struct report *r, const struct failure *f, const struct mount *m, const char *path)
{
	static const struct advice hides = {
		.text = "Mount the volume[ `{volume}`] elsewhere, or only over a sub-directory of "
			"{mount}: "
			"the image has {path}, and the volume hides it.",
	};
	static const struct advice may_hide = {
		.text = "Mount the volume[ `{volume}`] elsewhere, or only over a sub-directory of "
			"{mount}: it "
			"hides what the image has there.",
	};
	static const struct advice scratch = {
		.text = "Let an init container of the pod create {path}: the emptyDir[ `{volume}`] "
			"starts empty with each pod.",
	};
	static const struct advice on_the_node = {
		.text = "Create {path} in the directory on the node that the volume[ `{volume}`] "
			"shows, on "
			"every node that may run the pod; or correct the path of the hostPath.",
	};
	static const struct advice device = {
		.text = "Load the kernel module or driver that makes {path} on the node "
			"(`modprobe`), or let the pod run where it is loaded; or correct the path "
			"of the hostPath.",
	};
	static const struct advice on_the_claim = {
		.text = "Put {path} on the volume[ `{volume}`], or correct the claim's name, the "
			"mount's "
			"subPath or the path: the volume does not have it.",
	};
	struct blanks b = { .path = path, .volume = m->name, .mount = m->destination };

	if (is_hidden(f, path)) {
		recommend(r, &hides, &b);
		return;
	}
	if (is_the_program(r->q, path))
		recommend(r, &may_hide, &b);
	if (m->kind == MOUNT_EMPTYDIR)
		recommend(r, &scratch, &b);
	else if (m->kind == MOUNT_HOSTPATH)
		recommend(r, is_of_dev(m) ? &device : &on_the_node, &b);
	else
		recommend(r, &on_the_claim, &b);
}

static void advise_image(struct report *r, const char *path)
{
	static const struct advice program = {
		.text = "Copy {path} into the image (`COPY` in the Dockerfile; see that "
			".dockerignore does not "
			"leave it out), or correct the path in command or args.",
	};
	static const struct advice settings = {
		.text = "Mount {path} from a ConfigMap that has the key {name}, or copy it into "
			"the image.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: settings\n"
		"        mountPath: {path}\n        subPath: {name}\nvolumes:\n"
		"  - name: settings\n    configMap:\n      name: {container}\n",
	};
	static const struct advice secret = {
		.text = "Mount {path} from a Secret that has the key {name}.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: secrets\n"
		"        mountPath: {path}\n        subPath: {name}\nvolumes:\n"
		"  - name: secrets\n    secret:\n      secretName: {container}\n",
	};
	static const struct advice other = {
		.text = "Put {path} into the image[ (`COPY {name} {path}` in the Dockerfile)], or "
			"correct the "
			"path.",
	};
	struct blanks b = { .path = path, .name = path_name(path) };

	recommend(r,
		is_secret(path)                                    ? &secret
		: is_the_program(r->q, path) && !is_settings(path) ? &program
		: is_settings(path)                                ? &settings
								   : &other,
		&b);
}

/* The directory from which `requested` leads to `nearby`; false where it climbs out with "..". */
static bool starts_from(const char *nearby, const char *requested, char *out, size_t size)
{
	requested += strncmp(requested, "./", 2) ? 0 : 2;
	size_t len = strlen(nearby), n = strlen(requested);

	if (len <= n + 1 || strcmp(nearby + len - n, requested) || nearby[len - n - 1] != '/')
		return false;
	return (size_t)snprintf(out, size, "%.*s", (int)(len - n - 1), nearby) < size;
}

/* A relative path is looked for from the working directory; it may be there from the script's own. */
static bool advise_start(struct report *r, const struct failure *f)
{
	static const struct advice set = {
		.text = "Set workingDir to {directory}: `{value}` was looked for from the working "
			"directory, and {target} is there.",
		"{list}:\n  - name: {container}\n    workingDir: {directory}\n",
	};
	static const struct advice change = {
		.text = "Set workingDir to the directory of the script: `{value}` was looked for "
			"from the working directory, and {target} is there.",
	};
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	char directory[512];

	if (!facts || !facts->known || !*facts->nearby || f->event->requested[0] == '/' ||
		!*f->event->requested || strcmp(f->path, f->event->path))
		return false;
	struct blanks b = { .value = f->event->requested, .target = facts->nearby };
	if (!starts_from(facts->nearby, f->event->requested, directory, sizeof(directory)))
		return recommend(r, &change, &b);
	b.directory = directory;
	return recommend(r, &set, &b);
}

static bool is_relative(const struct failure *f)
{
	return f->event && *f->event->requested && f->event->requested[0] != '/';
}

void advise_relative_start(struct report *r, const struct failure *f)
{
	static const struct advice directory = {
		.text = "Or set workingDir to the directory that `{value}` starts from.",
	};

	if (is_relative(f))
		recommend(r, &directory, &(struct blanks){ .value = f->event->requested });
}

/* Nobody said where to start: a path with directories that is looked for from / was written for another place. */
static bool advise_other_start(struct report *r, const struct failure *f)
{
	static const struct advice directory = {
		.text = "Set workingDir to the directory that `{value}` starts from: it was looked "
			"for from /, the working directory where none is set; or give the program "
			"the whole path.",
	};
	const char *asked = f->event ? f->event->requested : "";
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	bool has_directory = facts && facts->known && strcmp(facts->directory_path, "/") != 0;

	asked += strncmp(asked, "./", 2) ? 0 : 2;
	return is_relative(f) && strchr(asked, '/') && !has_directory && *f->path &&
	       !strcmp(f->path, f->event->path) && !strcmp(f->path + 1, asked) &&
	       recommend(r, &directory, &(struct blanks){ .value = f->event->requested });
}

/* "Cannot find module '/app/lib/db' imported from /app/main.mjs": require() tries extensions, import does not. */
static bool advise_import(struct report *r, const struct failure *f, const char *path)
{
	static const struct advice whole = {
		.text = "Write the import with the whole name of the file, {name}.js for example: "
			"in ES modules Node.js adds no extension. If the file is not there "
			"either, copy it to {path}.js in the image.",
	};

	return f->line && strstr(f->line, " imported from ") && !strchr(path_name(path), '.') &&
	       recommend(r, &whole, &(struct blanks){ .path = path, .name = path_name(path) });
}

/* What is known to make it: knowledge/made_files.c. */
static bool advise_maker(struct report *r, const struct failure *f, const char *path)
{
	char stem[256];
	const char *name = path_name(path);
	const struct made_file *made = made_file_of(path, program_name(f->exec));

	if (!made)
		return false;
	snprintf(stem, sizeof(stem), "%.*s", (int)strcspn(name, "."), name);
	const struct advice advice = { made->advice, made->manifest };
	return recommend(r, &advice,
		&(struct blanks){ .path = path,
			.name = name,
			.value = stem,
			.directory = directory_of_path(path).text });
}

void advise_missing(struct report *r, const struct failure *f, const char *path)
{
	static const struct advice plain = { .text = "Create {path}, or correct the path.", NULL };
	const struct mount *m = container_mount_of(r->q->container, path);
	struct failure there = *f;

	if (!*path || advise_odd_name(r, f, path) || advise_import(r, f, path) ||
		(!strcmp(path, f->path) && advise_start(r, f)))
		return;
	there.path = path;
	if (is_plain_command(r->q))
		recommend(r, &plain, &(struct blanks){ .path = path });
	else if (!mount_is_volume(m) && advise_place(r, &there, NEED_FILE))
		return;
	else if (mount_holds_keys(m))
		advise_key(r, m, path);
	else if (!is_hidden(f, path) && advise_maker(r, f, path))
		return;
	else if (mount_is_volume(m))
		advise_volume(r, f, m, path);
	else if (!strcmp(path, f->path) && advise_other_start(r, f))
		return;
	else
		advise_image(r, path);
	advise_relative_start(r, f);
}

/* No shell's `cd` and not the runtime: a setting of the program names the directory. */
static bool enters_by_itself(const struct failure *f)
{
	return f->exec && !program_is_shell(f->exec);
}

void advise_missing_directory(struct report *r, const struct failure *f, const char *directory)
{
	static const struct advice in_volume = {
		.text = "Create it in an init container that mounts the volume, or correct the "
			"path.",
		"initContainers:\n  - name: make-directory\n    image: busybox\n"
		"    command: [mkdir, \"-p\", {directory}]\n    volumeMounts:\n"
		"      - name: {volume}\n        mountPath: {mount}\n",
	};
	static const struct advice working = {
		.text = "Create the directory in the image[ (`RUN mkdir -p {directory}`)], or "
			"correct workingDir or the script's `cd`.",
	};
	static const struct advice of_a_setting = {
		.text = "Create the directory in the image[ (`RUN mkdir -p {directory}`)] or mount "
			"a volume there, or correct the setting of {program} that names it.",
	};
	static const struct advice in_image = {
		.text = "Create the directory in the image[ (`RUN mkdir -p {directory}`)].",
	};
	static const struct advice owned = {
		.text = "Create the directory in the image[ (`RUN mkdir -p {directory} && chown "
			"{uid} {directory}`)].",
	};
	const struct mount *m = container_mount_of(r->q->container, directory);
	struct blanks b = { .directory = directory,
		.volume = m->name,
		.mount = m->destination,
		.program = program_name(f->exec),
		.uid = f->event ? f->event->uid : 0 };

	if (advise_odd_name(r, f, directory))
		return;
	if (is_plain_command(r->q) || mount_holds_keys(m) ||
		(!mount_is_volume(m) && place_of(directory) < PLACE_TRUST && *directory &&
			place_of(directory) != PLACE_PLAIN)) {
		advise_missing(r, f, mount_holds_keys(m) ? f->path : directory);
		return;
	}
	if (mount_is_volume(m)) {
		recommend(r, &in_volume, &b);
		return;
	}
	if (call_is(f, "chdir")) {
		recommend(r, enters_by_itself(f) ? &of_a_setting : &working, &b);
		return;
	}
	recommend(r, b.uid && call_creates(f) ? &owned : &in_image, &b);
	advise_empty_dir(r, directory, false);
}

void advise_dangling_link(struct report *r, const char *link, const char *target)
{
	static const struct advice provide = {
		.text = "Provide {target}, where the link leads, or make {path} a link to "
			"something that is "
			"there.",
	};
	const struct mount *m = container_mount_of(r->q->container, target);

	if (mount_holds_keys(m))
		advise_key(r, m, target);
	recommend(r, &provide, &(struct blanks){ .path = link, .target = target });
}
