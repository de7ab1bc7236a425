// SPDX-License-Identifier: MIT
#include "ktrace/diagnosis.h"

#include <stdlib.h>

#include "diagnose/changes/changes.h"

void waiting_clear(struct waiting *w)
{
	free(w->kind);
	free(w->name);
	free(w->address);
	free(w->path);
	free(w->answer);
	*w = (struct waiting){ 0 };
}

void diagnosis_free(struct diagnosis *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n_evidence; i++) {
		free(d->evidence[i].process);
		free(d->evidence[i].path);
		free(d->evidence[i].error);
		free(d->evidence[i].text);
	}
	for (size_t i = 0; i < d->n_recommendations; i++) {
		free(d->recommendations[i].text);
		free(d->recommendations[i].manifest);
	}
	for (size_t i = 0; i < d->n_alternatives; i++)
		free(d->alternatives[i].title);
	waiting_clear(&d->waiting);
	for (size_t i = 0; i < d->n_changes; i++)
		told_change_clear(&d->changes[i]);
	free(d->evidence);
	free(d->title);
	free(d->summary);
	free(d->path);
	free(d->cannot_tell);
	free(d->why);
	event_unref(d->culprit);
	container_unref(d->container);
	free(d);
}

const char *phase_name(enum phase phase)
{
	switch (phase) {
	case PHASE_RUNTIME:
		return "runtime";
	case PHASE_STARTUP:
		return "startup";
	case PHASE_RUNNING:
		return "running";
	case PHASE_SHUTDOWN:
		return "shutdown";
	}
	return "";
}
