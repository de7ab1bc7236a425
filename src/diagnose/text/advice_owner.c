// SPDX-License-Identifier: MIT
/*
 * Owner and mode of what is in the image: set when it is built. Of a directory that others need as well (/etc,
 * /usr/bin) nobody changes the owner for the sake of one file; the file itself is made in advance.
 */
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/advice_access.h"
#include "diagnose/text/places.h"
#include "util/cleanup.h"

static void advise_home(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice another = {
		.text = "Give the program a home directory that uid {uid} may write to: HOME is "
			"/root, which "
			"is closed to all but root.",
		"{list}:\n  - name: {container}\n    env:\n      - name: HOME\n"
		"        value: /tmp\n",
	};
	static const struct advice outside = {
		.text = "Install it outside of /root, under /opt for example, or let other users "
			"through: "
			"`RUN chmod a+x /root` in the Dockerfile.",
	};

	if (call_creates(f))
		recommend(r, &another, b);
	recommend(r, &outside, b);
}

/* Many programs have a directory of their own there; a volume may be mounted over it, though. */
static bool holds_many(const char *directory)
{
	static const char *const directories[] = { "/var/log", "/var/spool", "/var/cache" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (!strcmp(directory, directories[i]))
			return true;
	return false;
}

/* A volume at a place that is nobody's by custom (/data, /srv/app) is there for what the program keeps. */
static const struct mount *volume_for_data(const struct container *c)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct mount *m = &c->mounts[i];
		if (mount_is_volume(m) && !mount_holds_keys(m) && !m->read_only &&
			place_of(m->destination) == PLACE_PLAIN)
			return m;
	}
	return NULL;
}

/* With a volume for its data, what it keeps in the image is kept there by mistake. */
static bool advise_volume_for_data(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice keep_in_volume = {
		.text = "Let {name} keep its data in {mount}, where a volume is mounted: "
			"{directory} "
			"is the default of its build, and what is kept there is lost with the "
			"container. See that its settings name {mount}, and that it reads them.",
	};
	const struct mount *data = volume_for_data(r->q->container);
	struct phrase name = phrase_name(f);

	if (!data || place_of(b->directory) != PLACE_STATE)
		return false;
	b->name = name.text;
	b->mount = data->destination;
	recommend(r, &keep_in_volume, b);
	return true;
}

/* To give it to whom it belongs mends nothing: what excludes the owner is the mode. */
static bool advise_mode(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice let_owner = {
		.text = "Let uid {uid}, to which {directory} belongs, write there[: `RUN chmod "
			"u+wx "
			"{directory}` in the Dockerfile].",
	};
	const struct path_facts *facts = known_facts(f);

	return facts && facts->directory.type == FILE_DIRECTORY && facts->directory.uid == b->uid &&
	       !*facts->closed_path && recommend(r, &let_owner, b);
}

/* To make or replace something in a directory of the image. */
static void advise_directory(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice make_directory = {
		.text = "Make it in the image, for uid {uid}[: `RUN mkdir -p {path} && chown {uid} "
			"{path}`].",
	};
	static const struct advice make_file = {
		.text = "Make the file in the image, for uid {uid}[: `RUN touch {path} && chown "
			"{uid} "
			"{path}`].",
	};
	static const struct advice give = {
		.text = "Give {directory} to uid {uid} in the image[: `RUN chown {uid} "
			"{directory}`].",
	};
	static const struct advice open_to_all = {
		.text = "Let every user write to {directory}, as most images do: `RUN chmod 1777 "
			"{directory}` in the Dockerfile.",
	};
	/* A socket, a FIFO, a link: the program makes it anew each time. */
	static const struct advice elsewhere = {
		.text = "Let the program make {name} in a directory that uid {uid} may write to: "
			"/tmp, "
			"or one of its own in the image (`RUN install -d -o {uid} "
			"{directory}/app`).",
	};
	struct phrase directory = directory_changed(f);
	bool shared = place_is_shared(directory.text), many = holds_many(directory.text);

	b->directory = directory.text;
	if (advise_mode(r, f, b))
		return;
	if (advise_volume_for_data(r, f, b))
		return;
	b->name = path_name(f->path);
	if (!strcmp(directory.text, "/tmp") || !strcmp(directory.text, "/var/tmp"))
		recommend(r, &open_to_all, b);
	else if (call_is(f, "mkdir") && (shared || many))
		recommend(r, &make_directory, b);
	else if (shared && call_opens(f))
		recommend(r, &make_file, b);
	else if (!shared)
		recommend(r, &give, b);
	else if (call_is(f, "bind") || call_creates(f))
		recommend(r, &elsewhere, b);
	else
		return;
	if (!shared)
		advise_empty_dir(r, directory.text, true);
	else if (call_is(f, "mkdir"))
		advise_empty_dir(r, f->path, false);
}

bool advise_socket(struct report *r, const struct failure *f, const struct blanks *b)
{
	static const struct advice by_its_maker = {
		.text = "Let the program that makes {path} give uid {uid} the right to write to "
			"it: by a mode and a group that both have (its own setting, or `umask "
			"0007`), or run both as one user.",
	};
	const struct path_facts *facts = known_facts(f);

	/* the node's own are the node's to change */
	return mount_of(r->q, f)->kind != MOUNT_HOSTPATH && is_there(facts) &&
	       facts->file.type == FILE_SOCKET && !directory_is_closed(f) &&
	       recommend(r, &by_its_maker, b);
}

/* A file or directory of the image that is there. */
static void advise_file(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice own = {
		.text = "Give it to uid {uid} in the image[: `RUN chown {uid} {path}`].",
	};
	static const struct advice by_its_step = {
		.text = "Let the step of the start that makes {path}, as uid {owner}, give it to "
			"uid {uid}[ (`chown {uid} {path}` behind it)], or run both as one user.",
	};
	static const struct advice let_owner = {
		.text = "Let uid {uid}, to which it belongs, use it[: `RUN chmod u+rwX {path}` in "
			"the Dockerfile].",
	};
	static const struct advice as_owner = {
		.text = "Or run the container as uid {owner}, to which it belongs.",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: {owner}\n",
	};
	static const struct advice enter = {
		.text = "Let uid {uid} into {directory}[: `RUN chmod a+x {directory}`].",
	};
	static const struct advice leave_out = {
		.text = "Leave the change of owner or mode to the image, where the build still "
			"runs as root"
			"[: `RUN chown {uid} {path}`].",
	};
	struct phrase directory = directory_changed(f);
	const struct path_facts *facts = known_facts(f);

	b->directory = facts && *facts->closed_path ? facts->closed_path : directory.text;
	if (directory_is_closed(f))
		recommend(r, &enter, b);
	else if (changes_owner(f) || changes_mode(f))
		recommend(r, &leave_out, b);
	else if (b->owner == b->uid && is_there(facts))
		recommend(r, &let_owner, b);
	else if (is_there(facts) && facts->file.type == FILE_REGULAR &&
		 place_is_made_at_start(f->path))
		recommend(r, &by_its_step, b);
	else
		recommend(r, &own, b);
	if (b->owner && b->owner != b->uid)
		recommend(r, &as_owner, b);
}

/* "//crontabs": "${HOME}/crontabs", where HOME is /. */
static bool doubles_slash(const struct failure *f)
{
	return f->event && f->event->requested[0] == '/' && f->event->requested[1] == '/';
}

void advise_image_owner(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice base_is_root = {
		.text = "Set the variable that stands in front of that path, mostly HOME, to a "
			"directory that uid {uid} may write to: `{value}` begins with two slashes, "
			"as where it is /.",
	};
	const struct path_facts *facts = known_facts(f);
	bool replaces = call_is(f, "unlink") || call_is(f, "rmdir") || call_is(f, "rename") ||
			call_is(f, "mkdir") || call_is(f, "bind");

	/* Root needs to own nothing: what refused it is something else. */
	if (!b->uid)
		return;
	if (doubles_slash(f)) {
		b->value = f->event->requested;
		recommend(r, &base_is_root, b);
		b->value = NULL;
	}
	if (place_of(f->path) == PLACE_HOME_OF_ROOT)
		advise_home(r, f, b);
	else if (is_there(facts) && !replaces)
		advise_file(r, f, b);
	else if (call_creates(f) || replaces)
		advise_directory(r, f, b);
	else if (directory_is_closed(f))
		advise_file(r, f, b);
	else if (*f->path && !place_is_shared(f->path))
		advise_file(r, f, b);
}
