// SPDX-License-Identifier: MIT
/*
 * A program looks at a file's owner and mode itself and will not use what others could read or change: a key, a
 * password file, a database's directory. No call fails: the message is all there is, and volumes are the usual
 * reason, since fsGroup and defaultMode give rights to the group.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/file_modes.h"
#include "diagnose/log/match.h"
#include "diagnose/rules.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"
#include "util/find.h"

/* What it says of the mode at `level`, it only warns of, or tells as it goes on without the file. */
static bool only_warns(const char *line, const struct mode_demand *demand, enum severity level)
{
	return demand->ignored || level == SEVERITY_WARNING ||
	       !strncasecmp(line, "warning", strlen("warning"));
}

/* The last words are this line, or point back at it: "Reading config failed--see warnings above." */
static bool is_meant(const struct candidate *s, const char *line)
{
	const char *last = log_lines_decisive(&s->log_lines);

	return last == line || (last && line_points_back(last));
}

/* Lines are newest first. */
static bool complained_since(const struct log_lines *w, size_t i)
{
	while (i-- > 0)
		if (w->complains[i] && w->roles[i] == LINE_MESSAGE)
			return true;
	return false;
}

/* The line that tells of such a file, and whether the program may have gone on without that. */
static const char *line_of(
	const struct candidate *s, const struct mode_demand **demand, bool *passed_over)
{
	const struct log_lines *w = &s->log_lines;
	const char *at;

	for (size_t i = 0; i < w->n; i++) {
		*demand = w->roles[i] == LINE_DETAIL ? NULL : mode_demand_in_line(w->lines[i], &at);
		if (!*demand)
			continue;
		bool meant = is_meant(s, w->lines[i]);
		bool warns = only_warns(w->lines[i], *demand, w->severities[i]);
		/* It warned, used the file all the same, and ended for what it said later. */
		if (warns && !meant && !(*demand)->ignored && complained_since(w, i))
			continue;
		*passed_over = warns && !meant;
		/* MongoDB says so as an information, and the error that follows names no file. */
		bool fails = !warns && line_complains(w->lines[i]);
		if (w->accuses[i] || (*demand)->ignored || meant || fails)
			return w->lines[i];
	}
	return NULL;
}

/* Ruby passes over a directory that all may write, and says which one it misses: that is a message of its own. */
static bool last_words_are_known(const struct context *q, const struct candidate *s)
{
	const char *last = decisive_line(q, s->process, &s);
	struct message_match m;
	const struct known_message *known = known_message_at(s, last, &m);

	return known && strcmp(known->cause, "insecure_file_mode") != 0;
}

static bool match(const struct context *q, struct verdict *v)
{
	bool ignored = false;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct candidate *s = &q->candidates[i];
		const struct mode_demand *demand;
		bool passed_over;
		const char *line = s->responsible ? line_of(s, &demand, &passed_over) : NULL;
		if (!line || (v->candidate && v->candidate->clues.total >= s->clues.total))
			continue;
		v->candidate = s;
		v->line = line;
		ignored = passed_over;
	}
	if (!v->candidate || last_words_are_known(q, v->candidate))
		return false;
	rule_process(v, v->candidate, ignored ? CLUE_said_to_ignore_file : CLUE_said_outright);
	return true;
}

static bool is_path(const char *text)
{
	return *text == '/' && text[1];
}

/* The last path in front of what is said of it: "/etc/x.conf: /keys/a.pem can be read by others". */
static bool path_before(const char *line, const char *at, char *out, size_t size)
{
	char head[1024], path[512];
	size_t len = (size_t)(at - line);
	bool found = false;

	if (len >= sizeof(head))
		return false;
	memcpy(head, line, len);
	head[len] = '\0';
	for (const char *s = head; line_path(s, path, sizeof(path));) {
		if (is_path(path)) {
			snprintf(out, size, "%s", path);
			found = true;
		}
		s = strstr(s, path) + strlen(path);
	}
	return found;
}

/* In the line itself, or in one beside it: ssh draws a box before it names the file. */
static bool path_said(const struct candidate *s, const char *line, char *out, size_t size)
{
	const char *lines[LOG_LINES_AROUND], *at = line;
	size_t n = log_lines_around(&s->log_lines, line, lines);

	mode_demand_in_line(line, &at);
	if (path_before(line, at, out, size) || (line_path(line, out, size) && is_path(out)))
		return true;
	for (size_t i = 0; i < n; i++)
		if (line_path(lines[i], out, size) && is_path(out))
			return true;
	*out = '\0';
	return false;
}

/* What is to be changed: the file, or the directory that it is in where the complaint is about that. */
static void find_path(const struct candidate *s, const char *line, char *out, size_t size)
{
	if (!path_said(s, line, out, size))
		return;
	leave_out_version(out);
	char *slash = find_folded(line, "parent directory") ? strrchr(out, '/') : NULL;
	if (slash && slash > out)
		*slash = '\0';
}

/* A Secret's file is root's: a group that may read it is what fsGroup gives, and few programs take that. */
static void recommend_keys(const struct mode_demand *demand, struct blanks *b, struct report *r)
{
	static const struct advice by_root = {
		"Give the files of the {kind} the mode {value}: defaultMode[{other}].",
		"volumes:\n  - name: {volume}\n    {field}:\n      defaultMode: {yaml}\n",
	};
	static const struct advice by_group = {
		"Give the files of the {kind} the mode {value} (defaultMode) and the container's "
		"group (fsGroup): the program takes a file of root's that its group may read.",
		"securityContext:\n  fsGroup: {gid}\nvolumes:\n  - name: {volume}\n    {field}:\n  "
		"    "
		"defaultMode: {yaml}\n",
	};
	static const struct advice by_copy = {
		"Copy it into an emptyDir in an init container that runs as the same user, with "
		"the mode {value}: `install -m {value} {path} /keys/`, and let the program use the "
		"copy. Files of a {kind} belong to root, and where the pod has an fsGroup their "
		"group may read them whatever defaultMode says (0440).",
		"initContainers:\n  - name: keys\n    image: busybox\n    securityContext:\n      "
		"runAsUser: {uid}\n    command: [install, -m, \"{value}\", {path}, /keys/]\n    "
		"volumeMounts:\n      - name: {volume}\n        mountPath: {mount}\n      - name: "
		"keys\n"
		"        mountPath: /keys\nvolumes:\n  - name: keys\n    emptyDir: {}\n",
	};

	/* What an fsGroup is to the container: one group more. */
	b->other = r->q->container->n_groups
			   ? ". Where the pod has an fsGroup, leave that out: it lets their group "
			     "read them all the same (0440)"
			   : NULL;
	if (!b->uid)
		recommend(r, &by_root, b);
	else if (demand->root_mode)
		recommend(r, &by_group, b);
	if (b->uid)
		recommend(r, &by_copy, b);
}

/* A directory for temporary files that all may write: what is missed is the sticky bit. */
static void recommend_sticky(const struct blanks *b, struct report *r)
{
	static const struct advice set = {
		"Give {path} the sticky bit before the program starts: `chmod 1777 {path}`, in an "
		"init container that runs as root.",
		NULL,
	};
	static const struct advice other = {
		"Or name a directory of the program's own in TMPDIR, below {path} or elsewhere, "
		"and make it with mode 0700 in the start script.",
		NULL,
	};

	recommend(r, &set, b);
	recommend(r, &other, b);
}

static bool is_open_to_all(const struct mode_demand *demand, const char *path)
{
	enum place place = place_of(path);

	return !strcmp(path_name(path), "tmp") && demand->change &&
	       (place == PLACE_TEMPORARY || place == PLACE_SHM);
}

static void recommend_mode(
	const struct mode_demand *demand, const struct mount *m, struct blanks *b, struct report *r)
{
	static const struct advice in_image = {
		"Set the mode when the image is built: `RUN chmod {value} {path}`.",
		NULL,
	};
	static const struct advice at_start = {
		"Let the step of the start that makes {path} set its mode: `chmod {value} {path}` "
		"behind it.",
		NULL,
	};
	static const struct advice on_node = {
		"On the node, take the right to write from others, in the directory behind "
		"{mount}: "
		"`chmod {value} FILE`, or mount the file from a ConfigMap.",
		NULL,
	};
	static const struct advice on_volume = {
		"Set the mode before the program starts: `chmod {value} {path}`, in its start "
		"script or "
		"an init container of the same user.",
		NULL,
	};
	static const struct advice keep = {
		"Where the pod has an fsGroup, which gives the group all rights at each start: let "
		"the kubelet do that only once (fsGroupChangePolicy: OnRootMismatch), or use a "
		"directory below the volume (for PostgreSQL: PGDATA).",
		"securityContext:\n  fsGroupChangePolicy: OnRootMismatch\n",
	};

	if (!*b->path) {
		report_recommend(r, "Set the mode that the message asks for.");
	} else if (is_open_to_all(demand, b->path)) {
		recommend_sticky(b, r);
	} else if (mount_holds_keys(m)) {
		recommend_keys(demand, b, r);
	} else if (m->kind == MOUNT_HOSTPATH) {
		recommend(r, &on_node, b);
	} else if (mount_is_image(m) && !demand->directory) {
		recommend(r, place_is_made_at_start(b->path) ? &at_start : &in_image, b);
	} else {
		recommend(r, &on_volume, b);
		if (demand->directory && m->kind != MOUNT_EMPTYDIR)
			recommend(r, &keep, b);
	}
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const char *at;
	const struct mode_demand *demand = mode_demand_in_line(v->line, &at);
	char path[512], value[8];

	find_path(v->candidate, v->line, path, sizeof(path));
	const struct mount *m = container_mount_of(q->container, *path ? path : "/");
	uint32_t uid = p->exec ? p->exec->uid : q->container->uid;
	uint32_t gid = p->exec ? p->exec->gid : q->container->gid;
	bool keys = mount_holds_keys(m);
	uint32_t mode = keys && uid && demand->root_mode ? demand->root_mode : demand->mode;

	snprintf(value, sizeof(value), "%04" PRIo32, mode);
	report_title(r, "%s refuses %s: others may %s it", phrase_process_name(p).text,
		*path ? path : "a file", demand->ignored || demand->mode & 044 ? "write" : "use");
	report_sentence(r, "%s %s %s, because its owner or mode lets others %s.",
		phrase_process(p).text, demand->ignored ? "ignores" : "does not use",
		*path ? path : "a file of its own",
		demand->mode & 044 ? "write it (every user may write to it)" : "read or change it");
	report_sentence(r, "It said: \"%s\".", phrase_message(v->line, p->comm).text);
	if (*path && !mount_is_image(m))
		report_sentence(r, "It lies in %s.", phrase_mount(q, m).text);
	if (q->ended)
		report_sentence(
			r, "The %s then ended with exit code %d.", subject_of(q), q->exit_code);
	report_culprit(r, p->last_output ? p->last_output : p->exit);
	report_path(r, path);
	report_quote_block(r, v->candidate, v->line);
	struct blanks b = { .path = path,
		.value = keys || !demand->change ? value : demand->change,
		.yaml = value, /* octal digits: a number in YAML */
		.kind = mount_title(m->kind),
		.volume = m->name,
		.field = mount_field(m),
		.mount = m->destination,
		.uid = uid,
		.gid = gid };
	recommend_mode(demand, m, &b, r);
}

const struct rule rule_insecure_file_mode = {
	.match = match,
	.explain = explain,
};
