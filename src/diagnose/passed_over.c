// SPDX-License-Identifier: MIT
/* What was refused before the container ended for something else, which may follow from that. */
#include <stdio.h>
#include <string.h>

#include "diagnose/knowledge/messages.h"
#include "diagnose/knowledge/name_messages.h"
#include "diagnose/log/match.h"
#include "diagnose/text/places.h"
#include "util/cleanup.h"
#include "util/find.h"

/* "catalogue is empty", "no templates": what it lacks is what nobody put there. */
static bool speaks_of_a_lack(const char *line)
{
	static const char *const words[] = { "empty", "nothing", "no ", "not found", "none" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = find_folded(line, words[i]);
		if (at && (at == line || at[-1] == ' ' || at[-1] == ':'))
			return true;
	}
	return false;
}

static bool leaves_open(const char *line)
{
	enum why why = line_reason(line);

	return why == WHY_OPEN || (why == WHY_SAID && !line_errno(line) && speaks_of_a_lack(line));
}

/* A copy into a volume failed as a whole, and the last words leave open what the program lacks: most likely its files. */
static bool copied_in_vain(const struct context *q, const struct failure *f)
{
	const struct process *p = f->process, *parent = p->parent;
	const struct candidate *who = NULL;
	bool badly = p->status || (parent && parent->exec == p->exec && parent->status);

	return program_copies(f->exec) && failure_is_refusal(f) && p->ended_at && badly &&
	       q->culprit && q->culprit->process != p &&
	       leaves_open(decisive_line(q, q->culprit->process, &who));
}

/* It lies where this program's settings do: beside the file that its command names, or in /etc/PROGRAM. */
static bool is_among_settings(const char *path, const struct event *exec)
{
	char directory[512];
	const char *file = program_settings_file(exec);

	if (*file)
		snprintf(directory, sizeof(directory), "%.*s", (int)(path_name(file) - file - 1),
			file);
	else
		snprintf(directory, sizeof(directory), "/etc/%s", program_name(exec));
	return strchr(directory + 1, '/') && path_under(path, directory);
}

/*
 * A start script could not write a file of settings, which is not there now, and went on; the program then misses a
 * name, and says of no file of its own that it is wrong.
 */
static bool leaves_a_name_unknown(const struct context *q, const struct failure *f)
{
	const struct candidate *who = q->culprit;
	const struct path_facts *facts = f->event->facts;
	struct message_match m;

	if (!who || f->exec == who->process->exec || !failure_is_refusal(f) ||
		!line_is_settings_file(f->path) || !facts || !facts->known ||
		facts->file.type != FILE_MISSING || !is_among_settings(f->path, who->process->exec))
		return false;
	const char *line = decisive_line(q, who->process, &who);
	const struct config_message *says = line ? config_message_of(line, &m) : NULL;
	return says && (says->problem == PROBLEM_UNKNOWN || says->problem == PROBLEM_MISSING) &&
	       !*m.blanks[BLANK_FILE] && !*m.blanks[BLANK_OPTION] && !*m.blanks[BLANK_FLAG];
}

/* `useradd app; exec gosu app server`: the user or group was not made, and who is to become it does not know it. */
static bool leaves_a_user_unknown(const struct context *q, const struct failure *f)
{
	static const char *const unknown[] = { "unknown user", "unknown group", "no such user",
		"invalid user", "unable to find user", "unable to find group", "user not found",
		"user does not exist", "no passwd entry", "getpwnam" };
	const struct candidate *who = q->culprit;

	if (!who || f->exec == who->process->exec || !failure_is_refusal(f) ||
		place_of(f->path) != PLACE_ACCOUNTS)
		return false;
	const char *line = decisive_line(q, who->process, &who);
	return line && has_one_folded(line, unknown, ARRAY_SIZE(unknown));
}

/*
 * A tool that is refused its write into a volume, says so and ends with 0 all the same (perl -i, a shell's
 * redirection): better than nothing where the one that failed later is silent.
 */
static bool was_passed_over(const struct context *q, struct candidate *s, struct failure *f)
{
	bool copied = copied_in_vain(q, f);

	if (!failure_in_volume(f) || (f->error != EROFS && !copied) || !call_creates(f) ||
		program_probes(f->exec) || !rarely_fails(q, f) || noise_recovered(q, f) ||
		noise_made_elsewhere(q, f) || read_log(s))
		return false;
	if (copied)
		return true;
	const char *line = NULL;
	enum log_match said = match_log(q, f, &line);
	/* Of one that was to change this very file no words are needed. */
	if (said == LOG_MATCH_NOTHING)
		return program_edits(f->exec);
	return said >= LOG_MATCH_ERROR && !logged_as_harmless(q, line);
}

/* What it was to change: the file itself, or one of its arguments that lies beside the new file that an editor makes. */
static bool was_to_change(const struct failure *f, const char *line)
{
	if (line_names_file(line, f->path))
		return true;
	for (uint32_t i = 1; program_edits(f->exec) && i < f->exec->argc; i++) {
		const char *arg = f->exec->args[i];
		size_t len = (size_t)(path_name(arg) - arg);
		if (len && !strncmp(arg, f->path, len) && path_name(f->path) == f->path + len &&
			line_names_file(line, arg))
			return true;
	}
	return false;
}

/* What is wrong is what stands in the file, and not a host or a file that it names. */
static bool is_about_text(const char *line)
{
	struct message_match m;

	return config_message_of(line, &m) && !line_errno(line) && !line_speaks_of_names(line);
}

/* A start script could not change a file, and the program that it then ran finds fault with what stands in there. */
static bool leaves_what_is_blamed(const struct context *q, const struct failure *f)
{
	const struct candidate *who = q->culprit;

	if (!who || f->exec == who->process->exec || !failure_is_refusal(f) || !call_creates(f) ||
		program_probes(f->exec))
		return false;
	const char *line = decisive_line(q, who->process, &who);
	return line && is_about_text(line) && was_to_change(f, line) && !noise_recovered(q, f);
}

/* As what it was passed over; CLUES: it was not. */
static enum clue passed_over_as(const struct context *q, struct candidate *s, struct failure *f)
{
	if (call_creates(f) && leaves_a_name_unknown(q, f) && !noise_recovered(q, f))
		return CLUE_passed_over_settings;
	if (leaves_what_is_blamed(q, f))
		return CLUE_passed_over_edit;
	if (leaves_a_user_unknown(q, f))
		return CLUE_passed_over_account;
	return was_passed_over(q, s, f) ? CLUE_passed_over_in_words : CLUES;
}

bool weigh_passed_over(const struct context *q, struct candidate *s, struct failure *f, bool counts)
{
	struct clues passed_over;
	enum clue clue = q->failed ? passed_over_as(q, s, f) : CLUES;

	if (clue == CLUES)
		return counts;
	clues_only(&passed_over, clue);
	if (counts && f->clues.total >= passed_over.total)
		return true;
	f->clues = passed_over;
	return true;
}
