// SPDX-License-Identifier: MIT
#include "record/diagnosis_text.h"

#include <string.h>

#include "diagnose/changes/changes.h"
#include "record/rfc3339.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

static const char *words(const char *s)
{
	return s ? s : "";
}

const char *confidence_words(double confidence)
{
	static const struct {
		double least;
		const char *words;
	} steps[] = {
		{ 0.9, "nearly certain" },
		{ 0.7, "likely" },
		{ 0.5, "possible" },
		{ 0, "a guess" },
	};
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(steps) && !(confidence >= steps[i].least))
		i++;
	return steps[i].words;
}

void diagnosis_end_text(struct strbuf *out, const struct diagnosis *d)
{
	static const char *const when[] = {
		[PHASE_RUNTIME] = "before its program ran",
		[PHASE_STARTUP] = "while starting",
		[PHASE_RUNNING] = "while running",
		[PHASE_SHUTDOWN] = "while shutting down",
	};

	if (d->has_exit_code)
		terminal_exit(out, d->exit_code, d->signal);
	else
		strbuf_puts(out, "still running");
	if (d->has_exit_code && (size_t)d->phase < ARRAY_SIZE(when))
		strbuf_printf(out, " %s", when[d->phase]);
	if (d->restarts > 0)
		strbuf_printf(
			out, ", after %d restart%s", d->restarts, d->restarts == 1 ? "" : "s");
}

void evidence_text(struct strbuf *out, const struct evidence *e)
{
	const char *text = words(e->text);
	int err = e->error ? errno_from_name(e->error) : 0;
	const char *meaning = err ? errno_text(err) : words(e->error);

	strbuf_puts(out, text[0] ? text : words(e->action));
	if (e->path && e->path[0] && !strstr(text, e->path))
		strbuf_printf(out, " %s", e->path);
	if (meaning[0] && !strstr(text, meaning) && !strstr(text, e->error))
		strbuf_printf(out, ": %s", meaning);
}

bool evidence_is_quote(const struct evidence *e)
{
	return e->action && !strcmp(e->action, "output");
}

/* "2026-11-30 10:02 UTC" */
static void put_minute(struct strbuf *out, uint64_t time)
{
	char text[RFC3339_SIZE];

	rfc3339_format(text, time);
	strbuf_printf(out, "%.10s %.5s UTC", text, text + strlen("2026-11-30T"));
}

void diagnosis_changes_head(struct strbuf *out, const struct diagnosis *d)
{
	if (!d->healthy_at)
		return;
	strbuf_puts(out, d->n_changes ? "What changed since it last started well, "
				      : "Nothing that ktrace compares has changed since it last "
					"started well, ");
	put_minute(out, d->healthy_at);
	if (d->healthy_starts > 1)
		strbuf_printf(out, " (%u healthy starts)", d->healthy_starts);
}

void diagnosis_change_text(struct strbuf *out, const struct told_change *c)
{
	told_change_text(out, c);
}
