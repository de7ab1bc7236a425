// SPDX-License-Identifier: MIT
/*
 * Which of several failures? The likeliest; and where one line may tell of several, the one that it means. A line that lists places means the
 * first that refused; one that names an error means the call that got exactly this one.
 */
#include <errno.h>
#include <string.h>

#include "diagnose/context.h"

/* The line that tells of it names its place, and not only its error. */
static bool is_named(const struct failure *f)
{
	const uint8_t *count = f->clues.count;

	return count[CLUE_told_path_and_error] || count[CLUE_told_though_common] ||
	       count[CLUE_told_name_hard] || count[CLUE_told_name_soft];
}

static bool may_rank_before(
	const struct context *q, const struct failure *other, const struct failure *f)
{
	return other->line == f->line && call_creates(other) && failure_is_refusal(other) &&
	       !is_noise(q, other) && (is_named(other) || !is_named(f));
}

/*
 * "No usable temporary directory in [/tmp, /var/tmp, /usr/tmp]": of several places that one line names, the
 * first that refused counts, before later ones and before those that are not there. A cache that is done without is none.
 */
static void rank_places(struct context *q)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		bool refused = call_creates(f) && failure_is_refusal(f);
		size_t until = refused ? i : failure_lacks_directory(f) ? q->n_failures : 0;
		for (size_t k = 0; f->line && k < until; k++) {
			const struct failure *other = &q->failures[k];
			if (!may_rank_before(q, other, f))
				continue;
			if (!f->counts || !other->counts || f->clues.total < other->clues.total)
				break;
			f->clues = other->clues;
			clues_add(&f->clues, refused ? CLUE_other_place : CLUE_other_place_missing);
			break;
		}
	}
}

/* The path of `above`, whose directory is its first `len` bytes, is the same name in a directory above that of `path`. */
static bool is_above(const char *above, size_t len, const char *path)
{
	if (strncmp(above, path, len) != 0) /* of nearly all */
		return false;
	const char *name = path_name(path);
	return len < (size_t)(name - path) && !strcmp(above + len, name);
}

/* "could not find `Cargo.toml` in `/app` or any parent directory": who searches upwards wants it where it looked first. */
static void rank_upwards(struct context *q)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		size_t directory = (size_t)(path_name(f->path) - f->path);
		for (size_t k = 0; f->counts && f->error == ENOENT && k < i; k++) {
			const struct failure *first = &q->failures[k];
			if (!first->counts || first->error != ENOENT ||
				first->process != f->process || first->line != f->line ||
				!is_above(f->path, directory, first->path))
				continue;
			f->clues = first->clues;
			clues_add(&f->clues, CLUE_other_place);
			break;
		}
	}
}

/*
 * EPERM and EACCES are one to many programs, but where a call got the very error that the line names, the line
 * tells of that call.
 */
static void yield_to_exact(struct context *q, struct failure *f)
{
	int told = f->line && f->event ? line_errno(f->line) : 0;

	if (!f->counts || (told != EACCES && told != EPERM) || told == f->error)
		return;
	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *other = &q->failures[i];
		if (other->counts && other->line == f->line && other->error == told) {
			clues_add(&f->clues, CLUE_said_by_another);
			return;
		}
	}
}

/* Who missed a file and then asked for its directory, which is not there either, lacks the directory. */
static void rank_directories(struct context *q)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		struct failure *f = &q->failures[i];
		size_t len = strlen(f->path);
		for (size_t k = 0; f->counts && f->error == ENOENT && k < i; k++) {
			struct failure *file = &q->failures[k];
			if (!file->counts || file->error != ENOENT || !file->line ||
				file->process != f->process ||
				strncmp(file->path, f->path, len) != 0 ||
				path_name(file->path) != file->path + len + 1)
				continue;
			f->clues = file->clues;
			f->line = file->line;
			clues_add(&file->clues, CLUE_follows);
			break;
		}
	}
}

void compare_failures(struct context *q)
{
	rank_directories(q);
	rank_places(q);
	rank_upwards(q);
	for (size_t i = 0; i < q->n_failures; i++)
		yield_to_exact(q, &q->failures[i]);
}

bool failure_any(const struct context *q, const struct failure *f)
{
	(void)q, (void)f;
	return true;
}

const struct failure *heaviest(
	const struct context *q, bool (*is_one)(const struct context *q, const struct failure *f))
{
	const struct failure *most = NULL;

	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *f = &q->failures[i];
		if (f->counts && f->clues.total > THRESHOLD_failure &&
			(!most || f->clues.total >= most->clues.total) && is_one(q, f))
			most = f;
	}
	return most;
}
