// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "record/read.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"
#include "util/utf8.h"

/* A log chooses its names: more than this many different ones are not a log of ktrace. */
#define NAMES_MAX 4096

struct read_names {
	struct read_names *next;
	size_t rank; /* of names behind this one, with it */
	char text[];
};

const char *read_name(struct read_names **names, const char *text)
{
	struct read_names *n;

	for (n = *names; n; n = n->next)
		if (strcmp(n->text, text) == 0)
			return n->text;
	if (*names && (*names)->rank >= NAMES_MAX)
		return NULL;
	size_t len = strlen(text);
	n = malloc(sizeof(*n) + UTF8_SANITISED_MAX(len));
	if (!n)
		return NULL;
	utf8_sanitise(n->text, text, len);
	n->next = *names;
	n->rank = n->next ? n->next->rank + 1 : 1;
	*names = n;
	return n->text;
}

void read_names_free(struct read_names **names)
{
	while (*names) {
		struct read_names *n = *names;
		*names = n->next;
		free(n);
	}
}

static void cleanup_diagnosis(struct diagnosis **d)
{
	diagnosis_free(*d);
}

/* A copy of a member; of one that is not there when it may not be NULL, "". */
static int copy_text(const struct json_value *object, const char *key, bool may_be_null, char **out,
	struct read_error *why)
{
	const char *text = may_be_null ? NULL : "";
	int err = read_text(object, key, &text, why);

	return err || !text ? err : container_set(out, text);
}

static int copy_name(const struct json_value *object, const char *key, bool may_be_null,
	struct read_names **names, const char **out, struct read_error *why)
{
	const char *text = may_be_null ? NULL : "";
	int err = read_text(object, key, &text, why);

	if (err || !text)
		return err;
	*out = read_name(names, text);
	return *out ? 0 : -ENOMEM;
}

static int read_phase(const struct json_value *object, enum phase *out, struct read_error *why)
{
	const char *name = "";
	int err = read_text(object, "phase", &name, why);

	if (err)
		return err;
	for (int p = PHASE_RUNTIME; p <= PHASE_SHUTDOWN; p++)
		if (strcmp(phase_name((enum phase)p), name) == 0) {
			*out = (enum phase)p;
			return 0;
		}
	return read_fail(why, "ktrace.diagnosis.phase is unknown");
}

static int read_piece(const struct json_value *item, struct read_names **names, struct evidence *e,
	struct read_error *why)
{
	const char *time = "";
	uint64_t pid = 0;
	int err;

	if ((err = read_text(item, "timestamp", &time, why)) ||
		(err = read_u64(item, "pid", UINT32_MAX, &pid, why)) ||
		(err = copy_name(item, "action", false, names, &e->action, why)) ||
		(err = copy_text(item, "process", false, &e->process, why)) ||
		(err = copy_text(item, "path", true, &e->path, why)) ||
		(err = copy_text(item, "error", true, &e->error, why)) ||
		(err = copy_text(item, "text", false, &e->text, why)))
		return err;
	if (rfc3339_parse(time, &e->time))
		return read_fail(why, "an evidence's timestamp is not a time");
	e->pid = (uint32_t)pid;
	return 0;
}

static int read_evidence(const struct json_value *object, struct read_names **names,
	struct diagnosis *d, struct read_error *why)
{
	const struct json_value *list = NULL, *item;
	int err = read_list(object, "evidence", &list, why);

	if (err || !list)
		return err;
	d->evidence = calloc(json_count(list) + 1, sizeof(*d->evidence));
	if (!d->evidence)
		return -ENOMEM;
	JSON_EACH(item, list)
	{
		/* Counted first: a half-read one is freed with the diagnosis. */
		err = read_piece(item, names, &d->evidence[d->n_evidence++], why);
		if (err)
			return err;
	}
	return 0;
}

static int read_recommendations(
	const struct json_value *object, struct diagnosis *d, struct read_error *why)
{
	const struct json_value *list = NULL, *item;
	int err = read_list(object, "recommendations", &list, why);

	if (err)
		return err;
	JSON_EACH(item, list)
	{
		if (d->n_recommendations == ARRAY_SIZE(d->recommendations))
			break;
		struct recommendation *r = &d->recommendations[d->n_recommendations++];
		if ((err = copy_text(item, "text", false, &r->text, why)) ||
			(err = copy_text(item, "manifest", true, &r->manifest, why)))
			return err;
	}
	return 0;
}

static int read_confidence(const struct json_value *object, double *out, struct read_error *why)
{
	const struct json_value *confidence = read_at(object, "confidence");

	if (!json_is(confidence, JSON_NUMBER) ||
		!(confidence->number >= 0 && confidence->number <= 1))
		return read_fail(why, "ktrace.diagnosis.confidence is not from 0 to 1");
	*out = confidence->number;
	return 0;
}

static int read_alternatives(const struct json_value *object, struct read_names **names,
	struct diagnosis *d, struct read_error *why)
{
	const struct json_value *list = NULL, *item;
	int err = read_list(object, "alternatives", &list, why);

	if (err)
		return err;
	JSON_EACH(item, list)
	{
		if (d->n_alternatives == ARRAY_SIZE(d->alternatives))
			break;
		struct alternative *a = &d->alternatives[d->n_alternatives++];
		if ((err = copy_name(item, "root_cause", false, names, &a->root_cause, why)) ||
			(err = copy_text(item, "title", false, &a->title, why)) ||
			(err = read_confidence(item, &a->confidence, why)))
			return err;
	}
	return 0;
}

static int read_changes(
	const struct json_value *object, struct diagnosis *d, struct read_error *why)
{
	const struct json_value *list = NULL, *item;
	const char *time = "";
	uint64_t starts = 0;
	int err;

	if ((err = read_text(object, "last_healthy.timestamp", &time, why)) ||
		(err = read_u64(object, "last_healthy.starts", UINT32_MAX, &starts, why)) ||
		(err = read_list(object, "changes", &list, why)))
		return err;
	if (*time && rfc3339_parse(time, &d->healthy_at))
		return read_fail(why, "ktrace.diagnosis.last_healthy.timestamp is not a time");
	d->healthy_starts = (uint32_t)starts;
	JSON_EACH(item, list)
	{
		if (d->n_changes == ARRAY_SIZE(d->changes))
			break;
		struct told_change *c = &d->changes[d->n_changes++];
		if ((err = copy_text(item, "what", false, &c->what, why)) ||
			(err = copy_text(item, "before", false, &c->before, why)) ||
			(err = copy_text(item, "after", false, &c->after, why)))
			return err;
	}
	return 0;
}

/* "v1:" and 16 hex digits; a later version's may be longer, and is none to us. */
static int read_fingerprint(const struct json_value *object, const char *key,
	char out[FINGERPRINT_SIZE], struct read_error *why)
{
	const char *text = "";
	int err = read_text(object, key, &text, why);

	if (err)
		return err;
	if (strlen(text) < FINGERPRINT_SIZE)
		strcpy(out, text);
	return 0;
}

static int read_outcome(
	const struct json_value *object, struct diagnosis *d, struct read_error *why)
{
	const char *signal = NULL;
	int err;

	d->has_exit_code = read_at(object, "exit_code");
	if ((err = read_confidence(object, &d->confidence, why)) ||
		(err = read_int(object, "exit_code", &d->exit_code, why)) ||
		(err = read_int(object, "restarts", &d->restarts, why)) ||
		(err = read_text(object, "signal", &signal, why)))
		return err;
	if (signal)
		d->signal = signal_name(signal_from_name(signal));
	return 0;
}

static int read_waiting(
	const struct json_value *diagnosis, struct waiting *w, struct read_error *why)
{
	const struct json_value *object = read_at(diagnosis, "waiting_for");
	const char *since = "";
	uint64_t port = 0;
	int err;

	if (!object)
		return 0;
	if ((err = copy_text(object, "kind", false, &w->kind, why)) ||
		(err = copy_text(object, "name", true, &w->name, why)) ||
		(err = copy_text(object, "address", true, &w->address, why)) ||
		(err = copy_text(object, "path", true, &w->path, why)) ||
		(err = copy_text(object, "answer", true, &w->answer, why)) ||
		(err = read_u64(object, "port", UINT16_MAX, &port, why)) ||
		(err = read_u64(object, "attempts", UINT64_MAX, &w->attempts, why)) ||
		(err = read_text(object, "since", &since, why)))
		return err;
	if (rfc3339_parse(since, &w->since))
		return read_fail(why, "ktrace.diagnosis.waiting_for.since is not a time");
	w->port = (uint16_t)port;
	return 0;
}

int read_diagnosis(const struct json_value *root, struct read_names **names, struct diagnosis **out,
	struct read_error *why)
{
	const struct json_value *object = read_at(root, "ktrace.diagnosis");
	_cleanup_(cleanup_diagnosis) struct diagnosis *d = NULL;
	uint64_t held_back = 0;
	int err;

	if (!json_is(object, JSON_OBJECT))
		return read_fail(why, "a diagnosis without ktrace.diagnosis");
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	if ((err = copy_name(object, "root_cause", false, names, &d->root_cause, why)) ||
		(err = copy_name(object, "rule", false, names, &d->rule, why)) ||
		(err = copy_text(object, "title", false, &d->title, why)) ||
		(err = copy_text(object, "summary", false, &d->summary, why)) ||
		(err = copy_text(object, "cannot_tell", true, &d->cannot_tell, why)) ||
		(err = copy_text(root, "file.path", true, &d->path, why)) ||
		(err = read_phase(object, &d->phase, why)) ||
		(err = read_outcome(object, d, why)) ||
		(err = read_evidence(object, names, d, why)) ||
		(err = read_recommendations(object, d, why)) ||
		(err = read_u64(object, "lost", UINT64_MAX, &d->lost, why)) ||
		(err = read_u64(object, "failures_held_back", UINT32_MAX, &held_back, why)) ||
		(err = read_fingerprint(object, "fingerprint", d->fingerprint, why)) ||
		(err = read_fingerprint(object, "cause_fingerprint", d->cause_fingerprint, why)) ||
		(err = read_waiting(object, &d->waiting, why)) ||
		(err = read_changes(object, d, why)) ||
		(err = read_alternatives(object, names, d, why)))
		return err;
	d->held_back = (uint32_t)held_back;
	*out = take(d);
	return 0;
}
